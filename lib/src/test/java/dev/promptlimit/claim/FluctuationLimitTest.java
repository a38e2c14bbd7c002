package dev.promptlimit.claim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.attention.Setting;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.Rademacher;
import org.hipparchus.special.Erf;
import org.junit.jupiter.api.Test;

class FluctuationLimitTest {
  private static final double[] EDGES = {0.1, 0.5, 1, 2, 4, 8};

  private static FluctuationLimit limit(Setting setting, Metric metric) {
    return FluctuationLimit.of(setting, metric, 7).orElseThrow();
  }

  private static Setting setting(int d, double variance, double u, Gaussian queries, int outputs) {
    Head head =
        new Head(
            Head.scaledIdentity(d, u),
            Head.scaledIdentity(d, 1).getSubMatrix(0, outputs - 1, 0, d - 1));
    return new Setting(Gaussian.centred(Covariance.identity(d, variance)), queries, head, 8);
  }

  /** Without tilt: |N(0, 4)|, and the length of two of them. */
  @Test
  void withoutTilt() {
    Gaussian zero = Gaussian.fixed(new double[2]);
    FluctuationLimit one = limit(setting(2, 4, 1, zero, 1), Metric.OUTPUT);
    FluctuationLimit two = limit(setting(2, 4, 1, zero, 2), Metric.OUTPUT);
    FluctuationLimit twice = limit(setting(2, 4, 1, zero, 2), Metric.JACOBIAN_V);
    for (double v : EDGES) {
      assertThat(one.exceedance(v)).isCloseTo(Erf.erfc(v / Math.sqrt(8)), within(1e-4));
      assertThat(two.exceedance(v)).isCloseTo(Math.exp(-v * v / 8), within(0.004));
      assertThat(twice.exceedance(v)).isCloseTo(Math.exp(-v * v / 16), within(0.004));
    }
  }

  /** One dimension, N(0, 1) queries: S = e^{s²}(σ² + σ²s²), s² = σ²u²z²; trapezoid rule in z. */
  @Test
  void averagesOverQueries() {
    Gaussian standard = Gaussian.centred(Covariance.identity(1, 1));
    FluctuationLimit law = limit(setting(1, 2, 0.5, standard, 1), Metric.OUTPUT);
    for (double v : EDGES) {
      double sum = 0;
      double h = 0.01;
      for (int i = -800; i <= 800; i++) {
        double z = i * h;
        double s2 = 0.5 * z * z;
        double deviation = Math.sqrt(Math.exp(s2) * 2 * (1 + s2));
        sum += h * Math.exp(-z * z / 2) * Erf.erfc(v / deviation / Math.sqrt(2));
      }
      assertThat(law.exceedance(v)).isCloseTo(sum / Math.sqrt(2 * Math.PI), within(0.004));
    }
  }

  @Test
  void isKnownForGaussianTokensAndFirstDeviationsOnly() {
    Gaussian standard = Gaussian.centred(Covariance.identity(2, 1));
    Setting gaussian = setting(2, 1, 1, standard, 1);
    assertThat(FluctuationLimit.of(gaussian, Metric.JACOBIAN_U, 7)).isEmpty();
    Setting signs = new Setting(new Rademacher(2, 1), standard, gaussian.head(), 8);
    assertThat(FluctuationLimit.of(signs, Metric.OUTPUT, 7)).isEmpty();
    Gaussian wide = Gaussian.centred(Covariance.identity(300, 1));
    assertThat(FluctuationLimit.of(setting(300, 1, 1, wide, 1), Metric.OUTPUT, 7)).isEmpty();
  }
}
