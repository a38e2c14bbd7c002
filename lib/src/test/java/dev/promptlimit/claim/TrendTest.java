package dev.promptlimit.claim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.promptlimit.stat.Intervals;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrendTest {
  private static List<Double> sequence(double... x) {
    return IntStream.range(0, x.length).mapToObj(i -> x[i]).toList();
  }

  /** Of 24 orders of four numbers one has 6 falling pairs, three have 5 and five have 4. */
  @Test
  void countsOrders() {
    Trend falls = Trend.of(List.of(sequence(4, 3, 2, 1)));
    assertThat(falls.fall()).isCloseTo(1 / 24.0, within(1e-15));
    assertThat(falls.rise()).isEqualTo(1);
    assertThat(Trend.of(List.of(sequence(4, 3, 1, 2))).fall()).isCloseTo(4 / 24.0, within(1e-15));
    assertThat(Trend.of(List.of(sequence(4, 2, 1, 3))).fall()).isCloseTo(9 / 24.0, within(1e-15));
    assertThat(Trend.of(List.of(sequence(1, 2, 3, 4))).rise()).isCloseTo(1 / 24.0, within(1e-15));
  }

  @Test
  void sequencesAddUp() {
    Trend two = Trend.of(List.of(sequence(2, 1), sequence(3, 2, 1)));
    assertThat(two.fall()).isCloseTo(1 / 12.0, within(1e-15));
    assertThat(two.lengths()).isEqualTo(3);
  }

  @Test
  void nothingAndTiesSayNothing() {
    assertThat(Trend.of(List.of())).isEqualTo(new Trend(0, 1, 1));
    assertThat(Trend.of(List.of(sequence(1)))).isEqualTo(new Trend(1, 1, 1));
    assertThat(Trend.of(List.of(sequence(1, 1, 1, 1)))).isEqualTo(new Trend(4, 1, 1));
  }

  /** As many lengths as the published experiment has: 19! orders. */
  @Test
  void manyLengthsDecide() {
    double[] x = IntStream.range(0, 19).mapToDouble(i -> 1.0 / (i + 1)).toArray();
    assertThat(Trend.of(List.of(sequence(x))).fall()).isLessThan(1e-12);
    double[] longer = IntStream.range(0, 1000).mapToDouble(i -> -i).toArray();
    Trend thinned = Trend.of(List.of(sequence(longer)));
    assertThat(thinned.fall()).isLessThan(1e-12);
    assertThat(thinned.lengths()).isEqualTo(1000);
  }

  /** Seed 3, 4000 random orders of 9 numbers: p ≤ 0.05 as often as it may, to errors of 1e-6. */
  @Test
  void holdsItsError() {
    Random random = new Random(3);
    List<Double> x = new ArrayList<>(sequence(1, 2, 3, 4, 5, 6, 7, 8, 9));
    long small = 0;
    for (int trial = 0; trial < 4000; trial++) {
      Collections.shuffle(x, random);
      small += Trend.of(List.of(x)).fall() <= 0.05 ? 1 : 0;
    }
    assertThat(Intervals.binomial(small, 4000, 1e-6).low()).isLessThan(0.05);
    assertThat(Intervals.binomial(small, 4000, 1e-6).high()).isGreaterThan(0.03); // p is discrete
  }
}
