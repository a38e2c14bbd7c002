package dev.promptlimit.regression;

import static dev.promptlimit.regression.ReferenceTasks.matrix;
import static dev.promptlimit.regression.ReferenceTasks.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.hipparchus.linear.MatrixUtils;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every field of {@code reference/regression.json}. */
class ReferenceRegressionTest {
  /** 1e-12 relative. */
  private static final double PERCENT = 1e-10;

  static List<ReferenceTasks.Item> items() {
    return ReferenceTasks.items();
  }

  @ParameterizedTest
  @MethodSource("items")
  void populationRiskAndGradientAreThoseOfTheReference(ReferenceTasks.Item item) {
    HeadGradient gradient = PopulationRisk.gradient(item.family(), item.head());

    assertThat(gradient.value())
        .isEqualTo(PopulationRisk.value(item.family(), item.head()))
        .isCloseTo(item.number("population_risk"), withinPercentage(PERCENT));
    // the reference has its gradients from differences, to 1e-9
    assertThat(gradient.u().subtract(matrix(item.json().get("population_gradient_U"))).getNorm1())
        .isLessThan(1e-8);
    assertThat(
            gradient
                .v()
                .subtract(
                    MatrixUtils.createRealVector(numbers(item.json().get("population_gradient_v"))))
                .getNorm())
        .isLessThan(1e-8);
  }

  @ParameterizedTest
  @MethodSource("items")
  void conditionalErrorsAreThoseOfTheReference(ReferenceTasks.Item item) {
    ConditionalError error = item.conditionalError();
    double length = item.number("L");

    assertThat(error.softmax(QuadratureFunctions.of(error.s(), length)))
        .isCloseTo(item.number("softmax_conditional_squared_error"), withinPercentage(PERCENT));
    assertThat(error.linear(length))
        .isCloseTo(item.number("linear_conditional_squared_error"), withinPercentage(PERCENT));
  }

  @ParameterizedTest
  @MethodSource("items")
  void flowIsThatOfTheReference(ReferenceTasks.Item item) {
    JsonNode json = item.json().get("flow");
    BalancedFlow flow =
        new BalancedFlow(
            item.family().covariance(), json.get("alpha").asDouble(), matrix(json.get("Theta")));
    double[] b = numbers(json.get("b"));

    List<BalancedFlow.State> states = flow.at(numbers(json.get("times")));

    assertThat(states).hasSize(b.length);
    for (int i = 0; i < b.length; i++) {
      BalancedFlow.State state = states.get(i);
      assertThat(state.time()).isEqualTo(json.get("times").get(i).asDouble());
      assertThat(state.b()).isCloseTo(b[i], within(1e-9));
      assertThat(state.a().subtract(matrix(json.get("A").get(i))).getNorm1()).isLessThan(1e-9);
    }
    assertThat(flow.limit().orElseThrow().b())
        .isCloseTo(item.number("limit_b"), withinPercentage(PERCENT));
  }
}
