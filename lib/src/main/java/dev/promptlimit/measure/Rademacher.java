package dev.promptlimit.measure;

import dev.promptlimit.random.StreamKey;
import org.hipparchus.util.FastMath;

/**
 * Independent coordinates c or −c, each with probability one half.
 *
 * <p>Λ(a) = Σ log cosh(c a_i), finite for every a; tilted mean c tanh(c a_i), variances c² sech²(c
 * a_i) (derivatives). The variance proxy is c² exactly, from log cosh x ≤ x²/2 (Hoeffding).
 *
 * <p>Accuracy: a few units in the last place for every size of c a_i, if that is taken as rounded;
 * for |x| &lt; 1, log cosh x = log(1 + 2 sinh²(x/2)), beyond it |x| + log(1 + e^−2|x|) − log 2, and
 * sech² x = 4 e^−2|x| / (1 + e^−2|x|)². Cost: O(d).
 */
public final class Rademacher extends IndependentCoordinates {
  private static final long serialVersionUID = 1;

  private static final String NAME = "Rademacher";
  private static final double LOG_2 = FastMath.log(2);

  private final double scale;

  /**
   * @param d number of coordinates
   * @param scale c, finite and &gt; 0
   */
  public Rademacher(int d, double scale) {
    super(NAME, d);
    this.scale = finiteAndPositive(NAME, "scale", scale);
  }

  /** log cosh x. */
  static double logCosh(double x) {
    double size = Math.abs(x);
    if (size < 1) {
      double half = FastMath.sinh(0.5 * size);
      return FastMath.log1p(2 * half * half);
    }
    return size + (FastMath.log1p(FastMath.exp(-2 * size)) - LOG_2);
  }

  /** 1 − tanh² x. */
  static double sechSquared(double x) {
    double e = FastMath.exp(-2 * Math.abs(x));
    return 4 * e / ((1 + e) * (1 + e));
  }

  @Override
  double[] cumulants(double t) {
    double c = scale;
    double x = c * t;
    double mean = FastMath.tanh(x);
    double q = sechSquared(x);
    return new double[] {
      logCosh(x),
      c * mean,
      c * c * q,
      -2 * c * c * c * mean * q,
      c * c * c * c * q * (6 * mean * mean - 2)
    };
  }

  @Override
  public SubGaussianProxy proxy() {
    return new SubGaussianProxy(scale * scale, true);
  }

  @Override
  public double radius() {
    return scale * Math.sqrt(dimension());
  }

  @Override
  public TokenSampler sampler(StreamKey key) {
    return TokenSampler.rademacher(key, dimension(), scale);
  }
}
