package dev.promptlimit.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.attention.ReferenceHeads;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.QRDecomposition;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExactErrorTest {
  @ParameterizedTest
  @MethodSource("dev.promptlimit.attention.ReferenceHeads#items")
  void agreesWithReferenceHeads(ReferenceHeads.Item item) {
    ExactError error = new ExactError(item.tokens(), item.head(), item.z());
    UniversalFunctions at =
        UniversalQuadrature.evaluate(error.s(), (double) item.promptLength()).value();
    assertClose(error.s(), item.number("s").orElseThrow(), 1e-12);
    double[] bias = item.numbers("output_bias");
    for (int i = 0; i < bias.length; i++) {
      assertClose(error.outputBias(at)[i], bias[i], 1e-10);
    }
    assertClose(
        error.meanSquare(Metric.OUTPUT, at), item.number("output_mse").orElseThrow(), 1e-10);
    assertClose(
        error.meanSquare(Metric.JACOBIAN_V, at), item.number("jac_v_mse").orElseThrow(), 1e-10);
    assertClose(
        error.meanSquare(Metric.JACOBIAN_U, at), item.number("jac_u_mse").orElseThrow(), 1e-10);
  }

  private static void assertClose(double actual, double expected, double relative) {
    assertThat(actual).isCloseTo(expected, within(relative * Math.abs(expected)));
  }

  /** Blocks of P and S in a basis that starts with e₁, the text-book form. */
  private static double byBlocks(Covariance gamma, Head head, double[] z, UniversalFunctions at) {
    RealMatrix root = gamma.root();
    RealVector a = MatrixUtils.createRealVector(head.u().operate(z));
    int d = z.length;
    RealMatrix start = MatrixUtils.createRealIdentityMatrix(d);
    RealVector first = root.operate(a);
    for (int k = 0; k < d; k++) {
      start.setEntry(k, k, 0.3 + k);
    }
    start.setColumnVector(0, first);
    RealMatrix q = new QRDecomposition(start).getQ();
    RealMatrix p =
        q.transposeMultiply(root.multiply(head.v().transposeMultiply(head.v())).multiply(root))
            .multiply(q);
    RealMatrix s = q.transposeMultiply(root.multiply(root)).multiply(q);
    double c = 0;
    double traceP = 0;
    double traceS = 0;
    double tracePs = 0;
    for (int i = 1; i < d; i++) {
      c += p.getEntry(0, i) * s.getEntry(0, i);
      traceP += p.getEntry(i, i);
      traceS += s.getEntry(i, i);
      for (int j = 1; j < d; j++) {
        tracePs += p.getEntry(i, j) * s.getEntry(j, i);
      }
    }
    double p11 = p.getEntry(0, 0);
    double s11 = s.getEntry(0, 0);
    double norm = MatrixUtils.createRealVector(z).getNorm();
    return norm
        * norm
        * (p11 * s11 * at.phi1()
            + at.phi2() * (p11 * traceS + s11 * traceP + 2 * c)
            + at.phi3() * (traceP * traceS + tracePs)
            + at.phi4() * tracePs
            - 2 * at.phi5() * c);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 17})
  void formsWithoutABasisAreThoseWithOne(int length) {
    RealMatrix factor =
        new Array2DRowRealMatrix(new double[][] {{1, 0.2}, {-0.3, 0.8}, {0.5, 0.5}, {0.1, -1}});
    Covariance singular = Covariance.of(factor.multiplyTransposed(factor).getData());
    Head head = new Head(Head.random(4, 4, 0.9, 3), Head.random(2, 4, 1.5, 4));
    double[] z = {0.5, -1, 2, 0.25};
    ExactError error = new ExactError(Gaussian.centred(singular), head, z);
    UniversalFunctions at = UniversalQuadrature.evaluate(error.s(), length).value();
    double expected = byBlocks(singular, head, z, at);
    assertClose(error.meanSquare(Metric.JACOBIAN_U, at), expected, 1e-11);
  }

  /** All weights are 1/L: a mean of L tokens, and L − 1 over L of the empirical covariance. */
  @Test
  void withoutATiltItIsThatOfAMean() {
    Gaussian tokens = new Gaussian(new double[] {3, 4}, Covariance.identity(2, 2));
    Head head = new Head(Head.scaledIdentity(2, 0), Head.scaledIdentity(2, 3));
    ExactError error = new ExactError(tokens, head, new double[] {1, 2});
    UniversalFunctions at = UniversalQuadrature.evaluate(error.s(), 5).value();
    assertThat(error.s()).isZero();
    assertThat(error.freezingLength()).isEqualTo(1);
    assertThat(error.outputBias(at)).containsExactly(0, 0);
    assertClose(error.meanSquare(Metric.OUTPUT, at), 9 * 2 * 2 / 5.0, 1e-14);
    assertClose(error.meanSquare(Metric.JACOBIAN_V, at), 2 * 2 * 2 / 5.0, 1e-14);
    // C = 2W/5, W Wishart of 4 degrees: diagonal entries have E(C − 2)² = 4(24/25 − 8/5 + 1), the
    // other 4 · 4/25
    double diagonal = 4 * (24 / 25.0 - 8 / 5.0 + 1);
    assertClose(
        error.meanSquare(Metric.JACOBIAN_U, at), 5 * 9 * (2 * diagonal + 2 * 16 / 25.0), 1e-13);
  }

  @Test
  void aLongPromptReachesTheDeltaMethod() {
    Gaussian tokens = Gaussian.centred(Covariance.toeplitz(3, 0.4, 1));
    Head head = new Head(Head.random(3, 3, 0.5, 1), Head.random(2, 3, 1, 2));
    double[] z = {1, -0.5, 0.3};
    ExactError error = new ExactError(tokens, head, z);
    UniversalFunctions at = UniversalQuadrature.evaluate(error.s(), 1e10).value();
    var constants = DeltaMethod.constants(tokens, head, Gaussian.fixed(z));
    for (Metric metric : Metric.values()) {
      assertClose(1e10 * error.meanSquare(metric, at), constants.get(metric), 1e-7);
    }
  }

  @Test
  void whatDoesNotFitIsRefused() {
    Gaussian tokens = Gaussian.centred(Covariance.identity(2, 1));
    Head head = new Head(Head.scaledIdentity(2, 1), Head.scaledIdentity(2, 1));
    assertThatThrownBy(() -> new ExactError(tokens, head, new double[] {1}))
        .hasMessage("Cannot give exact errors: the query has dimension 1, the head 2");
    for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY, 1e200}) {
      assertThatThrownBy(() -> new ExactError(tokens, head, new double[] {1, bad}))
          .hasMessageMatching(
              "Cannot give exact errors: the (score variance|squared .*) is .*finite");
    }
    Gaussian one = Gaussian.centred(Covariance.identity(1, 1));
    assertThatThrownBy(() -> new ExactError(one, head, new double[] {1, 1}))
        .hasMessage("Cannot give errors: the head has dimension 2, the tokens 1");
  }
}
