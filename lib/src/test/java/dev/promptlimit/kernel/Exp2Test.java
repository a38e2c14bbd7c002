package dev.promptlimit.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Powers of two against a reference of 37 digits, which shares nothing with {@link Exp2}. */
class Exp2Test {
  private static final int GRID = 20_000;

  /** Errors allowed, in ulps, where the exponent is a double and where it is a product of two. */
  private static final double DOUBLE = 0.91;

  private static final double PRODUCT = 1.03;

  /** The reference is in units of 2⁻¹²⁸. */
  private static final int POINT = 128;

  private static final BigDecimal ONE = new BigDecimal(BigInteger.ONE.shiftLeft(POINT));

  /** By Python 3.11.7, mpmath 1.3.0, mp.dps = 45: log(2). */
  private static final BigDecimal LN2 =
      new BigDecimal("0.693147180559945309417232121458176568075500134");

  /** Largest distance from the reference so far, in ulps of the reference. */
  private double worst;

  private double worstAt;

  /** 2^f as e^(f ln 2), |f| ≤ ½, by its series: off by at most one unit for each of 32 terms. */
  private static BigInteger fraction(BigDecimal f) {
    BigInteger y = f.multiply(LN2).multiply(ONE).toBigInteger();
    BigInteger term = BigInteger.ONE.shiftLeft(POINT);
    BigInteger sum = BigInteger.ZERO;
    for (int i = 1; i <= 32; i++) {
      sum = sum.add(term);
      term = term.multiply(y).shiftRight(POINT).divide(BigInteger.valueOf(i));
    }
    return sum;
  }

  /** Notes how far a value is from 2^t. */
  private void check(double value, BigDecimal t) {
    BigDecimal k = t.setScale(0, RoundingMode.HALF_EVEN);
    BigInteger exact = fraction(t.subtract(k));
    double scaled = Math.scalb(value, 60 - k.intValueExact()); // a whole number
    BigInteger error = BigInteger.valueOf((long) scaled).shiftLeft(POINT - 60).subtract(exact);
    double ulps = Math.abs(Math.scalb(error.doubleValue(), 53 - exact.bitLength()));
    if (!(ulps <= worst)) {
      worst = ulps;
      worstAt = t.doubleValue();
    }
  }

  private void check(double value, double t) {
    check(value, new BigDecimal(t));
  }

  private void assertWithin(double ulps) {
    assertThat(worst)
        .as("error in ulps, largest at 2^%s", worstAt)
        .isGreaterThan(0)
        .isLessThanOrEqualTo(ulps);
  }

  private static double[] exp2(double[] x, double scale) {
    double[] padded = Arrays.copyOf(x, Lanes.roundUp(x.length));
    double[] y = new double[padded.length];
    Kernels.exp2(padded, 0, scale, y, 0, y.length);
    return Arrays.copyOf(y, x.length);
  }

  private static double exp2(double t) {
    return exp2(new double[] {t}, 1)[0];
  }

  private static double[] exp2Minus(double[] x, double scale, double shift) {
    double[] padded = Arrays.copyOf(x, Lanes.roundUp(x.length));
    double[] y = new double[padded.length];
    Kernels.exp2Minus(padded, 0, scale, shift, y, 0, y.length);
    return Arrays.copyOf(y, x.length);
  }

  private void check(double[] x, double scale) {
    double[] y = exp2(x, scale);
    for (int i = 0; i < x.length; i++) {
      check(y[i], new BigDecimal(x[i]).multiply(new BigDecimal(scale)));
    }
  }

  @Test
  void isAccurateOnAGrid() {
    double[] interval = new double[GRID + 1];
    Arrays.setAll(interval, i -> (double) i / GRID - 0.5);
    check(interval, 1);
    double[] all = new double[1998 * 7];
    Arrays.setAll(all, i -> i / 7.0 - 999);
    check(all, 1);
    assertWithin(DOUBLE);
  }

  /** The exponent is the exact product, not its nearest double. */
  @ParameterizedTest
  @ValueSource(doubles = {1, SoftmaxSums.BITS, 1 / 3.0, 1e-9, 77.7})
  void isAccurateAtRandomArguments(double scale) {
    Random random = new Random(1);
    check(random.doubles(GRID / 4, -999 / scale, 999 / scale).toArray(), scale);
    check(random.doubles(GRID / 4, -1 / scale, 1 / scale).toArray(), scale);
    double[] small = new double[1000];
    Arrays.setAll(small, i -> Math.scalb(random.nextDouble() - 0.5, -random.nextInt(70)) / scale);
    check(small, scale);
    assertWithin(scale == 1 ? DOUBLE : PRODUCT);
  }

