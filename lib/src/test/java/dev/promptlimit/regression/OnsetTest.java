package dev.promptlimit.regression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.promptlimit.stat.Interval;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OnsetTest {
  private static Onset.Point point(long length, double excess, double low, double high) {
    return new Onset.Point(length, excess, new Interval(low, high));
  }

  private static Onset.Point point(long length, double excess) {
    return point(length, excess, 0.8 * excess, 1.2 * excess);
  }

  /** A power law is a line in logarithms: L(ε) = (3/ε)^{1/p} exactly. */
  @ParameterizedTest
  @ValueSource(doubles = {0.5, 1, 2})
  void powerLawsAreInterpolatedExactly(double p) {
    List<Onset.Point> points =
        LongStream.of(10, 100, 1000, 10_000)
            .mapToObj(length -> point(length, 3 * Math.pow((double) length, -p)))
            .toList();
    double epsilon = 3 * Math.pow(320, -p);

    Onset onset = Onset.of(epsilon, points);

    assertThat(onset.estimate()).isCloseTo(320, withinPercentage(1e-10));
    assertThat(onset.low()).isEqualTo(100);
    assertThat(onset.high()).isEqualTo(1000);
    assertThat(onset.reached()).isTrue();
  }

  @Test
  void intervalsWidenTheOnset() {
    List<Onset.Point> points =
        List.of(
            point(10, 1, 0.9, 1.1),
            point(100, 0.2, 0.08, 0.4),
            point(1000, 0.05, 0.01, 0.11),
            point(10_000, 0.02, -0.01, 0.04));

    Onset onset = Onset.of(0.1, points);

    assertThat(onset.low()).isEqualTo(10);
    assertThat(onset.estimate()).isCloseTo(Math.sqrt(1e5), withinPercentage(1e-10));
    assertThat(onset.high()).isEqualTo(10_000);
  }

  /** Only what stays counts. */
  @Test
  void lastFallCounts() {
    Onset onset =
        Onset.of(
            0.1,
            List.of(point(10, 0.05), point(100, 1), point(1000, 0.01), point(2000, -1, -2, 0)));

    assertThat(onset.estimate()).isCloseTo(Math.sqrt(1e5), withinPercentage(1e-10));
    assertThat(onset.low()).isEqualTo(100);
    assertThat(onset.high()).isEqualTo(1000);
  }

  @Test
  void belowFromTheFirstLengthOn() {
    Onset onset = Onset.of(0.1, List.of(point(10, 0.05), point(100, 0.01)));

    assertThat(onset).isEqualTo(new Onset(0.1, 10, 0, 10));
    assertThat(Onset.of(0.1, List.of(point(3, 1), point(9, -0.5, -1, 0))).estimate()).isEqualTo(9);
  }

  @Test
  void notReached() {
    double infinite = Double.POSITIVE_INFINITY;
    Onset onset = Onset.of(0.1, List.of(point(10, 0.05), point(100, 0.2)));
    Onset wide = Onset.of(0.1, List.of(point(10, 0.05, 0, infinite)));

    assertThat(onset).isEqualTo(new Onset(0.1, infinite, 100, infinite));
    assertThat(onset.reached()).isFalse();
    assertThat(onset).hasToString("L(0.1) not reached, above 100.0");
    assertThat(wide).isEqualTo(new Onset(0.1, 10, 0, infinite));
    assertThat(wide).hasToString("L(0.1) = 10.0 in [0.0, Infinity]");
  }

  @Test
  void badInputIsRefused() {
    List<Onset.Point> points = List.of(point(10, 0.5));
    for (double epsilon : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> Onset.of(epsilon, points))
          .hasMessage("Cannot give an onset: epsilon is " + epsilon + ", allowed: finite and > 0");
    }
    assertThatThrownBy(() -> Onset.of(1, List.of()))
        .hasMessage("Cannot give an onset: the number of lengths is 0, allowed: 1 or more");
    assertThatThrownBy(() -> Onset.of(1, List.of(point(10, 1), point(10, 1))))
        .hasMessage("Cannot give an onset: a prompt length is 10, allowed: 11 or more");
    assertThatThrownBy(() -> Onset.of(1, List.of(point(0, 1))))
        .hasMessage("Cannot give an onset: a prompt length is 0, allowed: 1 or more");
    for (Onset.Point wrong :
        List.of(
            point(10, Double.NaN, 0, 1),
            point(10, Double.POSITIVE_INFINITY, 0, 1),
            point(10, 1, Double.NaN, 1),
            point(10, 1, 2, 1))) {
      assertThatThrownBy(() -> Onset.of(1, List.of(wrong)))
          .hasMessageMatching(
              "Cannot give an onset: the excess at length 10 is .* in .*, allowed: a finite number"
                  + " and an interval");
    }
  }
}
