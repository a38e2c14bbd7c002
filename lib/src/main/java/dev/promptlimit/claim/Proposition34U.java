package dev.promptlimit.claim;

import dev.promptlimit.attention.Metric;

/**
 * The mean-square error of ∂T/∂U is at most c₁ σ¹² ln² L / L^{c₂/σ²} under tilted moments of order
 * 0, 4 and 8 (Boursier and Boyer, arXiv 2512.11784, Proposition 3.4), from L = 2 on.
 */
final class Proposition34U extends PublishedBoundClaim {
  Proposition34U() {
    super("prop-3.4-u", "paper, Proposition 3.4", Metric.JACOBIAN_U, "the derivative in U", true);
  }
}
