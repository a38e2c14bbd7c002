package dev.promptlimit.kernel;

import static dev.promptlimit.kernel.Lanes.LANES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

/** What the kernels compute, said once more, and what they refuse. */
class KernelsTest {
  private static final int N = 48;
  private static final int STRIDE = 50;

  private final Random random = new Random(1);
  private final double[] x = random.doubles(6 * STRIDE, 0.1, 1).toArray();
  private final double[] y = random.doubles(N, 0.1, 1).toArray();
  private final double[] out = new double[16 * LANES];
  private final long[] words = Bits.words(random, Kernels.STATE);
  private final int[] scratch = new int[Kernels.SCRATCH];

  /** v − ½, v from the lower 52 bits. */
  private static double centred(long word) {
    return (word & 0xFFFFFFFFFFFFFL) * 0x1p-52 - 0.5;
  }

  @Test
  void tabulatedLooksUpTheTopBits() {
    for (int bits = 1; bits <= 12; bits++) {
      double[] widths = random.doubles(1 << bits).toArray();
      long[] drawn = new long[N];
      Kernels.words(words.clone(), drawn, N);
      Kernels.tabulated(words, widths, scratch, out, 3, N);
      for (int i = 0; i < N; i++) {
        int top = (int) (drawn[i] >>> (64 - bits));
        assertThat(out[3 + i]).isEqualTo(widths[top] * centred(drawn[i]));
      }
    }
  }

  @Test
  void uniformsAreTheLowerBits() {
    Kernels.uniforms(words, 0.7, out, 3, N);
    for (int i = 0; i < N; i++) {
      assertThat(out[3 + i]).isEqualTo(0.7 * centred(words[i]));
    }
  }

  @Test
  void signsUseEveryBitOnce() {
    int n = 2 * 1024;
    double[] signs = new double[n];
    Kernels.signs(words, 0.3, signs, 0, n);
    for (int i = 0; i < n; i++) {
      long word = words[i / 1024 * LANES + i % LANES];
      boolean negative = (word >>> (63 - i / LANES % 64) & 1) == 1;
      assertThat(signs[i]).isEqualTo(negative ? -0.3 : 0.3);
    }
  }

  @Test
  void countsWordsBelow() {
    for (long bound : new long[] {0, 1, 1L << 40, 1L << 61, Long.MAX_VALUE}) {
      long expected =
          Arrays.stream(words).filter(word -> Long.compareUnsigned(word, 2 * bound) < 0).count();
      assertThat(Kernels.countBelow(words, bound, words.length)).isEqualTo((int) expected);
    }
  }

  @Test
  void findsTheLargestWhereverItIs() {
    for (int n : new int[] {1, 2, 15, 17, 100}) {
      for (int at = 0; at < n; at++) {
        double[] numbers = new double[n + 2];
        Arrays.fill(numbers, -3);
        numbers[1 + at] = -2;
        numbers[0] = 7; // before and beyond what counts
        numbers[n + 1] = 7;
        assertThat(Kernels.max(numbers, 1, n)).isEqualTo(-2);
        numbers[1 + at] = Double.POSITIVE_INFINITY;
        assertThat(Kernels.max(numbers, 1, n)).isInfinite();
        numbers[1 + at] = Double.NaN;
        assertThat(Kernels.max(numbers, 1, n)).isNaN();
      }
    }
    assertThat(Kernels.max(x, 3, 0)).isEqualTo(Double.NEGATIVE_INFINITY);
  }

  @Test
  void combinesFusedInOrder() {
    Kernels.combine(0.1, y, 2, 3, x, 1, STRIDE, out, 5, N);
    for (int l = 0; l < N; l++) {
      double sum = Math.fma(y[2], x[1 + l], 0.1);
      sum = Math.fma(y[3], x[1 + STRIDE + l], sum);
      sum = Math.fma(y[4], x[1 + 2 * STRIDE + l], sum);
      assertThat(out[5 + l]).isEqualTo(sum);
    }
    double before = out[7];
    Kernels.addScaled(0.6, x, 4, out, 5, N);
    assertThat(out[7]).isEqualTo(Math.fma(0.6, x[6], before));
    Kernels.multiply(y, 0, x, 4, out, 5, N);
    assertThat(out[7]).isEqualTo(y[2] * x[6]);
  }

