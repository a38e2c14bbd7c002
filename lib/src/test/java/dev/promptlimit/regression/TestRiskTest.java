package dev.promptlimit.regression;

import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.attention.Head;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.random.Significance;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.stat.Moments;
import org.hipparchus.linear.MatrixUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two ways to one risk, at 5.73 standard errors of their difference: false alarms 1e-8 each, 8. */
class TestRiskTest {
  private static final TaskFamily FAMILY = new TaskFamily(Covariance.toeplitz(2, 0.5, 1), 0.8, 0.3);

  /**
   * On its way to the best head, so that its risk falls with the length: risks of random heads may
   * hardly depend on it, as E(2cy + q) may be 0, or be ruled by rare tasks.
   */
  private static final Head HEAD =
      new Head(
          MatrixUtils.createRealMatrix(new double[][] {{0.5, 0, 0}, {0, 0.4, 0}, {0.1, 0, 0}}),
          MatrixUtils.createRowRealMatrix(new double[] {0.1, -0.1, 1}));

  private static Moments risk(InputLaw law, Activation activation, long length, String name) {
    StreamKey key = StreamKey.ofBlock(1, name, 0);
    return new TestRisk(FAMILY, law, activation, length, 1 << 14, key).moments(HEAD);
  }

  /**
   * Mean losses of batches of 16 prompts that have nothing in common with the sample: many where
   * few coordinates are drawn, so that half the length is found out.
   */
  private static Moments simulated(InputLaw law, Activation activation, long length) {
    BatchGradient batch =
        new BatchGradient(FAMILY, law, activation, length, law != InputLaw.GAUSSIAN);
    double[] u = new double[9];
    for (int i = 0; i < 3; i++) {
      System.arraycopy(HEAD.u().getRow(i), 0, u, 3 * i, 3);
    }
    double[] means = new double[law == InputLaw.GAUSSIAN ? 1 << 14 : 1 << 10];
    batch.begin(StreamKey.ofBlock(2, "simulated", 0));
    for (int k = 0; k < means.length; k++) {
      means[k] = batch.add(u, HEAD.v().getRow(0), 16, new double[9], new double[3]) / 16;
    }
    return Moments.of(means, means.length);
  }

  private static double distance(Moments one, Moments other) {
    double error = one.variance() / one.n() + other.variance() / other.n();
    return Math.abs(one.mean() - other.mean()) / Math.sqrt(error);
  }

  @ParameterizedTest
  @EnumSource(InputLaw.class)
  void isTheMeanLossOfPrompts(InputLaw law) {
    for (Activation activation : Activation.values()) {
      assertThat(distance(risk(law, activation, 12, "sample"), simulated(law, activation, 12)))
          .as("%s", activation)
          .isLessThan(Significance.ACCEPTED);
    }
  }

  @Test
  void theComparisonFindsAnotherLength() {
    Moments longer = risk(InputLaw.GAUSSIAN, Activation.SOFTMAX, 16, "sample");
    assertThat(distance(longer, simulated(InputLaw.GAUSSIAN, Activation.SOFTMAX, 8)))
        .isGreaterThan(Significance.ACCEPTED);
  }

  /** ⌈64 ln(1/α)⌉ = 1179 at 1e-8, as for means of cells. */
  @ParameterizedTest
  @EnumSource(InputLaw.class)
  void fewPromptsGiveNoInterval(InputLaw law) {
    for (int prompts : new int[] {1178, 1179}) {
      TestRisk risk =
          new TestRisk(
              FAMILY, law, Activation.LINEAR, 5, prompts, StreamKey.ofBlock(1, "sample", 0));
      assertThat(Double.isInfinite(risk.interval(risk.moments(HEAD), 1e-8).high()))
          .isEqualTo(prompts == 1178);
    }
  }

  @ParameterizedTest
  @EnumSource(InputLaw.class)
  void isAFunctionOfTheSample(InputLaw law) {
    assertThat(risk(law, Activation.LINEAR, 5, "sample"))
        .isEqualTo(risk(law, Activation.LINEAR, 5, "sample"))
        .isNotEqualTo(risk(law, Activation.LINEAR, 5, "another"));
  }
}
