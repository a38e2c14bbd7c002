package dev.promptlimit.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import org.hipparchus.special.Erf;
import org.hipparchus.special.Gamma;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChiSquareStreamTest {
  private static final StreamKey KEY = StreamKey.ofBlock(5, "chi-square", 0);

  /**
   * Pearson's test over 50 cells equal in probability, 200,000 numbers. From 1e6 degrees on the law
   * of (x − k)/√(2k) is the normal law up to its skewness √(8/k) ≤ 0.003, for which it is corrected
   * (Cornish and Fisher).
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 11, 1000, 1_000_000, 1_000_000_000_000L})
  void numbersHaveTheirLaw(long degrees) {
    ChiSquareStream stream = new ChiSquareStream(KEY);
    long[] counts = new long[50];
    double k = (double) degrees;
    for (int i = 0; i < 200_000; i++) {
      double x = stream.next(degrees);
      double below;
      if (degrees < 1_000_000) {
        below = Gamma.regularizedGammaP(0.5 * k, 0.5 * x);
      } else {
        double z = (x - k) / Math.sqrt(2 * k);
        z -= Math.sqrt(8 / k) / 6 * (z * z - 1);
        below = 0.5 * Erf.erfc(-z / Math.sqrt(2));
      }
      counts[Math.min(49, (int) (50 * below))]++;
    }

    assertThat(Significance.chiSquare(counts)).isGreaterThan(Significance.ALPHA);
  }

  /** Mean k and variance 2k in one stream whose degrees change from number to number. */
  @Test
  void degreesMayChangeFromNumberToNumber() {
    ChiSquareStream stream = new ChiSquareStream(KEY);
    int n = 100_000;
    double sum = 0;
    for (int i = 0; i < n; i++) {
      int k = 1 + i % 5;
      sum += (stream.next(k) - k) / Math.sqrt(2.0 * k);
    }

    assertThat(sum / Math.sqrt(n)).isCloseTo(0, within(Significance.ACCEPTED));
  }

  @Test
  void remainderOfTheLogarithmKeepsItsDigits() {
    for (double y : new double[] {-0.099, -1e-3, -1e-8, 1e-12, 1e-5, 0.02, 0.099}) {
      // Σ_{k ≥ 4} (−1)^{k+1} y^k / k in 40 digits
      MathContext digits = new MathContext(40, RoundingMode.HALF_EVEN);
      BigDecimal exact = BigDecimal.ZERO;
      BigDecimal power = new BigDecimal(y).pow(3, digits);
      for (int k = 4; k < 60; k++) {
        power = power.multiply(new BigDecimal(-y), digits);
        exact = exact.add(power.divide(BigDecimal.valueOf(k), digits));
      }
      assertThat(ChiSquareStream.remainder(y))
          .isCloseTo(exact.doubleValue(), withinPercentage(1e-13));
    }
    // where the branches meet
    assertThat(ChiSquareStream.remainder(Math.nextUp(0.1)))
        .isCloseTo(ChiSquareStream.remainder(0.1), withinPercentage(1e-9));
    assertThat(ChiSquareStream.remainder(Math.nextDown(-0.1)))
        .isCloseTo(ChiSquareStream.remainder(-0.1), withinPercentage(1e-9));
  }

  @Test
  void degreesBelowOneAreRefused() {
    ChiSquareStream stream = new ChiSquareStream(KEY);

    assertThatThrownBy(() -> stream.next(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot draw a chi-square number: the degrees are 0, allowed: 1 or more");
  }
}
