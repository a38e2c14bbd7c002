package dev.promptlimit.stat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SampleComparisonTest {
  /* By Python 3.11.7, scipy 1.17.1: scipy.stats.kstwobign.sf(x). */
  @ParameterizedTest
  @CsvSource({
    "0.5, 0.9639452436648751",
    "1.0, 0.26999967167735456",
    "1.358, 0.05002679733444698",
    "3.0, 3.045995948942526e-08"
  })
  void kolmogorovsLaw(double x, double probability) {
    assertThat(SampleComparison.kolmogorov(x)).isCloseTo(probability, within(1e-12 * probability));
  }

  @Test
  void distanceIsTheLargestStep() {
    double[] x = {1, 2, 3, 4};
    double[] y = {3, 4, 5, 6}; // distance 1/2 at 2; size 2
    assertThat(SampleComparison.kolmogorovSmirnov(x, y))
        .isEqualTo(SampleComparison.kolmogorov(0.5 * Math.sqrt(2)));
    assertThat(SampleComparison.kolmogorovSmirnov(x, x)).isEqualTo(1);
    // steps 1/4 at 0.25, …: uniform on [0, 1], largest distance 1/4 before the first
    assertThat(SampleComparison.kolmogorovSmirnov(new double[] {0.25, 0.5, 0.75, 1}, u -> u))
        .isEqualTo(SampleComparison.kolmogorov(0.25 * 2));
  }

  @Test
  void meansUseTheSumOfSquares() {
    // differences 3, 4: t = 7/5
    assertThat(SampleComparison.means(new double[] {4, 5}, new double[] {1, 1}))
        .isCloseTo(2 * Math.exp(-0.5 * 49 / 25), within(1e-15));
    assertThat(SampleComparison.means(new double[] {1}, new double[] {1})).isEqualTo(1);
  }
}
