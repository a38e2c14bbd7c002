package dev.promptlimit.regression;

import dev.promptlimit.attention.Head;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;

/*
 * The prediction of an infinite prompt is m(w)ᵀx_q (LimitMap), hence prediction − wᵀx_q = A(w)ᵀx_q with
 *
 *   A(w) = a₀ + A₁w + v₂uk,   u = u₂₁, k = wᵀΣw,   a₀ = U₁₁ᵀΣv₁ + v₂σ²u,   A₁ = v₂U₁₁ᵀΣ − I + uv₁ᵀΣ.
 *
 * Odd moments of w vanish, κ₁ = E k = τ² tr Σ, κ₂ = E k² = τ⁴((tr Σ)² + 2 tr Σ²), hence 2R − σ² is,
 * with Σ_q the covariance of x_q,
 *
 *   Q = a₀ᵀΣ_qa₀ + τ² tr A₁ᵀΣ_qA₁ + v₂²κ₂ uᵀΣ_qu + 2v₂κ₁ a₀ᵀΣ_qu.
 *
 * With α = ½ ∂Q/∂a₀ = Σ_q(a₀ + v₂κ₁u) and B = ½ ∂Q/∂A₁ = τ²Σ_qA₁ the chain rule gives
 *
 *   ∂R/∂U₁₁ = Σv₁αᵀ + v₂ΣBᵀ              ∂R/∂u = v₂σ²α + BΣv₁ + v₂²κ₂Σ_qu + v₂κ₁Σ_qa₀
 *   ∂R/∂v₁ = ΣU₁₁α + ΣBᵀu                ∂R/∂v₂ = σ²uᵀα + tr BᵀU₁₁ᵀΣ + v₂κ₂uᵀΣ_qu + κ₁a₀ᵀΣ_qu.
 */
/**
 * The risk of an infinite prompt, R_∞ = ½ E(vᵀΓ_wUz − y_q)² over task, query and target.
 *
 * <p>Its minimum over heads is ½σ² where Σ is regular. Accuracy is that of matrix products, about
 * 1e-14 relative to the largest term; where a term overflows the results are infinite or NaN. Cost
 * O(d³).
 *
 * @param family the tasks, inputs and queries
 */
public record PopulationRisk(TaskFamily family) implements HeadRisk {
  private static final String ACTION = "give a population risk";

  @Override
  public HeadGradient gradient(Head head) {
    return gradient(family, head);
  }

  @Override
  public boolean isBilinear() {
    return true;
  }

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

    RealMatrix querySigma = family.queryCovariance().matrix();
    double kappa1 = LimitMap.meanSquare(family);
    double kappa2 = kappa1 * kappa1 + LimitMap.squareVariance(family);
    LimitMap map = LimitMap.of(family, head);
    RealVector a0 = map.constant();
    RealMatrix a1 = map.linear().subtract(MatrixUtils.createRealIdentityMatrix(d));
    RealVector sigmaV1 = sigma.operate(v1);
    RealMatrix sigmaU11 = sigma.multiply(u11);
    RealVector queryU = querySigma.operate(u);
    RealVector queryA0 = querySigma.operate(a0);
    RealMatrix queryA1 = querySigma.multiply(a1);

    double uu = u.dotProduct(queryU);
    double a0u = u.dotProduct(queryA0);
    double q =
        a0.dotProduct(queryA0)
            + tau2 * dot(a1, queryA1)
            + v2 * v2 * kappa2 * uu
            + 2 * v2 * kappa1 * a0u;

    RealVector alpha = queryA0.add(queryU.mapMultiply(v2 * kappa1));
    RealMatrix b = queryA1.scalarMultiply(tau2);
    RealMatrix sigmaBt = sigma.multiplyTransposed(b);
    RealMatrix gradU11 = sigmaV1.outerProduct(alpha).add(sigmaBt.scalarMultiply(v2));
    RealVector gradU =
        alpha
            .mapMultiply(v2 * noise)
            .add(b.operate(sigmaV1))
            .add(queryU.mapMultiply(v2 * v2 * kappa2))
            .add(queryA0.mapMultiply(v2 * kappa1));
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