  /** The worst of 10⁹ random arguments, found by a program of its own: 0.898 and 1.019 ulps. */
  @Test
  void theWorstKnownArguments() {
    check(new double[] {-0x1.edd7d37c5e42ap-2}, 1);
    assertThat(worst).isBetween(0.89, DOUBLE);
    check(new double[] {-0x1.4073355f159d6p-1}, 0.77);
    assertThat(worst).isBetween(1.01, PRODUCT);
  }

  /** Here the exponent is rounded before, which the reference is told. */
  @ParameterizedTest
  @ValueSource(doubles = {0, 0.3, -200, 1e6})
  void isAccurateBesideAShift(double shift) {
    Random random = new Random(2);
    for (double scale : new double[] {1, SoftmaxSums.BITS}) {
      double[] x = random.doubles(GRID / 8, -399.9, 1).map(t -> t / scale + shift).toArray();
      double[] y = exp2Minus(x, scale, shift);
      for (int i = 0; i < x.length; i++) {
        check(y[i], scale * (x[i] - shift));
      }
    }
    assertWithin(DOUBLE);
  }

  /** Negative control: the check sees two ulps. */
  @Test
  void twoUlpsAreRejected() {
    double value = exp2(0.3);
    check(value + 2 * Math.ulp(value), 0.3);
    assertThatThrownBy(() -> assertWithin(PRODUCT)).isInstanceOf(AssertionError.class);
  }

  /** By mpmath as above: sqrt(2). */
  @Test
  void theReferenceIsRight() {
    BigDecimal root = new BigDecimal("1.41421356237309504880168872420969807856967188");
    assertThat(fraction(new BigDecimal("0.5")).subtract(root.multiply(ONE).toBigInteger()))
        .isBetween(BigInteger.valueOf(-40), BigInteger.valueOf(40));
  }

  @Test
  void wholeExponentsAreExact() {
    for (int k = -999; k <= 999; k++) {
      Bits.assertSame(exp2(k), Math.scalb(1.0, k));
    }
    assertThat(exp2(-0.0)).isEqualTo(1);
    assertThat(exp2(Double.MIN_VALUE)).isEqualTo(1);
    for (int k = (int) Exp2.LEAST; k <= 1; k++) {
      Bits.assertSame(exp2Minus(new double[] {3.0 + k}, 1, 3)[0], Math.scalb(1.0, k));
    }
  }

  /** At |f| = ½ the polynomial changes from one end of its interval to the other. */
  @Test
  void hardlyFallsWhereTheIntegerChanges() {
    for (int k = -400; k < 400; k++) {
      assertHardlyFalls(k + 0.5, Exp2Test::exp2);
      if (k < 0) {
        assertHardlyFalls(k + 0.5, t -> exp2Minus(new double[] {t}, 1, 0)[0]);
      }
    }
  }

  private static void assertHardlyFalls(double middle, DoubleUnaryOperator power) {
    double t = middle;
    for (int i = 0; i < 4; i++) {
      t = Math.nextDown(t);
    }
    for (int i = 0; i < 8; i++, t = Math.nextUp(t)) {
      double value = power.applyAsDouble(t);
      double next = power.applyAsDouble(Math.nextUp(t));
      if (!(next >= Math.nextDown(value))) {
        assertThat(next).as("after 2^%s", t).isGreaterThanOrEqualTo(Math.nextDown(value));
      }
    }
  }

  @Test
  void isZeroBelowTheLeast() {
    double least = Exp2.LEAST;
    double[] below = {
      Math.nextDown(least), least - 1, -1022.5, -1075, -1e6, -1e17, -Double.MAX_VALUE
    };
    for (double y : exp2Minus(below, 1, 0)) {
      Bits.assertSame(y, 0);
    }
    assertThat(exp2Minus(new double[] {least}, 1, 0)[0]).isEqualTo(Math.scalb(1.0, (int) least));
  }

  @Test
  void isNaNWhereTheExponentIsNotFinite() {
    double infinity = Double.POSITIVE_INFINITY;
    assertThat(exp2Minus(new double[] {Double.NaN, infinity, -infinity}, 1, 2))
        .containsOnly(Double.NaN);
    assertThat(exp2Minus(new double[] {1, -2, infinity}, 1, infinity)).containsOnly(Double.NaN);
    assertThat(exp2Minus(new double[] {1}, Double.NaN, 0)).containsOnly(Double.NaN);
  }

  /** What rounding may leave above 0 of a largest score. */
  @Test
  void exponentsUpToOneAreAllowed() {
    check(exp2Minus(new double[] {1e-17}, 1, 0)[0], 1e-17);
    check(exp2Minus(new double[] {0.7}, 1, 0)[0], 0.7);
    assertWithin(DOUBLE);
  }
}
