package dev.promptlimit.jobs.table;

import dev.promptlimit.attention.Metric;
import dev.promptlimit.jobs.config.Cell;
import dev.promptlimit.stat.DeviationSummary;
import dev.promptlimit.stat.Interval;
import dev.promptlimit.theory.QuerySpectrum;
import java.util.List;

/**
 * What a run says about one metric of one cell.
 *
 * @param cell the cell
 * @param metric the metric
 * @param prompts prompts simulated
 * @param summary their merged summary
 * @param meanSquare interval of the mean-square error
 * @param spectrum how strongly the cell's queries tilt its tokens
 * @param delta the delta-method constant divided by the prompt length; +∞ where there is none
 * @param quantiles quantiles of the deviation
 * @param tail tail probabilities of the deviation
 */
public record CellResult(
    Cell cell,
    Metric metric,
    long prompts,
    DeviationSummary summary,
    Interval meanSquare,
    QuerySpectrum spectrum,
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
