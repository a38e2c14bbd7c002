package dev.promptlimit.measure;

/**
 * Tokens that are Gaussian prompt by prompt: x = m + Rε, ε ~ N(0, I), with one root R for all
 * prompts or one drawn anew with each of them. Every tilt has a limit, m + RRᵀa.
 */
public interface GaussianPrompts extends TokenMeasure {
  /** Gives each prompt its root. */
  TokenRoot root();
}
