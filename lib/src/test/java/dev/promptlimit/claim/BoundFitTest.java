package dev.promptlimit.claim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.promptlimit.attention.Metric;
import dev.promptlimit.claim.BoundFit.Row;
import dev.promptlimit.claim.BoundFit.Series;
import dev.promptlimit.stat.Interval;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BoundFitTest {
  private static Series series(double sigma, Map<Long, Interval> errors) {
    return new Series("tokens " + sigma, sigma, 0, new TreeMap<>(errors));
  }

  private static final List<Series> SERIES =
      List.of(
          series(
              1,
              Map.of(
                  1L, new Interval(50, 60),
                  2L, new Interval(0.5, 0.6),
                  8L, new Interval(0.2, 0.3),
                  64L, new Interval(0.03, 0.04))),
          series(
              2,
              Map.of(
                  2L, new Interval(0.9, 1.1),
                  8L, new Interval(0.7, 0.8),
                  64L, new Interval(0.5, 0.6),
                  100L, new Interval(0.4, 0.5))));

  /** Against every single point, by the formula as it is printed. */
  @ParameterizedTest
  @EnumSource(Metric.class)
  void theFrontierIsTightAndRises(Metric metric) {
    BoundFit fit = new BoundFit(metric, SERIES);
    Row before = null;
    for (Row row : fit.frontier(fit.grid())) {
      double low = 0;
      double high = 0;
      for (Series one : SERIES) {
        for (var point : one.errors().entrySet()) {
          double l = (double) point.getKey();
          double sigma = one.sigma();
          double g =
              metric == Metric.JACOBIAN_U
                  ? Math.pow(sigma, 12) * Math.pow(Math.log(l), 2)
                  : Math.pow(sigma, 6) * Math.log(l);
          g /= Math.pow(l, row.c2() / (sigma * sigma));
          low = Math.max(low, point.getValue().low() / g);
          high = Math.max(high, point.getValue().high() / g);
          if (sigma == row.sigma() && point.getKey() == row.length()) {
            assertThat(point.getValue().high() / g).isCloseTo(row.c1().high(), within(1e-12));
          }
        }
      }
      assertThat(row.c1().low()).isCloseTo(low, within(1e-12 * low));
      assertThat(row.c1().high()).isCloseTo(high, within(1e-12 * high));
      if (before != null) {
        assertThat(row.c2()).isGreaterThan(before.c2());
        assertThat(row.c1().high()).isGreaterThan(before.c1().high());
        assertThat(row.c1().low()).isGreaterThan(before.c1().low());
      }
      before = row;
    }
  }

  @Test
  void oneTokenDoesNotCount() {
    assertThat(SERIES.get(0).errors()).containsOnlyKeys(2L, 8L, 64L);
    assertThat(new BoundFit(Metric.OUTPUT, SERIES).lengths()).containsExactly(2L, 8L, 64L);
  }

  @Test
  void whatIsNotKnownIsEverything() {
    Interval unknown = new Interval(0, Double.POSITIVE_INFINITY);
    Series one =
        series(
            1,
            Map.of(
                2L, new Interval(Double.NaN, Double.NaN),
                4L, new Interval(-1, Double.POSITIVE_INFINITY),
                8L, new Interval(1, 2),
                16L, new Interval(0, 0)));
    assertThat(one.errors()).containsEntry(2L, unknown).containsEntry(4L, unknown);
    assertThat(one.exponent(2, 8).low()).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(one.exponent(2, 8).high()).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(one.exponent(8, 16).high()).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(one.exponent(8, 1000)).isEqualTo(one.exponent(2, 4));
    BoundFit fit = new BoundFit(Metric.OUTPUT, List.of(one));
    assertThat(fit.frontier(fit.grid()).get(0).c1().high()).isEqualTo(Double.POSITIVE_INFINITY);
  }

  @Test
  void scalesThatDifferByRoundingAreOne() {
    Map<Long, Interval> errors = Map.of(2L, new Interval(1, 1));
    List<Series> series =
        List.of(series(2, errors), series(1, errors), series(2 + 1e-15, errors), series(3, errors));
    assertThat(new BoundFit(Metric.OUTPUT, series).sigmas()).containsExactly(1.0, 2.0, 3.0);
  }

  /** e = ln L / L^{0.8/σ²} exactly, so the normalised error does not grow up to c₂ = 0.8. */
  @Test
  void theLargestConstantWithoutGrowthIsThatOfTheForm() {
    List<Long> lengths = BoundCases.lengths(2, 1024, 2);
    BoundFit fit =
        new BoundFit(
            Metric.OUTPUT,
            BoundCases.invented((v, l) -> Math.log(l) * Math.pow(l, -0.8 / v), lengths));
    assertThat(fit.largest().c2().low()).isCloseTo(0.8, within(1e-12));
    assertThat(fit.largest().c2().high()).isCloseTo(0.8, within(1e-12));
    assertThat(fit.largest().from()).isEqualTo(128);
    assertThat(fit.largest().to()).isEqualTo(1024);
    List<Double> grid = fit.grid();
    assertThat(grid).hasSizeLessThanOrEqualTo(40);
    assertThat(grid.get(grid.size() - 1)).isBetween(0.8, 1.05);
  }

  @Test
  void theGridHasAtMostFortyRowsWhateverTheExponent() {
    BoundFit steep =
        new BoundFit(
            Metric.OUTPUT,
            BoundCases.invented((v, l) -> Math.pow(l, -7), BoundCases.lengths(2, 64, 2)));
    List<Double> grid = steep.grid();
    assertThat(grid).hasSizeLessThanOrEqualTo(40);
    assertThat(grid.get(grid.size() - 1)).isGreaterThan(7);
    BoundFit unknown =
        new BoundFit(Metric.OUTPUT, List.of(series(1, Map.of(2L, new Interval(0, 1)))));
    assertThat(unknown.grid()).hasSize(40);
  }
}
