package dev.promptlimit.regression;

import dev.promptlimit.stat.Interval;
import java.util.List;
import org.hipparchus.util.FastMath;

/**
 * The prompt length L(ε) from which on an excess stays ≤ ε, from excesses with intervals at a few
 * ascending lengths. Of lengths that were not tested it says nothing but by interpolation.
 *
 * @param epsilon ε
 * @param estimate where the excess falls to ε for the last time, by interpolation of its logarithm
 *     in that of the length; the shortest length if none exceeds ε, +∞ if the longest does
 * @param low the longest length with its whole interval above ε, 0 if there is none
 * @param high the shortest length from which on all intervals are ≤ ε, +∞ if there is none
 */
public record Onset(double epsilon, double estimate, double low, double high) {
  /**
   * An excess at one length.
   *
   * @param promptLength L ≥ 1
   * @param excess its estimate, finite, possibly negative
   * @param interval its interval; the upper end may be +∞
   */
  public record Point(long promptLength, double excess, Interval interval) {}

  /**
   * The onset of points.
   *
   * @param epsilon ε, finite and &gt; 0
   * @param points at least one, lengths strictly ascending
   * @throws IllegalArgumentException if an argument is not like that
   */
  public static Onset of(double epsilon, List<Point> points) {
    if (!(epsilon > 0 && Double.isFinite(epsilon))) {
      throw refusal("epsilon is " + epsilon + ", allowed: finite and > 0");
    }
    if (points.isEmpty()) {
      throw refusal("the number of lengths is 0, allowed: 1 or more");
    }
    long before = 0;
    for (Point point : points) {
      if (!(point.promptLength > before)) {
        throw refusal(
            "a prompt length is " + point.promptLength + ", allowed: " + (before + 1) + " or more");
      }
      if (!Double.isFinite(point.excess) || !(point.interval.low() <= point.interval.high())) {
        throw refusal(
            "the excess at length "
                + point.promptLength
                + " is "
                + point.excess
                + " in "
                + point.interval
                + ", allowed: a finite number and an interval");
      }
      before = point.promptLength;
    }
    return new Onset(
        epsilon, estimate(epsilon, points), low(epsilon, points), high(epsilon, points));
  }

  private static IllegalArgumentException refusal(String reason) {
    return new IllegalArgumentException("Cannot give an onset: " + reason);
  }

  private static double low(double epsilon, List<Point> points) {
    double low = 0;
    for (Point point : points) {
      if (point.interval.low() > epsilon) {
        low = (double) point.promptLength;
      }
    }
    return low;
  }

  private static double high(double epsilon, List<Point> points) {
    double high = Double.POSITIVE_INFINITY;
    for (int i = points.size() - 1; i >= 0; i--) {
      if (!(points.get(i).interval.high() <= epsilon)) {
        break;
      }
      high = (double) points.get(i).promptLength;
    }
    return high;
  }

  private static double estimate(double epsilon, List<Point> points) {
    int last = points.size() - 1;
    if (points.get(last).excess > epsilon) {
      return Double.POSITIVE_INFINITY;
    }
    while (last > 0 && points.get(last - 1).excess <= epsilon) {
      last--;
    }
    double longer = (double) points.get(last).promptLength;
    double below = points.get(last).excess;
    if (last == 0 || below <= 0) {
      return longer; // there is no logarithm to interpolate
    }
    double shorter = (double) points.get(last - 1).promptLength;
    double above = points.get(last - 1).excess;
    double part = FastMath.log(above / epsilon) / FastMath.log(above / below);
    return shorter * FastMath.pow(longer / shorter, part);
  }

  /** Whether the longest length has an estimate ≤ ε. */
  public boolean reached() {
    return estimate < Double.POSITIVE_INFINITY;
  }

  /** The estimate with its ends, or that it is not reached. */
  @Override
  public String toString() {
    return reached()
        ? "L(" + epsilon + ") = " + estimate + " in [" + low + ", " + high + "]"
        : "L(" + epsilon + ") not reached, above " + low;
  }
}
