package dev.promptlimit.stat;

import java.io.Serializable;

/**
 * Sums of the importance weights of prompts: weight is what a prompt counts for, 1 where prompts
 * are drawn from the measure they stand for.
 *
 * @param sum Σ ω
 * @param squareSum Σ ω²
 */
public record Weights(double sum, double squareSum) implements Serializable {
  /** n prompts of weight 1. */
  public static Weights unit(long n) {
    return equal(n, 1);
  }

  /** n prompts of one weight. */
  public static Weights equal(long n, double weight) {
    return new Weights(n * weight, n * weight * weight);
  }

  /** The sums over both. */
  public Weights combine(Weights that) {
    return new Weights(sum + that.sum, squareSum + that.squareSum);
  }

  /** Effective sample size (Σ ω)² / Σ ω². */
  public double effectiveSampleSize() {
    return sum / squareSum * sum;
  }
}
