package dev.promptlimit.theory;

import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.kernel.ColumnMatrix;
import dev.promptlimit.measure.Gaussian;
import java.util.Locale;
import org.hipparchus.util.FastMath;

/*
 * Section by section of the score: tokens are x = m + Rε, RRᵀ = Γ. Along e₁ = Rᵀa/s they are weighted
 * by softmax(s g), across it they are independent of the weights, so that in an orthonormal basis that
 * starts with e₁, P = RᵀVᵀVR, S = RᵀR, blocks 1 and ⊥, c = P₁⊥S₁⊥:
 *
 *   E‖V(m_w − m(a))‖² = P₁₁F + (tr P − P₁₁)G
 *   E‖V(C_w − Γ)‖_F² = P₁₁S₁₁ phi1 + phi2 (P₁₁ tr S⊥⊥ + S₁₁ tr P⊥⊥ + 2c)
 *       + phi3 (tr P⊥⊥ tr S⊥⊥ + tr P⊥⊥S⊥⊥) + phi4 tr P⊥⊥S⊥⊥ − 2 phi5 c
 *
 * Without a basis: p = P₁₁ = ‖Vb‖²/s², σ = S₁₁ = ‖b‖²/s², κ = (PS)₁₁ = bᵀΓVᵀVb/s² (b = Γa), c = κ − pσ,
 * tr P⊥⊥S⊥⊥ = tr PS − 2κ + pσ, and with T_P = tr VΓVᵀ, T_S = tr Γ, T_PS = ‖VΓ‖_F² the second one is
 *
 *   pσ(phi1 − 4phi2 + 2phi3 + phi4 + 2phi5) + (pT_S + σT_P)(phi2 − phi3)
 *     + 2κ(phi2 − phi3 − phi4 − phi5) + phi3(T_P T_S + T_PS) + phi4 T_PS.
 */
/**
 * Exact mean-square errors of softmax attention on L Gaussian tokens N(m, Γ) at one query z, for
 * every L ≥ 1, from the {@link UniversalFunctions} of s = √(aᵀΓa), a = Uz.
 *
 * <pre>
 *   output      ‖Vb‖²/s² F + (tr VΓVᵀ − ‖Vb‖²/s²) G,   b = Γa
 *   jacobian-v  the same with V = I, times p
 *   jacobian-u  ‖z‖² E‖V(C_w − Γ)‖_F², a combination of phi1 … phi5
 * </pre>
 *
 * <p>Accuracy is that of the universal functions times a small number. Making one costs O(d²p +
 * d³), a value O(1).
 */
public final class ExactError {
  private final int outputs;
  private final double s;
  private final double squaredNorm; // ‖z‖²
  private final double p; // ‖Vb‖²/s², 0 at s = 0, where F = G
  private final double sigma; // ‖b‖²/s²
  private final double kappa; // bᵀΓVᵀVb/s²
  private final double[] vb;
  private final QueryForms forms;

  /**
   * @param z query, d entries
   * @throws IllegalArgumentException if the dimensions differ or an entry is not finite
   */
  public ExactError(Gaussian tokens, Head head, double[] z) {
    this(QueryForms.of(tokens, head), tokens, head, z);
  }

  ExactError(QueryForms forms, Gaussian tokens, Head head, double[] z) {
    int d = head.dimension();
    if (z.length != d) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot give exact errors: the query has dimension %d, the head %d",
              z.length,
              d));
    }
    this.forms = forms;
    outputs = head.outputs();
    double[] a = head.u().operate(z);
    double[] b = tokens.covariance().matrix().operate(a);
    vb = head.v().operate(b);
    double t = Math.max(0, ColumnMatrix.dot(a, b));
    requireFinite("the score variance", t);
    requireFinite("the squared norm of the query", ColumnMatrix.dot(z, z));
    s = FastMath.sqrt(t);
    squaredNorm = ColumnMatrix.dot(z, z);
    p = t > 0 ? ColumnMatrix.dot(vb, vb) / t : 0;
    sigma = t > 0 ? ColumnMatrix.dot(b, b) / t : 0;
    double[] gammaB = tokens.covariance().matrix().operate(b);
    kappa = t > 0 ? ColumnMatrix.dot(head.v().operate(gammaB), vb) / t : 0;
  }

  private static void requireFinite(String name, double x) {
    if (!Double.isFinite(x)) {
      throw new IllegalArgumentException(
          "Cannot give exact errors: " + name + " is " + x + ", allowed: finite");
    }
  }

  /** Score standard deviation s = √(aᵀΓa). */
  public double s() {
    return s;
  }

  /**
   * e^{s²/2}: shorter prompts freeze onto one token, for importance sampling needs e^{KL} draws and
   * the tilted law has KL = s²/2; +∞ where it overflows.
   */
  public double freezingLength() {
    return FastMath.exp(s * s / 2);
  }

  /** E V(m_w − m(a)) = −G VΓa, p entries. */
  public double[] outputBias(UniversalFunctions at) {
    double[] bias = new double[outputs];
    for (int i = 0; i < outputs; i++) {
      bias[i] = vb[i] == 0 ? 0 : -at.g() * vb[i];
    }
    return bias;
  }

  /**
   * The mean of the squared deviation.
   *
   * @param at functions of this {@link #s()} and any L
   */
  public double meanSquare(Metric metric, UniversalFunctions at) {
    return switch (metric) {
      case OUTPUT -> p * at.f() + (forms.traceOutput() - p) * at.g();
      case JACOBIAN_V -> outputs * (sigma * at.f() + (forms.traceGamma() - sigma) * at.g());
      case JACOBIAN_U ->
          squaredNorm
              * forms.covarianceError(
                  p * sigma,
                  p * forms.traceGamma() + sigma * forms.traceOutput(),
                  2 * kappa,
                  1,
                  at);
    };
  }
}
