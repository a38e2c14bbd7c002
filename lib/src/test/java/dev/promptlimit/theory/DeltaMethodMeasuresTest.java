package dev.promptlimit.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.attention.ReferenceHeads;
import dev.promptlimit.attention.TwoAtoms;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.GaussianMixture;
import dev.promptlimit.measure.Laplace;
import dev.promptlimit.measure.Rademacher;
import dev.promptlimit.measure.StudentT;
import dev.promptlimit.measure.TokenMeasure;
import dev.promptlimit.measure.Vocabulary;
import java.util.List;
import java.util.Map;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The constants of the delta method at one query for every token measure. */
class DeltaMethodMeasuresTest {
  private static Head head(int d, int p, double tilt) {
    return new Head(Head.random(d, d, tilt, 72), Head.random(p, d, 1.5, 73));
  }

  private static double[] query(int d) {
    return Head.random(d, 1, 1.3, 74).getColumn(0);
  }

  @ParameterizedTest
  @MethodSource("dev.promptlimit.theory.AtomSum#all")
  void areSumsOverAtoms(AtomSum sum) {
    int d = sum.tokens().dimension();
    double[] z = query(d);
    for (double tilt : new double[] {0, 0.3, 1, 2.5}) {
      for (int p : new int[] {1, 2, 4}) {
        Head head = head(d, p, tilt);
        Map<Metric, Double> expected = sum.constants(head, z);
        assertClose(DeltaMethod.constants(sum.tokens(), head, z), expected, 1e-11);
        double[] bias = sum.bias(head, z).toArray();
        double size = Math.sqrt(expected.get(Metric.OUTPUT));
        for (int i = 0; i < p; i++) {
          assertThat(DeltaMethod.biasConstant(sum.tokens(), head, z)[i])
              .isCloseTo(bias[i], within(1e-11 * size));
        }
      }
    }
  }

  private static void assertClose(
      Map<Metric, Double> actual, Map<Metric, Double> expected, double accuracy) {
    assertThat(actual.keySet()).isEqualTo(expected.keySet());
    expected.forEach(
        (metric, value) ->
            assertThat(actual.get(metric))
                .as("%s", metric)
                .isCloseTo(value, within(accuracy * value + 1e-15)));
  }

  @ParameterizedTest
  @MethodSource("dev.promptlimit.attention.ReferenceHeads#items")
  void agreesWithTheClosedFormForGaussianTokens(ReferenceHeads.Item item) {
    Head head = item.head();
    double[] z = item.z();
    double[] mean = Head.random(z.length, 1, 1, 75).getColumn(0);
    Gaussian tokens = new Gaussian(mean, item.tokens().covariance());
    TokenMeasure mixture = new GaussianMixture(new double[] {2}, List.of(tokens));
    Map<Metric, Double> expected = DeltaMethod.constants(tokens, head, Gaussian.fixed(z));
    assertClose(DeltaMethod.constants(tokens, head, z), expected, 1e-10);
    assertClose(DeltaMethod.constants(mixture, head, z), expected, 1e-10);
    // −e^{s²} VΓa
    RealVector a = head.u().operate(MatrixUtils.createRealVector(z));
    RealVector b = tokens.covariance().matrix().operate(a);
    double[] bias = head.v().operate(b).mapMultiply(-Math.exp(a.dotProduct(b))).toArray();
    double size = Math.sqrt(expected.get(Metric.OUTPUT)) * Math.exp(a.dotProduct(b) / 2);
    for (TokenMeasure measure : List.of(tokens, mixture)) {
      double[] actual = DeltaMethod.biasConstant(measure, head, z);
      for (int i = 0; i < bias.length; i++) {
        assertThat(actual[i]).isCloseTo(bias[i], within(1e-10 * size));
      }
    }
  }

