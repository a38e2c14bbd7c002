package dev.promptlimit.jobs.table;

import dev.promptlimit.attention.Metric;
import dev.promptlimit.jobs.config.Cell;
import dev.promptlimit.stat.DeviationSummary;
import dev.promptlimit.stat.Interval;
import dev.promptlimit.theory.QuerySpectrum;
import java.util.List;
import java.util.Optional;

/**
 * What a run says about one metric of one cell.
 *
 * @param cell the cell
 * @param metric the metric
 * @param prompts prompts simulated
 * @param summary their merged summary
 * @param inadmissibleReason why a prompt is inadmissible, for one of them; empty if none is
 * @param meanSquare interval of the mean-square error
 * @param spectrum how strongly the cell's queries tilt its tokens; empty unless they are Gaussian
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
    DeviationSummary summary,
    Optional<String> inadmissibleReason,
    Interval meanSquare,
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
   * @param count admissible prompts with a deviation &gt; u
   * @param probability interval for P(deviation &gt; u) among admissible prompts
   */
  public record TailPoint(double deviation, long count, Interval probability) {}

  /** The mean-square error; NaN without admissible prompts. */
  public double mean() {
    return summary.moments().n() > 0 ? summary.moments().mean() : Double.NaN;
  }
}
