package dev.promptlimit.measure;

import dev.promptlimit.kernel.ColumnMatrix;
import dev.promptlimit.kernel.Kernels;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Locale;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;

/**
 * A covariance Γ of d coordinates, positive semidefinite and possibly singular, with its symmetric
 * root R: R Rᵀ = Γ, R = Rᵀ.
 *
 * <p>A diagonal Γ is kept as d variances, so that products cost O(d); any other Γ costs O(d²).
 */
public final class Covariance implements Serializable {
  private static final long serialVersionUID = 1;

  /** Asymmetry and negative eigenvalues up to this, relative to the largest entry, are rounding. */
  private static final double ROUNDING = 1e-12;

  private final int dimension;
  private final double[] variances; // null where Γ is dense
  private final double[] deviations; // their square roots
  private final ColumnMatrix gamma; // null where Γ is diagonal
  private final ColumnMatrix root;

  private Covariance(double[] variances, double[] deviations) {
    dimension = variances.length;
    this.variances = variances;
    this.deviations = deviations;
    gamma = null;
    root = null;
  }

  private Covariance(ColumnMatrix gamma, ColumnMatrix root) {
    dimension = gamma.rows();
    variances = null;
    deviations = null;
    this.gamma = gamma;
    this.root = root;
  }

  /** Whether it is kept as d variances. */
  public boolean isDiagonal() {
    return gamma == null;
  }

  /** v I_d. */
  public static Covariance identity(int d, double variance) {
    double[] variances = new double[d];
    Arrays.fill(variances, variance);
    return diagonal(variances);
  }

  /** Independent coordinates with these variances, each finite and ≥ 0. */
  public static Covariance diagonal(double[] variances) {
    if (variances.length == 0) {
      throw refusal("it has no rows");
    }
    double[] deviations = new double[variances.length];
    for (int i = 0; i < variances.length; i++) {
      if (!(variances[i] >= 0 && Double.isFinite(variances[i]))) {
        throw refusal("variance " + i + " is " + variances[i] + ", allowed: finite and ≥ 0");
      }
      deviations[i] = Math.sqrt(variances[i]);
    }
    return new Covariance(variances.clone(), deviations);
  }

  /** Γ_ij = v ρ^|i−j|, −1 ≤ ρ ≤ 1, v ≥ 0. */
  public static Covariance toeplitz(int d, double rho, double variance) {
    if (!(rho >= -1 && rho <= 1)) {
      throw refusal("rho is " + rho + ", allowed: -1 to 1");
    }
    double[][] rows = new double[d][d];
    double power = variance;
    for (int lag = 0; lag < d; lag++, power *= rho) {
      for (int i = 0; i + lag < d; i++) {
        rows[i][i + lag] = power;
        rows[i + lag][i] = power;
      }
    }
    return of(rows);
  }

  /**
   * An explicit covariance.
   *
   * @throws IllegalArgumentException if it is empty, not square, not finite, not symmetric or not
   *     positive semidefinite
   */
  public static Covariance of(double[][] rows) {
    int d = rows.length;
    if (d == 0) {
      throw refusal("it has no rows");
    }
    double largest = 0;
    for (int i = 0; i < d; i++) {
      if (rows[i].length != d) {
        throw refusal(
            "it is not square: row " + i + " has " + rows[i].length + " entries, not " + d);
      }
      for (double entry : rows[i]) {
        if (!Double.isFinite(entry)) {
          throw refusal("row " + i + " has the entry " + entry);
        }
        largest = Math.max(largest, Math.abs(entry));
      }
    }
    RealMatrix gamma = new Array2DRowRealMatrix(d, d);
    for (int i = 0; i < d; i++) {
      for (int j = 0; j < d; j++) {
        if (!(Math.abs(rows[i][j] - rows[j][i]) <= ROUNDING * largest)) {
          throw refusal(
              String.format(
                  Locale.ROOT,
                  "it is not symmetric: entry (%d, %d) is %s, entry (%d, %d) is %s",
                  i,
                  j,
                  rows[i][j],
                  j,
                  i,
                  rows[j][i]));
        }
        gamma.setEntry(i, j, 0.5 * rows[i][j] + 0.5 * rows[j][i]);
      }
    }
    Lapack.Spectrum spectrum = Lapack.spectrum(gamma);
    double smallest = spectrum.values().getEntry(0);
    if (!(smallest >= -ROUNDING * d * largest)) {
      throw refusal("it is not positive semidefinite: its smallest eigenvalue is " + smallest);
    }
    RealMatrix scaled = spectrum.vectors().copy();
    for (int j = 0; j < d; j++) {
      double fourthRoot = Math.sqrt(Math.sqrt(Math.max(0, spectrum.values().getEntry(j))));
      scaled.setColumnVector(j, scaled.getColumnVector(j).mapMultiply(fourthRoot));
    }
    return new Covariance(
        ColumnMatrix.of(gamma), ColumnMatrix.of(scaled.multiplyTransposed(scaled)));
  }

