package dev.promptlimit.regression;

import dev.promptlimit.kernel.Kernels;
import dev.promptlimit.kernel.Lanes;
import dev.promptlimit.kernel.SoftmaxSums;
import dev.promptlimit.measure.TokenSampler;
import dev.promptlimit.random.NormalStream;
import dev.promptlimit.random.StreamKey;
import java.util.Arrays;

/*
 * Tokens are x = M_w ε, ε of d + 1 independent coordinates of variance 1, M_w = [[Σ^{1/2}, 0], [wᵀΣ^{1/2}, σ]],
 * so that all a prompt needs of its tokens is, in these coordinates,
 *
 *   scores       ⟨a′, ε_l⟩,  a′ = M_wᵀUz = (Σ^{1/2}(a₁ + a₂w), σa₂),   values ⟨v′, ε_l⟩, v′ = M_wᵀv likewise,
 *   mean         μ′ = weighted mean of ε,   derivative c′ = (weighted covariance of ε) v′
 *
 * (for linear attention μ′ = (1/L) Σ εεᵀ a′ and c′ = (1/L) Σ εεᵀ v′). Then with the residual
 * ρ = ⟨v′, μ′⟩ − y the loss ρ²/2 has the derivatives ρ M_wμ′ in v and ρ M_wc′ zᵀ in U.
 */
/**
 * Up to {@value #PAGE} prompts side by side: coordinate i of prompt p at [i · {@value #PAGE} + p],
 * so that the work on them is done by kernels over whole rows.
 */
final class PromptPage {
  /** Prompts on a full page. */
  static final int PAGE = 128;

  private static final long NORMALS = 0;
  private static final long INPUTS = 1;

  private final TaskFamily family;
  private final InputLaw law;
  private final int d;
  private final double tau;
  private final double sigma;
  private final double[] zero;

  private NormalStream normals;
  private TokenSampler inputs;

  private final double[] w;
  private final double[] query;
  private final double[] target = new double[PAGE];

  /** a′, d + 1 rows. */
  final double[] tilt;

  /** v′, d + 1 rows. */
  final double[] value;

  /** μ′, d + 1 rows. */
  final double[] mean;

  /** c′, d + 1 rows. */
  final double[] derivative;

  private final double[] residual = new double[PAGE];
  private final double[] scratch;
  private final double[] drawn; // as token samplers write
  private final double[] lanes;

  PromptPage(TaskFamily family, InputLaw law) {
    this.family = family;
    this.law = law;
    d = family.dimension();
    tau = Math.sqrt(family.taskVariance());
    sigma = Math.sqrt(family.noiseVariance());
    zero = new double[d];
    w = new double[d * PAGE];
    query = new double[d * PAGE];
    int rows = (d + 1) * PAGE;
    tilt = new double[rows];
    value = new double[rows];
    mean = new double[rows];
    derivative = new double[rows];
    scratch = new double[rows];
    drawn = new double[d * SoftmaxSums.STRIDE];
    lanes = new double[(d + 2) * Lanes.LANES];
  }

  int dimension() {
    return d + 1;
  }

  /** Begins a block: uses its substreams 0 and 1. */
  void begin(StreamKey block) {
    normals = new NormalStream(block.withSubstream(NORMALS));
    inputs = law.sampler(block.withSubstream(INPUTS), d);
  }

  /** The stream of what is drawn once a prompt. */
  NormalStream normals() {
    return normals;
  }

  /** Draws tasks, queries and targets of n prompts. */
  void draw(int n) {
    int rows = Lanes.roundUp(n);
    for (int i = 0; i < d; i++) {
      normals.fill(w, i * PAGE, rows);
      scale(tau, w, i * PAGE, rows);
    }
    inputs.fill(drawn, rows);
    for (int i = 0; i < d; i++) {
      System.arraycopy(drawn, i * SoftmaxSums.STRIDE, scratch, i * PAGE, rows);
    }
    family.queryCovariance().colour(zero, scratch, query, PAGE, 0, rows);
    normals.fill(target, 0, rows);
    scale(sigma, target, 0, rows);
    for (int i = 0; i < d; i++) {
      addProduct(w, i * PAGE, query, i * PAGE, target, 0, rows);
    }
  }

