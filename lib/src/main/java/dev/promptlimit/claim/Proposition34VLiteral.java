package dev.promptlimit.claim;

import dev.promptlimit.attention.Metric;

/**
 * Proposition 3.4 of E. Boursier, C. Boyer, arXiv 2512.11784, as written, from L = 1 on: the same
 * bound for the derivative in V, c₁ σ⁶ ln L / L^{c₂/σ²}. Refuted by one token ({@link
 * LiteralBound}).
 */
public final class Proposition34VLiteral extends LiteralBound {
  /** The statement, read literally. */
  public Proposition34VLiteral() {
    super("prop-3.4-v", "paper, Proposition 3.4", Metric.JACOBIAN_V);
  }
}
