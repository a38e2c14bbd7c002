package dev.promptlimit.regression;

import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.TokenRoot;
import dev.promptlimit.random.NormalStream;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;

/**
 * R = [[Σ^{1/2}, 0], [wᵀΣ^{1/2}, σ]], RRᵀ = Γ_w, with a task w ~ N(0, τ²I_d) of each prompt; before
 * the first one w = 0. A product costs what one with Σ^{1/2} does.
 */
final class TaskRoot implements TokenRoot {
  private final TaskFamily family;
  private final Covariance inputs;
  private final int d;
  private final double tau;
  private final double sigma; // σ, the deviation of the noise
  private final double[] task;
  private final double[] combined;

  TaskRoot(TaskFamily family) {
    this.family = family;
    inputs = family.covariance();
    d = family.dimension();
    tau = Math.sqrt(family.taskVariance());
    sigma = Math.sqrt(family.noiseVariance());
    task = new double[d];
    combined = new double[d];
  }

  @Override
  public boolean next(NormalStream prompts) {
    prompts.fill(task, 0, d);
    for (int i = 0; i < d; i++) {
      task[i] *= tau;
    }
    return true;
  }

  @Override
  public RealMatrix matrix() {
    RealMatrix matrix = MatrixUtils.createRealMatrix(d + 1, d + 1);
    RealMatrix root = inputs.root();
    matrix.setSubMatrix(root.getData(), 0, 0);
    double[] last = root.preMultiply(task);
    for (int j = 0; j < d; j++) {
      matrix.setEntry(d, j, last[j]);
    }
    matrix.setEntry(d, d, sigma);
    return matrix;
  }

  /** Γ_w, from its definition, not from R. */
  @Override
  public RealMatrix covariance() {
    return family.tokenCovariance(task);
  }

  /** Σ^{1/2}x₁ and wᵀΣ^{1/2}x₁ + σx₂. */
  @Override
  public void multiply(double[] x, int xFrom, double[] y, int yFrom) {
    inputs.multiplyRoot(x, xFrom, y, yFrom);
    double label = sigma * x[xFrom + d];
    for (int i = 0; i < d; i++) {
      label = Math.fma(task[i], y[yFrom + i], label);
    }
    y[yFrom + d] = label;
  }

  /** Σ^{1/2}(x₁ + x₂w) and σx₂. */
  @Override
  public void multiplyTransposed(double[] x, int xFrom, double[] y, int yFrom) {
    double label = x[xFrom + d];
    for (int i = 0; i < d; i++) {
      combined[i] = Math.fma(label, task[i], x[xFrom + i]);
    }
    inputs.multiplyRoot(combined, 0, y, yFrom);
    y[yFrom + d] = sigma * label;
  }
}
