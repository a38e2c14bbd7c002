package dev.promptlimit.regression;

import dev.promptlimit.attention.Head;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.random.UniformStream;
import java.util.Arrays;
import java.util.Optional;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;

/*
 * Separate matrices, D = d + 1, with U = W_KᵀW_Q/√D and v = W_Vᵀw_O: for a function of (U, v),
 *
 *   ∂W_Q = W_K ∂U/√D,   ∂W_K = W_Q ∂Uᵀ/√D,   ∂W_V = w_O ∂vᵀ,   ∂w_O = W_V ∂v.
 */
/**
 * What is trained: numbers θ that give a head (U, v) of dimension D = d + 1 with one output.
 * Matrices are row-major.
 */
public enum Parametrisation {
  /** θ = (U, v), D² + D numbers. */
  MERGED("merged") {
    @Override
    public int size(int dimension) {
      return dimension * dimension + dimension;
    }

    @Override
    void head(double[] theta, double[] u, double[] v) {
      System.arraycopy(theta, 0, u, 0, u.length);
      System.arraycopy(theta, u.length, v, 0, v.length);
    }

    @Override
    void gradient(double[] theta, double[] byU, double[] byV, double[] gradient) {
      System.arraycopy(byU, 0, gradient, 0, byU.length);
      System.arraycopy(byV, 0, gradient, byU.length, byV.length);
    }
  },

  /**
   * θ = (W_Q, W_K, W_V, w_O), 3D² + D numbers: query, key and value matrices, D × D, and the output
   * row, with U = W_KᵀW_Q/√D and v = W_Vᵀw_O, as in the experiment of the paper.
   */
  SEPARATE("separate") {
    @Override
    public int size(int dimension) {
      return 3 * dimension * dimension + dimension;
    }

    @Override
    void head(double[] theta, double[] u, double[] v) {
      int n = v.length;
      double scale = 1 / Math.sqrt(n);
      Arrays.fill(u, 0);
      Arrays.fill(v, 0);
      for (int k = 0; k < n; k++) {
        for (int i = 0; i < n; i++) {
          double key = scale * theta[(n + k) * n + i];
          for (int j = 0; j < n; j++) {
            u[i * n + j] += key * theta[k * n + j];
          }
          v[i] += theta[(3 * n) * n + k] * theta[(2 * n + k) * n + i];
        }
      }
    }

    @Override
    void gradient(double[] theta, double[] byU, double[] byV, double[] gradient) {
      int n = byV.length;
      double scale = 1 / Math.sqrt(n);
      Arrays.fill(gradient, 0);
      for (int k = 0; k < n; k++) {
        double byOutput = 0;
        for (int i = 0; i < n; i++) {
          double query = 0;
          double key = scale * theta[(n + k) * n + i];
          for (int j = 0; j < n; j++) {
            double entry = byU[i * n + j];
            gradient[k * n + j] += key * entry;
            query += theta[k * n + j] * entry;
          }
          gradient[(n + k) * n + i] = scale * query;
          gradient[(2 * n + k) * n + i] = theta[3 * n * n + k] * byV[i];
          byOutput += theta[(2 * n + k) * n + i] * byV[i];
        }
        gradient[3 * n * n + k] = byOutput;
      }
    }
  };

  private final String id;

  Parametrisation(String id) {
    this.id = id;
  }

  /** The name used in files. */
  public String id() {
    return id;
  }

  /** The parametrisation of that name. */
  public static Optional<Parametrisation> of(String id) {
    return Arrays.stream(values()).filter(one -> one.id.equals(id)).findFirst();
  }

  /**
   * How many numbers θ has.
   *
   * @param dimension D = d + 1
   */
  public abstract int size(int dimension);

  /** Computes U, row-major, and v. */
  abstract void head(double[] theta, double[] u, double[] v);

  /** Turns the derivatives in U and v at θ into those in θ. */
  abstract void gradient(double[] theta, double[] byU, double[] byV, double[] gradient);

  /**
   * The head of θ.
   *
   * @param dimension D = d + 1
   */
  public Head head(double[] theta, int dimension) {
    if (theta.length != size(dimension)) {
      throw new IllegalArgumentException(
          "Cannot make a head: theta has "
              + theta.length
              + " entries, allowed: "
              + size(dimension)
              + ", "
              + id
              + " weights of dimension "
              + dimension);
    }
    double[] u = new double[dimension * dimension];
    double[] v = new double[dimension];
    head(theta, u, v);
    RealMatrix matrix = MatrixUtils.createRealMatrix(dimension, dimension);
    for (int i = 0; i < dimension; i++) {
      matrix.setRow(i, Arrays.copyOfRange(u, i * dimension, (i + 1) * dimension));
    }
    return new Head(matrix, MatrixUtils.createRowRealMatrix(v));
  }

  /**
   * Entries independent and uniform on ±1/√D, D being every matrix's number of columns, as
   * PyTorch's linear layers start.
   *
   * @param dimension D = d + 1
   */
  public double[] uniform(int dimension, StreamKey key) {
    double[] theta = new double[size(dimension)];
    new UniformStream(key, 1 / Math.sqrt(dimension)).fill(theta, 0, theta.length);
    return theta;
  }
}
