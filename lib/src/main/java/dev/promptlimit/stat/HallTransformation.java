package dev.promptlimit.stat;

import org.hipparchus.util.FastMath;

/**
 * The monotone cubic that removes the skewness of a t statistic (P. Hall, On the removal of
 * skewness by transformation, JRSS B 54, 1992): t + a t² + a² t³/3 + a/2 is normal up to terms of
 * second order, a being a third of the standardised third cumulant of the estimate.
 */
final class HallTransformation {
  private HallTransformation() {}

  /**
   * The interval for a quantity ≥ 0 whose transformed t statistic lies within ±quantile.
   *
   * @param skewness standardised third cumulant of the estimate: that of one of n independent
   *     observations is √n as large
   */
  static Interval interval(double mean, double standardError, double skewness, double quantile) {
    double low = mean - standardError * invert(quantile, skewness / 3);
    double high = mean - standardError * invert(-quantile, skewness / 3);
    return new Interval(Math.max(0, low), high);
  }

  /** t with t + a t² + a² t³/3 + a/2 = x. */
  private static double invert(double x, double a) {
    if (Math.abs(a) < 1e-9) {
      return x;
    }
    return (FastMath.cbrt(1 + 3 * a * (x - a / 2)) - 1) / a;
  }
}
