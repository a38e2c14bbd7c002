package dev.promptlimit.regression;

import dev.promptlimit.attention.Head;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;

/*
 * The prediction of an infinite prompt is vᵀΓ_wUz, z = (x_q, 0), so prediction − wᵀx_q = A(w)ᵀx_q with
 *
 *   A(w) = U₁₁ᵀΣ(v₁ + v₂w) + u(wᵀΣv₁ + v₂wᵀΣw + v₂σ²) − w = a₀ + A₁w + v₂ u k,   u = u₂₁, k = wᵀΣw,
 *   a₀ = U₁₁ᵀΣv₁ + v₂σ²u,   A₁ = v₂U₁₁ᵀΣ − I + uv₁ᵀΣ.
 *
 * Odd moments of w vanish, κ₁ = E k = τ² tr Σ, κ₂ = E k² = τ⁴((tr Σ)² + 2 tr Σ²), hence 2R − σ² is
 *
 *   Q = a₀ᵀΣa₀ + τ² tr A₁ᵀΣA₁ + v₂²κ₂ uᵀΣu + 2v₂κ₁ a₀ᵀΣu.
 *
 * With α = ½ ∂Q/∂a₀ = Σ(a₀ + v₂κ₁u) and B = ½ ∂Q/∂A₁ = τ²ΣA₁ the chain rule gives
 *
 *   ∂R/∂U₁₁ = Σv₁αᵀ + v₂ΣBᵀ              ∂R/∂u = v₂σ²α + BΣv₁ + v₂²κ₂Σu + v₂κ₁Σa₀
 *   ∂R/∂v₁ = ΣU₁₁α + ΣBᵀu                ∂R/∂v₂ = σ²uᵀα + tr BᵀU₁₁ᵀΣ + v₂κ₂uᵀΣu + κ₁a₀ᵀΣu.
 */
/**
 * The risk of an infinite prompt, R_∞ = ½ E(vᵀΓ_wUz − y_q)² over task, query and target.
 *
 * <p>Its minimum over heads is ½σ² where Σ is regular. Accuracy is that of matrix products, about
 * 1e-14 relative to the largest term; where a term overflows the results are infinite or NaN. Cost
 * O(d³).
 */
public final class PopulationRisk {
  private static final String ACTION = "give a population risk";

  private PopulationRisk() {}

  /**
   * R_∞(U, V).
   *
   * @param head a head of dimension d + 1 with one output
   */
  public static double value(TaskFamily family, Head head) {
    return gradient(family, head).value();
  }

  /** R_∞(U, V) and its exact gradient. */
  public static HeadGradient gradient(TaskFamily family, Head head) {
    family.requireHead(ACTION, head);
    int d = family.dimension();
    double tau2 = family.taskVariance();
    double noise = family.noiseVariance();
    RealMatrix sigma = family.covariance().matrix();
    RealVector v1 = head.v().getRowVector(0).getSubVector(0, d);
    double v2 = head.v().getEntry(0, d);
    RealMatrix u11 = head.u().getSubMatrix(0, d - 1, 0, d - 1);
    RealVector u = head.u().getRowVector(d).getSubVector(0, d);

    double trace = sigma.getTrace();
    double frobenius = sigma.getFrobeniusNorm();
    double kappa1 = tau2 * trace;
    double kappa2 = tau2 * tau2 * (trace * trace + 2 * frobenius * frobenius);
    RealVector sigmaV1 = sigma.operate(v1);
    RealVector sigmaU = sigma.operate(u);
    RealMatrix sigmaU11 = sigma.multiply(u11);
    RealVector a0 = u11.preMultiply(sigmaV1).add(u.mapMultiply(v2 * noise));
    RealVector sigmaA0 = sigma.operate(a0);
    RealMatrix a1 =
        sigmaU11
            .transpose()
            .scalarMultiply(v2)
            .subtract(MatrixUtils.createRealIdentityMatrix(d))
            .add(u.outerProduct(sigmaV1));
    RealMatrix sigmaA1 = sigma.multiply(a1);

    double uu = u.dotProduct(sigmaU);
    double a0u = u.dotProduct(sigmaA0);
    double q =
        a0.dotProduct(sigmaA0)
            + tau2 * dot(a1, sigmaA1)
            + v2 * v2 * kappa2 * uu
            + 2 * v2 * kappa1 * a0u;

    RealVector alpha = sigmaA0.add(sigmaU.mapMultiply(v2 * kappa1));
    RealMatrix b = sigmaA1.scalarMultiply(tau2);
    RealMatrix sigmaBt = sigma.multiplyTransposed(b);
    RealMatrix gradU11 = sigmaV1.outerProduct(alpha).add(sigmaBt.scalarMultiply(v2));
    RealVector gradU =
        alpha
            .mapMultiply(v2 * noise)
            .add(b.operate(sigmaV1))
            .add(sigmaU.mapMultiply(v2 * v2 * kappa2))
            .add(sigmaA0.mapMultiply(v2 * kappa1));
    RealVector gradV1 = sigmaU11.operate(alpha).add(sigmaBt.operate(u));
    double gradV2 =
        noise * u.dotProduct(alpha)
            + dot(b.transpose(), sigmaU11)
            + v2 * kappa2 * uu
            + kappa1 * a0u;

    RealMatrix gradient = MatrixUtils.createRealMatrix(d + 1, d + 1);
    gradient.setSubMatrix(gradU11.getData(), 0, 0);
    for (int j = 0; j < d; j++) {
      gradient.setEntry(d, j, gradU.getEntry(j));
    }
    return new HeadGradient(0.5 * (q + noise), gradient, gradV1.append(gradV2));
  }

  /** Σ a_ij b_ij. */
  private static double dot(RealMatrix a, RealMatrix b) {
    double sum = 0;
    for (int i = 0; i < a.getRowDimension(); i++) {
      for (int j = 0; j < a.getColumnDimension(); j++) {
        sum += a.getEntry(i, j) * b.getEntry(i, j);
      }
    }
    return sum;
  }
}
