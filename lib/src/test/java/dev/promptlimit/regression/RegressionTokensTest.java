package dev.promptlimit.regression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.promptlimit.attention.Head;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.TokenRoot;
import dev.promptlimit.random.NormalStream;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.theory.QueryForms;
import dev.promptlimit.theory.QuerySpectrum;
import java.util.List;
import java.util.stream.Stream;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RegressionTokensTest {
  private static final StreamKey KEY = StreamKey.ofBlock(1, "regression", 0);

  static Stream<TaskFamily> families() {
    return Stream.of(
        new TaskFamily(Covariance.toeplitz(3, 0.5, 1.2), 0.7, 0.3),
        new TaskFamily(Covariance.diagonal(new double[] {2, 0, 0.5}), 1.5, 0),
        new TaskFamily(Covariance.toeplitz(4, 1, 1), 1, 0.1), // of rank one
        TaskFamily.asReleased(Covariance.toeplitz(2, 0.5, 1), 0.5, 0.1),
        new TaskFamily(Covariance.identity(1, 0.8), 1, 0.2),
        new TaskFamily(Covariance.identity(2, 1), 0, 0));
  }

  @ParameterizedTest
  @MethodSource("families")
  void theRootOfEveryPromptIsOneOfItsOwnCovariance(TaskFamily family) {
    TokenRoot root = new RegressionTokens(family).root();
    NormalStream prompts = new NormalStream(KEY);
    NormalStream again = new NormalStream(KEY);
    int d = family.dimension();
    double[] x = Head.random(d + 1, 1, 2, 3).getColumn(0);
    double[] image = new double[d + 1];
    double[] task = new double[d];
    for (int prompt = 0; prompt < 5; prompt++) {
      assertThat(root.next(prompts)).isTrue();
      again.fill(task, 0, d);
      for (int i = 0; i < d; i++) {
        task[i] *= Math.sqrt(family.taskVariance());
      }
      RealMatrix r = root.matrix();
      assertThat(root.covariance()).isEqualTo(family.tokenCovariance(task));
      assertClose(r.multiplyTransposed(r), root.covariance());
      root.multiply(x, 0, image, 0);
      assertThat(image).containsExactly(r.operate(x), within(1e-13));
      root.multiplyTransposed(x, 0, image, 0);
      assertThat(image).containsExactly(r.preMultiply(x), within(1e-13));
    }
  }

  private static void assertClose(RealMatrix actual, RealMatrix expected) {
    assertThat(actual.subtract(expected).getNorm1())
        .isLessThanOrEqualTo(1e-13 * Math.max(1e-3, expected.getNorm1()));
  }

  @ParameterizedTest
  @MethodSource("families")
  void averageAndQueries(TaskFamily family) {
    RegressionTokens tokens = new RegressionTokens(family);
    int d = family.dimension();
    assertThat(tokens.dimension()).isEqualTo(d + 1);
    RealMatrix mean = MatrixUtils.createRealMatrix(d + 1, d + 1);
    for (Tasks.Node node : Tasks.nodes(family)) {
      mean = mean.add(node.tokens().covariance().matrix().scalarMultiply(node.weight()));
    }
    assertClose(tokens.average().covariance().matrix(), mean);
    RealMatrix root = tokens.queries().covariance().root();
    assertClose(
        root.multiply(root).getSubMatrix(0, d - 1, 0, d - 1), family.queryCovariance().matrix());
    for (int i = 0; i <= d; i++) { // z ends in an exact 0
      assertThat(root.getEntry(d, i)).isZero();
      assertThat(root.getEntry(i, d)).isZero();
    }
  }

  /** Against means over tasks of the forms of one task, which know nothing of regression. */
  @ParameterizedTest
  @MethodSource("families")
  void formsAreMeansOverTasks(TaskFamily family) {
    RegressionTokens tokens = new RegressionTokens(family);
    int d = family.dimension();
    Head head = Tasks.head(d, 2, 1);
    QueryForms forms = tokens.forms(head).orElseThrow();
    double[] z = Head.random(d + 1, 1, 2, 5).getColumn(0);
    z[d] = 0;
    double[] means = new double[9];
    for (Tasks.Node node : Tasks.nodes(family)) {
      QueryForms one = QueryForms.known(node.tokens(), head).orElseThrow();
      double[] values = values(one, z);
      for (int i = 0; i < means.length; i++) {
        means[i] += node.weight() * values[i];
      }
    }
    double[] averaged = values(forms, z);
    for (int i = 0; i < means.length; i++) {
      assertThat(averaged[i]).as("form %d", i).isCloseTo(means[i], within(1e-12 * size(means)));
    }
  }

  private static double[] values(QueryForms forms, double[] z) {
    return new double[] {
      at(forms.scoreVariance(), z),
      at(forms.output(), z),
      at(forms.tilt(), z),
      at(forms.left(), z) * at(forms.right(), z),
      at(forms.mixed(), z),
      at(forms.cross(), z),
      forms.traceOutput(),
      forms.traceGamma(),
      forms.traceProduct() + 1e-3 * forms.squaredVGamma()
    };
  }

  private static double at(RealMatrix form, double[] z) {
    return MatrixUtils.createRealVector(form.operate(z))
        .dotProduct(MatrixUtils.createRealVector(z));
  }

  private static double size(double[] values) {
    return MatrixUtils.createRealVector(values).getLInfNorm();
  }

  /** H² = tr(Σ⁻²)^{−1/2} at the limit of the flow: the 1/L law needs d > 4 for Σ = I. */
  @Test
  void h2OfTheTrainedLimit() {
    for (Covariance sigma :
        List.of(
            Covariance.toeplitz(5, 0.5, 1), Covariance.identity(4, 1), Covariance.identity(7, 3))) {
      RegressionTokens tokens = new RegressionTokens(new TaskFamily(sigma, 0.6, 0.2));
      int d = sigma.dimension();
      Head head =
          new BalancedFlow(sigma, 0.1, MatrixUtils.createRealIdentityMatrix(d))
              .limit()
              .orElseThrow()
              .head();
      RealMatrix inverse = MatrixUtils.inverse(sigma.matrix());
      double expected = 1 / Math.sqrt(inverse.multiply(inverse).getTrace());
      QuerySpectrum spectrum =
          new QuerySpectrum(tokens.forms(head).orElseThrow(), tokens.queries());
      assertThat(spectrum.h2()).isCloseTo(expected, within(1e-12));
      assertThat(new QuerySpectrum(tokens.average(), head, tokens.queries()).h2())
          .isCloseTo(expected, within(1e-12));
    }
  }

  /** A score that depends on the task has no averaged forms. */
  @Test
  void headsThatReadLabelsIntoScoresHaveNoForms() {
    RegressionTokens tokens =
        new RegressionTokens(new TaskFamily(Covariance.identity(2, 1), 1, 0.1));
    RealMatrix u = Tasks.head(2, 1, 1).u();
    u.setEntry(2, 2, 5); // never meets a query
    RealMatrix v = Head.random(1, 3, 1, 2);
    assertThat(tokens.forms(new Head(u, v))).isPresent();
    u.setEntry(2, 1, 1e-300);
    assertThat(tokens.forms(new Head(u, v))).isEmpty();
    assertThatThrownBy(() -> tokens.forms(Tasks.head(3, 1, 1)))
        .hasMessage("Cannot give errors: the head has dimension 4, the tokens 3");
  }

  @Test
  void isNoMeasureThatCouldBeTilted() {
    RegressionTokens tokens =
        new RegressionTokens(new TaskFamily(Covariance.identity(2, 1), 1, 0.1));
    double[] zero = new double[3];
    String why = "each prompt draws a task and with it a law of its own";
    assertThat(tokens.inadmissible(zero)).contains(why);
    assertThat(tokens.logMgf(zero)).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(tokens.proxy().variance()).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(tokens.radius()).isEqualTo(Double.POSITIVE_INFINITY);
    assertThatThrownBy(() -> tokens.tiltedMean(zero))
        .hasMessage("Cannot tilt tokens of regression: " + why);
    assertThatThrownBy(() -> tokens.tiltedCovariance(zero))
        .hasMessage("Cannot tilt tokens of regression: " + why);
    assertThatThrownBy(
            () ->
                tokens.tiltedQuartic(
                    zero,
                    zero,
                    new Gaussian(zero, tokens.average().covariance()).covariance().matrix()))
        .hasMessage("Cannot tilt tokens of regression: " + why);
    assertThatThrownBy(() -> tokens.sampler(KEY))
        .hasMessage("Cannot draw tokens of regression: " + why);
  }
}
