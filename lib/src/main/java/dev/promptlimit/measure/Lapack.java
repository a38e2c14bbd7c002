package dev.promptlimit.measure;

import dev.ludovic.netlib.lapack.JavaLAPACK;
import dev.ludovic.netlib.lapack.LAPACK;
import java.util.Arrays;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;
import org.netlib.util.intW;

/**
 * The factorisations of this project, by LAPACK's Java translation.
 *
 * <p>It is scalar and has no native code, so factors have the same bits on every machine; that it
 * is what {@code JavaLAPACK} gives is checked when this class is loaded.
 */
public final class Lapack {
  // netlib looks for a native library first and warns that there is none; none is wanted here. The
  // reference keeps the logger, and with it its level, from being collected.
  private static final Logger NETLIB = Logger.getLogger("dev.ludovic.netlib");

  static {
    NETLIB.setLevel(Level.SEVERE);
  }

  private static final LAPACK F2J = portable(JavaLAPACK.getInstance());

  static {
    // The first call fills static fields, unsynchronised: here, before two threads can be in it.
    F2J.dlamch("E");
  }

  private Lapack() {}

  private static LAPACK portable(LAPACK lapack) {
    String name = lapack.getClass().getSimpleName();
    if (!name.equals("F2jLAPACK")) {
      throw new IllegalStateException(
          "Cannot use LAPACK: expected F2jLAPACK, whose bits are portable, found " + name);
    }
    return lapack;
  }

  /**
   * Eigenvalues of a symmetric matrix in ascending order and, as columns, orthonormal eigenvectors.
   *
   * @param values eigenvalues λ₁ ≤ … ≤ λ_n
   * @param vectors n × n, column i belongs to λ_i
   */
  public record Spectrum(RealVector values, RealMatrix vectors) {}

  /** The spectral decomposition of the symmetric matrix a, n × n, n ≥ 1. */
  public static Spectrum spectrum(RealMatrix a) {
    int n = a.getRowDimension();
    double[] entries = columns(a);
    double[] values = new double[n];
    double[] work = new double[Math.max(1, 34 * n)];
    intW info = new intW(0);
    F2J.dsyev("V", "L", n, entries, n, values, work, work.length, info);
    check("dsyev", info);
    RealMatrix vectors = new Array2DRowRealMatrix(n, n);
    for (int j = 0; j < n; j++) {
      for (int i = 0; i < n; i++) {
        vectors.setEntry(i, j, entries[j * n + i]);
      }
    }
    return new Spectrum(MatrixUtils.createRealVector(values), vectors);
  }

  /** The largest singular value of a. */
  public static double operatorNorm(RealMatrix a) {
    int m = a.getRowDimension();
    int n = a.getColumnDimension();
    double[] values = new double[Math.min(m, n)];
    double[] work = new double[Math.max(5 * Math.min(m, n), 3 * Math.min(m, n) + Math.max(m, n))];
    intW info = new intW(0);
    double[] none = new double[1];
    F2J.dgesvd("N", "N", m, n, columns(a), m, values, none, 1, none, 1, work, work.length, info);
    check("dgesvd", info);
    return values[0];
  }

  /**
   * Replaces the first n ≤ m columns of a by the orthonormal factor of their QR decomposition, by
   * Householder reflections: the n columns are orthonormal whatever the rank of a, and their span
   * contains the columns of a.
   *
   * @param a column-major with m rows
   * @param tau scratch, n items
   * @param work scratch, n items
   */
  public static void orthonormalise(int m, int n, double[] a, double[] tau, double[] work) {
    intW info = new intW(0);
    F2J.dgeqr2(m, n, a, m, tau, work, info);
    check("dgeqr2", info);
    F2J.dorg2r(m, n, n, a, m, tau, work, info);
    check("dorg2r", info);
  }

  /**
   * A root f of the positive semidefinite b, f fᵀ = b, from its eigenvectors. Eigenvalues up to
   * 1e-12 of the largest, also negative ones, are taken for rounding and count as 0: the square
   * root would make 1e-8 of an error of 1e-16. If an entry is not finite, f is NaN.
   *
   * @param b n × n column-major, only its lower triangle is read; replaced by f
   * @param values scratch, n items
   * @param work scratch, at least 3 n items
   */
  public static void root(int n, double[] b, double[] values, double[] work) {
    for (int j = 0; j < n; j++) {
      for (int i = j; i < n; i++) {
        if (!Double.isFinite(b[j * n + i])) {
          Arrays.fill(b, Double.NaN);
          return;
        }
      }
    }
    intW info = new intW(0);
    F2J.dsyev("V", "L", n, b, n, values, work, work.length, info);
    check("dsyev", info);
    double rounding = 1e-12 * values[n - 1];
    for (int j = 0; j < n; j++) {
      double scale = values[j] > rounding ? Math.sqrt(values[j]) : 0;
      for (int i = 0; i < n; i++) {
        b[j * n + i] *= scale;
      }
    }
  }

  private static void check(String routine, intW info) {
    if (info.val != 0) {
      throw new ArithmeticException(
          "Cannot factorise a matrix: " + routine + " gave info = " + info.val);
    }
  }

  private static double[] columns(RealMatrix a) {
    int m = a.getRowDimension();
    double[] entries = new double[Math.multiplyExact(m, a.getColumnDimension())];
    for (int j = 0, k = 0; j < a.getColumnDimension(); j++) {
      for (int i = 0; i < m; i++) {
        entries[k++] = a.getEntry(i, j);
      }
    }
    return entries;
  }
}
