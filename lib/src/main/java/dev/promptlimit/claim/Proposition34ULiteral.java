package dev.promptlimit.claim;

import dev.promptlimit.attention.Metric;

/**
 * Proposition 3.4 of E. Boursier, C. Boyer, arXiv 2512.11784, as written, from L = 1 on: the
 * mean-square error of the derivative in U is at most c₁ σ¹² ln² L / L^{c₂/σ²}. Refuted by one
 * token ({@link LiteralBound}).
 */
public final class Proposition34ULiteral extends LiteralBound {
  /** The statement, read literally. */
  public Proposition34ULiteral() {
    super("prop-3.4-u", "paper, Proposition 3.4", Metric.JACOBIAN_U);
  }
}
