package dev.promptlimit.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import java.util.EnumMap;
import java.util.Map;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Queries z = m + gξ on a line whose scores have the variance q = λ(ξ + ν)², so that q reaches 0
 * and its density is infinite there, while the forms of the query are far from 0 in all their
 * terms: against the trapezoid rule in ξ, which gives 1e-12.
 */
class QueryAverageNearZeroTest {
  private static final double STEP = 0.2;
  private static final int NODES = 45; // each side

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.7})
  void oneDimension(double mean) {
    Gaussian tokens = new Gaussian(new double[] {1.2}, Covariance.identity(1, 1.1));
    Head head = new Head(Head.scaledIdentity(1, 1.066), Head.scaledIdentity(1, 1.5));
    compare(tokens, head, new double[] {mean}, new double[] {0.9});
  }

  /** The line meets the plane of queries without scores, but not 0. */
  @Test
  void tokensOnALine() {
    RealMatrix line = MatrixUtils.createRealMatrix(new double[][] {{1}, {-0.4}, {0.7}});
    Gaussian tokens =
        new Gaussian(
            new double[] {0, 1, 0}, Covariance.of(line.multiplyTransposed(line).getData()));
    Head head = new Head(Head.random(3, 3, 1, 61), Head.random(2, 3, 1.5, 62));
    compare(tokens, head, new double[] {1, 0.3, -1.5}, new double[] {0.6, 0.8, -0.5});
  }

  private static void compare(Gaussian tokens, Head head, double[] m, double[] g) {
    RealMatrix direction = MatrixUtils.createColumnRealMatrix(g);
    Covariance spread = Covariance.of(direction.multiplyTransposed(direction).getData());
    Map<Metric, Double> actual =
        new QueryAverage(tokens, head, new Gaussian(m, spread), true)
            .at(s -> UniversalQuadrature.evaluate(s, 17).value())
            .value();
    Map<Metric, Double> expected = new EnumMap<>(Metric.class);
    for (int i = -NODES; i <= NODES; i++) {
      double xi = i * STEP;
      double[] z = new double[m.length];
      for (int j = 0; j < z.length; j++) {
        z[j] = m[j] + g[j] * xi;
      }
      ExactError error = new ExactError(tokens, head, z);
      UniversalFunctions at = UniversalQuadrature.evaluate(error.s(), 17).value();
      double weight = STEP * Math.exp(-xi * xi / 2) / Math.sqrt(2 * Math.PI);
      for (Metric metric : Metric.values()) {
        expected.merge(metric, weight * error.meanSquare(metric, at), Double::sum);
      }
    }
    actual.forEach(
        (metric, value) ->
            assertThat(value)
                .as("%s", metric)
                .isCloseTo(expected.get(metric), within(2e-9 * expected.get(metric))));
  }
}
