package dev.promptlimit.jobs.table;

import dev.promptlimit.attention.BlockSummary;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.attention.Setting;
import dev.promptlimit.jobs.config.Cell;
import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.jobs.table.CellResult.Quantile;
import dev.promptlimit.jobs.table.CellResult.TailPoint;
import dev.promptlimit.stat.DeviationSummary;
import dev.promptlimit.stat.Interval;
import dev.promptlimit.stat.Intervals;
import dev.promptlimit.stat.TailHistogram;
import dev.promptlimit.theory.DeltaMethod;
import dev.promptlimit.theory.QuerySpectrum;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.hipparchus.util.FastMath;

/**
 * Turns merged blocks into results.
 *
 * <p>All intervals of a run hold simultaneously with error {@code claims.family-error}, by
 * Bonferroni: half of it is shared equally by the mean-square errors, a quarter by all quantiles, a
 * quarter by all tail probabilities, at every one of the {@value #TAIL_EDGES} edges of each cell
 * and metric whether it is shown or not.
 */
public final class CellResults {
  /** Levels of the quantiles. */
  private static final List<String> LEVELS = List.of("0.5", "0.9", "0.99", "0.999", "0.9999");

  /** Tail probabilities are given at every fourth edge: four an octave. */
  private static final int EDGE_STEP = 4;

  private static final int TAIL_EDGES = (TailHistogram.EDGES - 1) / EDGE_STEP + 1;

  /** Settings that differ in prompt length only have the same theory. */
  private record Names(String tokens, String queries, String head) {}

  private record Theory(QuerySpectrum spectrum, Map<Metric, Double> constants) {
    static Theory of(Setting setting) {
      QuerySpectrum spectrum =
          new QuerySpectrum(setting.tokens(), setting.head(), setting.queries());
      return new Theory(
          spectrum,
          DeltaMethod.constants(setting.tokens(), setting.head(), setting.queries(), spectrum));
    }
  }

  private final Map<Names, Theory> theories = new HashMap<>();
  private final double meanAlpha;
  private final double quantileAlpha;
  private final double tailAlpha;

  private CellResults(double familyError, int family) {
    meanAlpha = familyError / 2 / family;
    quantileAlpha = familyError / 4 / family / LEVELS.size();
    tailAlpha = familyError / 4 / family / TAIL_EDGES;
  }

  /**
   * The results of an experiment, in the order of its cells and of {@link Metric}.
   *
   * @param merged merged blocks by cell key; cells without blocks have no results
   */
  public static List<CellResult> of(Experiment experiment, Map<String, BlockSummary> merged) {
    int family = experiment.cells().stream().mapToInt(cell -> cell.metrics().size()).sum();
    CellResults results = new CellResults(experiment.familyError(), family);
    List<CellResult> all = new ArrayList<>();
    for (Cell cell : experiment.cells()) {
      BlockSummary summary = merged.get(cell.key());
      if (summary != null) {
        for (Metric metric : cell.metrics()) {
          all.add(results.result(cell, metric, summary));
        }
      }
    }
    return all;
  }

  private CellResult result(Cell cell, Metric metric, BlockSummary block) {
    DeviationSummary summary = block.deviations().get(metric);
    Setting setting = cell.setting();
    Theory theory =
        theories.computeIfAbsent(
            new Names(cell.tokens(), cell.queries(), cell.head()), key -> Theory.of(setting));
    long[] exceedances = summary.tail().exceedances();
    return new CellResult(
        cell,
        metric,
        block.prompts(),
        summary,
        Intervals.mean(summary.moments(), meanAlpha),
        theory.spectrum(),
        theory.constants().get(metric) / setting.promptLength(),
        LEVELS.stream().map(level -> quantile(level, summary.tail())).toList(),
        tail(exceedances, summary.moments().n()));
  }

  private Quantile quantile(String level, TailHistogram tail) {
    long n = tail.total();
    if (n == 0) {
      return new Quantile(level, Double.NaN, new Interval(0, Double.POSITIVE_INFINITY));
    }
    double q = Double.parseDouble(level);
    long[] ranks = Intervals.quantileRanks(n, q, quantileAlpha);
    long rank = Math.min(n, (long) Math.floor(q * n) + 1);
    int bin = binOfRank(tail, rank);
    long below = countBelow(tail, bin);
    double value = interpolate(bin, (rank - below - 0.5) / tail.count(bin));
    double low = ranks[0] == 0 ? 0 : lowerEdge(binOfRank(tail, ranks[0]));
    double high = ranks[1] > n ? Double.POSITIVE_INFINITY : upperEdge(binOfRank(tail, ranks[1]));
    return new Quantile(level, value, new Interval(low, high));
  }

  /** The bin of the deviation that is number {@code rank} = 1..n in ascending order. */
  private static int binOfRank(TailHistogram tail, long rank) {
    long seen = 0;
    for (int bin = 0; ; bin++) {
      seen += tail.count(bin);
      if (seen >= rank) {
        return bin;
      }
    }
  }

  private static long countBelow(TailHistogram tail, int bin) {
    long below = 0;
    for (int i = 0; i < bin; i++) {
      below += tail.count(i);
    }
    return below;
  }

  private static double lowerEdge(int bin) {
    return bin == 0 ? 0 : TailHistogram.edge(bin - 1);
  }

  private static double upperEdge(int bin) {
    return bin == TailHistogram.BINS - 1 ? Double.POSITIVE_INFINITY : TailHistogram.edge(bin);
  }

  /** A deviation within a bin, geometrically; the open bins give their finite end. */
  private static double interpolate(int bin, double fraction) {
    double low = lowerEdge(bin);
    double high = upperEdge(bin);
    if (low == 0 || high == Double.POSITIVE_INFINITY) {
      return low;
    }
    return low * FastMath.pow(high / low, fraction);
  }

  /** From the last edge that all deviations exceed to the first that none does. */
  private List<TailPoint> tail(long[] exceedances, long n) {
    int first = 0;
    int last = 0;
    for (int k = 0; k < exceedances.length; k += EDGE_STEP) {
      if (exceedances[k] == n) {
        first = k;
      }
      if (exceedances[k] > 0) {
        last = Math.min(k + EDGE_STEP, exceedances.length - 1);
      }
    }
    List<TailPoint> points = new ArrayList<>();
    for (int k = first; n > 0 && k <= last; k += EDGE_STEP) {
      points.add(
          new TailPoint(
              TailHistogram.edge(k),
              exceedances[k],
              Intervals.binomial(exceedances[k], n, tailAlpha)));
    }
    return points;
  }
}
