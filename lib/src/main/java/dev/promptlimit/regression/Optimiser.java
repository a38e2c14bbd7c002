package dev.promptlimit.regression;

import java.io.Serializable;
import org.hipparchus.util.FastMath;

/**
 * A rule that moves weights θ along a gradient g: stochastic gradient descent θ ← θ − ηg, or Adam
 * (D. P. Kingma, J. Ba, Adam: a method for stochastic optimization, ICLR 2015, algorithm 1),
 *
 * <pre>
 *   m ← β₁m + (1−β₁)g,   r ← β₂r + (1−β₂)g²,   θ ← θ − η (m/(1−β₁ᵗ)) / (√(r/(1−β₂ᵗ)) + ε).
 * </pre>
 *
 * @param adam whether it is Adam
 * @param rate η, finite and &gt; 0
 * @param beta1 β₁ in [0, 1), for Adam
 * @param beta2 β₂ in [0, 1), for Adam
 * @param epsilon ε ≥ 0, for Adam
 */
public record Optimiser(boolean adam, double rate, double beta1, double beta2, double epsilon)
    implements Serializable {
  /**
   * @throws IllegalArgumentException if a number is outside its range
   */
  public Optimiser {
    require("the rate", rate, rate > 0 && rate < Double.POSITIVE_INFINITY, "finite and > 0");
    require("beta1", beta1, beta1 >= 0 && beta1 < 1, "at least 0 and below 1");
    require("beta2", beta2, beta2 >= 0 && beta2 < 1, "at least 0 and below 1");
    require(
        "epsilon",
        epsilon,
        epsilon >= 0 && epsilon < Double.POSITIVE_INFINITY,
        "finite and at least 0");
  }

  private static void require(String what, double value, boolean holds, String allowed) {
    if (!holds) {
      throw new IllegalArgumentException(
          "Cannot make an optimiser: " + what + " is " + value + ", allowed: " + allowed);
    }
  }

  /** Stochastic gradient descent. */
  public static Optimiser sgd(double rate) {
    return new Optimiser(false, rate, 0, 0, 0);
  }

  /** How many numbers it remembers for n weights: m, then r. */
  public int memory(int n) {
    return adam ? 2 * n : 0;
  }

  /**
   * Makes one step.
   *
   * @param theta θ, moved
   * @param memory {@link #memory} numbers, 0 before the first step, updated
   * @param gradient g
   * @param step number t of this step, from 1
   */
  void step(double[] theta, double[] memory, double[] gradient, long step) {
    int n = theta.length;
    if (!adam) {
      for (int i = 0; i < n; i++) {
        theta[i] -= rate * gradient[i];
      }
      return;
    }
    double first = 1 - FastMath.pow(beta1, step);
    double second = 1 - FastMath.pow(beta2, step);
    for (int i = 0; i < n; i++) {
      double g = gradient[i];
      double m = beta1 * memory[i] + (1 - beta1) * g;
      double r = beta2 * memory[n + i] + (1 - beta2) * g * g;
      memory[i] = m;
      memory[n + i] = r;
      double size = Math.sqrt(r / second) + epsilon;
      if (size != 0) { // without ε: weights without a gradient, as in the last column of U, stay
        theta[i] -= rate * (m / first) / size;
      }
    }
  }
}
