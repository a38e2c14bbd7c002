package dev.promptlimit.claim;

import dev.promptlimit.attention.Metric;

/**
 * The mean-square error of ∂T/∂V is at most c₁ σ⁶ ln L / L^{c₂/σ²} under tilted moments of order 0,
 * 4 and 8 (Boursier and Boyer, arXiv 2512.11784, Proposition 3.4), from L = 2 on.
 */
final class Proposition34V extends PublishedBoundClaim {
  Proposition34V() {
    super("prop-3.4-v", "paper, Proposition 3.4", Metric.JACOBIAN_V, "the derivative in V", true);
  }
}
