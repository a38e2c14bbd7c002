package dev.promptlimit.measure;

import dev.promptlimit.random.StreamKey;
import java.util.Optional;
import org.hipparchus.linear.RealMatrix;

/**
 * Independent coordinates, each Student-t with n degrees of freedom.
 *
 * <p>Λ(a) = +∞ for every a ≠ 0, since the tails are powers: attention on an infinite prompt does
 * not exist. Untilted, the mean is 0, the variance n/(n−2) for n &gt; 2 and the fourth cumulant
 * 6/(n−4) times its square for n &gt; 4. For n ≤ 2 there is no covariance and a = 0 is inadmissible
 * as well.
 */
public final class StudentT extends IndependentCoordinates {
  private static final long serialVersionUID = 1;

  private static final String NAME = "Student-t";

  private final double degreesOfFreedom;

  /**
   * @param d number of coordinates
   * @param degreesOfFreedom n, finite and &gt; 0
   */
  public StudentT(int d, double degreesOfFreedom) {
    super(NAME, d);
    this.degreesOfFreedom = finiteAndPositive(NAME, "degrees of freedom", degreesOfFreedom);
  }

  private static boolean isZero(double[] a) {
    for (double t : a) {
      if (t != 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  Optional<String> outside(double[] a) {
    if (!isZero(a)) {
      return Optional.of("the log-MGF of Student-t tokens is infinite for every tilt other than 0");
    }
    if (degreesOfFreedom <= 2) {
      return Optional.of(
          "Student-t tokens of "
              + degreesOfFreedom
              + " degrees of freedom have no covariance, which needs more than 2");
    }
    return Optional.empty();
  }

  /** Λ(0) = 0 whatever n is; +∞ for every other tilt. */
  @Override
  public double logMgf(double[] a) {
    return a.length == dimension() && isZero(a) ? 0 : super.logMgf(a);
  }

  @Override
  double[] cumulants(double t) {
    double n = degreesOfFreedom;
    double variance = n / (n - 2);
    double excess = n > 4 ? 6 / (n - 4) * variance * variance : Double.POSITIVE_INFINITY;
    return new double[] {0, 0, variance, 0, excess};
  }

  /** +∞ for n ≤ 4. */
  @Override
  public double tiltedQuartic(double[] a, double[] c, RealMatrix w) {
    double quartic = super.tiltedQuartic(a, c, w);
    return degreesOfFreedom > 4 ? quartic : Double.POSITIVE_INFINITY;
  }

  @Override
  public SubGaussianProxy proxy() {
    return new SubGaussianProxy(Double.POSITIVE_INFINITY, true);
  }

  @Override
  public TokenSampler sampler(StreamKey key) {
    return TokenSampler.studentT(key, dimension(), degreesOfFreedom);
  }
}
