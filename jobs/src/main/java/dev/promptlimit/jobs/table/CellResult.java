package dev.promptlimit.jobs.table;

import dev.promptlimit.attention.Metric;
import dev.promptlimit.claim.Observation;
import dev.promptlimit.jobs.config.Cell;
import dev.promptlimit.stat.Interval;
import dev.promptlimit.stat.StratifiedDeviations;
import dev.promptlimit.theory.QuerySpectrum;
import java.util.List;
import java.util.Optional;

/**
 * What a run says about one metric of one cell.
 *
 * @param cell the cell
 * @param metric the metric
 * @param prompts prompts simulated
 * @param effectivePrompts effective sample size of their importance weights, (Σ ω)² / Σ ω²
 * @param deviations their merged deviations
 * @param inadmissibleReason why a prompt is inadmissible, for one of them; empty if none is
 * @param meanSquare interval of the mean-square error
 * @param guaranteed whether that interval holds for every number of prompts, and not only
 *     asymptotically
 * @param spectrum how strongly the cell's queries tilt its tokens; empty unless they are Gaussian
 *     in every prompt, with score variances that depend on the query alone
 * @param exact the mean-square error by exact theory; NaN where it is not known
 * @param delta the delta-method constant divided by the prompt length; +∞ where the average over
 *     queries is infinite, NaN where it is not known
 * @param quantiles quantiles of the deviation
 * @param tail tail probabilities of the deviation
 */
public record CellResult(
    Cell cell,
    Metric metric,
    long prompts,
    double effectivePrompts,
    StratifiedDeviations deviations,
    Optional<String> inadmissibleReason,
    Interval meanSquare,
    boolean guaranteed,
    Optional<QuerySpectrum> spectrum,
    double exact,
    double delta,
    List<Quantile> quantiles,
    List<TailPoint> tail) {

  /**
   * A quantile of the deviation, known to a bin of the histogram.
   *
   * @param level its level as written in results
   * @param value estimate, interpolated within the bin; NaN without admissible prompts
   * @param interval interval whose ends are edges of bins
   */
  public record Quantile(String level, double value, Interval interval) {}

  /**
   * A tail probability.
   *
   * @param deviation u, an edge of the histogram
   * @param count admissible prompts with a deviation &gt; u, of all strata
   * @param estimate estimate of P(deviation &gt; u) among admissible prompts
   * @param probability its interval
   */
  public record TailPoint(double deviation, long count, double estimate, Interval probability) {}

  /** The mean-square error; NaN without admissible prompts. */
  public double mean() {
    return deviations.mean();
  }

  /** The same for claims. */
  public Observation observation() {
    return new Observation(
        cell.tokens(),
        cell.queries(),
        cell.head(),
        cell.setting(),
        metric,
        prompts,
        deviations.inadmissible(),
        inadmissibleReason,
        mean(),
        meanSquare,
        spectrum,
        exact,
        delta,
        tail.stream()
            .map(
                t -> new dev.promptlimit.claim.TailPoint(t.deviation(), t.count(), t.probability()))
            .toList());
  }
}
