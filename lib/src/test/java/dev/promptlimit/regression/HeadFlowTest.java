package dev.promptlimit.regression;

import static dev.promptlimit.regression.ReferenceTasks.matrix;
import static dev.promptlimit.regression.ReferenceTasks.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.promptlimit.attention.Head;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.stat.Interval;
import java.util.List;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeadFlowTest {
  private static final Covariance SIGMA = Covariance.toeplitz(3, 0.5, 1);
  private static final TaskFamily FAMILY = new TaskFamily(SIGMA, 0.6, 0.3);
  private static final StreamKey KEY = StreamKey.ofBlock(7, "head flow", 0);

  private static FiniteRisk linear(TaskFamily family, int n) {
    return new FiniteRisk(family, Activation.LINEAR, 20, RiskSample.of(family, n, KEY));
  }

  /** Nothing is shared but the risk: there b is no variable, and the basis is that of Σ. */
  @ParameterizedTest
  @CsvSource({"1, 0.3", "0.2, 0.3", "1, 1e-5", "3, 2"})
  void balancedFlowIsThatOfTheTheorem(double tau2, double alpha) {
    TaskFamily family = new TaskFamily(SIGMA, tau2, 0.7);
    BalancedFlow flow = new BalancedFlow(family, alpha, Head.random(3, 3, 1, 6));
    double[] times = {0, 0.3, 4, 50, 200};
    List<BalancedFlow.State> expected = flow.at(times);

    List<HeadFlow.State> states =
        new HeadFlow(new PopulationRisk(family), expected.get(0).head()).at(times);

    for (int i = 0; i < times.length; i++) {
      HeadFlow.State state = states.get(i);
      Head head = expected.get(i).head();
      assertThat(state.time()).isEqualTo(times[i]);
      assertThat(state.head().u().subtract(head.u()).getNorm1()).isLessThan(1e-8);
      assertThat(state.head().v().subtract(head.v()).getNorm1()).isLessThan(1e-8);
      assertThat(state.risk()).isEqualTo(PopulationRisk.value(family, state.head()));
      assertThat(state.invariant()).isCloseTo(0, within(1e-9));
    }
  }

  @ParameterizedTest
  @MethodSource("dev.promptlimit.regression.ReferenceTasks#items")
  void flowIsThatOfTheReference(ReferenceTasks.Item item) {
    JsonNode json = item.json().get("flow");
    Covariance sigma = item.family().covariance();
    TaskFamily family = new TaskFamily(sigma, 1, 0.4);
    double alpha = json.get("alpha").asDouble();
    Head start = new BalancedFlow(sigma, alpha, matrix(json.get("Theta"))).at(0).get(0).head();
    double[] b = numbers(json.get("b"));
    int d = family.dimension();

    List<HeadFlow.State> states =
        new HeadFlow(new PopulationRisk(family), start).at(numbers(json.get("times")));

    for (int i = 0; i < b.length; i++) {
      Head head = states.get(i).head();
      RealMatrix a = matrix(json.get("A").get(i));
      assertThat(head.v().getEntry(0, d)).isCloseTo(b[i], within(1e-6));
      assertThat(head.u().getSubMatrix(0, d - 1, 0, d - 1).subtract(a).getNorm1()).isLessThan(1e-6);
    }
  }

  /** Steps of Runge and Kutta's from a head that is nothing special. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void flowFollowsTheGradientFromAnyHead(boolean infinite) {
    HeadRisk risk = infinite ? new PopulationRisk(FAMILY) : linear(FAMILY, 20);
    Head start = Heads.random(4, 0.4, 3);
    Head head = start;
    int steps = 4000;
    double h = 3.0 / steps;
    for (int i = 0; i < steps; i++) {
      HeadGradient k1 = risk.gradient(head);
      HeadGradient k2 = risk.gradient(moved(head, k1, h / 2));
      HeadGradient k3 = risk.gradient(moved(head, k2, h / 2));
      HeadGradient k4 = risk.gradient(moved(head, k3, h));
      head = moved(moved(moved(moved(head, k1, h / 6), k2, h / 3), k3, h / 3), k4, h / 6);
    }

    HeadFlow.State state = new HeadFlow(risk, start).at(3).get(0);

    assertThat(head.u().subtract(state.head().u()).getNorm1()).isLessThan(1e-8);
    assertThat(head.v().subtract(state.head().v()).getNorm1()).isLessThan(1e-8);
    assertThat(state.head().u().getColumn(3)).isEqualTo(start.u().getColumn(3));
    HeadFlow.State first = new HeadFlow(risk, start).at(0).get(0);
    assertThat(state.risk()).isLessThan(first.risk());
    if (infinite) {
      assertThat(state.invariant()).isCloseTo(first.invariant(), within(1e-8));
    }
  }

  private static Head moved(Head head, HeadGradient gradient, double h) {
    RealMatrix v = MatrixUtils.createRowRealMatrix(gradient.v().toArray());
    return new Head(
        head.u().subtract(gradient.u().scalarMultiply(h)), head.v().subtract(v.scalarMultiply(h)));
  }

  /** A sample of tasks is not symmetric, its flow is: as if all tasks came with their negatives. */
  @Test
  void balancedHeadsStayBalanced() {
    FiniteRisk risk = linear(FAMILY, 20);
    Head start =
        new BalancedFlow(FAMILY, 0.3, MatrixUtils.createRealIdentityMatrix(3)).at(0).get(0).head();
    HeadGradient gradient = risk.gradient(start);
    assertThat(gradient.u().getRowVector(3).getNorm()).isGreaterThan(1e-4);

    Head head = new HeadFlow(risk, start).at(2).get(0).head();

    assertThat(head.u().getRow(3)).containsOnly(0);
    assertThat(head.v().getRowVector(0).getSubVector(0, 3).getNorm()).isZero();
    assertThat(head.v().getEntry(0, 3)).isGreaterThan(0.4);
  }

  /**
   * What was seen elsewhere on another sample, with σ² = 0, τ² = 1, Θ = I: the risk at time 300,
   * here within its interval at 1e-6, five standard errors of about 6 %.
   */
  @Test
  void finitePromptsEndWhereTheyWereSeen() {
    assertSeen(1000, 0.010, 600, 1e-6);
  }

  /** The same with standard errors of about 2 %, as many as the two digits that were seen. */
  @Tag("nightly")
  @ParameterizedTest
  @CsvSource({"10, 0.37", "100, 0.081", "1000, 0.010", "10000, 0.0012"})
  void finitePromptsEndWhereTheyWereSeenToTwoDigits(long length, double seen) {
    double b = assertSeen(length, seen, 16_384, 1e-2);

    if (length == 1000) {
      assertThat(b).isCloseTo(2.04, within(0.03));
    }
  }

  /** Returns b at time 300. */
  private static double assertSeen(long length, double seen, int n, double alpha) {
    TaskFamily family = new TaskFamily(Covariance.toeplitz(2, 0.5, 1), 1, 0);
    RealMatrix theta = MatrixUtils.createRealIdentityMatrix(2);
    Head start = new BalancedFlow(family, 0.4, theta).at(0).get(0).head();
    RiskSample sample = RiskSample.of(family, n, KEY);
    FiniteRisk risk = new FiniteRisk(family, Activation.SOFTMAX, length, sample);

    Head late = new HeadFlow(risk, start).at(300).get(0).head();

    Interval interval = risk.interval(late, alpha);
    assertThat(interval.contains(seen)).as("%s", interval).isTrue();
    assertThat(interval.high()).isLessThan(3 * seen);
    return late.v().getEntry(0, 2);
  }

  @Test
  void zeroIsASaddleAndStays() {
    Head zero = new Head(MatrixUtils.createRealMatrix(4, 4), MatrixUtils.createRealMatrix(1, 4));

    HeadFlow.State state = new HeadFlow(new PopulationRisk(FAMILY), zero).at(1e6).get(0);

    assertThat(state.head().u().getNorm1()).isZero();
    assertThat(state.risk()).isEqualTo(PopulationRisk.value(FAMILY, zero));
  }

  /** Negative controls: an ascent, and a risk that says it is bilinear. */
  @Test
  void wrongGradientsAreFound() {
    Head start = Heads.random(4, 0.4, 3);
    HeadRisk right = new PopulationRisk(FAMILY);
    HeadRisk ascent =
        head -> {
          HeadGradient up = right.gradient(head);
          return new HeadGradient(up.value(), up.u().scalarMultiply(-1), up.v().mapMultiply(-1));
        };
    HeadRisk pretender =
        new HeadRisk() {
          private final HeadRisk shifted = linear(FAMILY, 20);

          @Override
          public HeadGradient gradient(Head head) {
            HeadGradient gradient = shifted.gradient(head);
            return new HeadGradient(
                gradient.value() + head.v().getEntry(0, 3), gradient.u(), gradient.v().add(unit()));
          }

          @Override
          public boolean isBilinear() {
            return true;
          }
        };

    assertThatThrownBy(() -> new HeadFlow(ascent, start).at(1))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageMatching(
            "Cannot follow a flow of heads: the risk rises from .* to .* at time 0\\.\\d+(E-\\d+)?");
    assertThatThrownBy(() -> new HeadFlow(pretender, start).at(1))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageMatching(
            "Cannot follow a flow of heads: the invariant changes by .* at time 0\\.\\d+(E-\\d+)?");
  }

  @Test
  void riskThatIsNoNumberIsRefused() {
    HeadFlow flow = new HeadFlow(new PopulationRisk(FAMILY), Heads.random(4, 1e200, 3));

    assertThatThrownBy(() -> flow.at(1))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageMatching(
            "Cannot follow a flow of heads: the risk is (NaN|Infinity) at time 0.0");
  }

  private static RealVector unit() {
    return MatrixUtils.createRealVector(new double[] {0, 0, 0, 1});
  }

  @Test
  void badInputIsRefused() {
    HeadFlow flow = new HeadFlow(new PopulationRisk(FAMILY), Heads.random(4, 0.1, 3));
    for (double time : new double[] {Double.NaN, -1, Double.POSITIVE_INFINITY, 0.1}) {
      assertThatThrownBy(() -> flow.at(0.2, time))
          .hasMessage(
              "Cannot follow a flow of heads: a time is "
                  + time
                  + ", allowed: finite and >= 0.2, the time before");
    }
    Head two = new Head(MatrixUtils.createRealMatrix(3, 3), MatrixUtils.createRealMatrix(2, 3));
    Head tiny = new Head(MatrixUtils.createRealMatrix(1, 1), MatrixUtils.createRealMatrix(1, 1));
    assertThatThrownBy(() -> new HeadFlow(linear(FAMILY, 2), two))
        .hasMessage(
            "Cannot follow a flow of heads: the head has 2 outputs and dimension 3, allowed: 1"
                + " output and dimension 2 or more");
    assertThatThrownBy(() -> new HeadFlow(linear(FAMILY, 2), tiny))
        .hasMessageContaining("1 outputs and dimension 1");
  }
}
