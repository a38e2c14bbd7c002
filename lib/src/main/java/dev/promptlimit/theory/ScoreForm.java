package dev.promptlimit.theory;

import dev.promptlimit.measure.Gaussian;
import java.io.Serializable;
import java.util.Arrays;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;

/**
 * The score variance of a random query in the eigenbasis of J: with z = m + Gξ, ξ ~ N(0, I),
 *
 * <pre>
 *   s² = zᵀMz = rest + scale · r,   r = Σ κ_i (ξ_i + ν_i)²,
 *   scale = λ_max(J) = H²,   κ_i = λ_i/λ_max,   ν_i = (GᵀMm)_i/λ_i.
 * </pre>
 */
final class ScoreForm implements Serializable {
  private static final long serialVersionUID = 1;

  private static final double TINY = 1e-14; // λ_i below this of λ_max is 0

  private final double[] mean; // m
  private final RealMatrix basis; // G
  private final double[] kappa; // 0 where it does not count
  private final double[] nu;
  private final double scale;
  private final double rest;

  private ScoreForm(
      double[] mean, RealMatrix basis, double[] kappa, double[] nu, double scale, double rest) {
    this.mean = mean;
    this.basis = basis;
    this.kappa = kappa;
    this.nu = nu;
    this.scale = scale;
    this.rest = rest;
  }

  /** The form of a spectrum whose eigenvalues are finite. */
  static ScoreForm of(QuerySpectrum spectrum, Gaussian queries) {
    double[] mean = queries.mean();
    RealVector m = MatrixUtils.createRealVector(mean);
    RealVector mm = spectrum.m().operate(m);
    RealMatrix basis = spectrum.basis();
    double[] linear = basis.preMultiply(mm.toArray());
    double[] lambda = spectrum.eigenvalues();
    double scale = spectrum.h2();
    double rest = mm.dotProduct(m);
    double[] kappa = new double[mean.length];
    double[] nu = new double[mean.length];
    int counted = 0;
    for (int i = 0; i < lambda.length; i++) {
      if (lambda[i] > TINY * scale && lambda[i] > Double.MIN_NORMAL) {
        kappa[i] = lambda[i] / scale;
        nu[i] = linear[i] / lambda[i];
        rest -= linear[i] * nu[i];
        counted++;
      }
    }
    rest = counted == lambda.length ? 0 : Math.max(0, rest);
    return new ScoreForm(mean, basis, kappa, nu, scale, rest);
  }

  /** m, d entries. */
  double[] mean() {
    return mean;
  }

  /** G, d × d. */
  RealMatrix basis() {
    return basis;
  }

  /** κ, d entries; 0 where it does not count. */
  double[] kappa() {
    return kappa;
  }

  /** ν, d entries; 0 where κ is. */
  double[] nu() {
    return nu;
  }

  /** The largest eigenvalue of J. */
  double scale() {
    return scale;
  }

  /** What is left of s², ≥ 0. */
  double rest() {
    return rest;
  }

  /** The law of r; there is none where no κ counts. */
  QuadraticFormLaw law() {
    int n = 0;
    double[] keptKappa = new double[kappa.length];
    double[] keptNu = new double[kappa.length];
    for (int i = 0; i < kappa.length; i++) {
      if (kappa[i] > 0) {
        keptKappa[n] = kappa[i];
        keptNu[n++] = nu[i];
      }
    }
    return new QuadraticFormLaw(Arrays.copyOf(keptKappa, n), Arrays.copyOf(keptNu, n));
  }

  /** Whether r is constant because no κ counts. */
  boolean isConstant() {
    for (double k : kappa) {
      if (k > 0) {
        return false;
      }
    }
    return true;
  }
}
