package dev.promptlimit.kernel;

import java.util.Arrays;

/**
 * Softmax-weighted moments of one prompt, streamed over its tokens in constant memory.
 *
 * <p>Tokens l have a score t_l and coordinates x_l in R^k, handed over in chunks, coordinate by
 * coordinate. With weights y_l = e^{t_l − shift} the class keeps
 *
 * <pre>
 *   Σ y,  Σ y x_i,  Σ y x_i x_j        and, where asked for,   Σ y²,  Σ y² x_i,  Σ y² x_i x_j
 * </pre>
 *
 * <p>shift is the largest score seen so far. When a chunk raises it, what has been summed is scaled
 * down by e^{old − new}; every exponent is ≤ 0, so nothing overflows for any finite scores, and the
 * largest weight is exactly 1. Within a chunk sums have sixteen lanes ({@link Lanes}); chunks are
 * added in order. A score that is NaN or +∞ makes every result NaN: its weight is one.
 *
 * <p>Chunks hold at most {@link #CHUNK} tokens, all but the last of a prompt exactly so many: the
 * bits depend on the cutting.
 */
public final class SoftmaxSums {
  /** Tokens in a full chunk: coordinates and weights of a few dimensions stay in the L1 cache. */
  public static final int CHUNK = 512;

  private final int dimension;
  private final boolean second;
  private final boolean squared;

  private double shift;
  private double sumY;
  private double sumYy;
  private final double[] sumYx;
  private final double[] sumYyx;
  private final double[] sumYxx;
  private final double[] sumYyxx;

  private final double[] yy = new double[CHUNK];
  private final double[] yx = new double[CHUNK];
  private final double[] yyx = new double[CHUNK];

  /**
   * @param dimension k ≥ 1
   * @param second whether sums with x_i x_j are kept
   * @param squared whether the sums with squared weights are kept
   */
  public SoftmaxSums(int dimension, boolean second, boolean squared) {
    this.dimension = dimension;
    this.second = second;
    this.squared = squared;
    int pairs = second ? Math.multiplyExact(dimension, dimension + 1) / 2 : 0;
    sumYx = new double[dimension];
    sumYyx = new double[squared ? dimension : 0];
    sumYxx = new double[pairs];
    sumYyxx = new double[squared ? pairs : 0];
    clear();
  }

  /** Forgets all tokens. */
  public void clear() {
    shift = Double.NEGATIVE_INFINITY;
    sumY = 0;
    sumYy = 0;
    Arrays.fill(sumYx, 0);
    Arrays.fill(sumYxx, 0);
    Arrays.fill(sumYyx, 0);
    Arrays.fill(sumYyxx, 0);
  }

  /**
   * Adds n tokens, 1 ≤ n ≤ {@link #CHUNK}.
   *
   * @param scores their scores; overwritten with their weights
   * @param x their coordinates, x[i][l]; finite up to the end of the last row of sixteen
   */
  public void add(double[] scores, double[][] x, int n) {
    double top = Lanes.max(scores, n);
    if (!(top <= shift)) {
      yx[0] = shift; // −∞ before the first token: nothing to scale
      Elementary.expMinus(yx, top, yyx, 1);
      scale(yx[0], yx[0] * yx[0]);
      shift = top;
    }
    Elementary.expMinus(scores, shift, yx, n);
    int rows = Lanes.roundUp(n);
    Arrays.fill(scores, n, rows, 0);
    double[] y = scores;
    sumY += Lanes.sum(y, rows);
    if (squared) {
      for (int l = 0; l < rows; l++) {
        yy[l] = y[l] * y[l];
      }
      sumYy += Lanes.sum(yy, rows);
    }
    for (int i = 0, ij = 0; i < dimension; i++) {
      sumYx[i] += Lanes.dot(y, x[i], rows);
      if (squared) {
        sumYyx[i] += Lanes.dot(yy, x[i], rows);
      }
      if (!second) {
        continue;
      }
      weigh(y, x[i], yx, rows);
      if (squared) {
        weigh(yy, x[i], yyx, rows);
      }
      for (int j = 0; j <= i; j++, ij++) {
        sumYxx[ij] += Lanes.dot(yx, x[j], rows);
        if (squared) {
          sumYyxx[ij] += Lanes.dot(yyx, x[j], rows);
        }
      }
    }
  }

  private static void weigh(double[] weight, double[] x, double[] product, int n) {
    for (int l = 0; l < n; l++) {
      product[l] = weight[l] * x[l];
    }
  }

  private void scale(double y, double yy) {
    sumY *= y;
    sumYy *= yy;
    scale(sumYx, y);
    scale(sumYxx, y);
    scale(sumYyx, yy);
    scale(sumYyxx, yy);
  }

  private static void scale(double[] sums, double factor) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] *= factor;
    }
  }

  /** The weighted mean Σ w x_i, w = y / Σ y. */
  public double mean(int i) {
    return sumYx[i] / sumY;
  }

  /** The weighted covariance Σ w x_i x_j − (Σ w x_i)(Σ w x_j). */
  public double covariance(int i, int j) {
    return Math.fma(-mean(i), mean(j), sumYxx[pair(i, j)] / sumY);
  }

  /** Σ w². */
  public double squaredWeights() {
    return sumYy / sumY / sumY;
  }

  /** Σ w² (x_i − mean_i). */
  public double squaredWeights(int i) {
    return Math.fma(-mean(i), squaredWeights(), sumYyx[i] / sumY / sumY);
  }

  /** Σ w² (x_i − mean_i)(x_j − mean_j). */
  public double squaredWeights(int i, int j) {
    double raw = sumYyxx[pair(i, j)] / sumY / sumY;
    double rawI = sumYyx[i] / sumY / sumY;
    double centred = Math.fma(-mean(j), rawI, raw);
    return Math.fma(-mean(i), squaredWeights(j), centred);
  }

  private static int pair(int i, int j) {
    return i >= j ? i * (i + 1) / 2 + j : j * (j + 1) / 2 + i;
  }
}
