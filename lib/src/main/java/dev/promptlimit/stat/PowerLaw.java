package dev.promptlimit.stat;

import org.hipparchus.util.FastMath;

/**
 * Power laws A L^(−c) that pass through an interval at each of several lengths L.
 *
 * <p>In logarithms these are the lines that stab vertical segments [a, b]. For a given slope the
 * intercepts that suit one segment form an interval, and intervals of a line have a common point
 * when any two have: so the exponents are exactly those that every pair of lengths allows,
 *
 * <p>max (a_i − b_j) / (x_j − x_i) ≤ c ≤ min (b_i − a_j) / (x_j − x_i) over x_i < x_j.
 *
 * <p>Where the segments hold the true values all at once with probability 1 − α, so does this set
 * the exponent if there is a power law; if it is empty there is none over this range of lengths.
 *
 * @param exponents the exponents of all such laws; none if low > high
 * @param leastSquares exponent of the least-squares line through the middles (a + b)/2 of those
 *     segments that have one; NaN below two
 */
public record PowerLaw(Interval exponents, double leastSquares) {
  private static final Interval NONE =
      new Interval(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);

  private static final Interval ALL =
      new Interval(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);

  /** Logarithms are moved outward by so much relatively and absolutely, against rounding. */
  private static final double OUTWARD = 0x1p-50;

  /** Whether a power law passes through all intervals. */
  public boolean exists() {
    return exponents.low() <= exponents.high();
  }

  /**
   * The power laws through {@code means}.
   *
   * @param lengths distinct lengths > 0, two or more, in any order
   * @param means an interval of numbers ≥ 0 for each; low = 0 and high = ∞ leave that side open; no
   *     power law passes through [0, 0]
   */
  public static PowerLaw fit(double[] lengths, Interval[] means) {
    if (lengths.length != means.length || lengths.length < 2) {
      throw new IllegalArgumentException(
          "Cannot fit a power law: "
              + lengths.length
              + " lengths and "
              + means.length
              + " intervals");
    }
    Interval common = ALL;
    for (int i = 0; i < lengths.length; i++) {
      for (int j = 0; j < i; j++) {
        Interval pair = exponent(lengths[i], means[i], lengths[j], means[j]);
        common =
            new Interval(Math.max(common.low(), pair.low()), Math.min(common.high(), pair.high()));
      }
    }
    for (Interval mean : means) {
      if (mean.high() == 0) {
        common = NONE;
      }
    }
    return new PowerLaw(common, leastSquares(lengths, means));
  }

  /**
   * The exponents −Δ ln e / Δ ln L between two distinct lengths, e being anywhere in its interval;
   * all numbers if an interval is [0, 0].
   */
  public static Interval exponent(double l1, Interval e1, double l2, Interval e2) {
    check(l1, e1);
    check(l2, e2);
    if (l1 == l2) {
      throw new IllegalArgumentException("Cannot fit a power law: length " + l1 + " twice");
    }
    if (l1 > l2) {
      return exponent(l2, e2, l1, e1);
    }
    if (e1.high() == 0 || e2.high() == 0) {
      return ALL;
    }
    double run = FastMath.log(l2 / l1);
    return new Interval(
        outward((logLow(e1) - logHigh(e2)) / run, -1),
        outward((logHigh(e1) - logLow(e2)) / run, 1));
  }

  private static void check(double length, Interval e) {
    boolean positive = length > 0 && length < Double.POSITIVE_INFINITY;
    if (!(positive && e.low() >= 0 && e.low() <= e.high() && e.low() < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "Cannot fit a power law: interval ["
              + e.low()
              + ", "
              + e.high()
              + "] at length "
              + length);
    }
  }

  private static double logLow(Interval e) {
    return outward(FastMath.log(e.low()), -1);
  }

  private static double logHigh(Interval e) {
    return outward(FastMath.log(e.high()), 1);
  }

  private static double outward(double x, int sign) {
    return x + sign * OUTWARD * (1 + Math.abs(x)); // infinities stay what they are
  }

  private static double leastSquares(double[] lengths, Interval[] means) {
    double[] x = new double[lengths.length];
    double[] y = new double[lengths.length];
    int n = 0;
    double meanX = 0;
    double meanY = 0;
    for (int i = 0; i < lengths.length; i++) {
      double middle = (FastMath.log(means[i].low()) + FastMath.log(means[i].high())) / 2;
      if (Double.isFinite(middle)) {
        x[n] = FastMath.log(lengths[i]);
        y[n] = middle;
        meanX += x[n];
        meanY += y[n];
        n++;
      }
    }
    meanX /= n;
    meanY /= n;
    double xy = 0;
    double xx = 0;
    for (int i = 0; i < n; i++) {
      xy += (x[i] - meanX) * (y[i] - meanY);
      xx += (x[i] - meanX) * (x[i] - meanX);
    }
    return n < 2 ? Double.NaN : -xy / xx;
  }
}
