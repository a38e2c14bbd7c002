package dev.promptlimit.regression;

import dev.promptlimit.attention.Head;
import dev.promptlimit.kernel.ColumnMatrix;
import dev.promptlimit.theory.UniversalFunctions;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;

/*
 * Given task w, query z = (x_q, 0) and target y the tokens are N(0, Γ), Γ = Γ_w. With a = Uz,
 *
 *   c = vᵀΓa,   t = s² = aᵀΓa,   q = vᵀΓv,
 *
 * vᵀm_w is (c/s)ḡ plus an independent part of variance W₂(q − c²/t) given the weights (ḡ = Σwg, W₂ =
 * Σw², G = E W₂), so E(vᵀm_w − y)² = (c/s)²(Eḡ² − G) − 2(c/s)(Eḡ)y + y² + Gq. Both quotients are
 * polynomials in the functions of theory.UniversalFunctions. Stein's lemma with
 * ∂w_m/∂g_l = s w_m(δ_lm − w_l) gives, with W₃ = Σw³,
 *
 *   E ḡ = s(1 − G),   E W₂ḡ = sE[W₂ + 2W₃ − 3W₂²],   E Σw²g = 2sE[W₂ − W₃],
 *   E ḡ² = sE ḡ + G + sE[Σw²g − 2W₂ḡ] = G + t(1 − G − 6E[W₃ − W₂²]),
 *
 * and E W₂² = phi4, 2E W₃ = G + phi4 − phi3, hence with κ = 3 phi3 + 3 phi4 − 4G
 *
 *   e = (c − y)² + κc² + 2cyG + qG,
 *
 * where nothing is divided by s and no large terms cancel as L grows. (Equivalently F = G + t(κ + 2G).)
 * Derivatives: by the same lemma dG/dt = E[W₂ − 4W₃ + 3W₂²] = 2 phi3 + phi4 − G, and from
 * κ = (F − G)/t − 2G, dF/dt = F′/2s,
 *
 *   ∂e/∂c = 2(c − y) + 2κc + 2yG,   ∂e/∂q = G,
 *   ∂e/∂t = (c/s)²(dF/dt − dG/dt − κ − 2G) + (2cy + q − 2c²)dG/dt.
 *
 * |c/s| ≤ √q. As s → 0 the bracket is O(t); what it inherits, the rounding of F′/s, is multiplied by
 * ∂t/∂U = 2Γa zᵀ = O(s), so that the gradient in U keeps its absolute accuracy. At s = 0 both are 0.
 *
 * Linear attention: (1/L) Σ (vᵀx_l)(x_lᵀa) has mean c and variance (c² + qt)/L by Wick's formula.
 */
/**
 * The expected squared error of a finite prompt given its task, query and target, over its tokens:
 * of softmax attention, E(vᵀm_w − y)², and of linear attention, E((1/L) Σ (vᵀx_l)(x_lᵀUz) − y)².
 *
 * <p>Exact for every Γ_w, also a singular one, and every L ≥ 1. The relative accuracy of softmax
 * values is that of the universal functions times (c² + y² + vᵀΓ_wv)/error, c² ≤ s² vᵀΓ_wv; that of
 * linear ones is 1e-14 times (c² + y²)/error. Cost O(d²) each.
 *
 * <p>Both are y² and lower powers of y: over the noise of a target y = wᵀx_q + N(0, σ²) they
 * average to the value at y = wᵀx_q plus σ², with the gradient at y = wᵀx_q.
 */
public final class ConditionalError {
  private static final String ACTION = "give a conditional error";

  private final double[] query;
  private final double y;
  private final double[] gammaA;
  private final double[] gammaV;
  private final double c;
  private final double s;
  private final double q;

  /**
   * @param head (U, V), of dimension d + 1 and one output
   * @param task w, d entries
   * @param query x_q, d entries
   * @param target y
   * @throws IllegalArgumentException if a shape does not fit or an entry is not finite
   */
  public ConditionalError(
      TaskFamily family, Head head, double[] task, double[] query, double target) {
    family.requireHead(ACTION, head);
    family.requireVector(ACTION, "the task", task);
    family.requireVector(ACTION, "the query", query);
    if (!Double.isFinite(target)) {
      throw new IllegalArgumentException(
          "Cannot " + ACTION + ": the target is " + target + ", allowed: finite");
    }
    int d = family.dimension();
    this.query = query.clone();
    y = target;
    RealMatrix u = head.u();
    double[] a = new double[d + 1];
    for (int i = 0; i <= d; i++) {
      for (int j = 0; j < d; j++) {
        a[i] += u.getEntry(i, j) * query[j];
      }
    }
    double[] rootA = rooted(family, task, a);
    double[] rootV = rooted(family, task, head.v().getRow(0));
    c = ColumnMatrix.dot(rootA, rootV);
    s = Math.sqrt(ColumnMatrix.dot(rootA, rootA));
    q = ColumnMatrix.dot(rootV, rootV);
    gammaA = unrooted(family, task, rootA);
    gammaV = unrooted(family, task, rootV);
  }

