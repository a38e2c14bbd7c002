package dev.promptlimit.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import dev.promptlimit.measure.Measures.Pair;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Measures against each other: quadrature makes a vocabulary of a measure, and enumeration, which
 * is all that a vocabulary does, then computes in another way what it has in closed form.
 */
class MeasuresAgreeTest {
  static Stream<Pair> pairs() {
    return Measures.pairs();
  }

  static List<TokenMeasure> all() {
    return Measures.all();
  }

  /** d numbers of no order, of this norm. */
  static double[] tilt(int d, double norm) {
    double[] a = new double[d];
    Arrays.setAll(a, i -> Math.sin(2 + 5 * i));
    return new ArrayRealVector(a).mapMultiply(norm / new ArrayRealVector(a).getNorm()).toArray();
  }

  private static RealMatrix symmetric(int d) {
    RealMatrix w = new Array2DRowRealMatrix(d, d);
    for (int i = 0; i < d; i++) {
      for (int j = 0; j < d; j++) {
        w.setEntry(i, j, Math.cos(1 + 3 * i * j + i + j) + (i == j ? 1 : 0));
      }
    }
    return w;
  }

  private static double[] tilts(Pair pair) {
    return Stream.of(0, 1e-8, 1e-3, 0.3, 1, 2, 3.9, 7.9, 40, 1e3)
        .mapToDouble(Number::doubleValue)
        .filter(norm -> norm < pair.largestTilt())
        .toArray();
  }