  /**
   * L times the exact error is c + c′/L + O(1/L²): its distance from c falls to a tenth from L =
   * 1000 to 10,000, and extrapolated from both it is c to 1/L².
   */
  @ParameterizedTest
  @ValueSource(doubles = {0.5, 0.3, 0.05})
  void areTheLimitOfExactErrors(double q) {
    double[] x = q == 0.5 ? new double[] {0.8} : new double[] {1, 0.5};
    double[] y = q == 0.5 ? new double[] {-0.8} : new double[] {-1, 2};
    TokenMeasure tokens =
        q == 0.5
            ? new Rademacher(1, 0.8)
            : new Vocabulary(new double[] {q, 1 - q}, new double[][] {x, y});
    TwoAtoms atoms = new TwoAtoms(q, x, y);
    Head head = head(x.length, 2, 0.7);
    double[] z = query(x.length);
    Map<Metric, Double> limits = DeltaMethod.constants(tokens, head, z);
    Map<Metric, Double> near = atoms.meanSquares(head, z, 1_000);
    Map<Metric, Double> far = atoms.meanSquares(head, z, 10_000);
    limits.forEach(
        (metric, limit) -> assertLimit(limit, 1e3 * near.get(metric), 1e4 * far.get(metric)));
    double[] bias = DeltaMethod.biasConstant(tokens, head, z);
    double[] nearBias = atoms.bias(head, z, 1_000);
    double[] farBias = atoms.bias(head, z, 10_000);
    for (int i = 0; i < bias.length; i++) {
      assertLimit(bias[i], 1e3 * nearBias[i], 1e4 * farBias[i]);
    }
  }

  private static void assertLimit(double limit, double near, double far) {
    assertThat((near - limit) / (far - limit)).isBetween(9.0, 11.0);
    assertThat((10 * far - near) / 9).isCloseTo(limit, within(1e-5 * Math.abs(limit)));
    assertThat(far).isNotCloseTo(limit, within(1e-5 * Math.abs(limit))); // it is not there yet
  }

  /** 1/b = 2. */
  @Test
  void laplaceTokensHaveThemInHalfTheDomain() {
    TokenMeasure tokens = new Laplace(2, 0.5);
    Head head = new Head(Head.scaledIdentity(2, 1), Head.scaledIdentity(2, 1));
    double[] inside = {0.99, -0.5};
    assertThat(DeltaMethod.constants(tokens, head, inside).values())
        .hasSize(3)
        .allMatch(value -> Double.isFinite(value) && value > 0);
    assertThat(DeltaMethod.biasConstant(tokens, head, inside)).doesNotContain(Double.NaN);
    for (double a : new double[] {1, -1, 1.5, -1.99}) {
      double[] z = {0.3, a};
      assertThat(DeltaMethod.constants(tokens, head, z).values())
          .hasSize(3)
          .containsOnly(Double.POSITIVE_INFINITY);
      assertThat(DeltaMethod.biasConstant(tokens, head, z)).hasSize(2).containsOnly(Double.NaN);
    }
    for (double a : new double[] {2, -2, 7}) {
      double[] z = {a, 0.3};
      assertThat(DeltaMethod.constants(tokens, head, z).values())
          .hasSize(3)
          .containsOnly(Double.NaN);
      assertThat(DeltaMethod.biasConstant(tokens, head, z)).hasSize(2).containsOnly(Double.NaN);
    }
  }

  /** Signs in one dimension have the square c²: without a tilt C_w deviates like 1/L, not 1/√L. */
  @Test
  void isZeroWhereTheCovarianceDoesNotFluctuate() {
    for (double c : new double[] {0.3, 0.8, 1.7}) {
      Map<Metric, Double> constants =
          DeltaMethod.constants(new Rademacher(1, c), head(1, 2, 0), query(1));
      assertThat(constants.get(Metric.JACOBIAN_U)).isBetween(0.0, 1e-14);
    }
  }

