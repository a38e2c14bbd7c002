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
 * <p>Trapezoid rule of step h = 1/4 around t₀, the multiple of h nearest to u_i, where the
 * integrand is largest: {@value #NODES} nodes on each side, beyond which it is e^{−48} of that or
 * less, so that every z costs 81 d exponentials however strong the head. Its error is e^{−2π²/h²},
 * far below rounding. Exponents are relative to t₀, ut − t²/2 − (ut₀ − t₀²/2) = (t − t₀)(u − (t +
 * t₀)/2), which loses nothing to cancellation. NaN where |u_i| > 2⁴⁰, for there rounding comes near
 * h.
 */
final class TiltedQuadrature {
  private static final double STEP = 0.25;
  private static final int NODES = 40;
  private static final double MOST_TILT = 0x1p40;

  private final Covariance covariance;
  private final double[] mean;
  private final RealMatrix u;
  private final RealMatrix v;
  private final RealMatrix sizes; // |V| |R|
  private final double[] meanSize; // |V| |m|

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

  /**
   * T[μ](z), p entries; not finite where it cannot be computed.
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
  private static void tiltedMean(double u, int i, double[] e, double[] size) {
    if (!(Math.abs(u) <= MOST_TILT)) {
      e[i] = Double.NaN;
      size[i] = Double.NaN;
      return;
    }
    double t0 = Math.rint(u / STEP) * STEP;
    double mass = 0;
    double moment = 0;
    double absolute = 0;
    for (int k = -NODES; k <= NODES; k++) {
      double t = t0 + k * STEP;
      double density = FastMath.exp((t - t0) * (u - (t + t0) / 2));
      mass += density;
      moment += t * density;
      absolute += Math.abs(t) * density;
    }
    e[i] = moment / mass;
    size[i] = absolute / mass;
  }
}
