package dev.promptlimit.attention;

import dev.promptlimit.kernel.SoftmaxSums;
import dev.promptlimit.measure.TokenSampler;
import dev.promptlimit.random.NormalStream;
import dev.promptlimit.random.StreamKey;
import java.util.Optional;

/**
 * The coordinates ξ in which brute force draws tokens x = m + Rξ, and the limit of a prompt in
 * them. It keeps the state of one prompt.
 */
interface TokenFrame {
  /** Draws tokens in these coordinates. */
  TokenSampler sampler(StreamKey key);

  /** Goes on to the next prompt, of which it draws what its tokens depend on. */
  default void next(NormalStream prompts) {}

  /**
   * Goes on to this prompt's tilt.
   *
   * @return why there is no limit, in words; empty where there is one
   */
  Optional<String> moveTo(double[] tilt);

  /** The vector whose products with ξ are the scores of this tilt, up to a constant. */
  double[] scores();

  /** Computes m_w − m(a), d entries. */
  void meanDeviation(SoftmaxSums sums, double[] deviation);

  /** ‖V(C_w − C(a))‖²; the frame must have been made for second moments. */
  double squaredCovarianceDeviation(SoftmaxSums sums);
}
