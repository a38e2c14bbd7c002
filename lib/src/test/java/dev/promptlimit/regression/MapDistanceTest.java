package dev.promptlimit.regression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.promptlimit.attention.Head;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.random.Significance;
import dev.promptlimit.stat.Moments;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.hipparchus.linear.RealVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MapDistanceTest {
  private static final TaskFamily FAMILY = new TaskFamily(Covariance.toeplitz(3, 0.5, 1), 0.8, 0.3);

  private static RealVector map(TaskFamily family, Head head, double[] w) {
    return head.u()
        .preMultiply(family.tokenCovariance(w).operate(head.v().getRowVector(0)))
        .getSubVector(0, family.dimension());
  }

  /** 100,000 tasks; false alarm 1e-8, smallest effect found about 3 % of the mean square. */
  @ParameterizedTest
  @MethodSource("dev.promptlimit.regression.PopulationRiskTest#families")
  void distanceIsTheRootOfTheMeanOverTasks(TaskFamily family) {
    int d = family.dimension();
    Head one = Heads.random(d + 1, 0.6, 8);
    Head other = Heads.random(d + 1, 0.7, 9);
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(1);
    double[] squares = new double[100_000];
    for (int k = 0; k < squares.length; k++) {
      double[] w = new double[d];
      for (int i = 0; i < d; i++) {
        w[i] = Math.sqrt(family.taskVariance()) * random.nextGaussian();
      }
      double distance = map(family, one, w).getDistance(map(family, other, w));
      squares[k] = distance * distance;
    }
    Moments moments = Moments.of(squares, squares.length);
    double distance = MapDistance.between(family, one, other);

    assertThat(distance * distance)
        .isCloseTo(
            moments.mean(),
            within(1e-12 + Significance.ACCEPTED * Math.sqrt(moments.variance() / squares.length)));
    assertThat(MapDistance.between(family, other, one)).isEqualTo(distance);
  }

  /** Heads that predict the same are at distance 0, whatever their last column of U. */
  @Test
  void sameMapsAreAtDistanceZero() {
    Head head = Heads.random(4, 0.6, 3);
    Head valley = new Head(head.u().scalarMultiply(4), head.v().scalarMultiply(0.25));
    var u = head.u();
    u.setColumn(3, new double[] {1, 2, 3, 4});

    assertThat(MapDistance.between(FAMILY, head, head)).isZero();
    assertThat(MapDistance.between(FAMILY, head, valley)).isZero(); // powers of two
    assertThat(MapDistance.between(FAMILY, head, new Head(u, head.v()))).isZero();
  }

  @Test
  void shapesThatDoNotFitAreRefused() {
    Head head = Heads.random(4, 1, 1);
    Head small = Heads.random(3, 1, 1);
    String message =
        "Cannot give a distance of maps: the dimension of the head is 3, allowed: 4, one more than"
            + " the inputs";

    assertThatThrownBy(() -> MapDistance.between(FAMILY, small, head)).hasMessage(message);
    assertThatThrownBy(() -> MapDistance.between(FAMILY, head, small)).hasMessage(message);
  }
}
