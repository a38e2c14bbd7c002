package dev.promptlimit.stat;

import org.hipparchus.special.Erf;
import org.hipparchus.util.FastMath;

/**
 * Intervals for a mean that hold at all looks from the first on at once, asymptotically as the
 * first look gets late (I. Waudby-Smith, D. Arbour, R. Sinha, E. H. Kennedy, A. Ramdas, Ann.
 * Statist. 52, 2024): sampling may be stopped at any look for any reason.
 *
 * <p>With the information V, in units of that of the first look, √V times the t statistic behaves
 * like a Brownian motion B(V), which by Robbins' normal mixture stays for all V > 0 within
 *
 * <p>|B(V)| / √V < √((1 + η/V) ln((1 + V/η) / α²))
 *
 * <p>but for probability α. It is tightest at the first look where 1/η − ln(1 + 1/η) = 2 ln(1/α),
 * and then is √(1 + 1/η) there. One-sided bounds mix over positive drifts only: 2 Φ(x) e^(x²/2) =
 * √(1 + V/η) / α at x = B(V) / √(V + η), with the η of the two-sided sequence at 2α.
 *
 * <p>The boundary takes the place of the normal quantile in a t interval: Student's correction for
 * the estimated variance is applied to it (D. L. Wallace, Ann. Math. Statist. 30, 1959: t² = ν
 * (e^(x²/ν) − 1), x = z (8ν + 3)/(8ν + 1)), with the degrees of freedom that heavy tails leave
 * ({@link Moments#freedom}), then {@link HallTransformation}. The smaller α, the later the first
 * look has to be ({@link #firstLook}).
 */
public final class MeanSequence {
  private static final Interval ANYTHING = new Interval(0, Double.POSITIVE_INFINITY);

  private static final int MAX_STEPS = 100;

  /** Observations at the first look for each factor e in 1/α. */
  private static final double FIRST_LOOK = 64;

  /** One-sided sequences at larger α are tuned as for this one; every η > 0 is valid. */
  private static final double LARGEST_TUNED_ALPHA = 0.25;

  private MeanSequence() {}

  /**
   * From how many observations on the intervals of error probability α are given: ⌈64 ln(1/α)⌉, 295
   * for 0.01 and 1179 for 1e-8. The boundary is √(2 ln(1/α)) and more standard errors, and skewness
   * γ of observations bends the tail there by γ (2 ln(1/α))^{3/2} / (6√n) of it: of that {@link
   * HallTransformation} leaves a second order.
   */
  public static long firstLook(double alpha) {
    check(1, alpha);
    return (long) FastMath.ceil(-FIRST_LOOK * FastMath.log(alpha));
  }

  /**
   * The two-sided interval for a mean ≥ 0 from an estimate, which may be a weighted sum over
   * strata; [0, ∞] where something about the estimate is not finite or ν is not above 0.
   *
   * @param standardError that of the estimate, ≥ 0
   * @param skewness standardised third cumulant of the estimate, for n independent observations of
   *     skewness γ that is γ/√n
   * @param freedom ν, degrees of freedom of the standard error
   * @param looks information now / information at the first look, finite, ≥ 1
   * @param alpha error probability over all looks, 0 < α < 1
   */
  public static Interval interval(
      double mean,
      double standardError,
      double skewness,
      double freedom,
      double looks,
      double alpha) {
    return interval(mean, standardError, skewness, freedom, boundary(looks, alpha));
  }

  /**
   * The two-sided interval for the mean of independent observations ≥ 0; [0, ∞] before the first
   * look.
   *
   * @param first number of observations at the first look, ≥ 1
   */
  public static Interval interval(Moments moments, long first, double alpha) {
    check(first);
    double looks = looks(moments, first);
    return within(boundary(looks, alpha), moments, first);
  }

  /** A lower bound alone, of error probability α. */
  public static double lower(Moments moments, long first, double alpha) {
    check(first);
    return within(oneSidedBoundary(looks(moments, first), alpha), moments, first).low();
  }

