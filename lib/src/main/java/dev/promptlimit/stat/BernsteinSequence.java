package dev.promptlimit.stat;

import java.io.Serializable;
import org.hipparchus.util.FastMath;

/**
 * Intervals for the mean of independent values in [0, bound] that hold after all blocks at once,
 * for every n and every law: the empirical-Bernstein sequence of S. R. Howard, A. Ramdas, J.
 * McAuliffe, J. Sekhon, Ann. Statist. 49, 2021, Theorem 4, with the polynomial stitched boundary of
 * their equation 10.
 *
 * <p>Each value is compared with a centre that is known before it is drawn, here the mean of all
 * earlier blocks; V = Σ (x − centre)² is the variance process. The mean differs from its estimate
 * on either side by S(V)/n or more, at some n, with probability at most α, where
 *
 * <p>S(v) = √(k₁² v ℓ + k₂² c² ℓ²) + k₂ c ℓ, ℓ = s ln(1 + log₂(v/c²)) + ln(ζ(s)/α),
 *
 * <p>c = bound, v = max(V, c²), s = 1.4, k₁ = (2^¼ + 2^−¼)/√2, k₂ = (√2 + 1)/2. A centre serves as
 * long as it lies in [0, bound]; that of the first block is 0, which is known in advance and suits
 * values most of which are small against their bound: the block then counts with its second moment
 * in place of its variance, a loss that fades like 1/n.
 *
 * @param n number of values
 * @param mean their mean, 0 if there are none
 * @param v Σ (x − centre)², each value with the centre of its block
 */
public record BernsteinSequence(long n, double mean, double v) implements Serializable {
  /** No values yet. */
  public static final BernsteinSequence EMPTY = new BernsteinSequence(0, 0, 0);

  private static final double S = 1.4;

  /** ζ(1.4). */
  private static final double ZETA = 3.105547278;

  private static final double K1 =
      (FastMath.pow(2, 0.25) + FastMath.pow(2, -0.25)) / FastMath.sqrt(2.0);

  private static final double K2 = (FastMath.sqrt(2.0) + 1) / 2;

  /** Rounding lets a mean of values ≤ bound exceed it by so much, relatively. */
  private static final double ROUNDING = 1e-9;

  /** With one more block, drawn after all that are in already. */
  public BernsteinSequence then(Moments block) {
    if (block.n() == 0) {
      return this;
    }
    long both = Math.addExact(n, block.n());
    double weight = (double) block.n();
    double delta = block.mean() - mean; // mean is 0 before the first block
    return new BernsteinSequence(
        both, mean + delta * (weight / both), v + block.m2() + weight * (delta * delta));
  }

  /**
   * The two-sided interval, α/2 on each side; [0, bound] without values.
   *
   * @param bound what no value exceeds, > 0
   * @param alpha error probability, 0 < α < 1
   */
  public Interval interval(double bound, double alpha) {
    double radius = radius(bound, alpha, 2);
    return new Interval(Math.max(0, mean - radius), Math.min(bound, mean + radius));
  }

  /** A lower bound alone, of error probability α. */
  public double lower(double bound, double alpha) {
    return Math.max(0, mean - radius(bound, alpha, 1));
  }

  /** An upper bound alone, of error probability α. */
  public double upper(double bound, double alpha) {
    return Math.min(bound, mean + radius(bound, alpha, 1));
  }

  private double radius(double bound, double alpha, int sides) {
    boolean bounded = bound > 0 && bound < Double.POSITIVE_INFINITY;
    if (!(bounded && alpha > 0 && alpha < 1 && mean >= 0 && mean <= bound * (1 + ROUNDING))) {
      throw new IllegalArgumentException(
          "Cannot bound a mean: values in [0, "
              + bound
              + "] with mean "
              + mean
              + ", alpha = "
              + alpha);
    }
    if (n == 0) {
      return bound;
    }
    double units = Math.max(1, v / bound / bound); // v/c²
    double doublings = FastMath.log(units) / FastMath.log(2.0);
    double logs = S * FastMath.log1p(doublings) + FastMath.log(ZETA * sides / alpha);
    double linear = K2 * logs;
    return bound * (FastMath.sqrt(K1 * K1 * units * logs + linear * linear) + linear) / n;
  }
}
