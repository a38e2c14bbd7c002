package dev.promptlimit.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.util.List;
import org.hipparchus.linear.MatrixUtils;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Against numbers computed elsewhere, with many digits. */
class ReferenceMeasuresTest {
  static List<ReferenceMeasures.Item> items() {
    return ReferenceMeasures.items();
  }

  /** Within 1e-10 relative or 1e-14 absolute. */
  private static void assertClose(double actual, double expected) {
    assertThat(actual).isCloseTo(expected, offset(Math.max(1e-10 * Math.abs(expected), 1e-14)));
  }

  @ParameterizedTest
  @MethodSource("items")
  void agreeWithMeasuresComputedElsewhere(ReferenceMeasures.Item item) {
    TokenMeasure measure = item.measure();
    double[] a = item.tilt();
    assertThat(measure.inadmissible(a)).isEmpty();
    assertClose(measure.logMgf(a), item.logMgf());
    double[] mean = measure.tiltedMean(a);
    double[][] covariance = measure.tiltedCovariance(a).getData();
    assertThat(covariance).hasDimensions(a.length, a.length);
    for (int i = 0; i < a.length; i++) {
      assertClose(mean[i], item.mean()[i]);
      for (int j = 0; j < a.length; j++) {
        assertClose(covariance[i][j], item.covariance()[i][j]);
      }
    }
  }

  /**
   * For tiny tilts too, 1e-13 of the log-MGF itself. The probabilities of the vocabulary are
   * rounded: their exact sum is 1 + 2.8e-17, which the reference takes as it is and we divide by.
   */
  @ParameterizedTest
  @MethodSource("items")
  void logMgfsHaveASmallRelativeError(ReferenceMeasures.Item item) {
    double sum = item.measure() instanceof Vocabulary ? 0x1p-55 : 0;
    assertThat(item.measure().logMgf(item.tilt()))
        .isCloseTo(item.logMgf() - sum, offset(1e-13 * Math.abs(item.logMgf())));
  }

  @ParameterizedTest
  @CsvFileSource(resources = "/reference/sphere.csv", numLinesToSkip = 1)
  void spheresOfManyDimensions(
      int d, double r, double logMgf, double meanOverR, double variance, double slope) {
    VonMisesFisher law = VonMisesFisher.of(d, r);
    assertThat(law.logMgf() / logMgf).isCloseTo(1, offset(1e-13));
    assertThat(law.meanOverR() / meanOverR).isCloseTo(1, offset(1e-13));
    assertThat(law.variance() / variance).isCloseTo(1, offset(1e-13));
    assertThat(law.slope() / slope).isCloseTo(1, offset(1e-13));
  }

  /** The same, through a measure of radius 1/2, its tilt along a diagonal. */
  @ParameterizedTest
  @CsvFileSource(resources = "/reference/sphere.csv", numLinesToSkip = 1)
  void tiltedSpheresOfManyDimensions(
      int d, double r, double logMgf, double meanOverR, double variance) {
    if (d > 300) {
      return; // its matrix
    }
    UniformSphere sphere = new UniformSphere(d, 0.5);
    double[] a = new double[d];
    a[0] = 2 * r * 0.6;
    a[d - 1] = 2 * r * -0.8;
    assertThat(sphere.logMgf(a) / logMgf).isCloseTo(1, offset(1e-13));
    double mean = 0.5 * meanOverR * r;
    assertThat(sphere.tiltedMean(a)[0] / (0.6 * mean)).isCloseTo(1, offset(1e-13));
    assertThat(sphere.tiltedMean(a)[d - 1] / (-0.8 * mean)).isCloseTo(1, offset(1e-13));
    double[] unit = new double[d];
    unit[0] = 0.6;
    unit[d - 1] = -0.8;
    double[][] projection =
        MatrixUtils.createColumnRealMatrix(unit)
            .multiply(MatrixUtils.createRowRealMatrix(unit))
            .getData();
    double[][] covariance = sphere.tiltedCovariance(a).getData();
    for (int i = 0; i < d; i++) {
      for (int j = 0; j < d; j++) {
        double across = (i == j ? 1 : 0) - projection[i][j];
        double expected = 0.25 * (variance * projection[i][j] + meanOverR * across);
        assertThat(covariance[i][j]).isCloseTo(expected, offset(1e-13 * (variance + meanOverR)));
      }
    }
  }

  /** Relative 1e-13; κ_4, which has a zero, within 2e-15. */
  @ParameterizedTest
  @CsvFileSource(resources = "/reference/coordinates.csv", numLinesToSkip = 1)
  void cumulantsOfOneCoordinate(
      String name, double x, double k0, double k1, double k2, double k3, double k4) {
    IndependentCoordinates measure =
        switch (name) {
          case "rademacher" -> new Rademacher(1, 1);
          case "uniform-cube" -> new UniformCube(1, 1);
          default -> new Laplace(1, 1);
        };
    double[] expected = {k0, k1, k2, k3, k4};
    for (double sign : new double[] {1, -1}) {
      double[] actual = measure.cumulants(sign * x);
      for (int k = 0; k < 5; k++) {
        double odd = k % 2 == 0 ? 1 : sign;
        double allowed = Math.max(1e-13 * Math.abs(expected[k]), k == 4 ? 2e-15 : 0);
        assertThat(actual[k]).as("κ_%d", k).isCloseTo(odd * expected[k], offset(allowed));
      }
    }
  }
}
