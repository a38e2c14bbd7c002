package dev.promptlimit.stat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class DeviationSummaryTest {
  @Test
  void summarisesSquaredDeviations() {
    DeviationSummary summary = DeviationSummary.of(new double[] {1, 4, 16, 99}, 3);
    assertThat(summary.inadmissible()).isEqualTo(0);
    assertThat(summary.moments()).isEqualTo(Moments.of(new double[] {1, 4, 16}, 3));
    assertThat(summary.tail().total()).isEqualTo(3);
    assertThat(summary.tail().occupiedBins()).containsExactly(960, 976, 992); // 1, 2, 4
  }

  @Test
  void countsWhatIsNoFiniteNumberApart() {
    double[] squared = {
      1, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -1, -Double.MIN_VALUE, 4
    };
    DeviationSummary summary = DeviationSummary.of(squared, squared.length);
    assertThat(summary.inadmissible()).isEqualTo(5);
    assertThat(summary.moments()).isEqualTo(Moments.of(new double[] {1, 4}, 2));
    assertThat(summary.tail()).isEqualTo(DeviationSummary.of(new double[] {1, 4}, 2).tail());
  }

  @Test
  void zeroAndTheLargestNumberAreAdmissible() {
    DeviationSummary summary = DeviationSummary.of(new double[] {0, -0.0, 1e-320, 1e70}, 4);
    assertThat(summary.inadmissible()).isEqualTo(0);
    assertThat(summary.tail().count(0)).isEqualTo(3);
    assertThat(DeviationSummary.of(new double[] {Double.MAX_VALUE}, 1).inadmissible()).isEqualTo(0);
  }

  @Test
  void emptyIsNeutralExactly() {
    DeviationSummary some = DeviationSummary.of(new Random(1).doubles(50, -1, 9).toArray(), 50);
    assertThat(some.inadmissible()).isPositive();
    assertThat(DeviationSummary.empty().combine(some)).isEqualTo(some);
    assertThat(some.combine(DeviationSummary.empty())).isEqualTo(some);
    assertThat(DeviationSummary.of(new double[0], 0)).isEqualTo(DeviationSummary.empty());
  }

  @Test
  void combinesEveryPartAndChangesNeither() {
    DeviationSummary one = DeviationSummary.of(new double[] {1, Double.NaN}, 2);
    DeviationSummary two = DeviationSummary.of(new double[] {4, -1, -2}, 3);
    DeviationSummary both = one.combine(two);
    assertThat(both.inadmissible()).isEqualTo(3);
    assertThat(both.moments()).isEqualTo(one.moments().combine(two.moments()));
    assertThat(both.tail().occupiedBins()).containsExactly(960, 976);
    assertThat(one).isEqualTo(DeviationSummary.of(new double[] {1, Double.NaN}, 2));
    assertThat(two).isEqualTo(DeviationSummary.of(new double[] {4, -1, -2}, 3));
  }

  @Test
  void refusesMoreThanALongCanCount() {
    DeviationSummary most =
        new DeviationSummary(Long.MAX_VALUE, Moments.EMPTY, new TailHistogram());
    DeviationSummary one = DeviationSummary.of(new double[] {-1}, 1);
    assertThatThrownBy(() -> most.combine(one)).isInstanceOf(ArithmeticException.class);
  }
}
