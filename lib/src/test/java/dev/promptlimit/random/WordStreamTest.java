package dev.promptlimit.random;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class WordStreamTest {
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
    assertThat(words[0]).isEqualTo(0x2b231f9be6bd64b2L);
    assertThat(words[1]).isEqualTo(0xff6a195d282ad5b9L);
    assertThat(words[15]).isEqualTo(0x498c74f72bf5cb5bL);
    assertThat(words[16]).isEqualTo(0xc8dc11cf8fa21559L);
    assertThat(words[17]).isEqualTo(0x7d834205c30defe0L);
    assertThat(words[33]).isEqualTo(0x291e74e704d6f98eL);
    assertThat(words[159]).isEqualTo(0x184e7591b8d5fc94L);
    assertThat(words[15_999]).isEqualTo(0x43b637c3c175c3caL);
    assertThat(hash(words)).isEqualTo(0xc955c17a1a99c3abL);
  }

  @Test
  void followsItsName() {
    long[] words = words(new StreamKey(-7, "Γ", 0, 1), 16_000);
    assertThat(words[0]).isEqualTo(0x2c7b8d5bf6dcc373L);
    assertThat(words[15_999]).isEqualTo(0xf911c46ab373dcd6L);
    assertThat(hash(words)).isEqualTo(0xbca4856d07c483c0L);
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
}
