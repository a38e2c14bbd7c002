package dev.promptlimit.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LanesTest {
  private static final double ROUNDING = 0x1p-53;

  @ParameterizedTest
  @ValueSource(ints = {16, 32, 48, 512, 4096})
  void addsInLaneOrderAndFoldsByTheTree(int n) {
    double[] x = wideRange(n, 1);
    double[] y = wideRange(n, 2);

    double[] sums = new double[16];
    double[] dots = new double[16];
    for (int i = 0; i < n; i++) {
      sums[i % 16] += x[i];
      dots[i % 16] = Math.fma(x[i], y[i], dots[i % 16]);
    }
    assertSameBits(Lanes.sum(x, n), folded(sums));
    assertSameBits(Lanes.dot(x, y, n), folded(dots));
  }

  /** Lane j takes lane j + 8, then j + 4, j + 2, j + 1. */
  private static double folded(double[] lanes) {
    for (int half = 8; half > 0; half /= 2) {
      for (int j = 0; j < half; j++) {
        lanes[j] += lanes[j + half];
      }
    }
    return lanes[0];
  }

  /**
   * A number is rounded at most n/16 times in its lane and four times in the tree (a product not at
   * all, being fused), each time by at most 2⁻⁵³ of a partial sum that is at most Σ|x|.
   */
  @ParameterizedTest
  @ValueSource(ints = {16, 48, 512, 4096})
  void isTheExactSumWithinItsRoundings(int n) {
    double[] x = wideRange(n, 3);
    double[] y = wideRange(n, 4);

    BigDecimal sum = BigDecimal.ZERO;
    BigDecimal dot = BigDecimal.ZERO;
    double absoluteSum = 0;
    double absoluteDot = 0;
    for (int i = 0; i < n; i++) {
      sum = sum.add(new BigDecimal(x[i]));
      dot = dot.add(new BigDecimal(x[i]).multiply(new BigDecimal(y[i])));
      absoluteSum += Math.abs(x[i]);
      absoluteDot += Math.abs(x[i] * y[i]);
    }
    double roundings = (n / 16 + 4) * ROUNDING * (1 + n * ROUNDING);
    assertThat(distance(Lanes.sum(x, n), sum)).isLessThanOrEqualTo(roundings * absoluteSum);
    assertThat(distance(Lanes.dot(x, y, n), dot)).isLessThanOrEqualTo(roundings * absoluteDot);
  }

  private static double distance(double value, BigDecimal exact) {
    return new BigDecimal(value).subtract(exact).abs().doubleValue();
  }

  @Test
  void nothingSumsToZero() {
    double[] unused = {Double.NaN};
    assertSameBits(Lanes.sum(unused, 0), 0.0);
    assertSameBits(Lanes.dot(unused, unused, 0), 0.0);
  }

  @Test
  void readsOnlyTheFirstItems() {
    double[] x = wideRange(48, 5);
    double sum = Lanes.sum(x, 32);
    double dot = Lanes.dot(x, x, 32);
    x[32] = Double.NaN;
    assertSameBits(Lanes.sum(x, 32), sum);
    assertSameBits(Lanes.dot(x, x, 32), dot);
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "1, 16", "15, 16", "16, 16", "17, 32", "512, 512", "513, 528"})
  void roundsUpToWholeRows(int n, int rows) {
    assertThat(Lanes.roundUp(n)).isEqualTo(rows);
  }

  @Test
  void findsTheLargestWhereverItIs() {
    for (int n : new int[] {1, 2, 15, 17, 512}) {
      for (int at = 0; at < n; at++) {
        double[] x = new double[n + 1];
        Arrays.fill(x, -3);
        x[at] = -2;
        x[n] = 7; // beyond the first n
        assertThat(Lanes.max(x, n)).isEqualTo(-2);
      }
    }
    assertThat(Lanes.max(new double[] {Double.NEGATIVE_INFINITY}, 1))
        .isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(Lanes.max(new double[] {1, Double.POSITIVE_INFINITY}, 2)).isInfinite();
  }

  @Test
  void seesNaNInTheFirstPlaceOnly() {
    assertThat(Lanes.max(new double[] {Double.NaN, 1}, 2)).isNaN();
    assertThat(Lanes.max(new double[] {1, Double.NaN, 2}, 3)).isEqualTo(2);
  }

  /** Signed numbers over forty octaves, so that the order of additions shows in the bits. */
  private static double[] wideRange(int n, long seed) {
    Random random = new Random(seed);
    double[] x = new double[n];
    for (int i = 0; i < n; i++) {
      x[i] = Math.scalb(random.nextDouble() - 0.5, random.nextInt(40));
    }
    return x;
  }

  private static void assertSameBits(double actual, double expected) {
    assertThat(Double.doubleToRawLongBits(actual)).isEqualTo(Double.doubleToRawLongBits(expected));
  }
}
