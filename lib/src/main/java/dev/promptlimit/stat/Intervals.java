package dev.promptlimit.stat;

import java.util.function.LongPredicate;
import org.hipparchus.analysis.UnivariateFunction;
import org.hipparchus.analysis.solvers.AllowedSolution;
import org.hipparchus.analysis.solvers.BracketingNthOrderBrentSolver;
import org.hipparchus.special.Beta;
import org.hipparchus.special.Erf;
import org.hipparchus.util.FastMath;

/**
 * Two-sided intervals of error probability α, α/2 on each side.
 *
 * <p>For a binomial probability they are exact (C. J. Clopper, E. S. Pearson, Biometrika 26, 1934):
 * coverage is at least 1 − α for every n; their ends are accurate to about 1e-9 + n 2⁻⁵², relative.
 * For a mean of squared deviations, which are skewed, they are asymptotic: Student's, corrected for
 * skewness by {@link HallTransformation}; coverage is 1 − α + O(1/n) where eighth moments of the
 * deviation exist.
 */
public final class Intervals {
  /** Absolute accuracy of logits and logarithms that are solved for. */
  private static final double LOG_ACCURACY = 1e-12;

  /** From so many degrees of freedom on Student's quantiles are normal ones, to 2e-5 at 8 σ. */
  private static final double NORMAL_FROM = 1e6;

  private static final int MAX_EVALUATIONS = 200;

  private Intervals() {}

  /**
   * The Clopper-Pearson interval for the probability of an event seen k times in n trials.
   *
   * @param k 0 ≤ k ≤ n
   * @param n number of trials; n = 0 gives [0, 1]
   * @param alpha error probability, 0 < α < 1
   */
  public static Interval binomial(long k, long n, double alpha) {
    if (!(k >= 0 && k <= n && alpha > 0 && alpha < 1)) {
      throw new IllegalArgumentException(
          "Cannot make a binomial interval: k = " + k + ", n = " + n + ", alpha = " + alpha);
    }
    double low = k == 0 ? 0 : probability(lowerLogit(k, n, alpha / 2));
    double high = k == n ? 1 : probability(-lowerLogit(n - k, n, alpha / 2));
    return new Interval(low, high);
  }

  private static double probability(double logit) {
    return 1 / (1 + FastMath.exp(-logit));
  }

  /** logit p where P(X ≥ k) = I_p(k, n − k + 1) = α for X ~ binomial(n, p), 1 ≤ k ≤ n. */
  private static double lowerLogit(long k, long n, double alpha) {
    double logAlpha = FastMath.log(alpha);
    if (k == n) { // p^n = α
      double logP = logAlpha / n;
      return logP - FastMath.log(-FastMath.expm1(logP));
    }
    double a = (double) k;
    double b = (double) (n - k) + 1;
    UnivariateFunction excess =
        logit -> FastMath.log(Beta.regularizedBeta(probability(logit), a, b)) - logAlpha;
    double right = FastMath.log(a / (b - 1)); // the observed rate, where the left side is near 1/2
    double step = FastMath.sqrt(1 / a + 1 / (b - 1));
    double left = right - step;
    while (excess.value(left) > 0) {
      step *= 2;
      left -= step;
    }
    return new BracketingNthOrderBrentSolver(0, LOG_ACCURACY, 5)
        .solve(MAX_EVALUATIONS, excess, left, right, AllowedSolution.BELOW_SIDE);
  }

  /**
   * The skewness-corrected interval for the mean of a quantity ≥ 0; [0, ∞] below two observations,
   * or where their powers overflow.
   *
   * @param alpha error probability, 0 < α < 1
   */
  public static Interval mean(Moments moments, double alpha) {
    return mean(moments, alpha, moments.n() - 1.0);
  }

  /**
   * The same with fewer degrees of freedom of Student's law, {@link Moments#freedom} where tails
   * may be heavy.
   */
  public static Interval mean(Moments moments, double alpha, double freedom) {
    if (!(alpha > 0 && alpha < 1)) {
      throw new IllegalArgumentException("Cannot make an interval for a mean: alpha = " + alpha);
    }
    boolean overflow = !Double.isFinite(moments.m2()) || !Double.isFinite(moments.m3());
    if (moments.n() < 2 || overflow) {
      return new Interval(0, Double.POSITIVE_INFINITY);
    }
    double n = (double) moments.n();
    double quantile = studentQuantile(freedom, alpha / 2);
    double standardError = FastMath.sqrt(moments.variance() / n);
    double skewness = moments.skewness() / FastMath.sqrt(n);
    return HallTransformation.interval(moments.mean(), standardError, skewness, quantile);
  }

  /** t with P(T > t) = tail < 1/2, T Student with nu degrees of freedom; also for tiny tails. */
  private static double studentQuantile(double nu, double tail) {
    double logTail = FastMath.log(tail);
    UnivariateFunction excess = logT -> FastMath.log(studentTail(nu, FastMath.exp(logT))) - logTail;
    double right = 1;
    while (excess.value(right) > 0) {
      right += 1;
    }
    return FastMath.exp(
        new BracketingNthOrderBrentSolver(0, LOG_ACCURACY, 5)
            .solve(MAX_EVALUATIONS, excess, -50, right));
  }

  private static double studentTail(double nu, double t) {
    return nu > NORMAL_FROM
        ? Erf.erfc(t / FastMath.sqrt(2)) / 2
        : Beta.regularizedBeta(nu / (nu + t * t), nu / 2, 0.5) / 2;
  }

  /**
   * Ranks whose order statistics enclose the q-quantile of n observations with probability ≥ 1 − α:
   * x_(low) ≤ quantile ≤ x_(high), 0 standing for −∞ and n + 1 for +∞. From the binomial interval
   * for the rank, by the exact tails of binomial(n, q).
   *
   * @param q 0 < q < 1
   */
  public static long[] quantileRanks(long n, double q, double alpha) {
    if (!(n >= 0 && q > 0 && q < 1 && alpha > 0 && alpha < 1)) {
      throw new IllegalArgumentException(
          "Cannot rank a quantile: n = " + n + ", q = " + q + ", alpha = " + alpha);
    }
    // low: the largest j with P(X ≤ j − 1) ≤ α/2, high: the smallest j with P(X ≥ j) ≤ α/2
    long low = lastTrue(n, j -> j == 0 || lowerTail(j - 1, n, q) <= alpha / 2);
    long high = n + 1 - lastTrue(n, j -> j == 0 || lowerTail(j - 1, n, 1 - q) <= alpha / 2);
    return new long[] {low, high};
  }

  /** P(X ≤ k) for X ~ binomial(n, q). */
  private static double lowerTail(long k, long n, double q) {
    return k >= n ? 1 : Beta.regularizedBeta(1 - q, (double) (n - k), (double) k + 1);
  }

  private static long lastTrue(long n, LongPredicate holds) {
    long yes = 0;
    long no = n + 1;
    while (no - yes > 1) {
      long middle = yes + (no - yes) / 2;
      if (holds.test(middle)) {
        yes = middle;
      } else {
        no = middle;
      }
    }
    return yes;
  }
}
