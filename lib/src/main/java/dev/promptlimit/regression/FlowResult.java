package dev.promptlimit.regression;

import dev.promptlimit.stat.Interval;
import java.io.Serializable;
import java.util.List;

/**
 * What became of two gradient flows from one head, that of R_L and that of R_∞; see {@link
 * FlowComparison}.
 *
 * @param activation of the finite prompts
 * @param promptLength L
 * @param points along the way, times ascending from 0 to the horizon
 * @param limit R_L(θ_L) at the horizon on the evaluation sample. The risk only falls, so this is an
 *     upper bound of its limit over time, but for sampling
 * @param limitInterval its interval
 * @param settling by how much R_L(θ_L) still fell on the fitted sample over the last half of the
 *     horizon, ≥ 0 up to rounding: a hint of how far the limit is below
 */
public record FlowResult(
    Activation activation,
    long promptLength,
    List<Point> points,
    double limit,
    Interval limitInterval,
    double settling)
    implements Serializable {
  /**
   * The two flows at one time.
   *
   * @param time t
   * @param distance ‖θ_L(t) − θ_∞(t)‖, Euclidean, over U and V
   * @param mapDistance {@link MapDistance} of the two heads
   * @param fittedRisk R_L(θ_L(t)) on the sample whose risk the flow descends
   * @param limitRisk R_∞(θ_∞(t))
   * @param gap R_L(θ_L(t)) − R_∞(θ_∞(t)), R_L on the evaluation sample
   * @param gapInterval its interval
   */
  public record Point(
      double time,
      double distance,
      double mapDistance,
      double fittedRisk,
      double limitRisk,
      double gap,
      Interval gapInterval)
      implements Serializable {}

  /** The point at the horizon. */
  public Point last() {
    return points.get(points.size() - 1);
  }

  /** The largest distance of the points, max over their times of ‖θ_L(t) − θ_∞(t)‖. */
  public double largestDistance() {
    return points.stream().mapToDouble(Point::distance).max().orElseThrow();
  }

  /** The largest map distance of the points. */
  public double largestMapDistance() {
    return points.stream().mapToDouble(Point::mapDistance).max().orElseThrow();
  }

  /**
   * The excess of {@link #limit} over a risk, for {@link Onset}.
   *
   * @param risk such as lim R_∞(θ_∞(t)), which is ½σ² for regular Σ and a balanced start
   */
  public Onset.Point excess(double risk) {
    return new Onset.Point(
        promptLength,
        limit - risk,
        new Interval(limitInterval.low() - risk, limitInterval.high() - risk));
  }
}
