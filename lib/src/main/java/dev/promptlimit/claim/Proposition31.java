package dev.promptlimit.claim;

import dev.promptlimit.attention.Metric;

/**
 * E‖T[μ̂_L] − T[μ]‖² ≤ c₁ σ⁶ ln L / L^{c₂/σ²} over 1-sub-Gaussian queries (Boursier and Boyer,
 * arXiv 2512.11784, Proposition 3.1), from L = 2 on: at L = 1 the bound is 0.
 */
final class Proposition31 extends PublishedBoundClaim {
  Proposition31() {
    super("prop-3.1", "paper, Proposition 3.1", Metric.OUTPUT, "the output", false);
  }
}