  @Test
  void normalisesToTheRadius() {
    double[] table = x.clone();
    Kernels.normalise(table, STRIDE, 3, 2.5, N);
    for (int l = 0; l < N; l++) {
      double[] token = {table[l], table[STRIDE + l], table[2 * STRIDE + l]};
      double norm = Math.sqrt(token[0] * token[0] + token[1] * token[1] + token[2] * token[2]);
      assertThat(norm).isCloseTo(2.5, Percentage.withPercentage(1e-13));
      assertThat(token[1] / token[0])
          .isCloseTo(x[STRIDE + l] / x[l], Percentage.withPercentage(1e-13));
    }
  }

  /** Each sum in its place, added to what is there. */
  @Test
  void sumsAreThoseOfTheirProducts() {
    Arrays.fill(out, 1);
    Kernels.moments1(y, 0, x, out, N);
    assertSums(
        l -> y[l],
        l -> y[l] * x[l],
        l -> y[l] * x[l] * x[l],
        l -> y[l] * y[l],
        l -> y[l] * y[l] * x[l],
        l -> y[l] * y[l] * x[l] * x[l]);

    Arrays.fill(out, 1);
    Kernels.moments2(y, 0, x, STRIDE, out, N);
    IntToDoubleFunction x2 = l -> x[STRIDE + l];
    assertSums(
        l -> y[l],
        l -> y[l] * x[l],
        l -> y[l] * x2.applyAsDouble(l),
        l -> y[l] * x[l] * x[l],
        l -> y[l] * x[l] * x2.applyAsDouble(l),
        l -> y[l] * x2.applyAsDouble(l) * x2.applyAsDouble(l),
        l -> y[l] * y[l],
        l -> y[l] * y[l] * x[l],
        l -> y[l] * y[l] * x2.applyAsDouble(l),
        l -> y[l] * y[l] * x[l] * x[l],
        l -> y[l] * y[l] * x[l] * x2.applyAsDouble(l),
        l -> y[l] * y[l] * x2.applyAsDouble(l) * x2.applyAsDouble(l));

    Arrays.fill(out, 1);
    Kernels.weighted(y, 0, x, STRIDE, 5, out, N);
    IntToDoubleFunction[] weighted = new IntToDoubleFunction[6];
    weighted[0] = l -> y[l];
    for (int i = 0; i < 5; i++) {
      int row = i * STRIDE;
      weighted[1 + i] = l -> y[l] * x[row + l];
    }
    assertSums(weighted);

    Arrays.fill(out, 1);
    Kernels.tile(y, 0, x, 1, 2 * STRIDE, STRIDE, out, 0, N);
    IntToDoubleFunction[] products = new IntToDoubleFunction[16];
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 4; j++) {
        int a = 1 + i * STRIDE;
        int b = (2 + j) * STRIDE;
        products[4 * i + j] = l -> y[l] * x[a + l] * x[b + l];
      }
    }
    assertSums(products);
  }

  private void assertSums(IntToDoubleFunction... terms) {
    for (int i = 0; i < terms.length; i++) {
      for (int lane = 0; lane < LANES; lane++) {
        double sum = 1;
        for (int l = lane; l < N; l += LANES) {
          sum += terms[i].applyAsDouble(l);
        }
        assertThat(out[i * LANES + lane])
            .as("sum %d, lane %d", i, lane)
            .isCloseTo(sum, Percentage.withPercentage(1e-13));
      }
    }
  }

  @Test
  void badArgumentsOfGeneratorsAreRefused() {
    double[] widths = new double[16];
    assertRefused(() -> Kernels.words(new long[63], words, 16));
    assertRefused(() -> Kernels.words(words, new long[47], 48));
    assertRefused(() -> Kernels.words(words, new long[47], 17));
    assertRefused(() -> Kernels.words(words, new long[47], -16));
    assertRefused(() -> Kernels.tabulated(new long[63], widths, scratch, out, 0, 16));
    assertRefused(() -> Kernels.tabulated(words, widths, new int[63], out, 0, 16));
    assertRefused(() -> Kernels.tabulated(words, widths, scratch, out, -1, 16));
    assertRefused(() -> Kernels.tabulated(words, widths, scratch, out, 241, 16));
    assertRefused(() -> Kernels.tabulated(words, widths, scratch, out, 0, 15));
    for (int size : new int[] {0, 1, 3, 12, 4095, 8192}) {
      assertRefused(() -> Kernels.tabulated(words, new double[size], scratch, out, 0, 16));
    }
    assertRefused(() -> Kernels.uniforms(words, 1, out, 0, 80));
    assertRefused(() -> Kernels.uniforms(words, 1, out, 250, 16));
    assertRefused(() -> Kernels.uniforms(words, 1, out, 0, 8));
    assertRefused(() -> Kernels.signs(new long[15], 1, out, 0, 16));
    assertRefused(() -> Kernels.signs(words, 1, out, -16, 16));
    assertRefused(() -> Kernels.signs(new long[16], 1, new double[1040], 0, 1040));
    assertRefused(() -> Kernels.countBelow(words, 1, 80));
    assertRefused(() -> Kernels.countBelow(words, 1, 20));
  }

  @Test
  void badArgumentsOfArithmeticAreRefused() {
    assertRefused(() -> Kernels.exp2(y, 1, 1, out, 0, N));
    assertRefused(() -> Kernels.exp2(y, 0, 1, out, -1, N));
    assertRefused(() -> Kernels.exp2(y, 0, 1, out, 0, 47));
    assertRefused(() -> Kernels.exp2Minus(y, -1, 1, 0, out, 0, 16));
    assertRefused(() -> Kernels.exp2Minus(y, 0, 1, 0, out, 209, N));
    assertRefused(() -> Kernels.exp2Minus(y, 0, 1, 0, out, 0, 47));
    assertRefused(() -> Kernels.max(y, 1, N));
    assertRefused(() -> Kernels.max(y, -1, 1));
    assertRefused(() -> Kernels.max(y, 0, -1));
    assertRefused(() -> Kernels.combine(0, y, 47, 2, x, 0, STRIDE, out, 0, N));
    assertRefused(() -> Kernels.combine(0, y, 0, 6, x, 3, STRIDE, out, 0, N));
    assertRefused(() -> Kernels.combine(0, y, 0, 2, x, -1, STRIDE, out, 0, N));
    assertRefused(() -> Kernels.combine(0, y, 0, 2, x, 260, -STRIDE, out, 0, N));
    assertRefused(() -> Kernels.combine(0, y, 0, 3, x, 0, Integer.MAX_VALUE, out, 0, N));
    assertRefused(() -> Kernels.combine(0, y, 0, -1, x, 0, STRIDE, out, 0, N));
    assertRefused(() -> Kernels.combine(0, y, 0, 0, x, 0, STRIDE, out, 0, 20));
    assertRefused(() -> Kernels.combine(0, y, 0, 2, x, 0, STRIDE, out, 220, N));
    assertRefused(() -> Kernels.addScaled(1, y, 1, out, 0, N));
    assertRefused(() -> Kernels.addScaled(1, y, 0, out, -1, N));
    assertRefused(() -> Kernels.normalise(out, 150, 2, 1, 112));
    assertRefused(() -> Kernels.normalise(out, 50, 2, 1, 17));
    assertRefused(() -> Kernels.multiply(y, 1, x, 0, out, 0, N));
    assertRefused(() -> Kernels.multiply(y, 0, x, 260, out, 0, N));
    assertRefused(() -> Kernels.multiply(y, 0, x, 0, out, 220, N));
  }

  @Test
  void badArgumentsOfSumsAreRefused() {
    double[] five = new double[5 * LANES];
    assertRefused(() -> Kernels.moments1(y, 1, x, out, N));
    assertRefused(() -> Kernels.moments1(y, 0, new double[47], out, N));
    assertRefused(() -> Kernels.moments1(y, 0, x, five, N));
    assertRefused(() -> Kernels.moments2(y, -1, x, STRIDE, out, N));
    assertRefused(() -> Kernels.moments2(y, 0, x, 253, out, N));
    assertRefused(() -> Kernels.moments2(y, 0, x, -STRIDE, out, N));
    assertRefused(() -> Kernels.moments2(y, 0, x, STRIDE, five, N));
    assertRefused(() -> Kernels.weighted(y, 1, x, STRIDE, 2, out, N));
    assertRefused(() -> Kernels.weighted(y, 0, x, STRIDE, 7, out, N));
    assertRefused(() -> Kernels.weighted(y, 0, x, STRIDE, 5, five, N));
    assertRefused(() -> Kernels.weighted(y, 0, x, STRIDE, -1, out, N));
    assertRefused(() -> Kernels.tile(y, 1, x, 0, 0, STRIDE, out, 0, N));
    assertRefused(() -> Kernels.tile(y, 0, x, -1, 0, STRIDE, out, 0, N));
    assertRefused(() -> Kernels.tile(y, 0, x, 0, -1, STRIDE, out, 0, N));
    assertRefused(() -> Kernels.tile(y, 0, x, 3 * STRIDE, 0, STRIDE, out, 0, N));
    assertRefused(() -> Kernels.tile(y, 0, x, 0, 3 * STRIDE, STRIDE, out, 0, N));
    assertRefused(() -> Kernels.tile(y, 0, x, 0, 0, Integer.MAX_VALUE, out, 0, N));
    assertRefused(() -> Kernels.tile(y, 0, x, 0, 0, STRIDE, out, 1, N));
    assertRefused(() -> Kernels.tile(y, 0, x, 0, 0, STRIDE, out, 0, 47));
  }

  /** It throws, and nothing has been written. */
  private void assertRefused(ThrowingCallable call) {
    double[] xBefore = x.clone();
    double[] yBefore = y.clone();
    double[] outBefore = out.clone();
    long[] wordsBefore = words.clone();
    assertThatThrownBy(call)
        .isInstanceOfAny(
            IllegalArgumentException.class,
            IndexOutOfBoundsException.class,
            ArithmeticException.class);
    assertThat(x).isEqualTo(xBefore);
    assertThat(y).isEqualTo(yBefore);
    assertThat(out).isEqualTo(outBefore);
    assertThat(words).isEqualTo(wordsBefore);
  }

  /** Negative control: arrays just large enough are taken. */
  @Test
  void argumentsAtTheEdgeAreTaken() {
    Kernels.tabulated(words, new double[4096], scratch, out, 240, 16);
    Kernels.combine(0, y, 46, 2, x, 4 * STRIDE + 2, STRIDE, out, 208, N);
    Kernels.moments2(y, 0, x, 252, new double[12 * LANES], N);
    Kernels.tile(y, 0, x, 2 * STRIDE + 2, 0, STRIDE, out, 0, N);
    Kernels.signs(words, 1, new double[4096], 0, 4096);
    Kernels.weighted(y, 0, x, STRIDE, 0, new double[LANES], N);
    Kernels.combine(0, y, 48, 0, x, 0, STRIDE, out, 0, 0);
    assertThat(out[0]).isGreaterThan(0);
  }
}
