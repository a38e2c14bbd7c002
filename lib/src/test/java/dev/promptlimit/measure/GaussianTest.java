package dev.promptlimit.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import org.hipparchus.linear.MatrixUtils;
import org.junit.jupiter.api.Test;

class GaussianTest {
  private final double[] mean = {1, -2, 0.5};
  private final Covariance covariance =
      Covariance.of(new double[][] {{2, 0.5, 0}, {0.5, 1, 0.25}, {0, 0.25, 3}});
  private final Gaussian measure = new Gaussian(mean, covariance);
  private final double[] tilt = {0.5, -1, 2};

  /** Λ(a) = aᵀm + aᵀΓa/2 = 3.5 + (0.5 − 0.5 + 1 − 1 + 12)/2, summed by hand. */
  @Test
  void logMgfIsTheQuadraticForm() {
    assertThat(measure.logMgf(tilt)).isCloseTo(3.5 + 0.5 * 12, offset(1e-14));
    assertThat(measure.logMgf(new double[3])).isEqualTo(0);
  }

  /** By central differences, which are exact for a quadratic function up to rounding. */
  @Test
  void tiltedMomentsAreTheDerivativesOfTheLogMgf() {
    double[] gradient = measure.tiltedMean(tilt);
    for (int i = 0; i < 3; i++) {
      double slope = measure.logMgf(shifted(i, 0.5)) - measure.logMgf(shifted(i, -0.5));
      assertThat(gradient[i]).isCloseTo(slope, offset(1e-13));
      double[] up = measure.tiltedMean(shifted(i, 0.5));
      double[] down = measure.tiltedMean(shifted(i, -0.5));
      for (int j = 0; j < 3; j++) {
        assertThat(measure.tiltedCovariance(tilt).getEntry(i, j))
            .isCloseTo(up[j] - down[j], offset(1e-13));
      }
    }
  }

  private double[] shifted(int i, double step) {
    double[] a = tilt.clone();
    a[i] += step;
    return a;
  }

  @Test
  void oneVectorHasNoSpread() {
    Gaussian fixed = Gaussian.fixed(mean);
    assertThat(fixed.mean()).containsExactly(mean);
    assertThat(fixed.covariance().matrix()).isEqualTo(MatrixUtils.createRealMatrix(3, 3));
    assertThat(fixed.tiltedMean(tilt)).containsExactly(mean);
    assertThat(fixed.logMgf(tilt)).isEqualTo(3.5);
  }

  @Test
  void centredHasMeanZero() {
    Gaussian centred = Gaussian.centred(covariance);
    assertThat(centred.dimension()).isEqualTo(3);
    assertThat(centred.mean()).containsExactly(0, 0, 0);
    assertThat(centred.covariance()).isSameAs(covariance);
  }

  @Test
  void neverSharesItsMean() {
    double[] given = {1, 2};
    Gaussian gaussian = new Gaussian(given, Covariance.identity(2, 1));
    given[0] = 9;
    gaussian.mean()[1] = 9;
    assertThat(gaussian.mean()).containsExactly(1, 2);
  }

  @Test
  void saysWhatIsWrong() {
    assertThatThrownBy(() -> new Gaussian(new double[2], covariance))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot make a Gaussian measure: the mean has 2 entries, the covariance 3 rows");
    assertThatThrownBy(() -> new Gaussian(new double[] {0, Double.NaN, 0}, covariance))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot make a Gaussian measure: the mean has the entry NaN");
    assertThatThrownBy(() -> Gaussian.fixed(new double[] {Double.NEGATIVE_INFINITY}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot make a Gaussian measure: the mean has the entry -Infinity");
    assertThatThrownBy(() -> measure.tiltedCovariance(new double[2]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot tilt a measure of dimension 3: the tilt has 2 entries");
    assertThatThrownBy(() -> Gaussian.fixed(new double[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot make a covariance: it has no rows");
  }
}
