package dev.promptlimit.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import org.hipparchus.linear.RealMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Averages over queries against sums over a lattice of queries of the exact errors at each. */
class QueryAverageTest {
  private static final Gaussian ONE = Gaussian.centred(Covariance.identity(1, 1));

  private static QueryAverage.Estimate average(
      Gaussian tokens, Head head, Gaussian queries, double length) {
    return new QueryAverage(tokens, head, queries, true)
        .at(s -> UniversalQuadrature.evaluate(s, length).value());
  }

  private static Head oneDimension(double h2) {
    return new Head(Head.scaledIdentity(1, Math.sqrt(h2)), Head.scaledIdentity(1, 1));
  }

  /** Trapezoid rule over z = m + Rε, of step 1/16 to 9 in one dimension, 1/4 to 8 in two. */
  private static Map<Metric, Double> lattice(
      Gaussian tokens, Head head, Gaussian queries, double length) {
    RealMatrix root = queries.covariance().root();
    int d = head.dimension();
    double step = d == 1 ? 1 / 16.0 : 1 / 4.0;
    int n = d == 1 ? 144 : 32;
    UniversalTable table = new UniversalTable(length);
    Map<Double, UniversalFunctions> known = new HashMap<>();
    Map<Metric, Double> sums = new EnumMap<>(Metric.class);
    for (int i = -n; i <= n; i++) {
      for (int j = d == 1 ? 0 : -n; j <= (d == 1 ? 0 : n); j++) {
        double[] eps = d == 1 ? new double[] {i * step} : new double[] {i * step, j * step};
        double square = eps[0] * eps[0] + (d == 1 ? 0 : eps[1] * eps[1]);
        double weight = Math.exp(-square / 2) * Math.pow(step / Math.sqrt(2 * Math.PI), d);
        double[] z = root.operate(eps);
        for (int k = 0; k < d; k++) {
          z[k] += queries.mean()[k];
        }
        ExactError error = new ExactError(tokens, head, z);
        UniversalFunctions at =
            d == 1
                ? known.computeIfAbsent(
                    error.s(), s -> UniversalQuadrature.evaluate(s, length).value())
                : table.at(error.s(), 0);
        for (Metric metric : Metric.values()) {
          sums.merge(metric, weight * error.meanSquare(metric, at), Double::sum);
        }
      }
    }
    return sums;
  }

  private static void assertAgrees(
      Gaussian tokens, Head head, Gaussian queries, double length, double relative) {
    QueryAverage.Estimate estimate = average(tokens, head, queries, length);
    lattice(tokens, head, queries, length)
        .forEach(
            (metric, expected) -> {
              assertThat(estimate.value().get(metric))
                  .as("%s", metric)
                  .isCloseTo(expected, within(relative * expected));
              assertThat(estimate.error().get(metric)).isLessThan(1e-9 * expected);
            });
  }

  @ParameterizedTest
  @CsvSource({"0.1, 1", "0.1, 40", "0.6, 2", "1, 1000", "4, 10", "2, 1e9"})
  void agreesWithALatticeInOneDimension(double h2, double length) {
    assertAgrees(ONE, oneDimension(h2), ONE, length, 1e-10);
  }

  /** Correlated tokens and queries, both with a mean, and a head of no symmetry. */
  @ParameterizedTest
  @ValueSource(doubles = {1, 3, 100, 1e7})
  void agreesWithALatticeInTwoDimensions(double length) {
    Gaussian tokens =
        new Gaussian(new double[] {1, -1}, Covariance.of(new double[][] {{1.2, 0.4}, {0.4, 0.7}}));
    Gaussian queries =
        new Gaussian(
            new double[] {0.5, -0.8}, Covariance.of(new double[][] {{0.9, 0.3}, {0.3, 0.6}}));
    Head head = new Head(Head.random(2, 2, 0.7, 5), Head.random(3, 2, 2, 6));
    assertAgrees(tokens, head, queries, length, 1e-9);
  }

  /** Queries on a line beside the origin: q has a least value above 0. */
  @Test
  void agreesWithALatticeWhereQueriesAreSingular() {
    Gaussian tokens = Gaussian.centred(Covariance.of(new double[][] {{1.2, 0.4}, {0.4, 0.7}}));
    Gaussian queries =
        new Gaussian(new double[] {0.5, -0.8}, Covariance.of(new double[][] {{1, 2}, {2, 4}}));
    Head head = new Head(Head.random(2, 2, 0.4, 8), Head.random(2, 2, 1, 9));
    assertAgrees(tokens, head, queries, 2, 1e-9);
    assertAgrees(tokens, head, queries, 1000, 1e-9);
  }

  @Test
  void ofOneQueryIsTheErrorAtIt() {
    Gaussian tokens = Gaussian.centred(Covariance.toeplitz(4, 0.5, 1));
    Head head = new Head(Head.random(4, 4, 0.8, 1), Head.random(2, 4, 1, 2));
    double[] z = {1, -0.5, 0.3, 2};
    ExactError error = new ExactError(tokens, head, z);
    UniversalFunctions at = UniversalQuadrature.evaluate(error.s(), 30).value();
    Map<Metric, Double> found = average(tokens, head, Gaussian.fixed(z), 30).value();
    for (Metric metric : Metric.values()) {
      double expected = error.meanSquare(metric, at);
      assertThat(found.get(metric)).isCloseTo(expected, within(1e-12 * expected));
    }
  }

