package dev.promptlimit.regression;

import dev.promptlimit.attention.Head;

/** A risk as a function of the head. */
@FunctionalInterface
public interface HeadRisk {
  /** The risk and its derivatives at a head of dimension d + 1 with one output. */
  HeadGradient gradient(Head head);

  /**
   * Whether the risk depends on products of entries of U with entries of V alone, as an infinite
   * prompt's does. Then R(λU, V/λ) = R(U, V), so ⟨U, ∂R/∂U⟩ = ⟨V, ∂R/∂V⟩ and the gradient flow
   * keeps ‖U‖_F² − ‖V‖_F².
   */
  default boolean isBilinear() {
    return false;
  }
}
