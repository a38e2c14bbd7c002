package dev.promptlimit.measure;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Locale;
import org.hipparchus.linear.RealMatrix;

/**
 * The Gaussian measure N(m, Γ) on R^d, Γ possibly singular; a fixed vector is N(m, 0).
 *
 * <p>Log-MGF Λ(a) = aᵀm + aᵀΓa/2, finite for every a; tilted mean ∇Λ(a) = m + Γa; tilted covariance
 * ∇²Λ(a) = Γ (Boursier and Boyer, arXiv 2512.11784, Lemma 2.1).
 */
public final class Gaussian implements Serializable {
  private static final long serialVersionUID = 1;

  private final double[] mean;
  private final Covariance covariance;

  /**
   * @throws IllegalArgumentException if the shapes differ or the mean is not finite
   */
  public Gaussian(double[] mean, Covariance covariance) {
    if (mean.length != covariance.dimension()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot make a Gaussian measure: the mean has %d entries, the covariance %d rows",
              mean.length,
              covariance.dimension()));
    }
    for (double entry : mean) {
      if (!Double.isFinite(entry)) {
        throw new IllegalArgumentException(
            "Cannot make a Gaussian measure: the mean has the entry " + entry);
      }
    }
    this.mean = mean.clone();
    this.covariance = covariance;
  }

  /** N(0, Γ). */
  public static Gaussian centred(Covariance covariance) {
    return new Gaussian(new double[covariance.dimension()], covariance);
  }

  /** The measure of one vector. */
  public static Gaussian fixed(double[] vector) {
    return new Gaussian(vector, Covariance.identity(vector.length, 0));
  }

  /** Number of coordinates d. */
  public int dimension() {
    return mean.length;
  }

  /** The mean m, d entries. */
  public double[] mean() {
    return mean.clone();
  }

  /** The covariance Γ. */
  public Covariance covariance() {
    return covariance;
  }

  /** Λ(a) = aᵀm + aᵀΓa/2. */
  public double logMgf(double[] a) {
    double[] gammaA = covariance.matrix().operate(a);
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * (mean[i] + 0.5 * gammaA[i]);
    }
    return sum;
  }

  /** m(a) = m + Γa. */
  public double[] tiltedMean(double[] a) {
    double[] tilted = covariance.matrix().operate(a);
    Arrays.setAll(tilted, i -> mean[i] + tilted[i]);
    return tilted;
  }

  /** C(a) = Γ, for every a. */
  public RealMatrix tiltedCovariance(double[] a) {
    if (a.length != mean.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot tilt a measure of dimension %d: the tilt has %d entries",
              mean.length,
              a.length));
    }
    return covariance.matrix();
  }
}
