package dev.promptlimit.claim;

import dev.promptlimit.attention.Head;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.util.FastMath;

/**
 * T[μ](z) = V ∫ x e^{⟨a,x⟩} dμ / ∫ e^{⟨a,x⟩} dμ, a = Uz, for Gaussian tokens, by integration and
 * not by the formula that is put to the test.
 *
 * <p>x = m + Rε with RRᵀ = Γ, and with u = Rᵀa the density e^{⟨u,ε⟩} of the tilted law is a product
 * over the coordinates of ε, so that
 *
 * <pre>
 *   T[μ](z) = V(m + R E),   E_i = ∫ t e^{u_i t − t²/2} dt / ∫ e^{u_i t − t²/2} dt.
 * </pre>
 *
 * <p>Trapezoid rule of step 1/4 on |t| ≤ 2|u_i| + 14, where the integrand is e^{−98} of its value
 * at 0 or less. Its error is e^{−2π²/h²}, far below rounding.
 */
final class TiltedQuadrature {
  private static final double STEP = 0.25;
  private static final double MARGIN = 14;
  private static final double NEGLIGIBLE = -45; // log of what rounding hides

  private final Covariance covariance;
  private final double[] mean;
  private final RealMatrix u;
  private final RealMatrix v;
  private final RealMatrix sizes; // |V| |R|
  private final double[] meanSize; // |V| |m|
  private long evaluations;

  TiltedQuadrature(Gaussian tokens, Head head) {
    covariance = tokens.covariance();
    mean = tokens.mean();
    u = head.u();
    v = head.v();
    RealMatrix root = covariance.root();
    sizes = absolute(v).multiply(absolute(root));
    double[] size = mean.clone();
    for (int i = 0; i < size.length; i++) {
      size[i] = Math.abs(size[i]);
    }
    meanSize = absolute(v).operate(size);
  }

  private static RealMatrix absolute(RealMatrix matrix) {
    RealMatrix absolute = matrix.copy();
    for (int i = 0; i < matrix.getRowDimension(); i++) {
      for (int j = 0; j < matrix.getColumnDimension(); j++) {
        absolute.setEntry(i, j, Math.abs(matrix.getEntry(i, j)));
      }
    }
    return absolute;
  }

  /** Exponentials evaluated so far. */
  long evaluations() {
    return evaluations;
  }

  /**
   * T[μ](z), p entries.
   *
   * @param size filled with the sum of the sizes of the terms of each entry, what rounding is
   *     relative to
   */
  double[] output(double[] z, double[] size) {
    int d = mean.length;
    double[] tilt = new double[d];
    covariance.multiplyRoot(u.operate(z), 0, tilt, 0);
    double[] e = new double[d];
    double[] sizeOfE = new double[d];
    for (int i = 0; i < d; i++) {
      tiltedMean(tilt[i], i, e, sizeOfE);
    }
    double[] x = new double[d];
    covariance.multiplyRoot(e, 0, x, 0);
    for (int i = 0; i < d; i++) {
      x[i] += mean[i];
    }
    double[] terms = sizes.operate(sizeOfE);
    for (int i = 0; i < size.length; i++) {
      size[i] = terms[i] + meanSize[i];
    }
    return v.operate(x);
  }

  /** ∫ t e^{ut − t²/2} dt / ∫ e^{ut − t²/2} dt, and the same of |t|. */
  private void tiltedMean(double tilt, int i, double[] e, double[] size) {
    int nodes = (int) Math.ceil((2 * Math.abs(tilt) + MARGIN) / STEP);
    double largest = 0;
    for (int k = -nodes; k <= nodes; k++) {
      largest = Math.max(largest, exponent(tilt, k * STEP));
    }
    double mass = 0;
    double moment = 0;
    double absolute = 0;
    for (int k = -nodes; k <= nodes; k++) {
      double t = k * STEP;
      double exponent = exponent(tilt, t) - largest;
      if (exponent > NEGLIGIBLE) {
        double density = FastMath.exp(exponent);
        mass += density;
        moment += t * density;
        absolute += Math.abs(t) * density;
        evaluations++;
      }
    }
    e[i] = moment / mass;
    size[i] = absolute / mass;
  }

  private static double exponent(double tilt, double t) {
    return t * (tilt - 0.5 * t);
  }
}