  /** d = 1, b = 0.5, a = 0.6: moments of e^{2ax − |x|/b}/2b by hand. */
  @Test
  void laplaceTokensByHand() {
    TokenMeasure tokens = new Laplace(1, 0.5);
    Head head = new Head(Head.scaledIdentity(1, 1), Head.scaledIdentity(1, 3));
    double[] z = {0.6};
    // E x^k e^{tx}, from both sides: k! [1/(2 − t)^{k+1} + (−1)^k/(2 + t)^{k+1}]
    double m0 = moment(0, 0.6);
    double mean = moment(1, 0.6) / m0;
    double spread = moment(2, 0.6) / m0 - mean * mean;
    double rho = moment(0, 1.2) / m0 / m0;
    double second = centred(2, mean);
    assertClose(
        DeltaMethod.constants(tokens, head, z),
        Map.of(
            Metric.OUTPUT,
            9 * rho * second,
            Metric.JACOBIAN_V,
            rho * second,
            Metric.JACOBIAN_U,
            0.36 * 9 * rho * (centred(4, mean) - 2 * spread * second + spread * spread)),
        1e-12);
    assertThat(DeltaMethod.biasConstant(tokens, head, z)[0])
        .isCloseTo(-3 * rho * centred(1, mean), within(1e-12 * 3 * rho));
  }

  private static double moment(int k, double t) {
    double factorial = 1;
    for (int i = 2; i <= k; i++) {
      factorial *= i;
    }
    return factorial
        * (Math.pow(2 - t, -k - 1.0) + (k % 2 == 0 ? 1 : -1) * Math.pow(2 + t, -k - 1.0));
  }

  /** E_{2a}(x − mean)^k. */
  private static double centred(int k, double mean) {
    double sum = 0;
    double binomial = 1;
    for (int j = 0; j <= k; j++) {
      sum += binomial * moment(j, 1.2) * Math.pow(-mean, (double) (k - j));
      binomial = binomial * (k - j) / (j + 1);
    }
    return sum / moment(0, 1.2);
  }

  @Test
  void studentTokensHaveNone() {
    TokenMeasure tokens = new StudentT(2, 9);
    double[] z = {0.3, 0.1};
    assertThat(DeltaMethod.constants(tokens, head(2, 1, 1e-9), z).values())
        .hasSize(3)
        .containsOnly(Double.NaN);
    assertThat(DeltaMethod.biasConstant(tokens, head(2, 1, 1e-9), z)).containsOnly(Double.NaN);
    // without a tilt the sample mean has them
    Map<Metric, Double> constants = DeltaMethod.constants(tokens, head(2, 1, 0), z);
    assertThat(constants.get(Metric.JACOBIAN_V)).isCloseTo(2 * 9.0 / 7, within(1e-12));
  }

  /** Negative control: the sums tell a measure from the Gaussian of its moments. */
  @Test
  void theMeasureCounts() {
    AtomSum sum = AtomSum.signs(2, 0.8);
    Gaussian gaussian = Gaussian.centred(Covariance.identity(2, 0.64));
    Head head = head(2, 2, 1);
    Map<Metric, Double> expected = sum.constants(head, query(2));
    DeltaMethod.constants(gaussian, head, query(2))
        .forEach(
            (metric, value) ->
                assertThat(value).isNotCloseTo(expected.get(metric), within(0.1 * value)));
  }

  @Test
  void exponentOfBohbotAndOthers() {
    for (double u : new double[] {0, 0.1, 1, 3, 1e10}) {
      assertThat(spectrum(u).bohbotExponent()).isCloseTo(1 / (1 + u * u), within(1e-15));
    }
    assertThat(spectrum(1e200).bohbotExponent()).isEqualTo(0);
  }

  private static QuerySpectrum spectrum(double u) {
    Gaussian standard = Gaussian.centred(Covariance.identity(1, 1));
    Head head = new Head(Head.scaledIdentity(1, u), Head.scaledIdentity(1, 1));
    return new QuerySpectrum(standard, head, standard);
  }
}
