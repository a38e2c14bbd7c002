package dev.promptlimit.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.attention.ReferenceHeads;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;
import org.hipparchus.analysis.integration.gauss.GaussIntegrator;
import org.hipparchus.analysis.integration.gauss.GaussIntegratorFactory;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DeltaMethodTest {
  private static final GaussIntegrator RULE = new GaussIntegratorFactory().hermite(64);

  @ParameterizedTest
  @MethodSource("dev.promptlimit.attention.ReferenceHeads#items")
  void agreesWithReferenceHeadsAtOneQuery(ReferenceHeads.Item item) {
    Map<Metric, Double> constants =
        DeltaMethod.constants(item.tokens(), item.head(), Gaussian.fixed(item.z()));
    assertClose(constants.get(Metric.OUTPUT), item.number("delta_output").orElseThrow());
    assertClose(constants.get(Metric.JACOBIAN_U), item.number("delta_jac_u").orElseThrow());
    assertClose(
        constants.get(Metric.JACOBIAN_V),
        fixedQuery(item.tokens(), item.head(), Metric.JACOBIAN_V, item.z()));
  }

  /** Null in the file stands for an average that diverges. */
  @ParameterizedTest
  @MethodSource("dev.promptlimit.attention.ReferenceHeads#items")
  void agreesWithReferenceHeadsOverStandardNormalQueries(ReferenceHeads.Item item) {
    Gaussian queries = Gaussian.centred(Covariance.identity(item.head().dimension(), 1));
    Map<Metric, Double> constants = DeltaMethod.constants(item.tokens(), item.head(), queries);
    Optional<Double> expected = item.number("query_averaged_output_constant");
    if (expected.isPresent()) {
      assertClose(constants.get(Metric.OUTPUT), expected.get());
    } else {
      assertThat(constants.values()).hasSize(3).containsOnly(Double.POSITIVE_INFINITY);
    }
  }

  @Test
  void isInfiniteFromOneHalfOn() {
    Gaussian standard = Gaussian.centred(Covariance.identity(1, 1));
    for (double h2 : new double[] {0.5, 0.500001, 7}) {
      Head head = new Head(Head.scaledIdentity(1, Math.sqrt(h2)), Head.scaledIdentity(1, 1));
      assertThat(DeltaMethod.constants(standard, head, standard).values())
          .hasSize(3)
          .containsOnly(Double.POSITIVE_INFINITY);
    }
    Head below = new Head(Head.scaledIdentity(1, Math.sqrt(0.49)), Head.scaledIdentity(1, 1));
    assertThat(DeltaMethod.constants(standard, below, standard).values())
        .hasSize(3)
        .allMatch(Double::isFinite);
  }

  @Test
  void isInfiniteWhereItOverflows() {
    Gaussian standard = Gaussian.centred(Covariance.identity(1, 1));
    Head head = new Head(Head.scaledIdentity(1, 30), Head.scaledIdentity(1, 1)); // e^900
    assertThat(DeltaMethod.constants(standard, head, Gaussian.fixed(new double[] {1})).values())
        .containsOnly(Double.POSITIVE_INFINITY);
  }

  @Test
  void isOneDimensionalByHand() {
    // d = 1, Γ = 2, U = 0.3, V = 5, z = 1.5: b = 0.9, s² = 0.405
    Gaussian tokens = new Gaussian(new double[] {7}, Covariance.identity(1, 2));
    Head head = new Head(Head.scaledIdentity(1, 0.3), Head.scaledIdentity(1, 5));
    Map<Metric, Double> constants =
        DeltaMethod.constants(tokens, head, Gaussian.fixed(new double[] {1.5}));
    double rho = Math.exp(0.405);
    assertClose(constants.get(Metric.OUTPUT), rho * 25 * (2 + 0.81));
    assertClose(constants.get(Metric.JACOBIAN_V), rho * (2 + 0.81));
    // E((b + x)² − 2)² = b⁴ + 8 b² + 8 for x ~ N(0, 2)
    assertClose(constants.get(Metric.JACOBIAN_U), rho * 2.25 * 25 * (0.6561 + 8 * 0.81 + 8));
  }

  /** H² = 0.18 · 0.8; the nodes' exponents stay below 10, and 64 of them give 1e-13. */
  @Test
  void averagesOverQueriesInOneDimension() {
    Gaussian tokens = new Gaussian(new double[] {7}, Covariance.identity(1, 2));
    Head head = new Head(Head.scaledIdentity(1, 0.3), Head.scaledIdentity(1, 5));
    Gaussian queries = new Gaussian(new double[] {0.7}, Covariance.identity(1, 0.8));
    Map<Metric, Double> constants = DeltaMethod.constants(tokens, head, queries);
    for (Metric metric : Metric.values()) {
      double expected =
          gaussHermite(
              x ->
                  fixedQuery(
                      tokens, head, metric, new double[] {queries.mean()[0] + Math.sqrt(0.8) * x}));
      assertThat(constants.get(metric)).isCloseTo(expected, within(1e-10 * expected));
    }
  }

  @Test
  void averagesOverQueriesInTwoDimensions() {
    Gaussian tokens =
        new Gaussian(new double[] {1, -1}, Covariance.of(new double[][] {{1.2, 0.4}, {0.4, 0.7}}));
    RealMatrix u = new Array2DRowRealMatrix(new double[][] {{0.3, -0.1}, {0.2, 0.25}});
    RealMatrix rectangular = new Array2DRowRealMatrix(new double[][] {{1, 2}, {0, -1}, {3, 1}});
    RealMatrix row = new Array2DRowRealMatrix(new double[][] {{0.5, -2}});
    double[] mean = {0.5, -0.8};
    Covariance spread = Covariance.of(new double[][] {{0.9, 0.3}, {0.3, 0.6}});
    Gaussian queries = new Gaussian(mean, spread);
    RealMatrix root = spread.root();
    for (RealMatrix v : new RealMatrix[] {rectangular, row}) {
      Head head = new Head(u, v);
      Map<Metric, Double> constants = DeltaMethod.constants(tokens, head, queries);
      for (Metric metric : Metric.values()) {
        double expected =
            gaussHermite(
                x ->
                    gaussHermite(
                        y -> {
                          double[] z = root.operate(new double[] {x, y});
                          z[0] += mean[0];
                          z[1] += mean[1];
                          return fixedQuery(tokens, head, metric, z);
                        }));
        assertThat(constants.get(metric))
            .as("%s, p = %d", metric, v.getRowDimension())
            .isCloseTo(expected, within(1e-10 * expected));
      }
    }
  }

  /** Negative control: the quadrature tells a query mean or covariance that is left out. */
  @Test
  void theAverageDependsOnMeanAndCovariance() {
    Gaussian tokens = new Gaussian(new double[] {7}, Covariance.identity(1, 2));
    Head head = new Head(Head.scaledIdentity(1, 0.3), Head.scaledIdentity(1, 5));
    Map<Metric, Double> full =
        DeltaMethod.constants(
            tokens, head, new Gaussian(new double[] {0.7}, Covariance.identity(1, 0.8)));
    Map<Metric, Double> centred =
        DeltaMethod.constants(tokens, head, Gaussian.centred(Covariance.identity(1, 0.8)));
    for (Metric metric : Metric.values()) {
      assertThat(full.get(metric)).isGreaterThan(1.05 * centred.get(metric));
    }
  }

  /** E f(X), X ~ N(0, 1). */
  private static double gaussHermite(DoubleUnaryOperator f) {
    double sum = 0;
    for (int i = 0; i < RULE.getNumberOfPoints(); i++) {
      sum += RULE.getWeight(i) * f.applyAsDouble(Math.sqrt(2) * RULE.getPoint(i));
    }
    return sum / Math.sqrt(Math.PI);
  }

  /** The fixed-query formulas, from ρ E_{2a}: x − m(a) ~ N(b, Γ) under the 2a-tilted law. */
  private static double fixedQuery(Gaussian tokens, Head head, Metric metric, double[] z) {
    RealMatrix gamma = tokens.covariance().matrix();
    RealMatrix v = head.v();
    RealVector a = head.u().operate(new ArrayRealVector(z));
    RealVector b = gamma.operate(a);
    RealVector vb = v.operate(b);
    double rho = Math.exp(a.dotProduct(b));
    double traceOutput = v.multiply(gamma).multiplyTransposed(v).getTrace();
    double size = b.dotProduct(b) + gamma.getTrace();
    return rho
        * switch (metric) {
          case OUTPUT -> traceOutput + vb.dotProduct(vb);
          case JACOBIAN_V -> head.outputs() * size;
          case JACOBIAN_U -> {
            double norm = v.multiply(gamma).getFrobeniusNorm();
            double cross = vb.dotProduct(v.operate(gamma.operate(b)));
            double sum = (vb.dotProduct(vb) + traceOutput) * size + 2 * cross + norm * norm;
            yield new ArrayRealVector(z).dotProduct(new ArrayRealVector(z)) * sum;
          }
        };
  }

  private static void assertClose(double actual, double expected) {
    assertThat(actual).isCloseTo(expected, within(1e-10 * expected));
  }
}
