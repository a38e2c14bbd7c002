package dev.promptlimit.attention;

import dev.promptlimit.kernel.SoftmaxSums;
import dev.promptlimit.measure.TokenSampler;

/** Draws the tokens of a prompt, chunk by chunk, and sums them under softmax weights. */
public final class PromptReader {
  private final int k;
  private final SoftmaxSums sums;
  private final double[] bits;

  /**
   * @param k number of coordinates of a token, ≥ 1
   * @param second whether sums of products of coordinates are kept
   * @param squared whether the sums with squared weights are kept
   */
  public PromptReader(int k, boolean second, boolean squared) {
    this.k = k;
    sums = new SoftmaxSums(k, second, squared);
    bits = new double[k];
  }

  /** The sums over the prompt read last. */
  public SoftmaxSums sums() {
    return sums;
  }

  /** Reads a prompt of {@code length} tokens whose scores are ⟨u, x⟩. */
  public void read(TokenSampler tokens, double[] u, long length) {
    check(tokens);
    double bound = 0;
    for (int i = 0; i < k; i++) {
      bits[i] = u[i] * SoftmaxSums.BITS;
      bound += Math.abs(bits[i]) * tokens.largest();
    }
    sums.begin(bound);
    for (long read = 0; read < length; read += SoftmaxSums.CHUNK) {
      int n = (int) Math.min(SoftmaxSums.CHUNK, length - read);
      tokens.fill(sums.table(), n, bits, sums.scores());
      sums.add(sums.scores(), 1, n);
    }
  }

  /** Reads a prompt of {@code length} tokens whose scores are s x₁, s ≥ 0. */
  public void read(TokenSampler tokens, double s, long length) {
    check(tokens);
    double scale = s * SoftmaxSums.BITS;
    sums.begin(scale * tokens.largest());
    for (long read = 0; read < length; read += SoftmaxSums.CHUNK) {
      int n = (int) Math.min(SoftmaxSums.CHUNK, length - read);
      tokens.fill(sums.table(), n);
      sums.add(0, scale, n);
    }
  }

  private void check(TokenSampler tokens) {
    if (tokens.dimension() != k) {
      throw new IllegalArgumentException(
          "Cannot read tokens of dimension " + tokens.dimension() + " into sums of " + k);
    }
  }
}
