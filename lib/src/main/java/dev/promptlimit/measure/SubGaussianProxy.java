package dev.promptlimit.measure;

/**
 * The sub-Gaussian variance proxy of a measure: the smallest σ² with Λ(a) − ⟨a, m(0)⟩ ≤ σ²‖a‖²/2
 * for all a, or an upper bound of it.
 *
 * @param variance σ² ≥ 0; +∞ where the measure is not sub-Gaussian
 * @param exact whether it is the smallest, and not only an upper bound
 */
public record SubGaussianProxy(double variance, boolean exact) {}
