package dev.promptlimit.regression;

import java.util.Arrays;
import org.hipparchus.util.FastMath;

/*
 * With β = ∫b² dt the off-diagonal entries are A_ij = c_ij exp(−D_i²D_jβ), which leaves y = (x_1, …, x_d, β),
 * x_i = A_ii, and
 *
 *   ẋ_i = bD_i² − b²D_i³x_i,   β̇ = b²,   b² = Σ x_i² + o(β),   o(β) = Σ_{i≠j} c_ij² exp(−2D_i²D_jβ).
 *
 * The Jacobian is diagonal plus rank one, J = Λ + p gᵀ with Λ = −b²D³ (0 for β), p = ∂f/∂b = (D² − 2bD³x, 2b)
 * and g = ∇b = (x, o′/2)/b, so that linear systems cost O(d) (Sherman and Morrison). A step of length H is
 * made K times, as k = 1..K steps of the linearly implicit Euler method y += (I − hJ)⁻¹ h f(y), h = H/k, J that
 * of the start, and extrapolated to h = 0 (Aitken and Neville): order K, and what is stiff dies at any H.
 */
/**
 * The balanced flow in an eigenbasis of Σ where it is stiff, by extrapolation of the linearly
 * implicit Euler method (P. Deuflhard, Recent progress in extrapolation methods for ordinary
 * differential equations, SIAM Review 27 (1985) 505-535), with fixed order and local tolerance
 * 1e-12 relative to b. Mutable. Cost of a step: O(d), and an exponential for every off-diagonal
 * entry that is not negligible yet.
 */
final class StiffFlow {
  private static final int ORDER = 8;

  private static final double TOLERANCE = 1e-12;

  private static final int MAX_TRIALS = 100_000;

  /** exp of less adds nothing to b². */
  private static final double NEGLIGIBLE = -80;

  private final double[] d; // eigenvalues of Σ
  private final double[] c; // A at the start, row-major
  private double[] y;
  private double step;
  private int trials;

  // Exponents −2D_i²D_j and squares of the off-diagonal entries that move, slowest first.
  private final double[][] moving;
  private final double frozen; // square sum of those that do not

  /**
   * Starts from A.
   *
   * @param d eigenvalues of Σ
   * @param a A, row-major
   */
  StiffFlow(double[] d, double[] a) {
    this.d = d;
    c = a.clone();
    int n = d.length;
    y = new double[n + 1];
    double rest = 0;
    double[][] entries = new double[n * n][];
    int count = 0;
    for (int i = 0; i < n; i++) {
      y[i] = a[i * n + i];
      for (int j = 0; j < n; j++) {
        double rate = -2 * d[i] * d[i] * d[j];
        double square = a[i * n + j] * a[i * n + j];
        if (i != j && rate == 0) {
          rest += square;
        } else if (i != j) {
          entries[count++] = new double[] {rate, square};
        }
      }
    }
    frozen = rest;
    moving = Arrays.copyOf(entries, count);
    Arrays.sort(moving, (one, other) -> Double.compare(other[0], one[0]));
  }

  /** A, row-major. */
  double[] a() {
    int n = d.length;
    double[] a = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        a[i * n + j] = i == j ? y[i] : c[i * n + j] * FastMath.exp(-d[i] * d[i] * d[j] * y[n]);
      }
    }
    return a;
  }

  /** Makes one step, no longer than {@code longest}, and returns its length. */
  double step(double longest) {
    if (step == 0) {
      double largest = d[d.length - 1];
      double b = b(y);
      step = 0.1 / (largest * largest * (1 + b * b * largest));
    }
    while (trials++ < MAX_TRIALS) {
      double h = Math.min(step, longest);
      double[][] table = extrapolate(h);
      double error = error(table[0], table[1]);
      double factor = 0.8 * FastMath.pow(TOLERANCE / error, 1.0 / ORDER);
      // a step that was cut short says nothing against longer ones
      double next = h * Math.max(0.1, Math.min(4, factor));
      if (error <= TOLERANCE) {
        step = h < step ? Math.max(step, next) : next;
        y = table[0];
        return h;
      }
      step = Double.isNaN(error) ? 0.1 * h : next;
    }
    throw new ArithmeticException(
        "Cannot follow a balanced flow: it does not arrive in " + MAX_TRIALS + " steps");
  }

  /** The best value and the one before it, of order one less. */
  private double[][] extrapolate(double length) {
    double[][] previous = new double[0][];
    for (int k = 1; k <= ORDER; k++) {
      double[][] row = new double[k][];
      row[0] = euler(length, k);
      for (int m = 1; m < k; m++) {
        double ratio = (double) k / (k - m);
        row[m] = new double[y.length];
        for (int i = 0; i < y.length; i++) {
          row[m][i] = row[m - 1][i] + (row[m - 1][i] - previous[m - 1][i]) / (ratio - 1);
        }
      }
      previous = row;
    }
    return new double[][] {previous[ORDER - 1], previous[ORDER - 2]};
  }

  private double[] euler(double length, int steps) {
    int n = d.length;
    double h = length / steps;
    double b = b(y);
    double[] q = new double[n + 1]; // (I − hΛ)⁻¹
    double[] qp = new double[n + 1];
    double[] g = new double[n + 1];
    double gqp = 0;
    for (int i = 0; i < n; i++) {
      double cube = d[i] * d[i] * d[i];
      q[i] = 1 / (1 + h * b * b * cube);
      qp[i] = q[i] * (d[i] * d[i] - 2 * b * cube * y[i]);
      g[i] = y[i] / b;
      gqp += g[i] * qp[i];
    }
    q[n] = 1;
    qp[n] = 2 * b;
    g[n] = slope(y[n]) / (2 * b);
    gqp += g[n] * qp[n];
    double[] z = y.clone();
    for (int step = 0; step < steps; step++) {
      double bz = b(z);
      double[] r = new double[n + 1];
      double gr = 0;
      for (int i = 0; i <= n; i++) {
        double f = i == n ? bz * bz : bz * d[i] * d[i] * (1 - bz * d[i] * z[i]);
        r[i] = q[i] * h * f;
        gr += g[i] * r[i];
      }
      double along = h * gr / (1 - h * gqp);
      for (int i = 0; i <= n; i++) {
        z[i] += r[i] + along * qp[i];
      }
    }
    return z;
  }

  private double error(double[] best, double[] other) {
    int n = d.length;
    double b = b(best);
    double error = Math.abs(best[n] - other[n]) / best[n]; // of β, which only grows
    for (int i = 0; i < n; i++) {
      error = Math.max(error, Math.abs(best[i] - other[i]) / b);
    }
    return best[n] > y[n] ? Math.max(error, 1e-100) : Double.NaN;
  }

  private double b(double[] z) {
    double sum = frozen;
    for (int i = 0; i < d.length; i++) {
      sum += z[i] * z[i];
    }
    double beta = z[d.length];
    for (double[] entry : moving) {
      double exponent = entry[0] * beta;
      if (exponent < NEGLIGIBLE) {
        break;
      }
      sum += entry[1] * FastMath.exp(exponent);
    }
    return Math.sqrt(sum);
  }

  /** o′(β). */
  private double slope(double beta) {
    double sum = 0;
    for (double[] entry : moving) {
      double exponent = entry[0] * beta;
      if (exponent < NEGLIGIBLE) {
        break;
      }
      sum += entry[0] * entry[1] * FastMath.exp(exponent);
    }
    return sum;
  }
}
