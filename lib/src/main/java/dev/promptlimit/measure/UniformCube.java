package dev.promptlimit.measure;

import dev.promptlimit.random.StreamKey;
import org.hipparchus.util.FastMath;

/**
 * The uniform measure on the cube [−c, c]^d.
 *
 * <p>Λ(a) = Σ log(sinh x_i / x_i), x = c a, finite for every a; tilted mean c L(x_i) with the
 * Langevin function L(x) = coth x − 1/x, variances c² L′(x_i) = c² (1/x² − 1/sinh² x). The variance
 * proxy is c²/3 exactly: sinh x / x ≤ e^{x²/6} term by term of their series, and it is the
 * variance.
 *
 * <p>Accuracy: about 1e-14 relative for Λ, L and L′, whatever the size of x. The closed forms
 * cancel near 0, so up to x = 3/2 L and its derivatives are summed as the power series of L, which
 * converges for |x| &lt; π, and sinh x / x by its series up to 1. Beyond, e^−2|x| takes the place
 * of functions that overflow. Cost: O(d).
 */
public final class UniformCube extends IndependentCoordinates {
  private static final long serialVersionUID = 1;

  private static final String NAME = "uniform cube";

  /** Up to this |x| the series of L serves; its terms fall like (x/π)². */
  private static final double NEAR = 1.5;

  /** L(x) = Σ_n SERIES[n] x^(2n+1). */
  private static final double[] SERIES = langevinSeries();

  private final double halfWidth;

  /**
   * @param d number of coordinates
   * @param halfWidth c, finite and &gt; 0
   */
  public UniformCube(int d, double halfWidth) {
    super(NAME, d);
    this.halfWidth = finiteAndPositive(NAME, "half-width", halfWidth);
  }

  /**
   * From the partial fractions L(x) = Σ_k 2x/(x² + k²π²): coefficient n is 2 (−1)^n ζ(2n+2) /
   * π^(2n+2). Zeta is summed from its small end, except at 2, 4 and 6, where it converges slowly
   * and the coefficient is well known.
   */
  private static double[] langevinSeries() {
    double[] series = new double[40];
    series[0] = 1.0 / 3;
    series[1] = -1.0 / 45;
    series[2] = 2.0 / 945;
    double power = 1 / (FastMath.PI * FastMath.PI);
    double scale = 2 * power * power * power;
    for (int n = 3; n < series.length; n++) {
      double zeta = 0;
      for (int k = 200; k >= 1; k--) {
        zeta += FastMath.pow(k, -(2 * n + 2));
      }
      scale *= power;
      series[n] = (n % 2 == 0 ? 1 : -1) * scale * zeta;
    }
    return series;
  }

  /** log(sinh x / x), x ≥ 0. */
  private static double logSinhOver(double x) {
    if (x < 1) {
      double term = 1;
      double sum = 0;
      for (int k = 1; term > sum * 0x1p-60; k++) {
        term *= x * x / (2 * k * (2 * k + 1.0));
        sum += term;
      }
      return FastMath.log1p(sum);
    }
    return x + (FastMath.log1p(-FastMath.exp(-2 * x)) - FastMath.log(2 * x));
  }

  /** L and its first three derivatives at x ≥ 0. */
  private static double[] langevin(double x) {
    if (x <= NEAR) {
      double square = x * x;
      double[] sums = new double[4];
      for (int n = SERIES.length - 1; n >= 0; n--) { // Horner
        int odd = 2 * n + 1;
        sums[0] = sums[0] * square + SERIES[n];
        sums[1] = sums[1] * square + SERIES[n] * odd;
        if (n > 0) {
          sums[2] = sums[2] * square + SERIES[n] * odd * (odd - 1);
          sums[3] = sums[3] * square + SERIES[n] * odd * (odd - 1) * (odd - 2);
        }
      }
      return new double[] {x * sums[0], sums[1], x * sums[2], sums[3]};
    }
    double e = FastMath.exp(-2 * x);
    double coth = (1 + e) / (1 - e);
    double s = 4 * e / ((1 - e) * (1 - e)); // 1 / sinh² x
    double y = 1 / x;
    return new double[] {
      coth - y, y * y - s, 2 * (coth * s - y * y * y), 6 * (y * y) * (y * y) - 2 * s * (3 * s + 2)
    };
  }

  @Override
  double[] cumulants(double t) {
    double c = halfWidth;
    double x = Math.abs(c * t);
    double sign = Math.signum(t);
    double[] derivatives = langevin(x);
    return new double[] {
      logSinhOver(x),
      sign * c * derivatives[0],
      c * c * derivatives[1],
      sign * c * c * c * derivatives[2],
      c * c * c * c * derivatives[3]
    };
  }

  @Override
  public SubGaussianProxy proxy() {
    return new SubGaussianProxy(halfWidth * halfWidth / 3, true);
  }

  @Override
  public double radius() {
    return halfWidth * Math.sqrt(dimension());
  }

  @Override
  public TokenSampler sampler(StreamKey key) {
    return TokenSampler.cube(key, dimension(), halfWidth);
  }
}
