package dev.promptlimit.regression;

import dev.promptlimit.attention.Head;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;

/**
 * The prediction vᵀΓ_wUz of an infinite prompt, z = (x_q, 0), as m(w)ᵀx_q with
 *
 * <pre>
 *   m(w) = U₁₁ᵀΣ(v₁ + v₂w) + u(wᵀΣv₁ + v₂wᵀΣw + v₂σ²) = a₀ + M₁w + ηk,   u = u₂₁, k = wᵀΣw,
 *   a₀ = U₁₁ᵀΣv₁ + v₂σ²u,   M₁ = v₂U₁₁ᵀΣ + uv₁ᵀΣ,   η = v₂u.
 * </pre>
 *
 * @param constant a₀, d entries
 * @param linear M₁, d × d
 * @param quadratic η, d entries
 */
record LimitMap(RealVector constant, RealMatrix linear, RealVector quadratic) {
  /** The map of a head that fits the family, which is not checked. */
  static LimitMap of(TaskFamily family, Head head) {
    int d = family.dimension();
    RealMatrix sigma = family.covariance().matrix();
    RealVector sigmaV1 = sigma.operate(head.v().getRowVector(0).getSubVector(0, d));
    double v2 = head.v().getEntry(0, d);
    RealMatrix u11 = head.u().getSubMatrix(0, d - 1, 0, d - 1);
    RealVector u = head.u().getRowVector(d).getSubVector(0, d);
    return new LimitMap(
        u11.preMultiply(sigmaV1).add(u.mapMultiply(v2 * family.noiseVariance())),
        u11.transposeMultiply(sigma).scalarMultiply(v2).add(u.outerProduct(sigmaV1)),
        u.mapMultiply(v2));
  }

  /** κ₁ = E k = τ² tr Σ. */
  static double meanSquare(TaskFamily family) {
    return family.taskVariance() * family.covariance().matrix().getTrace();
  }

  /** Var k = 2τ⁴ tr Σ², so that E k² = κ₂ = κ₁² + Var k. */
  static double squareVariance(TaskFamily family) {
    double size = family.taskVariance() * family.covariance().matrix().getFrobeniusNorm();
    return 2 * size * size;
  }
}
