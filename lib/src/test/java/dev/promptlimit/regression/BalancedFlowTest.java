package dev.promptlimit.regression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.promptlimit.attention.Head;
import dev.promptlimit.measure.Covariance;
import java.util.List;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BalancedFlowTest {
  private static final Covariance SIGMA = Covariance.toeplitz(3, 0.5, 1);
  private static final RealMatrix THETA = Head.random(3, 3, 1, 6);

  /** Steps of Runge and Kutta's on U and v, down the gradient of the risk: nothing is shared. */
  @ParameterizedTest
  @ValueSource(doubles = {1, 0.25})
  void flowFollowsTheGradientOfTheRisk(double tau2) {
    TaskFamily family = new TaskFamily(SIGMA, tau2, 0.7);
    BalancedFlow flow = new BalancedFlow(family, 0.3, THETA);
    Head head = flow.at(0).get(0).head();
    int steps = 2000;
    double h = 8.0 / steps;
    for (int i = 0; i < steps; i++) {
      HeadGradient k1 = PopulationRisk.gradient(family, head);
      HeadGradient k2 = PopulationRisk.gradient(family, moved(head, k1, h / 2));
      HeadGradient k3 = PopulationRisk.gradient(family, moved(head, k2, h / 2));
      HeadGradient k4 = PopulationRisk.gradient(family, moved(head, k3, h));
      head = moved(moved(moved(moved(head, k1, h / 6), k2, h / 3), k3, h / 3), k4, h / 6);
    }

    Head there = flow.at(8).get(0).head();

    assertThat(head.u().subtract(there.u()).getNorm1()).isLessThan(1e-10);
    assertThat(head.v().subtract(there.v()).getNorm1()).isLessThan(1e-10);
  }

  private static Head moved(Head head, HeadGradient gradient, double h) {
    RealMatrix v = MatrixUtils.createRowRealMatrix(gradient.v().toArray());
    return new Head(
        head.u().subtract(gradient.u().scalarMultiply(h)), head.v().subtract(v.scalarMultiply(h)));
  }

  /** d = 1: A = b, ḃ = bD²(1 − b²D), so b^{−2} = D + (α^{−2} − D) e^{−2D²t}. */
  @ParameterizedTest
  @ValueSource(doubles = {1e-8, 1e-3, 0.7, 1e3})
  void oneCoordinateHasAClosedForm(double alpha) {
    BalancedFlow flow =
        new BalancedFlow(Covariance.identity(1, 2), alpha, MatrixUtils.createRealIdentityMatrix(1));
    double[] times = {0, 1e-3, 0.5, 3, 3.5, 10, 1e3};

    for (BalancedFlow.State state : flow.at(times)) {
      double inverse = 2 + (1 / (alpha * alpha) - 2) * Math.exp(-8 * state.time());
      assertThat(state.b()).isCloseTo(1 / Math.sqrt(inverse), withinPercentage(1e-8));
    }
  }

  @Test
  void everyAlphaReachesTheLimit() {
    for (double alpha : new double[] {1e-6, 0.1, 5, 1e4}) {
      BalancedFlow flow = new BalancedFlow(SIGMA, alpha, THETA);
      BalancedFlow.State limit = flow.limit().orElseThrow();

      BalancedFlow.State late = flow.at(1e3).get(0);

      assertThat(late.b()).isCloseTo(limit.b(), withinPercentage(1e-7));
      assertThat(late.a().subtract(limit.a()).getNorm1()).isLessThan(1e-9);
    }
  }

  @Test
  void limitIsTheInverse() {
    BalancedFlow.State limit = new BalancedFlow(SIGMA, 0.1, THETA).limit().orElseThrow();
    RealMatrix inverse = MatrixUtils.inverse(SIGMA.matrix());

    assertThat(limit.time()).isInfinite();
    assertThat(limit.b()).isCloseTo(Math.sqrt(inverse.getFrobeniusNorm()), withinPercentage(1e-12));
    assertThat(limit.a().scalarMultiply(limit.b()).subtract(inverse).getNorm1()).isLessThan(1e-12);
    assertThat(limit.invariant()).isCloseTo(0, within(1e-13));
  }

  @Test
  void longTimesWithEigenvaluesFarApartEndAtTheLimit() {
    BalancedFlow flow =
        new BalancedFlow(Covariance.diagonal(new double[] {0.05, 1, 2}), 0.3, THETA);

    List<BalancedFlow.State> states = flow.at(1, 1e6, 1e12, 1e300);

    BalancedFlow.State limit = flow.limit().orElseThrow();
    assertThat(states.get(3).b()).isCloseTo(limit.b(), withinPercentage(1e-8));
    assertThat(states.get(1).a().subtract(limit.a()).getNorm1()).isLessThan(1e-8);
    assertThat(states).allSatisfy(s -> assertThat(s.invariant()).isCloseTo(0, within(1e-12)));
  }

  /** 100 times the slowest time, 1e17 times the fastest. */
  @Test
  void extremelyStiffTimesEndAtTheLimit() {
    RealMatrix theta = Head.random(2, 2, 1, 6);
    BalancedFlow flow = new BalancedFlow(Covariance.diagonal(new double[] {1e-5, 1}), 0.3, theta);

    BalancedFlow.State late = flow.at(1e12).get(0);

    BalancedFlow.State limit = flow.limit().orElseThrow();
    assertThat(late.b()).isCloseTo(limit.b(), withinPercentage(1e-8));
    assertThat(late.a().subtract(limit.a()).getNorm1()).isLessThan(1e-8 * limit.b());
  }

  /** Nothing is shared by the explicit and the implicit method but the equations. */
  @ParameterizedTest
  @ValueSource(doubles = {1e-4, 0.3, 5})
  void bothMethodsGiveTheSameFlow(double alpha) {
    BalancedFlow flow =
        new BalancedFlow(Covariance.diagonal(new double[] {0, 0.4, 1, 3}), alpha, theta4());
    double[] times = {0.01, 0.3, 1, 4, 10, 30};

    List<BalancedFlow.State> explicit = flow.at(Integer.MAX_VALUE, times);
    List<BalancedFlow.State> implicit = flow.at(0, times);
    List<BalancedFlow.State> both = flow.at(300, times);

    for (int i = 0; i < times.length; i++) {
      double b = explicit.get(i).b();
      RealMatrix a = explicit.get(i).a();
      assertThat(implicit.get(i).b()).isCloseTo(b, withinPercentage(1e-7));
      assertThat(implicit.get(i).a().subtract(a).getNorm1()).isLessThan(1e-9 * b);
      assertThat(both.get(i).a().subtract(a).getNorm1()).isLessThan(1e-9 * b);
    }
  }

  private static RealMatrix theta4() {
    return Head.random(4, 4, 1, 6);
  }

  /** Directions that no input has keep what they started with. */
  @Test
  void singularCovarianceHasNoLimit() {
    BalancedFlow flow = new BalancedFlow(Covariance.diagonal(new double[] {0, 1, 2}), 0.3, THETA);

    List<BalancedFlow.State> states = flow.at(0, 1e4, 1e9);

    assertThat(flow.limit()).isEmpty();
    assertThat(flow.outsideTheorem()).contains("Sigma is singular");
    double n = 0;
    for (int[] entry : new int[][] {{0, 0}, {0, 1}, {0, 2}, {1, 0}, {2, 0}}) {
      double start = states.get(0).a().getEntry(entry[0], entry[1]);
      assertThat(states.get(2).a().getEntry(entry[0], entry[1]))
          .isCloseTo(start, withinPercentage(1e-10));
      n += start * start;
    }
    double b2 = states.get(2).b() * states.get(2).b();
    assertThat(b2 * b2 - n * b2).isCloseTo(1.25, within(1e-9)); // Σ D⁻²
    assertThat(states.get(1).b()).isCloseTo(states.get(2).b(), within(1e-9));
  }

  @Test
  void alphaOutsideTheTheoremIsReported() {
    Covariance sigma = Covariance.identity(4, 0.5);
    RealMatrix theta = MatrixUtils.createRealIdentityMatrix(4);
    // √2 / (4^{1/4} · ½) = 2
    assertThat(new BalancedFlow(sigma, 1.99, theta).outsideTheorem()).isEmpty();
    assertThat(new BalancedFlow(sigma, 2.5, theta).outsideTheorem())
        .hasValueSatisfying(
            message ->
                assertThat(message).startsWith("alpha is 2.5, covered by the theorem: > 0 and < "));
  }

  /** The same states, τ² times as fast, to the same limit. */
  @Test
  void taskVarianceRescalesTime() {
    BalancedFlow unit = new BalancedFlow(SIGMA, 0.3, THETA);
    BalancedFlow slow = new BalancedFlow(new TaskFamily(SIGMA, 0.25, 0.1), 0.3, THETA);

    List<BalancedFlow.State> states = slow.at(0, 4, 40, 1e300);

    assertThat(states.get(1).time()).isEqualTo(4);
    assertThat(states.get(1).a()).isEqualTo(unit.at(1).get(0).a());
    assertThat(states.get(2).a()).isEqualTo(unit.at(1, 10).get(1).a());
    assertThat(slow.limit().orElseThrow().a()).isEqualTo(unit.limit().orElseThrow().a());
    assertThat(slow.outsideTheorem()).isEmpty();
  }

  @Test
  void startIsBalancedWhateverTheSizeOfTheta() {
    for (double size : new double[] {1e-200, 1, 1e200}) {
      BalancedFlow.State start =
          new BalancedFlow(SIGMA, 0.3, THETA.scalarMultiply(size)).at(0).get(0);
      RealMatrix gram = THETA.multiplyTransposed(THETA);

      assertThat(start.b()).isCloseTo(0.3, withinPercentage(1e-12));
      assertThat(start.a().subtract(gram.scalarMultiply(0.3 / gram.getFrobeniusNorm())).getNorm1())
          .isLessThan(1e-14);
    }
  }
}
