package dev.promptlimit.theory;

import dev.promptlimit.attention.Metric;
import dev.promptlimit.attention.Setting;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.Lapack;
import dev.promptlimit.stat.TailLimit;
import org.hipparchus.special.Erf;
import org.hipparchus.special.Gamma;
import org.hipparchus.util.FastMath;

/*
 * Tokens with ‖x‖ ≤ ρ: m_w and m(a) are averages of tokens, C_w and C(a) are positive semidefinite with
 * trace at most ρ², so ‖m_w − m(a)‖² ≤ 4ρ² and ‖C_w − C(a)‖_F² ≤ 2ρ⁴.
 *
 * Gaussian tokens: m_w is an average of tokens, so ‖A(m_w − m(a))‖ > u needs a token with ‖A(x − m(a))‖ > u,
 * A = V for the output, √p I for the derivative in V. With x = m + Rε, m(a) = m + RRᵀa and s = ‖Rᵀa‖ that
 * needs ‖AR‖ (‖ε‖ + s) > u. Of ε only the r = rank ≤ min(rows, d) coordinates in the row space of AR count:
 *
 *   P(D > u | s ≤ s₁) ≤ L P(χ_r > u/‖AR‖ − s₁).
 */
/** What is certain of deviations before anything is simulated. */
public final class DeviationBound {
  private static final double NEGLIGIBLE = 100; // deviations of χ_r, r ≤ 1024

  private DeviationBound() {}

  /** What no squared deviation exceeds; +∞ where there is no such bound. */
  public static double squared(Setting setting, Metric metric) {
    double rho2 = FastMath.pow(setting.tokens().radius(), 2);
    if (!setting.ownLimit() || !(rho2 < Double.POSITIVE_INFINITY)) {
      return Double.POSITIVE_INFINITY;
    }
    double v2 = FastMath.pow(Lapack.operatorNorm(setting.head().v()), 2);
    double bound =
        switch (metric) {
          case OUTPUT -> 4 * v2 * rho2;
          case JACOBIAN_V -> 4 * setting.head().outputs() * rho2;
          case JACOBIAN_U ->
              setting.queries().isFixed()
                  ? 2 * v2 * rho2 * rho2 * squaredNorm(setting.queries().mean())
                  : Double.POSITIVE_INFINITY;
        };
    return bound > 0 ? bound : Double.POSITIVE_INFINITY; // all deviations 0 need none
  }

  private static double squaredNorm(double[] z) {
    double sum = 0;
    for (double x : z) {
      sum += x * x;
    }
    return sum;
  }

  /** Bounds of tails in these strata. */
  public static TailLimit tail(Setting setting, QueryStrata strata, Metric metric) {
    if (metric == Metric.JACOBIAN_U
        || !setting.ownLimit()
        || !(setting.tokens() instanceof Gaussian tokens)) {
      return TailLimit.NONE;
    }
    int d = setting.dimension();
    int p = setting.head().outputs();
    double norm =
        metric == Metric.OUTPUT
            ? Lapack.operatorNorm(setting.head().v().multiply(tokens.covariance().root()))
            : FastMath.sqrt(p * tokens.proxy().variance());
    int rank = metric == Metric.OUTPUT ? Math.min(p, d) : d;
    double length = (double) setting.promptLength();
    return (u, k) -> {
      double distance = u / norm - strata.largestScore(k);
      return distance > 0 ? Math.min(1, length * beyond(rank, distance)) : 1;
    };
  }

  /** P(χ_r &gt; x). */
  private static double beyond(int r, double x) {
    if (!(x < NEGLIGIBLE)) {
      return 0; // below 1e-300, also where nothing of the tokens reaches the output
    }
    return r == 1 ? Erf.erfc(x / FastMath.sqrt(2)) : Gamma.regularizedGammaQ(0.5 * r, x * x / 2);
  }
}
