package dev.promptlimit.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.promptlimit.attention.Metric;
import org.junit.jupiter.api.Test;

class PublishedBoundsTest {
  @Test
  void areTheFormulas() {
    PublishedBounds bounds = new PublishedBounds(3, 0.5);
    double power = 3 / Math.pow(1000, 0.125);
    double moment = power * 64 * Math.log(1000);
    assertThat(bounds.meanSquare(Metric.OUTPUT, 2, 1000)).isCloseTo(moment, within(1e-12 * moment));
    assertThat(bounds.meanSquare(Metric.JACOBIAN_V, 2, 1000))
        .isCloseTo(moment, within(1e-12 * moment));
    double second = power * 4096 * Math.pow(Math.log(1000), 2);
    assertThat(bounds.meanSquare(Metric.JACOBIAN_U, 2, 1000))
        .isCloseTo(second, within(1e-12 * second));
  }

  /** As written they say that one token makes no error. */
  @Test
  void areZeroAtOneToken() {
    for (Metric metric : Metric.values()) {
      assertThat(new PublishedBounds(3, 0.5).meanSquare(metric, 1, 1)).isZero();
    }
  }

  @Test
  void badConstantsAreRefused() {
    for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> new PublishedBounds(bad, 1))
          .hasMessage(
              "Cannot give a published bound: c1 is " + bad + ", allowed: finite and above 0");
      assertThatThrownBy(() -> new PublishedBounds(1, bad))
          .hasMessage(
              "Cannot give a published bound: c2 is " + bad + ", allowed: finite and above 0");
    }
    PublishedBounds bounds = new PublishedBounds(1, 1);
    assertThatThrownBy(() -> bounds.meanSquare(Metric.OUTPUT, 0.9, 10))
        .hasMessage(
            "Cannot give a published bound: the sub-Gaussian scale is 0.9, allowed: finite and at least 1");
    assertThatThrownBy(() -> bounds.meanSquare(Metric.OUTPUT, 1, 0))
        .hasMessage(
            "Cannot give a published bound: the prompt length is 0.0, allowed: finite and at least 1");
  }
}
