package dev.promptlimit.jobs.table;

import dev.promptlimit.attention.BruteForceSampler;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.attention.QueryDraw;
import dev.promptlimit.attention.Setting;
import dev.promptlimit.jobs.config.Blocks;
import dev.promptlimit.jobs.config.Cell;
import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.jobs.table.CellResult.Quantile;
import dev.promptlimit.jobs.table.CellResult.TailPoint;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.stat.ErrorBudget;
import dev.promptlimit.stat.Interval;
import dev.promptlimit.stat.StratifiedDeviations;
import dev.promptlimit.stat.TailHistogram;
import dev.promptlimit.stat.TailLimit;
import dev.promptlimit.theory.DeltaMethod;
import dev.promptlimit.theory.DeviationBound;
import dev.promptlimit.theory.ExactMeanSquares;
import dev.promptlimit.theory.QueryForms;
import dev.promptlimit.theory.QuerySpectrum;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Turns merged blocks into results.
 *
 * <p>All intervals of a run hold simultaneously, at all looks, with error {@code
 * claims.family-error} (those of means asymptotically, but where they are guaranteed), shared by
 * {@link ErrorBudget}: among the means of all cells and metrics, and among the quantiles and the
 * tails at every one of the {@value #TAIL_EDGES} edges of each cell and metric whether it is shown
 * or not. A mean's share is halved where squared deviations have a bound: then the guaranteed
 * interval is given where it is at most twice as wide as the asymptotic one, and where that rests
 * on few events.
 */
public final class CellResults {
  /** Levels of the quantiles. */
  private static final List<String> LEVELS = List.of("0.5", "0.9", "0.99", "0.999", "0.9999");

  /** Tail probabilities are given at every fourth edge: four an octave. */
  private static final int EDGE_STEP = 4;

  /**
   * Skewness of a mean from which on an asymptotic interval is not trusted where there is another:
   * that of 16 rare events. Where nothing at all varied, the mean of bounded deviations is unknown
   * to what could not be seen.
   */
  private static final double FEW_EVENTS = 0.25;

  private static final int TAIL_EDGES = (TailHistogram.EDGES - 1) / EDGE_STEP + 1;

  /** Settings that differ in prompt length only have the same theory. */
  private record Names(String claim, String tokens, String queries, String head) {
    static Names of(Cell cell) {
      return new Names(cell.claim(), cell.tokens(), cell.queries(), cell.head());
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
          ExactMeanSquares.of(setting.limit(), setting.head(), setting.queries(), list, metrics);
      Map<Long, Map<Metric, Double>> exact = new HashMap<>();
      for (int i = 0; i < list.size(); i++) {
        exact.put(list.get(i), means.get(i));
      }
      Optional<QueryForms> forms = QueryForms.known(setting.limit(), setting.head());
      if (forms.isPresent()) {
        QuerySpectrum spectrum = new QuerySpectrum(forms.get(), setting.queries());
        return new Theory(
            Optional.of(spectrum),
            DeltaMethod.constants(forms.get(), setting.head(), setting.queries(), spectrum),
            exact);
      }
      Map<Metric, Double> constants =
          setting.queries().isFixed()
              ? DeltaMethod.constants(setting.limit(), setting.head(), setting.queries().mean())
              : Map.of();
      return new Theory(Optional.empty(), constants, exact);
    }
  }

  /** Prompts among which an inadmissible one is looked for, to say why it is. */
  private static final long SEARCHED = 1 << 20;

  /** What is known of something that no prompt tells of. */
  private static final Interval NOTHING = new Interval(Double.NaN, Double.NaN);

  private static final Interval ANYTHING = new Interval(0, Double.POSITIVE_INFINITY);

  private static final String NOT_FINITE = "the deviation is not a finite number";

  private final Experiment experiment;
  private final Map<Names, SortedSet<Long>> lengths = new HashMap<>();
  private final Map<Names, Theory> theories = new ConcurrentHashMap<>();
  private final Map<String, String> reasons = new ConcurrentHashMap<>(); // by cell key
  private final double meanAlpha;
  private final double tailAlpha;

  private static int cellMeans(Experiment experiment) {
    return experiment.cells().stream().mapToInt(cell -> cell.metrics().size()).sum();
  }

  /** How many means have intervals in results of an experiment, at least one. */
  static int means(Experiment experiment) {
    return Math.max(1, cellMeans(experiment) + TrainingResults.means(experiment));
  }

  /** For an experiment; what theory says of it is computed once. */
  public CellResults(Experiment experiment) {
    this.experiment = experiment;
    int family = Math.max(1, cellMeans(experiment));
    ErrorBudget budget = new ErrorBudget(experiment.familyError());
    meanAlpha = budget.mean(means(experiment));
    tailAlpha = budget.tail(Math.multiplyExact(family, LEVELS.size() + TAIL_EDGES));
    for (Cell cell : experiment.cells()) {
      lengths.computeIfAbsent(Names.of(cell), key -> new TreeSet<>()).add(length(cell));
    }
  }

  /**
   * The results in the order of the experiment's cells and of {@link Metric}. Each is a function of
   * its own blocks, so that the threads that compute them leave no trace.
   *
   * @param merged merged blocks by cell key; cells without blocks have no results
   */
  public List<CellResult> of(Map<String, MergedCell> merged) {
    return experiment.cells().parallelStream()
        .filter(cell -> merged.containsKey(cell.key()))
        .flatMap(
            cell ->
                cell.metrics().stream().map(metric -> result(cell, metric, merged.get(cell.key()))))
        .toList();
  }

  /** Keys of the cells that are less precise than the budget asks for. */
  public Set<String> imprecise(Map<String, MergedCell> merged) {
    return experiment.cells().stream()
        .filter(cell -> merged.containsKey(cell.key()))
        .filter(cell -> isImprecise(cell, merged.get(cell.key())))
        .map(Cell::key)
        .collect(Collectors.toSet());
  }

  private boolean isImprecise(Cell cell, MergedCell blocks) {
    double alpha = 1 - experiment.budget().confidence();
    for (Metric metric : cell.metrics()) {
      StratifiedDeviations deviations = blocks.deviations(metric, cell.strata().probabilities());
      Interval interval = mean(cell.setting(), metric, deviations, alpha).interval();
      // false where nothing is known or both are 0: more prompts would not tell more
      if (width(interval) / 2 / deviations.mean() > experiment.budget().relativeError()) {
        return true;
      }
    }
    return false;
  }

  private static long length(Cell cell) {
    return cell.setting().promptLength();
  }

  private CellResult result(Cell cell, Metric metric, MergedCell blocks) {
    Setting setting = cell.setting();
    Theory theory =
        theories.computeIfAbsent(
            Names.of(cell), key -> Theory.of(setting, lengths.get(key), cell.metrics()));
    StratifiedDeviations deviations = blocks.deviations(metric, cell.strata().probabilities());
    long prompts = blocks.prompts();
    Mean mean = mean(setting, metric, deviations, meanAlpha);
    TailLimit limit = DeviationBound.tail(setting, cell.strata(), metric);
    StratifiedDeviations.Tails tails = deviations.new Tails(tailAlpha, limit);
    return new CellResult(
        cell,
        metric,
        prompts,
        blocks.weights().effectiveSampleSize(),
        deviations,
        deviations.inadmissible() == 0 ? Optional.empty() : Optional.of(reason(cell, prompts)),
        mean.interval(),
        mean.guaranteed(),
        theory.spectrum(),
        theory.exact().get(length(cell)).get(metric),
        theory.constants().getOrDefault(metric, Double.NaN) / setting.promptLength(),
        LEVELS.stream().map(level -> quantile(level, deviations, tails)).toList(),
        tail(deviations, tails));
  }

  /** An interval of a mean square. */
  private record Mean(Interval interval, boolean guaranteed) {}

  private static Mean mean(
      Setting setting, Metric metric, StratifiedDeviations deviations, double alpha) {
    if (deviations.isEmpty()) {
      return new Mean(deviations.meanInterval(alpha), false);
    }
    double bound = DeviationBound.squared(setting, metric);
    boolean bounded = bound < Double.POSITIVE_INFINITY;
    Interval asymptotic = deviations.meanInterval(bounded ? alpha / 2 : alpha);
    boolean manyEvents = deviations.standardError() > 0 && deviations.meanSkewness() <= FEW_EVENTS;
    if (bounded) {
      Interval certain = deviations.boundedMeanInterval(bound, alpha / 2);
      boolean narrow = width(certain) <= 2 * width(asymptotic);
      return manyEvents && !narrow ? new Mean(asymptotic, false) : new Mean(certain, true);
    }
    // tokens that take few values may have hidden the one that matters; a density hides nothing
    boolean hidden = !manyEvents && setting.tokens().radius() < Double.POSITIVE_INFINITY;
    return new Mean(hidden ? ANYTHING : asymptotic, false);
  }

  private static double width(Interval interval) {
    return interval.high() - interval.low();
  }

  private String reason(Cell cell, long prompts) {
    return reasons.computeIfAbsent(cell.key(), key -> firstReason(cell, prompts));
  }

  /** Why the first inadmissible prompt is: blocks do not say, but their queries can be redrawn. */
  private String firstReason(Cell cell, long prompts) {
    int each = Blocks.of(cell).promptsPerBlock();
    if (cell.sampler() == Cell.Sampler.BRUTE_FORCE) {
      for (long done = 0; done < Math.min(prompts, SEARCHED); done += each) {
        StreamKey block = StreamKey.ofBlock(experiment.seed(), cell.key(), done / each);
        QueryDraw queries = cell.strata().draw(cell.strata().stratum(done / each));
        Optional<String> reason =
            BruteForceSampler.inadmissible(cell.setting(), queries, block, each);
        if (reason.isPresent()) {
          return reason.get();
        }
      }
    }
    return NOT_FINITE;
  }

  private static Quantile quantile(
      String level, StratifiedDeviations deviations, StratifiedDeviations.Tails tails) {
    double p = 1 - Double.parseDouble(level);
    return deviations.isEmpty()
        ? new Quantile(level, Double.NaN, NOTHING)
        : new Quantile(level, deviations.quantile(p), tails.quantile(p));
  }

  /** From the last edge that all deviations exceed to the first that none does. */
  private static List<TailPoint> tail(
      StratifiedDeviations deviations, StratifiedDeviations.Tails tails) {
    long n = deviations.n();
    int first = 0;
    int last = 0;
    for (int edge = 0; edge < TailHistogram.EDGES; edge += EDGE_STEP) {
      long beyond = deviations.exceedances(edge);
      if (beyond == n) {
        first = edge;
      }
      if (beyond > 0) {
        last = Math.min(edge + EDGE_STEP, TailHistogram.EDGES - 1);
      }
    }
    List<TailPoint> points = new ArrayList<>();
    for (int edge = first; !deviations.isEmpty() && edge <= last; edge += EDGE_STEP) {
      points.add(
          new TailPoint(
              TailHistogram.edge(edge),
              deviations.exceedances(edge),
              deviations.tail(edge),
              tails.interval(edge)));
    }
    return points;
  }
}