  /** Computes a′ and v′ of the head (U, v). */
  void turn(double[] u, double[] v, int n) {
    int rows = Lanes.roundUp(n);
    for (int i = 0; i <= d; i++) {
      Kernels.combine(0, u, i * (d + 1), d, query, 0, PAGE, scratch, i * PAGE, rows);
    }
    transposedRoot(tilt, rows);
    for (int i = 0; i <= d; i++) {
      Arrays.fill(scratch, i * PAGE, i * PAGE + rows, v[i]);
    }
    transposedRoot(value, rows);
  }

  /** M_wᵀ times what is in scratch. */
  private void transposedRoot(double[] out, int rows) {
    for (int i = 0; i < d; i++) {
      addProduct(scratch, d * PAGE, w, i * PAGE, scratch, i * PAGE, rows);
    }
    family.covariance().colour(zero, scratch, out, PAGE, 0, rows);
    System.arraycopy(scratch, d * PAGE, out, d * PAGE, rows);
    scale(sigma, out, d * PAGE, rows);
  }

  /** M_w times x, in scratch. */
  private void root(double[] x, int rows) {
    family.covariance().colour(zero, x, scratch, PAGE, 0, rows);
    System.arraycopy(x, d * PAGE, scratch, d * PAGE, rows);
    scale(sigma, scratch, d * PAGE, rows);
    for (int i = 0; i < d; i++) {
      addProduct(w, i * PAGE, scratch, i * PAGE, scratch, d * PAGE, rows);
    }
  }

  /**
   * Adds the derivatives of Σ ρ²/2 over the n prompts and returns that sum.
   *
   * @param byU (d+1) × (d+1), row-major
   * @param byV d + 1 entries
   */
  double addGradient(int n, double[] byU, double[] byV) {
    int rows = Lanes.roundUp(n);
    for (int p = 0; p < rows; p++) {
      residual[p] = -target[p];
    }
    for (int i = 0; i <= d; i++) {
      addProduct(value, i * PAGE, mean, i * PAGE, residual, 0, rows);
    }
    Arrays.fill(residual, n, rows, 0);
    root(mean, rows);
    weigh(residual, 0, scratch, d + 1, rows);
    for (int i = 0; i <= d; i++) {
      byV[i] += Lanes.fold(lanes, (1 + i) * Lanes.LANES);
    }
    root(derivative, rows);
    for (int i = 0; i <= d; i++) {
      multiply(residual, 0, scratch, i * PAGE, rows);
      weigh(scratch, i * PAGE, query, d, rows);
      for (int j = 0; j < d; j++) {
        byU[i * (d + 1) + j] += Lanes.fold(lanes, (1 + j) * Lanes.LANES);
      }
    }
    return 0.5 * Lanes.dot(residual, residual, rows);
  }

  /** Σ y and Σ y x_i of k rows, in lanes. */
  private void weigh(double[] y, int from, double[] x, int k, int rows) {
    Arrays.fill(lanes, 0);
    Kernels.weighted(y, from, x, PAGE, k, lanes, rows);
  }

  // Loops without branches or sums, which the compiler turns into vector code with the same bits.

  static void scale(double by, double[] x, int from, int n) {
    for (int p = 0; p < n; p++) {
      x[from + p] *= by;
    }
  }

  static void multiply(double[] x, int xFrom, double[] y, int yFrom, int n) {
    for (int p = 0; p < n; p++) {
      y[yFrom + p] *= x[xFrom + p];
    }
  }

  /** z += x y, fused. */
  static void addProduct(
      double[] x, int xFrom, double[] y, int yFrom, double[] z, int zFrom, int n) {
    for (int p = 0; p < n; p++) {
      z[zFrom + p] = Math.fma(x[xFrom + p], y[yFrom + p], z[zFrom + p]);
    }
  }
}
