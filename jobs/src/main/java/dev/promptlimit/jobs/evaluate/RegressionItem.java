package dev.promptlimit.jobs.evaluate;

import dev.promptlimit.attention.Head;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.regression.BalancedFlow;
import dev.promptlimit.regression.ConditionalError;
import dev.promptlimit.regression.HeadGradient;
import dev.promptlimit.regression.PopulationRisk;
import dev.promptlimit.regression.TaskFamily;
import java.util.List;
import java.util.stream.Stream;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;

/**
 * In-context linear regression, {@code {Sigma, …}}: with a head {@code U, v} the population risk
 * and its gradient, with {@code task, query, target, L} as well the errors of a finite prompt, with
 * {@code flow: {alpha, Theta, times}} the gradient flow, and always the limit of b.
 */
final class RegressionItem {
  private RegressionItem() {}

  static Answer answer(Field item) {
    Covariance sigma = item.get("Sigma").covariance(Field.ANY);
    TaskFamily family =
        new TaskFamily(
            sigma,
            item.get("task_variance").notNegative(1),
            item.get("noise_variance").notNegative(0));
    boolean prompt = Stream.of("task", "query", "target").anyMatch(item::has);
    Answer answer = new Answer();
    if (prompt) {
      answer.repeat(item, "L");
    }
    if (prompt || item.has("U") || item.has("v")) {
      Head head = head(item, sigma.dimension() + 1);
      HeadGradient risk = PopulationRisk.gradient(family, head);
      answer
          .put("population_risk", risk.value())
          .put("population_gradient_U", risk.u())
          .put("population_gradient_v", risk.v().toArray());
      if (prompt) {
        conditionalErrors(answer, item, family, head);
      }
    }
    if (item.has("flow")) {
      flow(answer.nested("flow"), item.get("flow").object(), sigma);
    }
    return answer.put("limit_b", item.get("Sigma").check(() -> limit(sigma)));
  }

  private static Head head(Field item, int dimension) {
    return new Head(
        new Array2DRowRealMatrix(item.get("U").matrix(dimension, dimension)),
        MatrixUtils.createRowRealMatrix(item.get("v").vector(dimension)));
  }

  private static void conditionalErrors(Answer answer, Field item, TaskFamily family, Head head) {
    int d = family.dimension();
    ConditionalError error =
        new ConditionalError(
            family,
            head,
            item.get("task").vector(d),
            item.get("query").vector(d),
            item.get("target").number());
    double promptLength = UniversalItem.promptLength(item);
    answer
        .put(
            "softmax_conditional_squared_error",
            error.softmax(UniversalItem.at(error.s(), item.get("query"), promptLength)))
        .put("linear_conditional_squared_error", error.linear(promptLength));
  }

  private static void flow(Answer answer, Field flow, Covariance sigma) {
    double alpha = flow.get("alpha").positive();
    double[][] theta = flow.get("Theta").matrix(sigma.dimension(), Field.ANY);
    double[] times = flow.get("times").vector(Field.ANY);
    List<BalancedFlow.State> states =
        flow.check(() -> new BalancedFlow(sigma, alpha, new Array2DRowRealMatrix(theta)).at(times));
    answer
        .put("A", states.stream().map(BalancedFlow.State::a).toList())
        .put("b", states.stream().mapToDouble(BalancedFlow.State::b).toArray());
  }

  /** tr(Σ⁻²)^{1/4}, where every flow ends; NaN if Σ is singular. */
  private static double limit(Covariance sigma) {
    RealMatrix matrix = sigma.matrix();
    if (matrix.getTrace() == 0) {
      return Double.NaN;
    }
    RealMatrix any = MatrixUtils.createRealIdentityMatrix(sigma.dimension());
    return new BalancedFlow(sigma, 1, any).limit().map(BalancedFlow.State::b).orElse(Double.NaN);
  }
}
