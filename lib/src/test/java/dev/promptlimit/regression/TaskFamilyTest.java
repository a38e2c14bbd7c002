package dev.promptlimit.regression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.promptlimit.attention.Head;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.theory.UniversalFunctions;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Task families, and what this package refuses. */
class TaskFamilyTest {
  private static final Covariance SIGMA = Covariance.toeplitz(2, 0.5, 1);
  private static final TaskFamily FAMILY = new TaskFamily(SIGMA, 1, 0.1);
  private static final Head HEAD = Heads.random(3, 1, 1);
  private static final StreamKey KEY = StreamKey.ofBlock(1, "bayes", 0);
  private static final RealMatrix THETA = MatrixUtils.createRealIdentityMatrix(2);

  @Test
  void tokenCovarianceIsThatOfInputAndLabel() {
    RealMatrix gamma = FAMILY.tokenCovariance(new double[] {2, -1});

    // Σw = (1.5, 0), wᵀΣw = 3
    assertThat(gamma.getData())
        .isDeepEqualTo(new double[][] {{1, 0.5, 1.5}, {0.5, 1, 0}, {1.5, 0, 3.1}});
    assertThat(FAMILY.dimension()).isEqualTo(2);
  }

  @Test
  void tokenCovarianceWithoutNoiseIsACovariance() {
    TaskFamily family = new TaskFamily(Covariance.toeplitz(2, 1, 1), 1, 0);

    assertThat(Covariance.of(family.tokenCovariance(new double[] {0.3, 0.1}).getData()).dimension())
        .isEqualTo(3);
  }

  static Stream<Arguments> refusals() {
    double nan = Double.NaN;
    double infinite = Double.POSITIVE_INFINITY;
    double[] two = {1, 2};
    double[] three = {1, 2, 3};
    Head wide = new Head(HEAD.u(), MatrixUtils.createRealIdentityMatrix(3));
    ConditionalError error = new ConditionalError(FAMILY, HEAD, two, two, 1);
    UniversalFunctions other = new UniversalFunctions(7, 1, 0, 0, 0, 0, 0, 0, 0, 0);
    BalancedFlow flow = new BalancedFlow(SIGMA, 0.1, THETA);
    return Stream.of(
        refusal(
            () -> new TaskFamily(SIGMA, -1, 0),
            "Cannot make a task family: the task variance is -1.0, allowed: finite and ≥ 0"),
        refusal(
            () -> new TaskFamily(SIGMA, infinite, 0),
            "Cannot make a task family: the task variance is Infinity, allowed: finite and ≥ 0"),
        refusal(
            () -> new TaskFamily(SIGMA, 1, nan),
            "Cannot make a task family: the noise variance is NaN, allowed: finite and ≥ 0"),
        refusal(
            () -> FAMILY.tokenCovariance(three),
            "Cannot give a token covariance: the number of entries of the task is 3, allowed: 2"),
        refusal(
            () -> FAMILY.tokenCovariance(new double[] {1, nan}),
            "Cannot give a token covariance: entry 1 of the task is NaN, allowed: finite"),
        refusal(
            () -> PopulationRisk.value(FAMILY, Heads.random(2, 1, 1)),
            "Cannot give a population risk: the dimension of the head is 2, allowed: 3, one more"
                + " than the inputs"),
        refusal(
            () -> PopulationRisk.gradient(FAMILY, wide),
            "Cannot give a population risk: the number of outputs of the head is 3, allowed: 1"),
        refusal(
            () -> new ConditionalError(FAMILY, wide, two, two, 1),
            "Cannot give a conditional error: the number of outputs of the head is 3, allowed: 1"),
        refusal(
            () -> new ConditionalError(FAMILY, HEAD, two, three, 1),
            "Cannot give a conditional error: the number of entries of the query is 3, allowed: 2"),
        refusal(
            () -> new ConditionalError(FAMILY, HEAD, new double[] {infinite, 0}, two, 1),
            "Cannot give a conditional error: entry 0 of the task is Infinity, allowed: finite"),
        refusal(
            () -> new ConditionalError(FAMILY, HEAD, two, two, nan),
            "Cannot give a conditional error: the target is NaN, allowed: finite"),
        refusal(
            () -> error.linear(0.5),
            "Cannot give a conditional error: the prompt length is 0.5, allowed: 1 or more"),
        refusal(
            () -> error.softmax(other),
            "Cannot give a conditional error: s of the universal functions is 7.0, allowed: "
                + error.s()),
        refusal(
            () -> BayesRisk.of(FAMILY, 0, 10, KEY),
            "Cannot give a Bayes risk: the prompt length is 0, allowed: 1 or more"),
        refusal(
            () -> BayesRisk.of(FAMILY, 1, 1, KEY),
            "Cannot give a Bayes risk: the number of draws is 1, allowed: 2 or more"),
        refusal(
            () -> new BalancedFlow(SIGMA, 0, THETA),
            "Cannot make a balanced flow: alpha is 0.0, allowed: 1e-100 to 1e100"),
        refusal(
            () -> new BalancedFlow(SIGMA, 0.1, MatrixUtils.createRealIdentityMatrix(3)),
            "Cannot make a balanced flow: the number of rows of Theta is 3, allowed: 2"),
        refusal(
            () -> new BalancedFlow(SIGMA, 0.1, MatrixUtils.createRealMatrix(2, 2)),
            "Cannot make a balanced flow: the largest entry of Theta is 0.0, allowed: finite and"
                + " > 0"),
        refusal(
            () -> new BalancedFlow(Covariance.identity(2, 0), 0.1, THETA),
            "Cannot make a balanced flow: the largest eigenvalue of Sigma is 0.0, allowed: > 0"),
        refusal(
            () -> new BalancedFlow(new TaskFamily(SIGMA, 0, 0.1), 0.1, THETA),
            "Cannot make a balanced flow: the task variance is 0.0, allowed: > 0"),
        refusal(
            () -> new BalancedFlow(TaskFamily.asReleased(SIGMA, 1, 0.1), 0.1, THETA),
            "Cannot make a balanced flow: the covariance of the query is not that of the inputs"),
        refusal(
            () -> flow.at(1, 0.5),
            "Cannot follow a balanced flow: a time is 0.5, allowed: finite and >= 1.0, the time"
                + " before"),
        refusal(
            () -> flow.at(infinite),
            "Cannot follow a balanced flow: a time is Infinity, allowed: finite and >= 0.0, the"
                + " time before"));
  }

  private static Arguments refusal(ThrowingCallable call, String message) {
    return Arguments.of(message, call);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusals")
  void badInputIsRefused(String message, ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }
}
