package dev.promptlimit.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.Random;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ElementaryTest {
  private static final MathContext DIGITS = new MathContext(36);

  @Test
  void exponentialIsWithinOneUlpOnAGrid() {
    // 1/29 is no multiple of ln 2, so the grid meets every part of the reduced interval.
    for (int i = 0; i <= 708 * 29; i++) {
      assertWithinOneUlp(-i / 29.0);
    }
  }

  @Test
  void exponentialIsWithinOneUlpAtRandomArguments() {
    Random random = new Random(1);
    for (int i = 0; i < 10_000; i++) {
      assertWithinOneUlp(-708 * random.nextDouble());
      assertWithinOneUlp(-random.nextDouble());
      assertWithinOneUlp(-Math.scalb(random.nextDouble(), -random.nextInt(60)));
    }
  }

  /** Where the reduction changes its integer: at odd multiples of ln 2 / 2. */
  @Test
  void exponentialIsWithinOneUlpWhereTheReductionJumps() {
    for (int k = 0; k <= 1020; k++) {
      double x = -(k + 0.5) * Math.log(2);
      assertWithinOneUlp(x);
      assertWithinOneUlp(Math.nextUp(x));
      assertWithinOneUlp(Math.nextDown(x));
    }
  }

  private static double exponential(double x) {
    double[] y = {x};
    Elementary.expMinus(y, 0, new double[1], 1);
    return y[0];
  }

  private static void assertWithinOneUlp(double x) {
    BigDecimal exact = exp(x);
    double value = exponential(x);
    BigDecimal error = new BigDecimal(value).subtract(exact).abs();
    BigDecimal ulp = new BigDecimal(Math.ulp(exact.doubleValue()));
    if (error.compareTo(ulp) > 0) { // assertThat on every point would take most of the time
      assertThat(value).as("e^%s", x).isEqualTo(exact.doubleValue());
    }
  }

  /** e^x to 30 digits: (e^(x / 4096))^4096, the inner one by its series. */
  private static BigDecimal exp(double x) {
    BigDecimal y = new BigDecimal(x).divide(BigDecimal.valueOf(4096), DIGITS);
    BigDecimal sum = BigDecimal.ONE;
    BigDecimal term = BigDecimal.ONE;
    for (int k = 1; term.signum() != 0 && term.precision() - term.scale() > -37; k++) {
      term = term.multiply(y, DIGITS).divide(BigDecimal.valueOf(k), DIGITS);
      sum = sum.add(term, DIGITS);
    }
    for (int i = 0; i < 12; i++) {
      sum = sum.multiply(sum, DIGITS);
    }
    return sum;
  }

  @Test
  void exponentialIsZeroBelowItsRange() {
    assertThat(exponential(-708)).isPositive();
    for (double x : new double[] {-708.1, -709, -1e6, -1e300, -Double.MAX_VALUE}) {
      assertThat(exponential(x)).as("e^%s", x).isEqualTo(0.0);
    }
    assertThat(exponential(Double.NEGATIVE_INFINITY)).isEqualTo(0.0);
  }

  @Test
  void exponentialOfZeroIsOneAndOfNaNIsNaN() {
    assertThat(exponential(0.0)).isEqualTo(1.0);
    assertThat(exponential(-0.0)).isEqualTo(1.0);
    assertThat(exponential(-Double.MIN_VALUE)).isEqualTo(1.0);
    assertThat(exponential(Double.NaN)).isNaN();
  }

  @Test
  void exponentialOfArraysIsThatOfEachDifference() {
    Random random = new Random(2);
    double[] x = random.doubles(100, -800, 3).toArray();
    double[] before = x.clone();

    Elementary.expMinus(x, 3, new double[90], 90);

    for (int i = 0; i < 90; i++) {
      assertThat(x[i]).isEqualTo(exponential(before[i] - 3));
    }
    assertThat(Arrays.copyOfRange(x, 90, 100)).isEqualTo(Arrays.copyOfRange(before, 90, 100));
  }

  /**
   * The radius is off by a few units of 2⁻⁵³, the sine and cosine by 1e-16 of the radius, and the
   * reference by as much again (StrictMath is within one ulp and rounds π x): 8 · 2⁻⁵³ R in all.
   */
  @ParameterizedTest
  @ValueSource(ints = {16, 256, 4096})
  void normalsAreThoseOfBoxAndMuller(int n) {
    Random random = new Random(n);
    long[] a = random.longs(n).toArray();
    long[] b = random.longs(n).toArray();
    a[0] = 0;
    a[1] = -1;
    a[2] = Long.MIN_VALUE; // u just above 1/2
    a[3] = 0x6A09E667F3BCD000L; // u next to the cut of the logarithm's mantissa, √½ / 2 + 1/4
    a[4] = 0xB504F333F9DE6000L; // u next to √½
    b[5] = 0;
    b[6] = -1;
    b[7] = Long.MAX_VALUE;
    assertBoxMuller(a, b);
  }

  /** Small and large u: runs of leading zeros and ones in the word. */
  @Test
  void normalsAreThoseOfBoxAndMullerAtBothEnds() {
    long[] a = new long[128];
    for (int i = 0; i < 64; i++) {
      a[i] = -1L >>> i;
      a[64 + i] = ~(-1L >>> i);
    }
    assertBoxMuller(a, new Random(3).longs(128).toArray());
    assertBoxMuller(new Random(4).longs(128).toArray(), a);
  }

  private static void assertBoxMuller(long[] a, long[] b) {
    int n = a.length;
    double[] cosines = new double[n];
    double[] sines = new double[n];
    Elementary.boxMuller(a, b, new double[n], cosines, sines, n);
    for (int i = 0; i < n; i++) {
      double u = uniform(a[i]);
      double x = uniform(b[i]) - 0.5;
      double radius = StrictMath.sqrt(-2 * (u < 0.5 ? StrictMath.log(u) : log1p(a[i])));
      double sign = (b[i] & 1) == 0 ? 1 : -1;
      double tolerance = 8 * 0x1p-53 * radius;
      assertThat(cosines[i] - sign * radius * StrictMath.cos(Math.PI * x))
          .as("cosine of words %x, %x", a[i], b[i])
          .isBetween(-tolerance, tolerance);
      assertThat(sines[i] - sign * radius * StrictMath.sin(Math.PI * x))
          .as("sine of words %x, %x", a[i], b[i])
          .isBetween(-tolerance, tolerance);
    }
  }

  /** (k + ½) 2⁻⁵², k the upper 52 bits; exact, having at most 53 bits. */
  private static double uniform(long word) {
    return (double) (2 * (word >>> 12) + 1) * 0x1p-53;
  }

  /** ln u from 1 − u, which is exact. */
  private static double log1p(long word) {
    return StrictMath.log1p(-uniform(~word));
  }

  @Test
  void extremeWordsGiveTheExtremeRadii() {
    long[] a = new long[16];
    a[1] = -1;
    double[] radius = new double[16];
    Elementary.boxMuller(a, new long[16], radius, new double[16], new double[16], 16);

    // √(106 ln 2) and √(−2 ln(1 − 2⁻⁵³)), by Python 3.11.7, mpmath 1.3.0, mp.dps = 30:
    // sqrt(106*log(2)), sqrt(-2*log1p(-mpf(2)**-53))
    assertThat(radius[0]).isCloseTo(8.571674348652905, within(4));
    assertThat(radius[1]).isCloseTo(1.4901161193847656e-08, within(4));
  }

  private static Percentage within(int units) {
    return Percentage.withPercentage(100 * units * 0x1p-53);
  }

  @Test
  void theLowestAngleBitIsTheSign() {
    long[] a = new Random(5).longs(16).toArray();
    long[] b = new Random(6).longs(16).toArray();
    double[][] plus = new double[3][16];
    Elementary.boxMuller(a, b, plus[0], plus[1], plus[2], 16);
    Arrays.setAll(b, i -> b[i] ^ 1);
    double[][] minus = new double[3][16];
    Elementary.boxMuller(a, b, minus[0], minus[1], minus[2], 16);
    for (int i = 0; i < 16; i++) {
      assertThat(minus[1][i]).isEqualTo(-plus[1][i]);
      assertThat(minus[2][i]).isEqualTo(-plus[2][i]);
    }
  }
}
