package dev.promptlimit.kernel;

import java.io.Serializable;
import java.util.Arrays;
import org.hipparchus.linear.RealMatrix;

/**
 * A dense matrix stored by columns, as LAPACK wants it, for products inside the simulation.
 *
 * <p>y = Ax is computed as y = Σ_j A_j x_j, column after column and fused: every y_i is one
 * definite double whatever the vector width, since nothing is reduced across lanes.
 */
public final class ColumnMatrix implements Serializable {
  private static final long serialVersionUID = 1;

  private final int rows;
  private final int columns;
  private final double[] entries;

  private ColumnMatrix(int rows, int columns, double[] entries) {
    this.rows = rows;
    this.columns = columns;
    this.entries = entries;
  }

  /** Copies a matrix. */
  public static ColumnMatrix of(RealMatrix a) {
    double[] entries = new double[Math.multiplyExact(a.getRowDimension(), a.getColumnDimension())];
    for (int j = 0, k = 0; j < a.getColumnDimension(); j++) {
      for (int i = 0; i < a.getRowDimension(); i++) {
        entries[k++] = a.getEntry(i, j);
      }
    }
    return new ColumnMatrix(a.getRowDimension(), a.getColumnDimension(), entries);
  }

  /** Number of rows. */
  public int rows() {
    return rows;
  }

  /** Number of columns. */
  public int columns() {
    return columns;
  }

  /** The entry in row i, column j. */
  public double get(int i, int j) {
    return entries[j * rows + i];
  }

  /** Copies the first n columns, one after the other, into {@code to} from an index on. */
  public void copyColumns(int n, double[] to, int from) {
    System.arraycopy(entries, 0, to, from, n * rows);
  }

  /**
   * Returns in out[outFrom + l] bias + Σ_i A_ij x[xFrom + i · stride + l] for n tokens, whole rows
   * of sixteen.
   */
  public void combineColumn(
      double bias, int j, double[] x, int xFrom, int stride, double[] out, int outFrom, int n) {
    Kernels.combine(bias, entries, j * rows, rows, x, xFrom, stride, out, outFrom, n);
  }

  /** y = Ax; x has as many items as A has columns, y as A has rows; they must not overlap. */
  public void multiply(double[] x, int xFrom, double[] y, int yFrom) {
    Arrays.fill(y, yFrom, yFrom + rows, 0);
    for (int j = 0; j < columns; j++) {
      axpy(x[xFrom + j], entries, j * rows, y, yFrom, rows);
    }
  }

  /** y += a x over n items, fused. */
  public static void axpy(double a, double[] x, int xFrom, double[] y, int yFrom, int n) {
    for (int i = 0; i < n; i++) {
      y[yFrom + i] = Math.fma(a, x[xFrom + i], y[yFrom + i]);
    }
  }

  /** Returns Σ x_i y_i over n items, added in order and fused. */
  public static double dot(double[] x, int xFrom, double[] y, int yFrom, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum = Math.fma(x[xFrom + i], y[yFrom + i], sum);
    }
    return sum;
  }

  /** Returns Σ x_i y_i over the items of x, added in order and fused. */
  public static double dot(double[] x, double[] y) {
    return dot(x, 0, y, 0, x.length);
  }
}
