package dev.promptlimit.measure;

import dev.promptlimit.random.StreamKey;
import java.util.Arrays;
import java.util.Locale;
import org.hipparchus.linear.RealMatrix;

/**
 * The Gaussian measure N(m, Γ) on R^d, Γ possibly singular; a fixed vector is N(m, 0).
 *
 * <p>Log-MGF Λ(a) = aᵀm + aᵀΓa/2, finite for every a; tilted mean ∇Λ(a) = m + Γa; tilted covariance
 * ∇²Λ(a) = Γ (Boursier and Boyer, arXiv 2512.11784, Lemma 2.1).
 */
public final class Gaussian extends AbstractMeasure implements GaussianPrompts {
  private static final long serialVersionUID = 1;

  private final double[] mean;
  private final Covariance covariance;

  /**
   * @throws IllegalArgumentException if the shapes differ or the mean is not finite
   */
  public Gaussian(double[] mean, Covariance covariance) {
    super("Gaussian", covariance.dimension());
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

  /** The mean m, d entries. */
  public double[] mean() {
    return mean.clone();
  }

  /** Whether it is the measure of one vector. */
  public boolean isFixed() {
    return covariance.matrix().getTrace() == 0;
  }

  /** The covariance Γ. */
  public Covariance covariance() {
    return covariance;
  }

  /** Λ(a) = aᵀm + aᵀΓa/2. */
  @Override
  double lambda(double[] a) {
    return lambda(a, covariance.multiply(a));
  }

  private double lambda(double[] a, double[] gammaA) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * (mean[i] + 0.5 * gammaA[i]);
    }
    return sum;
  }

  /** m(a) = m + Γa. */
  @Override
  public double[] tiltedMean(double[] a) {
    checkFits(a);
    double[] tilted = covariance.multiply(a);
    checkFinite(lambda(a, tilted));
    Arrays.setAll(tilted, i -> mean[i] + tilted[i]);
    return tilted;
  }

  /** C(a) = Γ, for every a. */
  @Override
  public RealMatrix tiltedCovariance(double[] a) {
    check(a);
    return covariance.matrix();
  }

  @Override
  public double tiltedQuartic(double[] a, double[] c, RealMatrix w) {
    double[] mu = tiltedMean(a);
    Arrays.setAll(mu, i -> mu[i] - c[i]);
    return quartic(mu, covariance, w);
  }

  /**
   * E[yᵀWy ‖y‖²] = (tr WΓ + μᵀWμ)(tr Γ + ‖μ‖²) + 2 tr WΓΓ + 4 μᵀWΓμ of y ~ N(μ, Γ), from Isserlis'
   * theorem.
   *
   * @param w symmetric
   */
  static double quartic(double[] mu, Covariance covariance, RealMatrix w) {
    double[] traces = covariance.traces(w);
    double[] wMu = w.operate(mu);
    double[] gammaMu = covariance.multiply(mu);
    double form = traces[0];
    double square = covariance.trace();
    double cross = 0;
    for (int i = 0; i < mu.length; i++) {
      form += mu[i] * wMu[i];
      square += mu[i] * mu[i];
      cross += wMu[i] * gammaMu[i];
    }
    return form * square + 2 * traces[1] + 4 * cross;
  }

  /** σ² = λ_max(Γ), exactly: Λ(a) − aᵀm is the quadratic form aᵀΓa/2. */
  @Override
  public SubGaussianProxy proxy() {
    return new SubGaussianProxy(covariance.largestEigenvalue(), true);
  }

  @Override
  public TokenSampler sampler(StreamKey key) {
    return TokenSampler.gaussian(key, this);
  }

  /** The symmetric root of Γ, for every prompt. */
  @Override
  public TokenRoot root() {
    return TokenRoot.of(covariance);
  }
}
