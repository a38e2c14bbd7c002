package dev.promptlimit.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.RealMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class InfiniteOperatorTest {
  private final Gaussian tokens =
      new Gaussian(new double[] {1, 2}, Covariance.of(new double[][] {{2, 1}, {1, 3}}));
  private final Head head =
      new Head(
          new Array2DRowRealMatrix(new double[][] {{1, 0}, {1, 1}}),
          new Array2DRowRealMatrix(new double[][] {{1, -1}}));

  @ParameterizedTest
  @MethodSource("dev.promptlimit.attention.ReferenceHeads#items")
  void agreesWithReferenceHeads(ReferenceHeads.Item item) {
    double[] output = new InfiniteOperator(item.tokens(), item.head()).apply(item.z());
    double[] expected = item.numbers("infinite_output");
    assertThat(output).hasSameSizeAs(expected);
    for (int i = 0; i < output.length; i++) {
      assertThat(output[i]).isCloseTo(expected[i], within(1e-10 * Math.abs(expected[i])));
    }
  }

  /** z = (1, 2): a = (1, 3), Γa = (5, 10), m + Γa = (6, 12). */
  @Test
  void isTheAffineMapByHand() {
    InfiniteOperator operator = new InfiniteOperator(tokens, head);
    assertThat(operator.tilt(new double[] {1, 2})).containsExactly(1, 3);
    assertThat(operator.apply(new double[] {1, 2})[0]).isCloseTo(-6, within(1e-14));
    assertThat(operator.apply(new double[] {0, 0})[0]).isCloseTo(-1, within(1e-14));
  }

  /** The output changes by V C(a) dU z, exactly, since it is affine in U. */
  @Test
  void derivativeIsThatInU() {
    double[] z = {1, 2};
    RealMatrix step = new Array2DRowRealMatrix(new double[][] {{0.5, -1}, {2, 0.25}});
    Head moved = new Head(head.u().add(step), head.v());
    double difference =
        new InfiniteOperator(tokens, moved).apply(z)[0]
            - new InfiniteOperator(tokens, head).apply(z)[0];
    double derivative =
        new InfiniteOperator(tokens, head).derivative(z).operate(step.operate(z))[0];
    assertThat(derivative).isCloseTo(difference, within(1e-13));
  }

  @Test
  void needsOneDimension() {
    Gaussian three = Gaussian.centred(Covariance.identity(3, 1));
    assertThatThrownBy(() -> new InfiniteOperator(three, head))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot apply a head of dimension 2 to tokens of dimension 3");
  }
}
