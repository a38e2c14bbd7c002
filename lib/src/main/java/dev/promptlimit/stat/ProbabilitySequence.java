package dev.promptlimit.stat;

import org.hipparchus.util.FastMath;

/**
 * Intervals for a probability that hold at all numbers of trials at once, so that sampling may be
 * stopped for any reason at any time: P(there is an n whose interval misses p) ≤ α.
 *
 * <p>Two-sided: the p at which the mixture of the likelihood ratios over a Beta(½, ½) law of
 * alternatives (H. Robbins, Ann. Math. Statist. 41, 1970; S. R. Howard, A. Ramdas, J. McAuliffe, J.
 * Sekhon, Ann. Statist. 49, 2021),
 *
 * <p>M = B(k + ½, n − k + ½) / (B(½, ½) p^k (1 − p)^(n−k)),
 *
 * <p>is below 1/α. Under p it is a martingale with mean 1, which ever reaches 1/α with probability
 * at most α (J. Ville, 1939).
 *
 * <p>One-sided, from below: only alternatives θ > p are mixed. M becomes M (1 − I_p(k + ½, n − k +
 * ½)) / W(p) with W(p) = 1 − I_p(½, ½) = (2/π) arccos √p, the mass of the alternatives left. Under
 * p this too is a martingale with mean 1; under smaller probabilities it is a supermartingale,
 * since (θ/p)^x ((1 − θ)/(1 − p))^(1−x) grows with x for θ > p. For α ≤ ½ it falls through 1/α at a
 * single p, the bound; above, ½ stands in for α. The incomplete beta function is about 1/(M√n)
 * there and is replaced by the geometric series above its own,
 *
 * <p>I_p(k + ½, n − k + ½) ≤ √(p(1 − p)) / (π M (k + ½)(1 − r)), r = (n + 1) p / (k + 3/2) < 1,
 *
 * <p>which moves the bound outward, by at most 1 % of itself at k = n and far less elsewhere, and
 * so keeps it valid.
 *
 * <p>With Stirling's series taken out of the gamma functions ln M is n KL(k/n, p) − ½ ln(πn/2) and
 * corrections of order 1: nothing cancels, up to n = 2⁵³. All ends are rounded outward, by 1e-12 of
 * ln M and 2⁻⁵⁰ of themselves, more than all rounding and the solver's tolerance.
 */
public final class ProbabilitySequence {
  private static final long MOST_TRIALS = 1L << 53;

  /** The equation for an end is solved to half of what the threshold is raised by. */
  private static final double RAISE = 1e-12;

  private static final double OUTWARD = 0x1p-50;

  private static final int MAX_STEPS = 200;

  private static final double LARGEST_ONE_SIDED_ALPHA = 0.5;

  /** The right side of the equation for a one-sided bound hardly moves: three rounds are plenty. */
  private static final int ONE_SIDED_ROUNDS = 3;

  /** p and 1 − p, each with all its digits. */
  private record Odds(double p, double q) {}

  private ProbabilitySequence() {}

  /**
   * The two-sided interval for the probability of an event seen k times in n trials.
   *
   * @param k 0 ≤ k ≤ n
   * @param n number of trials, at most 2⁵³; n = 0 gives [0, 1]
   * @param alpha error probability, 0 < α < 1
   */
  public static Interval interval(long k, long n, double alpha) {
    check(k, n, alpha);
    if (n == 0) {
      return new Interval(0, 1);
    }
    double threshold = threshold(k, n, alpha);
    return new Interval(down(below(k, n, threshold).p()), up(below(n - k, n, threshold).q()));
  }

  /** A lower bound alone, of error probability α: tighter than {@link #interval}'s. */
  public static double lower(long k, long n, double alpha) {
    check(k, n, alpha);
    return down(oneSided(k, n, alpha).p());
  }

  /** An upper bound alone, of error probability α. */
  public static double upper(long k, long n, double alpha) {
    check(k, n, alpha);
    return up(oneSided(n - k, n, alpha).q());
  }

  /** Whether p, 0 ≤ p ≤ 1, belongs to the two-sided sequence, without solving for its ends. */
  public static boolean contains(long k, long n, double alpha, double p) {
    check(k, n, alpha);
    if (!(p >= 0 && p <= 1)) {
      throw new IllegalArgumentException("Cannot look up a probability: p = " + p);
    }
    if (n == 0) {
      return true;
    }
    if (p == 0 || p == 1) {
      return p == 0 ? k == 0 : k == n;
    }
    double expected = n * p;
    double excess = Math.fma((double) -n, p, (double) k); // k − np, rounded once
    double divergence =
        expected * StirlingRest.divergence(excess / expected)
            + n * (1 - p) * StirlingRest.divergence(-excess / (n * (1 - p)));
    return divergence < threshold(k, n, alpha);
  }

