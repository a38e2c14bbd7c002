package dev.promptlimit.random;

import static dev.promptlimit.random.Significance.ACCEPTED;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Statistical tests: seed 1, n = 2²¹ words, 6 × 64 tests ({@link Significance}): found is a bit
 * that is 1, or equal to the same bit of another word, with a probability off by 0.0020.
 */
class WordStreamTest {
  private static final int N = 1 << 21;

  /*
   * By Python 3.11.7, with state(seed, cell, block, substream, lane) of StreamKeyTest:
   *
   *   M = 2**64 - 1
   *   rotl = lambda x, k: (x << k | x >> (64 - k)) & M
   *   def xoshiro(s):  # xoshiro256++ 1.0
   *       r = (rotl((s[0] + s[3]) & M, 23) + s[0]) & M
   *       t = (s[1] << 17) & M
   *       s[2] ^= s[0]; s[3] ^= s[1]; s[1] ^= s[2]; s[0] ^= s[3]
   *       s[2] ^= t; s[3] = rotl(s[3], 45)
   *       return r
   *   lanes = [list(state(*key, lane)) for lane in range(16)]
   *   words = [xoshiro(s) for row in range(1000) for s in lanes]
   *   hash = 0
   *   for word in words: hash = (hash * 6364136223846793005 + word) & M
   */
  @Test
  void interleavesSixteenGenerators() {
    long[] words = words(new StreamKey(1, "cell", 2, 3), 16_000);
    assertThat(words[0]).isEqualTo(0x57aab39aad816933L);
    assertThat(words[1]).isEqualTo(0xf4b10df94f6d00b2L);
    assertThat(words[15]).isEqualTo(0x05da1a96bdcb622dL);
    assertThat(words[16]).isEqualTo(0xb774b33468644029L);
    assertThat(words[17]).isEqualTo(0x854882e98121b435L);
    assertThat(words[33]).isEqualTo(0xe1fe2e884686b950L);
    assertThat(words[159]).isEqualTo(0x0801c3ef42b86b26L);
    assertThat(words[15_999]).isEqualTo(0x393a19e0f759f7c1L);
    assertThat(hash(words)).isEqualTo(0x7ad5d6d36ac8c604L);
  }

  @Test
  void followsItsName() {
    long[] words = words(new StreamKey(-7, "Γ", 0, 1), 16_000);
    assertThat(words[0]).isEqualTo(0xd510300b77f84b85L);
    assertThat(words[15_999]).isEqualTo(0x1f90ca776cc074f8L);
    assertThat(hash(words)).isEqualTo(0x9a89f4c4c1d90b9eL);
  }

  private static long hash(long[] words) {
    long hash = 0;
    for (long word : words) {
      hash = hash * 6364136223846793005L + word;
    }
    return hash;
  }

  @Test
  void goesOnWhereItStopped() {
    StreamKey key = new StreamKey(5, "cuts", 0, 0);
    long[] whole = words(key, 1600);
    WordStream stream = new WordStream(key);
    int done = 0;
    for (int n : new int[] {16, 0, 32, 160, 1392}) {
      long[] part = new long[n + 1];
      part[n] = 42;
      stream.fill(part, n);
      assertThat(Arrays.copyOf(part, n)).isEqualTo(Arrays.copyOfRange(whole, done, done + n));
      assertThat(part[n]).isEqualTo(42);
      done += n;
    }
    assertThat(done).isEqualTo(1600);
  }

  private static long[] words(StreamKey key, int n) {
    long[] words = new long[n];
    new WordStream(key).fill(words, n);
    return words;
  }

  /** How far each bit of these n words is from balance, in standard errors. */
  private static double[] imbalance(long[] words, int n) {
    int[] ones = new int[Long.SIZE];
    for (int i = 0; i < n; i++) {
      for (int bit = 0; bit < Long.SIZE; bit++) {
        ones[bit] += (int) (words[i] >>> bit & 1);
      }
    }
    return Arrays.stream(ones).mapToDouble(k -> (2.0 * k - n) / Math.sqrt(n)).toArray();
  }

  private static long[] differences(long[] words, int lag) {
    long[] differences = new long[words.length - lag];
    Arrays.setAll(differences, i -> words[i] ^ words[i + lag]);
    return differences;
  }

  @Test
  void everyBitIsBalanced() {
    long[] words = words(new StreamKey(1, "bits", 0, 0), N);
    for (double excess : imbalance(words, N)) {
      assertThat(excess).isBetween(-ACCEPTED, ACCEPTED);
    }
  }

  /** Neighbouring lanes (1, 2, 15), one lane's next words (16, 32). */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 15, 16, 32})
  void everyBitIsIndependentOfThatOfAnotherWord(int lag) {
    long[] words = words(new StreamKey(1, "bits", 0, 0), N);
    for (double excess : imbalance(differences(words, lag), N - lag)) {
      assertThat(excess).isBetween(-ACCEPTED, ACCEPTED);
    }
  }

  /** Negative controls: in one word of 200 bit 17 is 0, or is that of the next word. */
  @Test
  void anUnbalancedOrCopiedBitIsRejected() {
    long[] unbalanced = words(new StreamKey(1, "bits", 0, 0), N);
    long[] copied = unbalanced.clone();
    long bit = 1L << 17;
    for (int i = 0; i + 1 < N; i += 200) {
      unbalanced[i] &= ~bit;
      copied[i] = (copied[i] & ~bit) | (copied[i + 1] & bit);
    }
    assertThat(imbalance(unbalanced, N)[17]).isLessThan(-ACCEPTED);
    assertThat(imbalance(differences(copied, 1), N - 1)[17]).isLessThan(-ACCEPTED);
  }
}