  private static IllegalArgumentException refusal(String reason) {
    return new IllegalArgumentException("Cannot make a covariance: " + reason);
  }

  /** Number of coordinates d. */
  public int dimension() {
    return dimension;
  }

  /** Γ as a d × d matrix. */
  public RealMatrix matrix() {
    return full(gamma, variances);
  }

  /** The symmetric root R as a d × d matrix. */
  public RealMatrix root() {
    return full(root, deviations);
  }

  private RealMatrix full(ColumnMatrix dense, double[] diagonal) {
    RealMatrix full = MatrixUtils.createRealMatrix(dimension, dimension);
    for (int i = 0; i < dimension; i++) {
      if (dense == null) {
        full.setEntry(i, i, diagonal[i]);
        continue;
      }
      for (int j = 0; j < dimension; j++) {
        full.setEntry(i, j, dense.get(i, j));
      }
    }
    return full;
  }

  /** y = R x over d items; x and y must not overlap unless Γ is diagonal. */
  public void multiplyRoot(double[] x, int xFrom, double[] y, int yFrom) {
    if (deviations == null) {
      root.multiply(x, xFrom, y, yFrom);
      return;
    }
    for (int i = 0; i < dimension; i++) {
      y[yFrom + i] = deviations[i] * x[xFrom + i];
    }
  }

  /** Γ x, d entries; each a sum in the order of the columns. */
  public double[] multiply(double[] x) {
    double[] y = new double[dimension];
    for (int i = 0; i < dimension; i++) {
      if (variances != null) {
        y[i] = variances[i] * x[i];
        continue;
      }
      for (int j = 0; j < dimension; j++) {
        y[i] += gamma.get(i, j) * x[j];
      }
    }
    return y;
  }

  /** tr WΓ and tr WΓΓ of a symmetric W; O(d) for diagonal Γ and O(d³) for others. */
  double[] traces(RealMatrix w) {
    double[] traces = new double[2];
    if (variances != null) {
      for (int i = 0; i < dimension; i++) {
        traces[0] += w.getEntry(i, i) * variances[i];
        traces[1] += w.getEntry(i, i) * variances[i] * variances[i];
      }
      return traces;
    }
    double[] column = new double[dimension];
    for (int j = 0; j < dimension; j++) {
      for (int i = 0; i < dimension; i++) {
        column[i] = gamma.get(i, j);
      }
      double[] wColumn = w.operate(column);
      traces[0] += wColumn[j];
      traces[1] += ColumnMatrix.dot(wColumn, 0, column, 0, dimension); // (WΓ)_ij Γ_ij
    }
    return traces;
  }

  /** tr Γ. */
  double trace() {
    double trace = 0;
    for (int i = 0; i < dimension; i++) {
      trace += variances != null ? variances[i] : gamma.get(i, i);
    }
    return trace;
  }

  /** λ_max(Γ), ≥ 0. */
  double largestEigenvalue() {
    if (variances != null) {
      return Arrays.stream(variances).max().orElseThrow();
    }
    return Math.max(0, Lapack.spectrum(matrix()).values().getEntry(dimension - 1));
  }

  /**
   * Turns standard normals of n tokens into tokens x = m + R eps, whole rows of sixteen.
   *
   * @param mean m, d entries
   * @param eps coordinate i of token l at i · stride + from + l; so in x
   */
  public void colour(double[] mean, double[] eps, double[] x, int stride, int from, int n) {
    for (int i = 0; i < dimension; i++) {
      int to = i * stride + from;
      if (deviations != null) {
        Kernels.combine(mean[i], deviations, i, 1, eps, to, stride, x, to, n);
      } else {
        root.combineColumn(mean[i], i, eps, from, stride, x, to, n); // column i is row i
      }
    }
  }
}