  private static void check(long k, long n, double alpha) {
    if (!(k >= 0 && k <= n && n <= MOST_TRIALS && alpha > 0 && alpha < 1)) {
      throw new IllegalArgumentException(
          "Cannot bound a probability: k = " + k + ", n = " + n + ", alpha = " + alpha);
    }
  }

  private static double down(double p) {
    return p * (1 - OUTWARD);
  }

  private static double up(double p) {
    return Math.min(1, p * (1 + OUTWARD));
  }

  /** What n KL(k/n, p) is compared with: ln 1/α − (ln M − n KL), n ≥ 1. */
  private static double threshold(long k, long n, double alpha) {
    return -FastMath.log(alpha)
        + FastMath.log(n * (FastMath.PI / 2)) / 2
        + StirlingRest.factorial(n)
        - StirlingRest.half(k)
        - StirlingRest.half(n - k);
  }

  private static Odds oneSided(long k, long n, double alpha) {
    if (k == 0) {
      return new Odds(0, 1);
    }
    double level = Math.min(alpha, LARGEST_ONE_SIDED_ALPHA);
    double threshold = threshold(k, n, level);
    Odds end = below(k, n, threshold);
    // from outside: the right side falls with p, so each round ends below the root
    for (int round = 0; round < ONE_SIDED_ROUNDS; round++) {
      double root = FastMath.sqrt(end.p());
      double coRoot = FastMath.sqrt(end.q());
      double mass = FastMath.atan2(coRoot, root) / (FastMath.PI / 2);
      double a = k + 0.5;
      double gap = Math.fma((double) -n, end.p(), (double) k) + 1.5 - end.p(); // (1 − r)(k + 3/2)
      double incomplete = root * coRoot * (k + 1.5) / (FastMath.PI * a * gap);
      end = below(k, n, threshold + FastMath.log(mass + level * incomplete));
    }
    return end;
  }

  /** The p ≤ k/n where n KL(k/n, p) exceeds the threshold by at most 2e-12 of it. */
  private static Odds below(long k, long n, double threshold) {
    double raised = threshold * (1 + RAISE);
    if (k == 0) {
      return new Odds(0, 1);
    }
    if (k == n) {
      return new Odds(FastMath.exp(-raised / n), -FastMath.expm1(-raised / n));
    }
    double rate = k / (double) n;
    double coRate = (n - k) / (double) n;
    // Newton's iteration for the shift of the logit, in which n KL is convex: from the second
    // step on it comes from outside
    double shift = FastMath.sqrt(2 * raised / (n * rate * coRate));
    for (int step = 0; step < MAX_STEPS; step++) {
      double excess = n * divergenceOfShift(rate, coRate, shift) - raised;
      if (Math.abs(excess) <= RAISE / 2 * raised) {
        break;
      }
      double slope = -rate * coRate * FastMath.expm1(-shift) / tilted(rate, coRate, shift);
      shift -= excess / (n * slope);
    }
    double norm = tilted(rate, coRate, shift);
    return new Odds(rate * FastMath.exp(-shift) / norm, coRate / norm);
  }

  private static double tilted(double rate, double coRate, double shift) {
    return coRate + rate * FastMath.exp(-shift);
  }

  /** KL(rate, p) for logit p = logit rate − shift, shift > 0. */
  private static double divergenceOfShift(double rate, double coRate, double shift) {
    if (shift < 0.5) {
      double norm = tilted(rate, coRate, shift);
      return rate
              * FastMath.exp(-shift)
              / norm
              * StirlingRest.divergence(coRate * FastMath.expm1(shift))
          + coRate / norm * StirlingRest.divergence(rate * FastMath.expm1(-shift));
    }
    // of equal forms the one whose logarithm is of the small rate
    if (rate <= 0.5) {
      return rate * shift + FastMath.log1p(rate * FastMath.expm1(-shift));
    }
    return shift > 40
        ? rate * shift + FastMath.log(tilted(rate, coRate, shift))
        : FastMath.log1p(coRate * FastMath.expm1(shift)) - coRate * shift;
  }
}