  /** An upper bound alone, of error probability α. */
  public static double upper(Moments moments, long first, double alpha) {
    check(first);
    return within(oneSidedBoundary(looks(moments, first), alpha), moments, first).high();
  }

  /**
   * What the absolute t statistic exceeds at some look with probability at most α.
   *
   * @param looks information now / information at the first look, finite, ≥ 1
   * @param alpha error probability over all looks, 0 < α < 1
   */
  public static double boundary(double looks, double alpha) {
    check(looks, alpha);
    double logs = -2 * FastMath.log(alpha);
    double inverse = inverseTuning(logs); // 1/η
    return FastMath.sqrt((1 + 1 / (inverse * looks)) * (FastMath.log1p(inverse * looks) + logs));
  }

  /** What the t statistic exceeds at some look with probability at most α. */
  static double oneSidedBoundary(double looks, double alpha) {
    check(looks, alpha);
    double inverse = inverseTuning(-2 * FastMath.log(2 * Math.min(alpha, LARGEST_TUNED_ALPHA)));
    double target = FastMath.log1p(inverse * looks) / 2 - FastMath.log(alpha);
    // ln 2Φ(x) + x²/2 is convex and grows for x ≥ 0: Newton's iteration, from above
    double x = FastMath.sqrt(2 * target);
    for (int step = 0; step < MAX_STEPS; step++) {
      double mass = Erf.erfc(-x / FastMath.sqrt(2.0)); // 2Φ(x)
      double excess = FastMath.log(mass) + x * x / 2 - target;
      if (!(excess > 1e-14 * target)) {
        break;
      }
      double density = FastMath.sqrt(2 / FastMath.PI) * FastMath.exp(-x * x / 2);
      x -= excess / (x + density / mass);
    }
    return x * FastMath.sqrt(1 + 1 / (inverse * looks));
  }

  /** u > 0 with u − ln(1 + u) = c > 0: Newton's iteration for a convex function, from above. */
  private static double inverseTuning(double c) {
    double u = c + FastMath.sqrt(2 * c) + FastMath.log1p(c);
    for (int step = 0; step < MAX_STEPS; step++) {
      double excess = u - FastMath.log1p(u) - c;
      if (!(excess > 1e-14 * c)) {
        break;
      }
      u -= excess * (1 + 1 / u);
    }
    return u;
  }

  private static Interval within(double boundary, Moments moments, long first) {
    if (moments.n() < first) {
      return ANYTHING;
    }
    double n = (double) moments.n();
    return interval(
        moments.mean(),
        FastMath.sqrt(moments.variance() / n),
        moments.skewness() / FastMath.sqrt(n),
        moments.freedom(),
        boundary);
  }

  private static Interval interval(
      double mean, double standardError, double skewness, double freedom, double boundary) {
    if (standardError < 0) {
      throw new IllegalArgumentException(
          "Cannot make an interval for a mean: standard error = " + standardError);
    }
    boolean finite =
        Double.isFinite(mean) && Double.isFinite(standardError) && Double.isFinite(skewness);
    double student = student(boundary, freedom);
    if (!(finite && freedom > 0 && Double.isFinite(student))) {
      return ANYTHING;
    }
    return HallTransformation.interval(mean, standardError, skewness, student);
  }

  private static double student(double z, double nu) {
    double x = z * (8 * nu + 3) / (8 * nu + 1);
    return Double.isInfinite(nu) ? z : FastMath.sqrt(nu * FastMath.expm1(x * x / nu));
  }

  /** 1 before the first look, when nothing depends on it. */
  private static double looks(Moments moments, long first) {
    return Math.max(1, moments.n() / (double) first);
  }

  private static void check(long first) {
    if (!(first >= 1)) {
      throw new IllegalArgumentException(
          "Cannot make an interval for a mean: first look at " + first + " observations");
    }
  }

  private static void check(double looks, double alpha) {
    if (!(looks >= 1 && looks < Double.POSITIVE_INFINITY && alpha > 0 && alpha < 1)) {
      throw new IllegalArgumentException(
          "Cannot bound a t statistic: looks = " + looks + ", alpha = " + alpha);
    }
  }
}
