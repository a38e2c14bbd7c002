package dev.promptlimit.theory;

import dev.promptlimit.attention.Metric;
import java.util.Locale;
import org.hipparchus.util.FastMath;

/**
 * Upper bounds on mean-square errors over 1-sub-Gaussian queries, with constants that the source
 * leaves open (E. Boursier, C. Boyer, arXiv 2512.11784, Propositions 3.1 and 3.4): for tokens of
 * sub-Gaussian scale σ ≥ 1
 *
 * <pre>
 *   output, jacobian-v   c₁ σ⁶ ln L / L^{c₂/σ²}
 *   jacobian-u           c₁ σ¹² ln² L / L^{c₂/σ²}
 * </pre>
 *
 * <p>The gradients under tilted moments of order 0, 4 and 8. At L = 1 they are 0, which no error
 * is: they hold from L = 2 on at best.
 *
 * @param c1 c₁ > 0, of the dimension, the head and the moment bound alone
 * @param c2 c₂ > 0, the same
 */
public record PublishedBounds(double c1, double c2) {
  /**
   * @throws IllegalArgumentException if a constant is not finite and above 0
   */
  public PublishedBounds {
    require("c1", c1, 0, false);
    require("c2", c2, 0, false);
  }

  /**
   * The bound.
   *
   * @param sigma σ ≥ 1, finite
   * @param promptLength L ≥ 1, finite
   */
  public double meanSquare(Metric metric, double sigma, double promptLength) {
    require("the sub-Gaussian scale", sigma, 1, true);
    require("the prompt length", promptLength, 1, true);
    double ln = FastMath.log(promptLength);
    double sigma2 = sigma * sigma;
    double sigma6 = sigma2 * sigma2 * sigma2;
    double power = c1 * FastMath.exp(-c2 / sigma2 * ln);
    return metric == Metric.JACOBIAN_U ? power * sigma6 * sigma6 * ln * ln : power * sigma6 * ln;
  }

  private static void require(String name, double x, double least, boolean inclusive) {
    if (!(Double.isFinite(x) && (inclusive ? x >= least : x > least))) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot give a published bound: %s is %s, allowed: finite and %s %s",
              name,
              x,
              inclusive ? "at least" : "above",
              inclusive ? "1" : "0"));
    }
  }
}