  private static void assertClose(double actual, double expected, double scale) {
    assertThat(actual).isCloseTo(expected, offset(2e-13 * scale));
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void closedFormsAreEnumerations(Pair pair) {
    int d = pair.measure().dimension();
    for (double norm : tilts(pair)) {
      double[] a = tilt(d, norm);
      double logMgf = pair.nodes().logMgf(a);
      assertClose(pair.measure().logMgf(a), logMgf, Math.max(1e-3, Math.abs(logMgf)));
      double[] mean = pair.measure().tiltedMean(a);
      double[] expectedMean = pair.nodes().tiltedMean(a);
      RealMatrix covariance = pair.measure().tiltedCovariance(a);
      RealMatrix expected = pair.nodes().tiltedCovariance(a);
      for (int i = 0; i < d; i++) {
        assertClose(mean[i], expectedMean[i], 1);
        for (int j = 0; j < d; j++) {
          assertClose(covariance.getEntry(i, j), expected.getEntry(i, j), 1);
        }
      }
    }
  }

  /** Around the tilted mean, where it is small, around another's and around a vector far away. */
  @ParameterizedTest
  @MethodSource("pairs")
  void quarticsAreEnumerations(Pair pair) {
    int d = pair.measure().dimension();
    RealMatrix w = symmetric(d);
    for (double norm : tilts(pair)) {
      double[] a = tilt(d, norm);
      List<double[]> centres =
          List.of(
              pair.measure().tiltedMean(a),
              pair.measure().tiltedMean(tilt(d, 0.5 * norm)),
              new double[d],
              tilt(d, 30));
      for (double[] c : centres) {
        double expected = pair.nodes().tiltedQuartic(a, c, w);
        double size = pair.nodes().tiltedQuartic(a, c, MatrixUtils.createRealIdentityMatrix(d));
        double actual = pair.measure().tiltedQuartic(a, c, w);
        // rounding of x − c and of c itself, whose fourth power counts
        double rounding = 1e-15 * Math.sqrt(size) * (1 + norm(c) * norm(c));
        assertThat(actual).isCloseTo(expected, offset(1e-11 * size + rounding));
      }
    }
  }

  private static double norm(double[] c) {
    return new ArrayRealVector(c).getNorm();
  }

  /** Central differences of order four; their error is below 1e-9 for the steps chosen. */
  @ParameterizedTest
  @MethodSource("all")
  void meansAndCovariancesAreDerivatives(TokenMeasure measure) {
    int d = measure.dimension();
    double h = 0.01;
    for (double norm : new double[] {0.1, 1, 3}) {
      double[] a = tilt(d, norm);
      double[] mean = measure.tiltedMean(a);
      RealMatrix covariance = measure.tiltedCovariance(a);
      for (int i = 0; i < d; i++) {
        List<double[]> means = new ArrayList<>();
        double[] logMgfs = new double[5];
        for (int step = -2; step <= 2; step++) {
          double[] moved = a.clone();
          moved[i] += step * h;
          logMgfs[step + 2] = measure.logMgf(moved);
          means.add(measure.tiltedMean(moved));
        }
        assertThat(mean[i]).isCloseTo(slope(logMgfs, h), offset(1e-6));
        for (int j = 0; j < d; j++) {
          int column = j;
          double[] entries = means.stream().mapToDouble(m -> m[column]).toArray();
          assertThat(covariance.getEntry(i, j)).isCloseTo(slope(entries, h), offset(1e-6));
        }
      }
    }
  }

  private static double slope(double[] y, double h) {
    return (8 * (y[3] - y[1]) - (y[4] - y[0])) / (12 * h);
  }

  /** Λ(a) − ⟨a, m(0)⟩ is aᵀC(0)a/2 up to third order, and 0 for no tilt. */
  @ParameterizedTest
  @MethodSource("all")
  void tinyTiltsAreQuadratic(TokenMeasure measure) {
    int d = measure.dimension();
    double[] zero = new double[d];
    assertThat(measure.logMgf(zero)).isEqualTo(0);
    RealMatrix covariance = measure.tiltedCovariance(zero);
    double[] mean = measure.tiltedMean(zero);
    for (double norm : new double[] {1e-4, 1e-6, 1e-8}) {
      ArrayRealVector a = new ArrayRealVector(tilt(d, norm));
      double linear = a.dotProduct(new ArrayRealVector(mean));
      double quadratic = 0.5 * a.dotProduct(covariance.operate(a));
      double actual = measure.logMgf(a.toArray()) - linear;
      double rounding = 1e-15 * norm * norm(mean);
      assertThat(actual).isCloseTo(quadratic, offset(3 * norm * quadratic + rounding));
    }
  }

  /** Centred by symmetry: Λ(a) keeps its relative error for tilts of every size. */
  @ParameterizedTest
  @ValueSource(doubles = {1e-12, 1e-8, 1e-4, 0.1, 0.3, 0.6, 1, 30, 1e6})
  void centredVocabulariesAndMixturesAreAsExactAsClosedForms(double norm) {
    double[] a = tilt(1, norm);
    double expected = new Rademacher(1, 0.8).logMgf(a);
    Vocabulary vocabulary = new Vocabulary(new double[] {3, 3}, new double[][] {{0.8}, {-0.8}});
    assertThat(vocabulary.logMgf(a) / expected).isCloseTo(1, offset(1e-14));
    GaussianMixture mixture =
        new GaussianMixture(
            new double[] {3, 3},
            List.of(
                new Gaussian(new double[] {0.8}, Covariance.identity(1, 2)),
                new Gaussian(new double[] {-0.8}, Covariance.identity(1, 2))));
    assertThat(mixture.logMgf(a) / (expected + norm * norm)).isCloseTo(1, offset(1e-14));
    double mean = new Rademacher(1, 0.8).tiltedMean(a)[0];
    assertThat(vocabulary.tiltedMean(a)[0] / mean).isCloseTo(1, offset(1e-14));
  }

  /** log(sinh r / r), of which the closed form is good enough for r ≥ 1. */
  @ParameterizedTest
  @ValueSource(doubles = {1, 5, 99.999, 100.001, 300, 700})
  void theSphereInThreeDimensions(double r) {
    UniformSphere sphere = new UniformSphere(3, 2);
    double[] a = tilt(3, 0.5 * r);
    assertThat(sphere.logMgf(a)).isCloseTo(Math.log(Math.sinh(r) / r), offset(1e-13 * r));
  }

  /** A sphere of radius √d is nearly N(0, I): Λ = r²/2 − r⁴/4(d+2) + … for ‖a‖ = r. */
  @ParameterizedTest
  @ValueSource(ints = {1000, 100_000, 10_000_000})
  void spheresOfManyDimensionsAreNearlyGaussian(int d) {
    for (double r : new double[] {0.01, 1, 2}) {
      VonMisesFisher law = VonMisesFisher.of(d, r * Math.sqrt(d));
      double next = 0.25 * Math.pow(r, 4) / (d + 2.0);
      double expected = 0.5 * r * r - next;
      double third = Math.pow(r, 6) / (1.0 * d * d);
      assertThat(law.logMgf()).isCloseTo(expected, offset(third + 1e-14));
    }
  }

  /** All the mass at the corner, the pole, the entry that the tilt points to. */
  @ParameterizedTest
  @ValueSource(doubles = {1e3, 1e6, 1e12})
  void hugeTiltsFreeze(double norm) {
    double[] a = tilt(3, norm);
    double sum = Arrays.stream(a).map(Math::abs).sum();
    assertThat(new Rademacher(3, 2).logMgf(a) - 2 * sum)
        .isCloseTo(-3 * Math.log(2), offset(1e-15 * sum));
    assertThat(new Rademacher(3, 2).tiltedMean(a)).containsExactly(signs(a, 2));
    double logs = Arrays.stream(a).map(t -> Math.log(2 * Math.abs(2 * t))).sum();
    assertThat(new UniformCube(3, 2).logMgf(a) - 2 * sum).isCloseTo(-logs, offset(1e-15 * sum));
    assertThat(new UniformSphere(3, 2).logMgf(a) - 2 * norm)
        .isCloseTo(-Math.log(4 * norm), offset(1e-15 * norm));
    RealMatrix covariance = new UniformSphere(3, 2).tiltedCovariance(a);
    double trace = covariance.getTrace(); // ρ² (A′ + 2A/r) = ρ² (1/r² + 2/r − 2/r²)
    double r = 2 * norm;
    assertThat(trace / (4 * (2 / r - 1 / (r * r)))).isCloseTo(1, offset(1e-14));
    Vocabulary vocabulary = new Vocabulary(new double[] {1, 1e-9}, new double[][] {{0, 0, 0}, a});
    assertThat(vocabulary.tiltedMean(tilt(3, 1)))
        .usingComparatorWithPrecision(1e-15 * norm)
        .containsExactly(a);
  }

  private static double[] signs(double[] a, double c) {
    return Arrays.stream(a).map(t -> Math.copySign(c, t)).toArray();
  }

  /**
   * In many dimensions, below and beyond where series serve: on a sphere the quartic needs third
   * moments only, E z_i z_j z_k = ∂C_ij/∂a_k, here from differences.
   */
  @ParameterizedTest
  @ValueSource(doubles = {0.1, 1, 10, 60, 1000})
  void quarticsOfSpheresAreThirdDerivatives(double norm) {
    int d = 9;
    UniformSphere sphere = new UniformSphere(d, 2);
    RealMatrix w = symmetric(d);
    double[] a = tilt(d, norm);
    for (double[] c : List.of(sphere.tiltedMean(tilt(d, 0.5 * norm)), tilt(d, 3), new double[d])) {
      ArrayRealVector centre = new ArrayRealVector(c);
      ArrayRealVector mu = new ArrayRealVector(sphere.tiltedMean(a)).subtract(centre);
      RealMatrix covariance = sphere.tiltedCovariance(a);
      double form = w.multiply(covariance).getTrace() + mu.dotProduct(w.operate(mu));
      double square = covariance.getTrace() + mu.dotProduct(mu);
      double third = 2 * mu.dotProduct(w.operate(covariance.operate(centre)));
      double length = norm(c);
      if (length > 0) {
        double[] traces = new double[5];
        double h = 1e-3 * (1 + norm);
        for (int step = -2; step <= 2; step++) {
          double[] moved =
              centre.mapMultiply(step * h / length).add(new ArrayRealVector(a)).toArray();
          traces[step + 2] = w.multiply(sphere.tiltedCovariance(moved)).getTrace();
        }
        third += length * slope(traces, h);
      }
      double expected = form * square - 2 * third;
      double size = Math.abs(form * square) + Math.abs(2 * third);
      assertThat(sphere.tiltedQuartic(a, c, w)).isCloseTo(expected, offset(1e-8 * size));
    }
  }

  /** Of a huge tilt a normal law in the tangent plane is left, of variance ρ²/r. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 9, 200})
  void quarticsOfSpheresUnderHugeTiltsAreThoseOfTangentPlanes(int d) {
    UniformSphere sphere = new UniformSphere(d, 2);
    double r = 1e9;
    double[] a = tilt(d, 0.5 * r);
    RealMatrix one = MatrixUtils.createRealIdentityMatrix(d);
    double quartic = sphere.tiltedQuartic(a, sphere.tiltedMean(a), one);
    double expected = 16 * (d * (double) d - 1) / (r * r);
    // the mean is rounded: its error, times what the linear form makes of it
    assertThat(quartic).isCloseTo(expected, offset(1e-6 * expected));
  }

  @Test
  void aMixtureOfOneIsThatGaussian() {
    Gaussian gaussian = new Gaussian(new double[] {1, -2}, Covariance.toeplitz(2, 0.5, 2));
    GaussianMixture mixture = new GaussianMixture(new double[] {7}, List.of(gaussian));
    for (double norm : new double[] {1e-8, 1, 1e3}) {
      double[] a = tilt(2, norm);
      assertThat(mixture.logMgf(a) / gaussian.logMgf(a)).isCloseTo(1, offset(1e-15));
      assertThat(mixture.tiltedMean(a)).isEqualTo(gaussian.tiltedMean(a));
      assertThat(mixture.tiltedCovariance(a)).isEqualTo(gaussian.tiltedCovariance(a));
    }
    assertThat(mixture.proxy()).isEqualTo(gaussian.proxy());
  }
}