  /** A narrow law of queries costs digits, and the estimate says how many. */
  @ParameterizedTest
  @ValueSource(doubles = {1e-6, 1e-8, 1e-10, 1e-12, 1e-15})
  void estimatesCoverWhatNarrowLawsOfQueriesLose(double variance) {
    Gaussian tokens = Gaussian.centred(Covariance.toeplitz(4, 0.5, 1));
    Head head = new Head(Head.random(4, 4, 0.8, 1), Head.random(2, 4, 1, 2));
    double[] z = {1, -0.5, 0.3, 2};
    ExactError error = new ExactError(tokens, head, z);
    UniversalFunctions at = UniversalQuadrature.evaluate(error.s(), 30).value();
    Gaussian nearly = new Gaussian(z, Covariance.identity(4, variance));
    QueryAverage.Estimate estimate = average(tokens, head, nearly, 30);
    for (Metric metric : Metric.values()) {
      double expected = error.meanSquare(metric, at); // up to the variance times curvature
      assertThat(estimate.value().get(metric))
          .isCloseTo(expected, within(2 * variance * expected + estimate.error().get(metric)));
      assertThat(estimate.error().get(metric)).isLessThan(1e-8 * expected);
    }
  }

  /** U = 0, and a query of 0: all weights are 1/L. */
  @Test
  void withoutATiltItIsThatOfAMean() {
    Gaussian tokens = Gaussian.centred(Covariance.identity(3, 1));
    Head head = new Head(Head.scaledIdentity(3, 0), Head.scaledIdentity(3, 1));
    Gaussian queries = Gaussian.centred(Covariance.identity(3, 1));
    Map<Metric, Double> found = average(tokens, head, queries, 10).value();
    assertThat(found.get(Metric.OUTPUT)).isCloseTo(0.3, within(1e-14));
    assertThat(found.get(Metric.JACOBIAN_V)).isCloseTo(0.9, within(1e-14));
    Head other = new Head(Head.scaledIdentity(3, 1), Head.scaledIdentity(3, 1));
    Map<Metric, Double> zero = average(tokens, other, Gaussian.fixed(new double[3]), 10).value();
    assertThat(zero.get(Metric.OUTPUT)).isCloseTo(0.3, within(1e-14));
    assertThat(zero.get(Metric.JACOBIAN_U)).isZero();
  }

  /** L times the average tends to the delta method's constant where that is finite. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 8, 32})
  void longPromptsReachTheDeltaMethod(int d) {
    Gaussian tokens = Gaussian.centred(Covariance.toeplitz(d, 0.5, 1));
    Gaussian queries = Gaussian.centred(Covariance.toeplitz(d, -0.2, 1));
    Head head = new Head(Head.random(d, d, 0.12, 1), Head.random(2, d, 1, 2));
    Map<Metric, Double> constants = DeltaMethod.constants(tokens, head, queries);
    QueryAverage.Estimate estimate = average(tokens, head, queries, 1e12);
    for (Metric metric : Metric.values()) {
      assertThat(1e12 * estimate.value().get(metric) / constants.get(metric))
          .as("%s", metric)
          .isCloseTo(1, within(1e-7));
    }
  }

  /**
   * The local exponent −d ln E_z / d ln L, as a centred difference over a factor of 4, at H² = 1,
   * tends to (√5 − 1)/2 = 0.618, from below for F and phi1, from above for G.
   */
  @Test
  void localExponentTendsToTheGoldenRatio() {
    double[] lengths = {1e2, 1e4, 1e6, 1e8, 1e12, 1e16, 1e24, 1e32};
    double[] ends = new double[2 * lengths.length];
    for (int i = 0; i < lengths.length; i++) {
      ends[2 * i] = Math.rint(lengths[i] / 2);
      ends[2 * i + 1] = 2 * lengths[i];
    }
    Map<Double, List<UniversalFunctions>> known = new ConcurrentHashMap<>();
    DoubleFunction<List<UniversalFunctions>> functions =
        s -> known.computeIfAbsent(s, key -> UniversalQuadrature.values(key, ends));
    double[] f = exponents(functions, ends, UniversalFunctions::f);
    double[] g = exponents(functions, ends, UniversalFunctions::g);
    double[] phi1 = exponents(functions, ends, UniversalFunctions::phi1);
    assertThat(f[3]).isCloseTo(0.600, within(5e-4));
    assertThat(g[3]).isCloseTo(0.655, within(5e-4));
    assertThat(phi1[3]).isCloseTo(0.542, within(5e-4));
    assertThat(f[7]).isCloseTo(0.611, within(5e-4));
    double golden = (Math.sqrt(5) - 1) / 2;
    assertThat(new QuerySpectrum(ONE, oneDimension(1), ONE).sharpExponent())
        .isCloseTo(golden, within(1e-15));
    for (int i = 3; i + 1 < lengths.length; i++) {
      assertThat(golden - f[i + 1]).as("L = %s", lengths[i + 1]).isBetween(0.0, golden - f[i]);
      assertThat(g[i + 1] - golden).as("L = %s", lengths[i + 1]).isBetween(0.0, g[i] - golden);
      assertThat(golden - phi1[i + 1]).isBetween(0.0, golden - phi1[i]);
    }
  }

