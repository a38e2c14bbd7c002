package dev.promptlimit.measure;

import dev.promptlimit.random.StreamKey;
import java.io.Serializable;
import java.util.Optional;
import org.hipparchus.linear.RealMatrix;

/**
 * A probability measure μ on R^d that tokens are drawn from, known through its log-MGF
 *
 * <pre>
 *   Λ(a) = log ∫ e^⟨a,x⟩ dμ(x),
 * </pre>
 *
 * whose gradient and Hessian are the mean m(a) and the covariance C(a) of the a-tilted measure
 * e^{⟨a,x⟩−Λ(a)} dμ(x). Implementations are immutable.
 *
 * <p>Where Λ is infinite there is no tilted measure and attention has no infinite-prompt limit:
 * {@link #inadmissible} says why, {@link #logMgf} is +∞, the other methods refuse.
 */
public interface TokenMeasure extends Serializable {
  /** Number of coordinates d of a token. */
  int dimension();

  /** Why there is no measure tilted by a, in words; empty where there is one. */
  Optional<String> inadmissible(double[] a);

  /** Λ(a); +∞ outside its domain. */
  double logMgf(double[] a);

  /**
   * The tilted mean m(a) = ∇Λ(a), d entries.
   *
   * @throws IllegalArgumentException if a is inadmissible or has not d entries
   */
  double[] tiltedMean(double[] a);

  /**
   * The tilted covariance C(a) = ∇²Λ(a), d × d.
   *
   * @throws IllegalArgumentException if a is inadmissible or has not d entries
   */
  RealMatrix tiltedCovariance(double[] a);

  /**
   * The fourth moment E[(x−c)ᵀW(x−c) · ‖x−c‖²] under the a-tilted measure.
   *
   * @param c d entries
   * @param w W, d × d and symmetric
   * @throws IllegalArgumentException if a is inadmissible or has not d entries
   */
  double tiltedQuartic(double[] a, double[] c, RealMatrix w);

  /** How strongly the measure is sub-Gaussian. */
  SubGaussianProxy proxy();

  /** The largest norm of a token; +∞ where there is none. */
  default double radius() {
    return Double.POSITIVE_INFINITY;
  }

  /** Draws tokens of this measure. */
  TokenSampler sampler(StreamKey key);
}
