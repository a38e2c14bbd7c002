package dev.promptlimit.regression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.promptlimit.attention.Head;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.stat.Interval;
import java.util.List;
import org.hipparchus.linear.MatrixUtils;
import org.junit.jupiter.api.Test;

class FlowComparisonTest {
  private static final TaskFamily FAMILY = new TaskFamily(Covariance.toeplitz(2, 0.5, 1), 1, 0.1);
  private static final Head START =
      new BalancedFlow(FAMILY, 0.4, MatrixUtils.createRealIdentityMatrix(2)).at(0).get(0).head();
  private static final FlowComparison COMPARISON = new FlowComparison(FAMILY, START, 16, 4, 1e-3);
  private static final List<HeadFlow.State> INFINITE =
      COMPARISON.follow(new PopulationRisk(FAMILY));

  private static RiskSample sample(int block) {
    return RiskSample.of(FAMILY, 100, StreamKey.ofBlock(9, "flows", block));
  }

  private static FlowResult at(Activation activation, long length) {
    return COMPARISON.at(INFINITE, activation, length, sample(0), sample(1));
  }

  @Test
  void timesAreTwoToAnOctave() {
    assertThat(new FlowComparison(FAMILY, START, 8, 3, 0.1).times())
        .containsExactly(0, 1, 1.5, 2, 3, 4, 6, 8);
  }

  /** Each number of a result by other means. */
  @Test
  void numbersAreThoseOfTheFlows() {
    FiniteRisk fitted = new FiniteRisk(FAMILY, Activation.SOFTMAX, 100, sample(0));
    FiniteRisk judge = new FiniteRisk(FAMILY, Activation.SOFTMAX, 100, sample(1));
    List<HeadFlow.State> finite = COMPARISON.follow(fitted);
    Head end = finite.get(9).head();
    Head limit = INFINITE.get(9).head();

    FlowResult result = at(Activation.SOFTMAX, 100);

    assertThat(result.activation()).isEqualTo(Activation.SOFTMAX);
    assertThat(result.promptLength()).isEqualTo(100);
    assertThat(result.points()).hasSize(10);
    FlowResult.Point first = result.points().get(0);
    assertThat(first.distance()).isZero();
    assertThat(first.mapDistance()).isZero();
    assertThat(first.gap()).isCloseTo(judge.excess(START).mean(), within(1e-14));
    FlowResult.Point last = result.last();
    double distance = 0;
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        distance += Math.pow(end.u().getEntry(i, j) - limit.u().getEntry(i, j), 2);
      }
      distance += Math.pow(end.v().getEntry(0, i) - limit.v().getEntry(0, i), 2);
    }
    assertThat(last.time()).isEqualTo(16);
    assertThat(last.distance()).isCloseTo(Math.sqrt(distance), withinPercentage(1e-10));
    assertThat(last.mapDistance()).isEqualTo(MapDistance.between(FAMILY, end, limit));
    assertThat(last.fittedRisk()).isEqualTo(fitted.value(end));
    assertThat(last.limitRisk()).isEqualTo(PopulationRisk.value(FAMILY, limit));
    assertThat(last.gap()).isEqualTo(judge.value(end) - last.limitRisk());
    assertThat(last.gapInterval().contains(last.gap())).isTrue();
    assertThat(result.limit()).isEqualTo(judge.value(end));
    assertThat(result.limitInterval()).isEqualTo(judge.interval(end, 1e-3));
    // index 7 is time 8
    assertThat(result.settling())
        .isEqualTo(finite.get(7).risk() - finite.get(9).risk())
        .isGreaterThan(0);
    assertThat(result.largestDistance()).isGreaterThanOrEqualTo(last.distance());
    assertThat(result.excess(0.05).excess()).isEqualTo(result.limit() - 0.05);
    assertThat(result.excess(0.05).promptLength()).isEqualTo(100);
    assertThat(result.excess(0.05).interval().high())
        .isEqualTo(result.limitInterval().high() - 0.05);
  }

  /** Everything is of order 1/L at a fixed horizon, and nothing is left at L = 10¹². */
  @Test
  void differencesAreOfTheOrderOfOneToken() {
    FlowResult shorter = at(Activation.LINEAR, 10_000);
    FlowResult longer = at(Activation.LINEAR, 1_000_000);
    FlowResult longest = at(Activation.LINEAR, 1_000_000_000_000L);

    assertThat(longer.largestDistance() / shorter.largestDistance())
        .isCloseTo(0.01, withinPercentage(5));
    assertThat(longer.largestMapDistance() / shorter.largestMapDistance())
        .isCloseTo(0.01, withinPercentage(5));
    assertThat(longer.last().gap() / shorter.last().gap()).isCloseTo(0.01, withinPercentage(5));
    assertThat(longest.largestDistance()).isLessThan(1e-9);
    assertThat(longest.last().gap()).isCloseTo(0, within(1e-9));
    Interval gap = longest.last().gapInterval();
    assertThat(gap.high() - gap.low()).isLessThan(1e-10);
  }

  @Test
  void badInputIsRefused() {
    double nan = Double.NaN;
    for (double horizon : new double[] {0, -1, nan, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> new FlowComparison(FAMILY, START, horizon, 3, 0.1))
          .hasMessage(
              "Cannot compare flows: the horizon is " + horizon + ", allowed: finite and > 0");
    }
    for (int octaves : new int[] {0, -1, 1001}) {
      assertThatThrownBy(() -> new FlowComparison(FAMILY, START, 1, octaves, 0.1))
          .hasMessage(
              "Cannot compare flows: the number of octaves is " + octaves + ", allowed: 1 to 1000");
    }
    for (double alpha : new double[] {0, 1, nan}) {
      assertThatThrownBy(() -> new FlowComparison(FAMILY, START, 1, 3, alpha))
          .hasMessage("Cannot compare flows: alpha is " + alpha + ", allowed: > 0 and < 1");
    }
    assertThatThrownBy(() -> new FlowComparison(FAMILY, Heads.random(4, 1, 1), 1, 3, 0.1))
        .hasMessageStartingWith("Cannot compare flows: the dimension of the head is 4, allowed: 3");
    FiniteRisk judge = new FiniteRisk(FAMILY, Activation.LINEAR, 5, sample(1));
    FlowComparison other = new FlowComparison(FAMILY, START, 8, 4, 0.1);
    List<HeadFlow.State> early = other.follow(new PopulationRisk(FAMILY));
    assertThatThrownBy(() -> COMPARISON.compare(early, INFINITE, judge))
        .hasMessage("Cannot compare flows: a time of R_∞ is 0.5, allowed: 1.0");
    assertThatThrownBy(() -> COMPARISON.compare(INFINITE.subList(0, 3), INFINITE, judge))
        .hasMessage("Cannot compare flows: the number of times of R_∞ is 3, allowed: 10");
  }
}
