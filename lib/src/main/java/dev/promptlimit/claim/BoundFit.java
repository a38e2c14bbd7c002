package dev.promptlimit.claim;

import dev.promptlimit.attention.Metric;
import dev.promptlimit.stat.Interval;
import dev.promptlimit.theory.PublishedBounds;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.hipparchus.util.FastMath;

/**
 * Measured mean-square errors e(σ, L) of one head beside a bound whose constants are unknown, B =
 * c₁ g(σ, L; c₂) with
 *
 * <pre>
 *   output, jacobian-v   g = σ⁶ ln L / L^{c₂/σ²}
 *   jacobian-u           g = σ¹² ln² L / L^{c₂/σ²}
 * </pre>
 *
 * <p>(Boursier and Boyer, arXiv 2512.11784, Propositions 3.1 and 3.4; {@link PublishedBounds}).
 * Everything is interval arithmetic, so it holds with the confidence that the intervals hold with
 * together. Lengths below 2 are left out: there the bound is 0. An interval that is not known is
 * [0, ∞].
 */
final class BoundFit {
  /** Scales closer than this, relative, are one: they differ by rounding. */
  static final double ROUNDING = 1e-9;

  private static final double STEP = 0.05;
  private static final int MOST_ROWS = 40;

  /**
   * The errors of one token measure by prompt length.
   *
   * @param name of the tokens
   * @param sigma σ ≥ 1
   * @param freezing half the mean score variance: prompts below e^freezing freeze onto one token
   * @param errors intervals for e(σ, L)
   */
  record Series(String name, double sigma, double freezing, SortedMap<Long, Interval> errors) {
    /** Without lengths below 2, and with [0, ∞] for what is not known. */
    Series {
      TreeMap<Long, Interval> kept = new TreeMap<>();
      errors.tailMap(2L).forEach((length, error) -> kept.put(length, known(error)));
      errors = kept;
    }

    /** Positive upper ends, for logarithms. */
    private static Interval known(Interval error) {
      return new Interval(
          error.low() > 0 && error.low() < Double.POSITIVE_INFINITY ? error.low() : 0,
          error.high() < Double.POSITIVE_INFINITY
              ? Math.max(error.high(), Double.MIN_NORMAL)
              : Double.POSITIVE_INFINITY);
    }

    double variance() {
      return sigma * sigma;
    }

    /**
     * The exponent −Δ ln e / Δ ln L between two lengths; [−∞, ∞] where one of them was not
     * measured.
     */
    Interval exponent(long from, long to) {
      Interval first = errors.get(from);
      Interval last = errors.get(to);
      if (first == null || last == null) {
        return new Interval(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
      }
      double width = FastMath.log((double) to / from);
      double low =
          first.low() > 0 && last.high() < Double.POSITIVE_INFINITY
              ? FastMath.log(first.low() / last.high()) / width
              : Double.NEGATIVE_INFINITY;
      double high =
          last.low() > 0 && first.high() < Double.POSITIVE_INFINITY
              ? FastMath.log(first.high() / last.low()) / width
              : Double.POSITIVE_INFINITY;
      return new Interval(low, high);
    }
  }

  /**
   * The smallest c₁ that holds at every point for one c₂.
   *
   * @param c1 its interval
   * @param sigma where its upper end is attained
   * @param length the same
   */
  record Row(double c2, Interval c1, double sigma, long length) {}

  /**
   * The largest c₂ for which e/g does not grow at the longest prompts.
   *
   * @param c2 its interval
   * @param sigma where its upper end is attained
   * @param from the shorter of the two lengths it rests on
   * @param to the longest
   */
  record Largest(Interval c2, double sigma, long from, long to) {}

  private final Metric metric;
  private final List<Series> series;
  private final List<Long> lengths;

  /**
   * @param series at least one
   */
  BoundFit(Metric metric, List<Series> series) {
    this.metric = metric;
    this.series = List.copyOf(series);
    TreeSet<Long> common = new TreeSet<>(series.get(0).errors().keySet());
    series.forEach(one -> common.retainAll(one.errors().keySet()));
    lengths = List.copyOf(common);
  }

  Metric metric() {
    return metric;
  }

  List<Series> series() {
    return series;
  }

  /** The lengths from 2 on that all tokens were measured at, ascending. */
  List<Long> lengths() {
    return lengths;
  }

  /** The different scales, ascending. */
  List<Double> sigmas() {
    List<Double> different = new ArrayList<>();
    series.stream()
        .mapToDouble(Series::sigma)
        .sorted()
        .forEach(
            sigma -> {
              if (different.isEmpty()
                  || sigma > different.get(different.size() - 1) * (1 + ROUNDING)) {
                different.add(sigma);
              }
            });
    return different;
  }

  /** The exponent k of the logarithm in the bound. */
  int logPower() {
    return metric == Metric.JACOBIAN_U ? 2 : 1;
  }

  /** The smallest c₁ that holds at every point, for every c₂ of the grid; it rises with c₂. */
  List<Row> frontier(List<Double> grid) {
    return grid.stream().map(this::row).toList();
  }

  private Row row(double c2) {
    PublishedBounds unit = new PublishedBounds(1, c2);
    double low = 0;
    double high = 0;
    double sigma = Double.NaN;
    long length = 0;
    for (Series one : series) {
      for (var point : one.errors().entrySet()) {
        double g = unit.meanSquare(metric, one.sigma(), point.getKey());
        low = Math.max(low, point.getValue().low() / g);
        if (point.getValue().high() / g > high) {
          high = point.getValue().high() / g;
          sigma = one.sigma();
          length = point.getKey();
        }
      }
    }
    return new Row(c2, new Interval(low, high), sigma, length);
  }

  /** Values of c₂ from {@value #STEP} on to a bit above what can be of use, at most 40. */
  List<Double> grid() {
    double useful = lengths.size() < 2 ? Double.NaN : largest().c2().high();
    double top = useful < 1e3 ? Math.max(useful, 0) + 4 * STEP : 2;
    double step = STEP * Math.max(1, FastMath.ceil(top / STEP / MOST_ROWS));
    List<Double> grid = new ArrayList<>();
    for (int k = 1; k <= MOST_ROWS && (k == 1 || k * step <= top); k++) {
      grid.add(k * step);
    }
    return grid;
  }

  /**
   * min over σ of σ² · (−Δ ln(e/ln^k L) / Δ ln L) between the longest length and one about an
   * eighth of it; needs two lengths.
   */
  Largest largest() {
    long to = lengths.get(lengths.size() - 1);
    long from = nearest(lengths.subList(0, lengths.size() - 1), to / 8.0);
    double logs =
        logPower()
            * FastMath.log(FastMath.log((double) to) / FastMath.log((double) from))
            / FastMath.log((double) to / from);
    double low = Double.POSITIVE_INFINITY;
    double high = Double.POSITIVE_INFINITY;
    double sigma = series.get(0).sigma();
    for (Series one : series) {
      Interval exponent = one.exponent(from, to);
      low = Math.min(low, one.variance() * (exponent.low() + logs));
      if (one.variance() * (exponent.high() + logs) < high) {
        high = one.variance() * (exponent.high() + logs);
        sigma = one.sigma();
      }
    }
    return new Largest(new Interval(low, high), sigma, from, to);
  }

  /** The length nearest to one in the logarithm, the shorter of two. */
  static long nearest(List<Long> lengths, double wanted) {
    long best = lengths.get(0);
    for (long length : lengths) {
      if (Math.abs(FastMath.log(length / wanted)) < Math.abs(FastMath.log(best / wanted))) {
        best = length;
      }
    }
    return best;
  }
}
