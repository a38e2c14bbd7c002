package dev.promptlimit.regression;

import dev.promptlimit.attention.Head;
import dev.promptlimit.measure.Covariance;
import java.io.Serializable;
import java.util.Locale;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;

/**
 * The tasks w ~ N(0, τ²I_d), inputs x ~ N(0, Σ) and labels y = wᵀx + N(0, σ²) of in-context linear
 * regression (Boursier and Boyer, arXiv 2512.11784, section 5, where τ² = 1).
 *
 * <p>In the paper the query x_q has the law of the inputs. The authors' released code multiplies
 * the inputs of the prompt by Σ^{1/2} twice and x_q not at all: {@link #asReleased}.
 *
 * @param covariance Σ, that of an input of the prompt, d × d, possibly singular
 * @param queryCovariance Σ_q, that of x_q, d × d
 * @param taskVariance τ², finite and ≥ 0
 * @param noiseVariance σ², finite and ≥ 0
 */
public record TaskFamily(
    Covariance covariance, Covariance queryCovariance, double taskVariance, double noiseVariance)
    implements Serializable {
  /**
   * @throws IllegalArgumentException if a variance is negative or not finite, or the covariances
   *     have different dimensions
   */
  public TaskFamily {
    if (covariance.dimension() != queryCovariance.dimension()) {
      throw new IllegalArgumentException(
          "Cannot make a task family: the dimension of the query's covariance is "
              + queryCovariance.dimension()
              + ", allowed: "
              + covariance.dimension()
              + ", that of the inputs");
    }
    requireVariance("the task variance", taskVariance);
    requireVariance("the noise variance", noiseVariance);
  }

  /** As published: inputs and query have the covariance Σ. */
  public TaskFamily(Covariance covariance, double taskVariance, double noiseVariance) {
    this(covariance, covariance, taskVariance, noiseVariance);
  }

  /** As the released code draws them: inputs with covariance Σ², the query with I. */
  public static TaskFamily asReleased(
      Covariance covariance, double taskVariance, double noiseVariance) {
    RealMatrix sigma = covariance.matrix();
    int d = covariance.dimension();
    return new TaskFamily(
        Covariance.of(sigma.multiply(sigma).getData()),
        Covariance.identity(d, 1),
        taskVariance,
        noiseVariance);
  }

  private static void requireVariance(String what, double value) {
    if (!(value >= 0 && Double.isFinite(value))) {
      throw new IllegalArgumentException(
          "Cannot make a task family: " + what + " is " + value + ", allowed: finite and ≥ 0");
    }
  }

  /** Number d of coordinates of a task and of an input; tokens and queries have one more. */
  public int dimension() {
    return covariance.dimension();
  }

  /**
   * Γ_w = [[Σ, Σw], [wᵀΣ, wᵀΣw + σ²]], the covariance of a token (x, y) given the task: positive
   * semidefinite, (d+1) × (d+1), exactly symmetric. Cost O(d²).
   *
   * @param task w, d finite entries
   */
  public RealMatrix tokenCovariance(double[] task) {
    requireVector("give a token covariance", "the task", task);
    int d = dimension();
    RealMatrix sigma = covariance.matrix();
    double[] sigmaW = sigma.operate(task);
    RealMatrix gamma = MatrixUtils.createRealMatrix(d + 1, d + 1);
    gamma.setSubMatrix(sigma.getData(), 0, 0);
    double variance = noiseVariance;
    for (int i = 0; i < d; i++) {
      gamma.setEntry(i, d, sigmaW[i]);
      gamma.setEntry(d, i, sigmaW[i]);
      variance += task[i] * sigmaW[i];
    }
    gamma.setEntry(d, d, variance);
    return gamma;
  }

  /** Refuses what is not a vector of d finite numbers. */
  void requireVector(String action, String what, double[] vector) {
    if (vector.length != dimension()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot %s: the number of entries of %s is %d, allowed: %d",
              action,
              what,
              vector.length,
              dimension()));
    }
    for (int i = 0; i < vector.length; i++) {
      if (!Double.isFinite(vector[i])) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "Cannot %s: entry %d of %s is %s, allowed: finite",
                action,
                i,
                what,
                vector[i]));
      }
    }
  }

  /** Refuses a head that is not of dimension d + 1 with one output. */
  void requireHead(String action, Head head) {
    if (head.dimension() != dimension() + 1) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot %s: the dimension of the head is %d, allowed: %d, one more than the inputs",
              action,
              head.dimension(),
              dimension() + 1));
    }
    if (head.outputs() != 1) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot %s: the number of outputs of the head is %d, allowed: 1",
              action,
              head.outputs()));
    }
  }
}
