package dev.promptlimit.claim;

import dev.promptlimit.attention.Metric;

/**
 * Proposition 3.1 of E. Boursier, C. Boyer, arXiv 2512.11784, as written, from L = 1 on: E‖T[μ̂_L]
 * − T[μ]‖² ≤ c₁ σ⁶ ln L / L^{c₂/σ²}, the output. Refuted by one token ({@link LiteralBound}).
 */
public final class Proposition31Literal extends LiteralBound {
  /** The statement, read literally. */
  public Proposition31Literal() {
    super("prop-3.1", "paper, Proposition 3.1", Metric.OUTPUT);
  }
}
