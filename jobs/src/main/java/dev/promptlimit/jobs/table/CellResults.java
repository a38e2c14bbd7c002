package dev.promptlimit.jobs.table;

import dev.promptlimit.attention.BlockSummary;
import dev.promptlimit.attention.BruteForceSampler;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.attention.Setting;
import dev.promptlimit.jobs.config.Blocks;
import dev.promptlimit.jobs.config.Cell;
import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.jobs.table.CellResult.Quantile;
import dev.promptlimit.jobs.table.CellResult.TailPoint;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.stat.DeviationSummary;
import dev.promptlimit.stat.Interval;
import dev.promptlimit.stat.Intervals;
import dev.promptlimit.stat.TailHistogram;
import dev.promptlimit.theory.DeltaMethod;
import dev.promptlimit.theory.ExactMeanSquares;
import dev.promptlimit.theory.QuerySpectrum;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
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
  private record Names(String tokens, String queries, String head) {
    static Names of(Cell cell) {
      return new Names(cell.tokens(), cell.queries(), cell.head());
    }
  }

  /** What is known of a setting at every prompt length. */
  private record Theory(
      Optional<QuerySpectrum> spectrum,
      Map<Metric, Double> constants,
      Map<Long, Map<Metric, Double>> exact) {

    static Theory of(Setting setting, Set<Long> lengths, Set<Metric> metrics) {
      List<Long> list = List.copyOf(lengths);
      List<Map<Metric, Double>> means =
          ExactMeanSquares.of(setting.tokens(), setting.head(), setting.queries(), list, metrics);
      Map<Long, Map<Metric, Double>> exact = new HashMap<>();
      for (int i = 0; i < list.size(); i++) {
        exact.put(list.get(i), means.get(i));
      }
      if (setting.tokens() instanceof Gaussian tokens) {
        QuerySpectrum spectrum = new QuerySpectrum(tokens, setting.head(), setting.queries());
        return new Theory(
            Optional.of(spectrum),
            DeltaMethod.constants(tokens, setting.head(), setting.queries(), spectrum),
            exact);
      }
      Map<Metric, Double> constants =
          setting.queries().isFixed()
              ? DeltaMethod.constants(setting.tokens(), setting.head(), setting.queries().mean())
              : Map.of();
      return new Theory(Optional.empty(), constants, exact);
    }
  }

  /** Prompts among which an inadmissible one is looked for, to say why it is. */
  private static final long SEARCHED = 1 << 20;

  /** What is known of something that no prompt tells of. */
  private static final Interval NOTHING = new Interval(Double.NaN, Double.NaN);

  private static final String NOT_FINITE = "the deviation is not a finite number";

  private final Map<Names, SortedSet<Long>> lengths = new HashMap<>();
  private final Map<Names, Theory> theories = new HashMap<>();
  private final Map<String, String> reasons = new HashMap<>(); // by cell key
  private final long seed;
  private final double meanAlpha;
  private final double quantileAlpha;
  private final double tailAlpha;

  private CellResults(long seed, double familyError, int family) {
    this.seed = seed;
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
    CellResults results = new CellResults(experiment.seed(), experiment.familyError(), family);
    for (Cell cell : experiment.cells()) {
      if (merged.containsKey(cell.key())) {
        results.lengths.computeIfAbsent(Names.of(cell), key -> new TreeSet<>()).add(length(cell));
      }
    }
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

  private static long length(Cell cell) {
    return cell.setting().promptLength();
  }

  private CellResult result(Cell cell, Metric metric, BlockSummary block) {
    DeviationSummary summary = block.deviations().get(metric);
    Setting setting = cell.setting();
    Theory theory =
        theories.computeIfAbsent(
            Names.of(cell), key -> Theory.of(setting, lengths.get(key), cell.metrics()));
    long[] exceedances = summary.tail().exceedances();
    return new CellResult(
        cell,
        metric,
        block.prompts(),
        summary,
        summary.inadmissible() == 0 ? Optional.empty() : Optional.of(reason(cell, block.prompts())),
        summary.moments().n() == 0 ? NOTHING : Intervals.mean(summary.moments(), meanAlpha),
        theory.spectrum(),
        theory.exact().get(length(cell)).get(metric),
        theory.constants().getOrDefault(metric, Double.NaN) / setting.promptLength(),
        LEVELS.stream().map(level -> quantile(level, summary.tail())).toList(),
        tail(exceedances, summary.moments().n()));
  }

  private String reason(Cell cell, long prompts) {
    return reasons.computeIfAbsent(cell.key(), key -> firstReason(cell, prompts));
  }

  /** Why the first inadmissible prompt is: blocks do not say, but their queries can be redrawn. */
  private String firstReason(Cell cell, long prompts) {
    int each = Blocks.of(cell).promptsPerBlock();
    if (cell.sampler() == Cell.Sampler.BRUTE_FORCE) {
      for (long done = 0; done < Math.min(prompts, SEARCHED); done += each) {
        StreamKey block = StreamKey.ofBlock(seed, cell.key(), done / each);
        Optional<String> reason = BruteForceSampler.inadmissible(cell.setting(), block, each);
        if (reason.isPresent()) {
          return reason.get();
        }
      }
    }
    return NOT_FINITE;
  }

  private Quantile quantile(String level, TailHistogram tail) {
    long n = tail.total();
    if (n == 0) {
      return new Quantile(level, Double.NaN, NOTHING);
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
