package dev.promptlimit.theory;

/**
 * The universal functions of one score standard deviation s and one prompt length L: every
 * mean-square error of softmax attention on Gaussian tokens at one query is a combination of them,
 * in any dimension.
 *
 * <p>With g_l ~ N(0,1) independent, w = softmax(s g), ḡ = Σwg, X = Σw(g−s), Y = Σw((g−s)²−1), W_k =
 * Σw^k:
 *
 * <pre>
 *   F = E X²            G = E W₂              bias = E X = −sG (Stein's lemma)
 *   phi1 = E (Y−X²)²    phi2 = E Σw²(g−ḡ)²    phi3 = E [W₂ − 2W₃ + W₂²]
 *   phi4 = E W₂²        phi5 = E (Y−X²) W₂
 * </pre>
 *
 * @param s score standard deviation, ≥ 0
 * @param promptLength L, a whole number ≥ 1
 * @param f F
 * @param g G
 * @param phi1 phi1
 * @param phi2 phi2, 0 at L = 1
 * @param phi3 phi3, 0 at L = 1
 * @param phi4 phi4
 * @param phi5 phi5
 * @param fPrime dF/ds = 2 E[X(Y−X²)]
 */
public record UniversalFunctions(
    double s,
    double promptLength,
    double f,
    double g,
    double phi1,
    double phi2,
    double phi3,
    double phi4,
    double phi5,
    double fPrime) {

  /** E X = −sG. */
  public double bias() {
    return -s * g;
  }

  /**
   * dG/ds = 2s E[W₂ − 4W₃ + 3W₂²] = 2s(2 phi3 + phi4 − G), by Stein's lemma on 2E[Σw²(g−s) − XW₂]
   * with ∂w_m/∂g_l = s w_m(δ_lm − w_l).
   */
  public double gPrime() {
    return 2 * s * (2 * phi3 + phi4 - g);
  }
}