  /** In one dimension with V = 1 the output reads F alone, whatever is put in its place. */
  private static double[] exponents(
      DoubleFunction<List<UniversalFunctions>> functions,
      double[] ends,
      ToDoubleFunction<UniversalFunctions> function) {
    QueryAverage average = new QueryAverage(ONE, oneDimension(1), ONE, false);
    double[] values = new double[ends.length];
    for (int i = 0; i < ends.length; i++) {
      int index = i;
      values[i] =
          average
              .at(
                  s -> {
                    double x = function.applyAsDouble(functions.apply(s).get(index));
                    return new UniversalFunctions(s, ends[index], x, 0, 0, 0, 0, 0, 0, 0);
                  })
              .value()
              .get(Metric.OUTPUT);
    }
    double[] exponents = new double[ends.length / 2];
    for (int i = 0; i < exponents.length; i++) {
      exponents[i] =
          Math.log(values[2 * i] / values[2 * i + 1]) / Math.log(ends[2 * i + 1] / ends[2 * i]);
    }
    return exponents;
  }

  /** Negative control: a lattice of other queries gives other averages. */
  @Test
  void theAverageDependsOnTheQueries() {
    double full = average(ONE, oneDimension(0.6), ONE, 100).value().get(Metric.OUTPUT);
    Gaussian shifted = new Gaussian(new double[] {0.2}, Covariance.identity(1, 1));
    double other = lattice(ONE, oneDimension(0.6), shifted, 100).get(Metric.OUTPUT);
    assertThat(other / full).isGreaterThan(1.01);
  }

  @Test
  void whatCannotBeHadIsNan() {
    Gaussian wide = Gaussian.centred(Covariance.identity(1, 1e4));
    assertThat(average(ONE, oneDimension(1e4), wide, 10).value().values()).containsOnly(Double.NaN);
    Head huge = new Head(Head.scaledIdentity(1, 1e200), Head.scaledIdentity(1, 1));
    assertThat(average(ONE, huge, ONE, 10).value().values()).containsOnly(Double.NaN);
    Gaussian far = new Gaussian(new double[] {1e9, 0}, Covariance.diagonal(new double[] {1, 49}));
    Gaussian two = Gaussian.centred(Covariance.identity(2, 1));
    Head head = new Head(Head.scaledIdentity(2, 1), Head.scaledIdentity(2, 1));
    assertThat(average(two, head, far, 10).value().values()).containsOnly(Double.NaN);
    Gaussian farther = new Gaussian(new double[] {1e160, 0}, Covariance.identity(2, 1));
    assertThat(average(two, head, farther, 10).value().values()).containsOnly(Double.NaN);
  }

  /** Scores too small to matter, alone in their direction: all weights are nearly 1/L. */
  @ParameterizedTest
  @ValueSource(doubles = {1e-3, 1e-6, 1e-30, 1e-70, 1e-150})
  void smallScoresAreNoTilt(double scale) {
    Head head = new Head(Head.scaledIdentity(1, scale), Head.scaledIdentity(1, 1));
    Map<Metric, Double> found = average(ONE, head, ONE, 10).value();
    assertThat(found.get(Metric.OUTPUT)).isCloseTo(0.1, within(2e-12 + scale * scale));
    assertThat(found.get(Metric.JACOBIAN_U)).isCloseTo(0.19, within(2e-12 + scale * scale));
  }

  /** A mean far out in a direction of little variance, and queries that hardly differ. */
  @Test
  void narrowLawsOfSeveralKinds() {
    Gaussian two = Gaussian.centred(Covariance.identity(2, 1));
    Head head = new Head(Head.scaledIdentity(2, 1), Head.scaledIdentity(2, 1));
    ExactError error = new ExactError(two, head, new double[] {2, 0});
    UniversalFunctions at = UniversalQuadrature.evaluate(error.s(), 10).value();
    for (double[] variances : new double[][] {{1e-16, 1e-14}, {1e-20, 1e-20}, {1e-14, 1e-20}}) {
      Gaussian queries = new Gaussian(new double[] {2, 0}, Covariance.diagonal(variances));
      QueryAverage.Estimate estimate = average(two, head, queries, 10);
      for (Metric metric : Metric.values()) {
        double expected = error.meanSquare(metric, at);
        double tolerance = 1e-12 * expected + estimate.error().get(metric);
        assertThat(estimate.value().get(metric)).isCloseTo(expected, within(tolerance));
        assertThat(estimate.error().get(metric)).isLessThan(1e-6 * expected);
      }
    }
  }
}
