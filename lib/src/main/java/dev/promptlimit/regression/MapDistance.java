package dev.promptlimit.regression;

import dev.promptlimit.attention.Head;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;

/*
 * The difference of two maps m(w) = a₀ + M₁w + ηk is of the same form (LimitMap), δ(w) = δ₀ + Δ₁w + ηk. Odd
 * moments of w vanish, so with κ₁ = E k
 *
 *   E‖δ‖² = ‖δ₀ + κ₁η‖² + τ²‖Δ₁‖_F² + Var(k)‖η‖²,   Var k = 2τ⁴ tr Σ²,
 *
 * a sum of squares: nothing cancels where the maps are close.
 */
/**
 * The distance of two heads as maps of an infinite prompt: the root mean square over tasks w of
 * ‖v′ᵀΓ_wU′ − vᵀΓ_wU‖, in what meets a query (x_q, 0). Heads that predict the same, such as (βU,
 * V/β), have distance 0.
 */
public final class MapDistance {
  private static final String ACTION = "give a distance of maps";

  private MapDistance() {}

  /**
   * The distance, ≥ 0; 0 for equal heads. Rounding adds about 1e-16 times the size of the maps.
   *
   * @param one a head of dimension d + 1 with one output
   * @param other another
   * @throws IllegalArgumentException if a shape does not fit
   */
  public static double between(TaskFamily family, Head one, Head other) {
    family.requireHead(ACTION, one);
    family.requireHead(ACTION, other);
    return between(family, LimitMap.of(family, one), LimitMap.of(family, other));
  }

  /**
   * The distance from the map w ↦ w, which predicts wᵀx_q: that of all heads of the least risk
   * where Σ_q is regular.
   *
   * @param head a head of dimension d + 1 with one output
   */
  public static double toOptimum(TaskFamily family, Head head) {
    family.requireHead(ACTION, head);
    int d = family.dimension();
    RealVector zero = MatrixUtils.createRealVector(new double[d]);
    LimitMap optimum = new LimitMap(zero, MatrixUtils.createRealIdentityMatrix(d), zero);
    return between(family, LimitMap.of(family, head), optimum);
  }

  private static double between(TaskFamily family, LimitMap map, LimitMap from) {
    RealVector eta = map.quadratic().subtract(from.quadratic());
    RealMatrix linear = map.linear().subtract(from.linear());
    double mean =
        map.constant()
            .subtract(from.constant())
            .add(eta.mapMultiply(LimitMap.meanSquare(family)))
            .getNorm();
    double slope = linear.getFrobeniusNorm();
    double curve = eta.getNorm();
    return Math.sqrt(
        mean * mean
            + family.taskVariance() * slope * slope
            + LimitMap.squareVariance(family) * curve * curve);
  }
}
