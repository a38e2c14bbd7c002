package dev.promptlimit.measure;

import java.util.Arrays;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;

/**
 * Measures with independent coordinates of one law: Λ(a) is a sum over coordinates, and so is every
 * cumulant. A tilted coordinate's cumulants κ_1, κ_2, … are the derivatives of its log-MGF at a_i.
 *
 * <p>Cost: O(d), the tilted quartic O(d²).
 */
abstract class IndependentCoordinates extends AbstractMeasure {
  private static final long serialVersionUID = 1;

  IndependentCoordinates(String name, int d) {
    super(name, d);
  }

  /** A coordinate's log-MGF at t and its first four derivatives, five numbers. */
  abstract double[] cumulants(double t);

  @Override
  final double lambda(double[] a) {
    double sum = 0;
    for (double t : a) {
      sum += cumulants(t)[0];
    }
    return sum;
  }

  /** κ_k of all coordinates. */
  private double[] all(int k, double[] a) {
    return Arrays.stream(a).map(t -> cumulants(t)[k]).toArray();
  }

  @Override
  public double[] tiltedMean(double[] a) {
    check(a);
    return all(1, a);
  }

  @Override
  public RealMatrix tiltedCovariance(double[] a) {
    check(a);
    // dense: sums of Hipparchus's diagonal matrices and others fail
    return MatrixUtils.createRealMatrix(MatrixUtils.createRealDiagonalMatrix(all(2, a)).getData());
  }

  /**
   * With y = x − c of mean μ and variances Γ = diag(κ_2) what a Gaussian y would give, and Σ_i [2
   * κ_3,i ((Wμ)_i + W_ii μ_i) + W_ii κ_4,i]: third and fourth moments E y_i y_j y_k y_l are sums
   * over the set partitions of their factors, and joint cumulants of different coordinates are 0.
   */
  @Override
  public double tiltedQuartic(double[] a, double[] c, RealMatrix w) {
    check(a);
    double[] mu = all(1, a);
    double[] skew = all(3, a);
    double[] excess = all(4, a);
    Arrays.setAll(mu, i -> mu[i] - c[i]);
    double[] wMu = w.operate(mu);
    double sum = Gaussian.quartic(mu, Covariance.diagonal(all(2, a)), w);
    for (int i = 0; i < mu.length; i++) {
      double wii = w.getEntry(i, i);
      sum += 2 * skew[i] * (wMu[i] + wii * mu[i]) + wii * excess[i];
    }
    return sum;
  }
}