  /** Mᵀx with MMᵀ = Γ_w: Σ^{1/2}(x₁ + x₂w) and σx₂. */
  private static double[] rooted(TaskFamily family, double[] task, double[] x) {
    int d = task.length;
    double[] combined = new double[d];
    for (int i = 0; i < d; i++) {
      combined[i] = x[i] + x[d] * task[i];
    }
    double[] image = new double[d + 1];
    family.covariance().multiplyRoot(combined, 0, image, 0);
    image[d] = Math.sqrt(family.noiseVariance()) * x[d];
    return image;
  }

  /** Mr: Σ^{1/2}r₁ and wᵀΣ^{1/2}r₁ + σr₂. */
  private static double[] unrooted(TaskFamily family, double[] task, double[] r) {
    int d = task.length;
    double[] image = new double[d + 1];
    family.covariance().multiplyRoot(r, 0, image, 0);
    image[d] = Math.sqrt(family.noiseVariance()) * r[d];
    for (int i = 0; i < d; i++) {
      image[d] += task[i] * image[i];
    }
    return image;
  }

  /** The score standard deviation s = √(aᵀΓ_wa) ≥ 0, at which universal functions are needed. */
  public double s() {
    return s;
  }

  /** The prediction c = vᵀΓ_wUz of an infinite prompt. */
  public double limit() {
    return c;
  }

  /** The variance q = vᵀΓ_wv of a token's value. */
  public double valueVariance() {
    return q;
  }

  /**
   * The error of softmax attention.
   *
   * @param at the universal functions at {@link #s} and the prompt length
   */
  public double softmax(UniversalFunctions at) {
    requireS(at);
    return (c - y) * (c - y) + kappa(at) * c * c + (2 * c * y + q) * at.g();
  }

  /** The error of softmax attention and its gradient. */
  public HeadGradient softmaxGradient(UniversalFunctions at) {
    double value = softmax(at);
    double kappa = kappa(at);
    double g = at.g();
    double gByT = 2 * at.phi3() + at.phi4() - g;
    double byC = 2 * (c - y) + 2 * kappa * c + 2 * y * g;
    double byT = (2 * c * y + q - 2 * c * c) * gByT;
    if (s > 0) {
      double slope = c / s;
      byT += slope * slope * (at.fPrime() / (2 * s) - gByT - kappa - 2 * g);
    }
    return gradient(value, byC, byT, g);
  }

  /**
   * The error of linear attention.
   *
   * @param promptLength L ≥ 1
   */
  public double linear(double promptLength) {
    requireLength(promptLength);
    return (c - y) * (c - y) + (c * c + q * s * s) / promptLength;
  }

  /** The error of linear attention and its gradient. */
  public HeadGradient linearGradient(double promptLength) {
    double value = linear(promptLength);
    return gradient(
        value, 2 * (c - y) + 2 * c / promptLength, q / promptLength, s * s / promptLength);
  }

  private static double kappa(UniversalFunctions at) {
    return 3 * at.phi3() + 3 * at.phi4() - 4 * at.g();
  }

  /** ∂c = dvᵀΓa + vᵀΓdUz, ∂t = 2aᵀΓdUz, ∂q = 2vᵀΓdv. */
  private HeadGradient gradient(double value, double byC, double byT, double byQ) {
    int n = gammaA.length;
    RealMatrix u = MatrixUtils.createRealMatrix(n, n);
    RealVector v = MatrixUtils.createRealVector(new double[n]);
    for (int i = 0; i < n; i++) {
      double row = byC * gammaV[i] + 2 * byT * gammaA[i];
      for (int j = 0; j + 1 < n; j++) {
        u.setEntry(i, j, row * query[j]);
      }
      v.setEntry(i, byC * gammaA[i] + 2 * byQ * gammaV[i]);
    }
    return new HeadGradient(value, u, v);
  }

  private void requireS(UniversalFunctions at) {
    if (!(Math.abs(at.s() - s) <= 1e-12 * s)) {
      throw new IllegalArgumentException(
          "Cannot " + ACTION + ": s of the universal functions is " + at.s() + ", allowed: " + s);
    }
  }

  private static void requireLength(double promptLength) {
    if (!(promptLength >= 1)) {
      throw new IllegalArgumentException(
          "Cannot " + ACTION + ": the prompt length is " + promptLength + ", allowed: 1 or more");
    }
  }
}
