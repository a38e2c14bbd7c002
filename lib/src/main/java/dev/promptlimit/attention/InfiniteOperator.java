package dev.promptlimit.attention;

import dev.promptlimit.measure.TokenMeasure;
import java.util.Locale;
import org.hipparchus.linear.RealMatrix;

/**
 * Attention on an infinite prompt: T[μ](z) = V ∫ x e^⟨Uz,x⟩ dμ / ∫ e^⟨Uz,x⟩ dμ = V m(Uz), the
 * tilted mean of the token measure μ. For Gaussian tokens it is the affine map V(m + ΓUz).
 *
 * <p>It exists where {@link TokenMeasure#inadmissible} has nothing against the tilt Uz.
 *
 * @param tokens token measure μ
 * @param head the head (U, V)
 */
public record InfiniteOperator(TokenMeasure tokens, Head head) {
  /**
   * @throws IllegalArgumentException if the dimensions differ
   */
  public InfiniteOperator {
    if (tokens.dimension() != head.dimension()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot apply a head of dimension %d to tokens of dimension %d",
              head.dimension(),
              tokens.dimension()));
    }
  }

  /** The tilt a = Uz. */
  public double[] tilt(double[] z) {
    return head.u().operate(z);
  }

  /**
   * T[μ](z) = V m(Uz), p entries.
   *
   * @throws IllegalArgumentException if the tilt is inadmissible
   */
  public double[] apply(double[] z) {
    return head.v().operate(tokens.tiltedMean(tilt(z)));
  }

  /**
   * V C(Uz), p × d: the derivative of T[μ](z) in U is dU ↦ V C(Uz) dU z.
   *
   * @throws IllegalArgumentException if the tilt is inadmissible
   */
  public RealMatrix derivative(double[] z) {
    return head.v().multiply(tokens.tiltedCovariance(tilt(z)));
  }
}
