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
    double[] x = Bits.wide(new Random(1), n);
    double[] y = Bits.wide(new Random(2), n);

    double[] sums = new double[16];
    double[] dots = new double[16];
    for (int i = 0; i < n; i++) {
      sums[i % 16] += x[i];
      dots[i % 16] = Math.fma(x[i], y[i], dots[i % 16]);
    }
    Bits.assertSame(Lanes.sum(x, n), folded(sums));
    Bits.assertSame(Lanes.dot(x, y, n), folded(dots));
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
    double[] x = Bits.wide(new Random(3), n);
    double[] y = Bits.wide(new Random(4), n);

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
  void foldsWhereItIsTold() {
    double[] x = Bits.wide(new Random(6), 40);
    Bits.assertSame(Lanes.fold(x, 21), folded(Arrays.copyOfRange(x, 21, 37)));
  }

  @Test
  void nothingSumsToZero() {
    double[] unused = {Double.NaN};
    Bits.assertSame(Lanes.sum(unused, 0), 0.0);
    Bits.assertSame(Lanes.dot(unused, unused, 0), 0.0);
  }

  @Test
  void readsOnlyTheFirstItems() {
    double[] x = Bits.wide(new Random(5), 48);
    double sum = Lanes.sum(x, 32);
    double dot = Lanes.dot(x, x, 32);
    x[32] = Double.NaN;
    Bits.assertSame(Lanes.sum(x, 32), sum);
    Bits.assertSame(Lanes.dot(x, x, 32), dot);
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "1, 16", "15, 16", "16, 16", "17, 32", "512, 512", "513, 528"})
  void roundsUpToWholeRows(int n, int rows) {
    assertThat(Lanes.roundUp(n)).isEqualTo(rows);
  }
}
