package dev.promptlimit.attention;

import dev.promptlimit.measure.Lapack;
import dev.promptlimit.random.NormalStream;
import dev.promptlimit.random.StreamKey;
import java.io.Serializable;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;

/**
 * An attention head (U, V): U = W_KᵀW_Q, d × d, turns a query z into its tilt a = Uz; V, p × d,
 * maps the weighted mean of the tokens to the output.
 */
public final class Head implements Serializable {
  private static final long serialVersionUID = 1;

  private final RealMatrix u;
  private final RealMatrix v;

  /**
   * @throws IllegalArgumentException if U is not d × d, V not p × d, or an entry not finite
   */
  public Head(RealMatrix u, RealMatrix v) {
    int d = u.getRowDimension();
    if (u.getColumnDimension() != d) {
      throw refusal("U is " + shape(u) + " and must be square");
    }
    if (v.getColumnDimension() != d) {
      throw refusal("V is " + shape(v) + " and U " + shape(u) + ", they need as many columns");
    }
    requireFinite("U", u);
    requireFinite("V", v);
    this.u = u.copy();
    this.v = v.copy();
  }

  /** c I_d. */
  public static RealMatrix scaledIdentity(int d, double c) {
    return MatrixUtils.createRealIdentityMatrix(d).scalarMultiply(c);
  }

  /**
   * A matrix of independent standard normals scaled to a given operator norm: direction from the
   * seed, size from the norm.
   *
   * @param norm largest singular value, finite and ≥ 0
   */
  public static RealMatrix random(int rows, int columns, double norm, long seed) {
    if (!(norm >= 0 && Double.isFinite(norm))) {
      throw refusal("the operator norm is " + norm + ", allowed: finite and ≥ 0");
    }
    double[] normals = new double[Math.multiplyExact(rows, columns)];
    String name = "head " + rows + " x " + columns;
    new NormalStream(new StreamKey(seed, name, 0, 0)).fill(normals, 0, normals.length);
    RealMatrix matrix = MatrixUtils.createRealMatrix(rows, columns);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        matrix.setEntry(i, j, normals[i * columns + j]);
      }
    }
    return matrix.scalarMultiply(norm / Lapack.operatorNorm(matrix));
  }

  private static void requireFinite(String name, RealMatrix matrix) {
    for (double[] row : matrix.getData()) {
      for (double entry : row) {
        if (!Double.isFinite(entry)) {
          throw refusal(name + " has the entry " + entry);
        }
      }
    }
  }

  private static IllegalArgumentException refusal(String reason) {
    return new IllegalArgumentException("Cannot make a head: " + reason);
  }

  private static String shape(RealMatrix matrix) {
    return matrix.getRowDimension() + " x " + matrix.getColumnDimension();
  }

  /** Dimension d of tokens and queries. */
  public int dimension() {
    return u.getRowDimension();
  }

  /** Number of output coordinates p. */
  public int outputs() {
    return v.getRowDimension();
  }

  /** U, d × d. */
  public RealMatrix u() {
    return u.copy();
  }

  /** V, p × d. */
  public RealMatrix v() {
    return v.copy();
  }
}
