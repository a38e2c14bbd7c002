package dev.promptlimit.regression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.promptlimit.attention.Head;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.random.Significance;
import dev.promptlimit.stat.Moments;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PopulationRiskTest {
  static List<TaskFamily> families() {
    return List.of(
        new TaskFamily(Covariance.toeplitz(3, 0.5, 1), 1, 0.1),
        new TaskFamily(Covariance.toeplitz(3, 0.5, 1), 0.3, 0),
        new TaskFamily(Covariance.toeplitz(3, 1, 1), 2, 0.5), // of rank one
        new TaskFamily(Covariance.diagonal(new double[] {0.5, 0, 2}), 0, 1),
        new TaskFamily(Covariance.identity(1, 0.7), 0.4, 0.2),
        TaskFamily.asReleased(Covariance.toeplitz(3, 0.5, 1), 0.3, 0.1),
        new TaskFamily( // queries in directions that no input has
            Covariance.toeplitz(2, 1, 1), Covariance.diagonal(new double[] {0.4, 1}), 0.6, 0.2));
  }

  /** Differences of fourth order of a polynomial of degree four have rounding errors only. */
  @ParameterizedTest
  @MethodSource("families")
  void gradientIsThatOfTheRisk(TaskFamily family) {
    Head head = Heads.random(family.dimension() + 1, 0.6, 7);

    HeadGradient gradient = PopulationRisk.gradient(family, head);

    Heads.assertGradient(gradient, head, h -> PopulationRisk.value(family, h), 1e-9);
    assertThat(gradient.u().getColumn(family.dimension())).containsOnly(0);
  }

  /** 100,000 tasks, each with the exact mean over its query; smallest effect found about 3 %. */
  @ParameterizedTest
  @MethodSource("families")
  void riskIsTheMeanOverTasks(TaskFamily family) {
    int d = family.dimension();
    Head head = Heads.random(d + 1, 0.6, 8);
    RealMatrix sigma = family.queryCovariance().matrix();
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(1);
    double[] risks = new double[100_000];
    for (int k = 0; k < risks.length; k++) {
      double[] w = new double[d];
      for (int i = 0; i < d; i++) {
        w[i] = Math.sqrt(family.taskVariance()) * random.nextGaussian();
      }
      RealVector prediction =
          head.u()
              .preMultiply(family.tokenCovariance(w).operate(head.v().getRowVector(0)))
              .getSubVector(0, d);
      RealVector miss = prediction.subtract(MatrixUtils.createRealVector(w));
      risks[k] = 0.5 * (miss.dotProduct(sigma.operate(miss)) + family.noiseVariance());
    }
    Moments moments = Moments.of(risks, risks.length);

    assertThat(PopulationRisk.value(family, head))
        .isCloseTo(
            moments.mean(),
            within(1e-12 + Significance.ACCEPTED * Math.sqrt(moments.variance() / risks.length)));
  }

  @Test
  void trainedLimitHasTheLeastRisk() {
    TaskFamily family = new TaskFamily(Covariance.toeplitz(4, 0.5, 1), 0.7, 0.3);
    Head limit =
        new BalancedFlow(family.covariance(), 0.1, MatrixUtils.createRealIdentityMatrix(4))
            .limit()
            .orElseThrow()
            .head();

    HeadGradient gradient = PopulationRisk.gradient(family, limit);

    assertThat(gradient.value()).isCloseTo(0.15, within(1e-14));
    assertThat(gradient.u().getNorm1()).isLessThan(1e-13);
    assertThat(gradient.v().getNorm()).isLessThan(1e-13);
  }
}
