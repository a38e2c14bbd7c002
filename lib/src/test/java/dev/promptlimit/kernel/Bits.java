package dev.promptlimit.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;

/** Arrays of numbers for tests of the kernels, and their comparison bit by bit. */
final class Bits {
  private static final double[] SPECIAL = {
    0.0,
    -0.0,
    Double.MIN_VALUE,
    -Double.MIN_NORMAL,
    Double.MAX_VALUE,
    -Double.MAX_VALUE,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    Double.NaN,
    Double.longBitsToDouble(0xFFF8000000000000L) // the NaN of processors, with the other sign
  };

  private Bits() {}

  /** Signed numbers over forty octaves, so that the order of additions shows in the bits. */
  static double[] wide(Random random, int n) {
    double[] x = new double[n];
    for (int i = 0; i < n; i++) {
      x[i] = Math.scalb(random.nextDouble() - 0.5, random.nextInt(40) - 20);
    }
    return x;
  }

  /** The same, but about one in eight is a zero, an end of the range, an infinity or NaN. */
  static double[] wild(Random random, int n) {
    double[] x = wide(random, n);
    for (int i = 0; i < n; i++) {
      if (random.nextInt(8) == 0) {
        x[i] = SPECIAL[random.nextInt(SPECIAL.length)];
      }
    }
    return x;
  }

  /** Words with all kinds of ends. */
  static long[] words(Random random, int n) {
    long[] words = random.longs(n).toArray();
    long[] special = {0, 1, -1, Long.MAX_VALUE, Long.MIN_VALUE, -2};
    for (int i = 0; i < n; i++) {
      if (random.nextInt(8) == 0) {
        words[i] = special[random.nextInt(special.length)];
      }
    }
    return words;
  }

  /** Equal bits, except that all NaN are one. */
  static boolean same(double a, double b) {
    return Double.doubleToLongBits(a) == Double.doubleToLongBits(b);
  }

  static void assertSame(double actual, double expected) {
    if (!same(actual, expected)) {
      assertThat(actual).isEqualTo(expected);
    }
  }

  static void assertSame(double[] actual, double[] expected, String what) {
    for (int i = 0; i < expected.length; i++) {
      if (!same(actual[i], expected[i])) { // an assertion for every item would take all the time
        assertThat(Double.toHexString(actual[i]))
            .as("%s, item %d", what, i)
            .isEqualTo(Double.toHexString(expected[i]));
      }
    }
    assertThat(actual).hasSameSizeAs(expected);
  }
}
