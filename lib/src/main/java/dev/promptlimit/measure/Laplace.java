package dev.promptlimit.measure;

import dev.promptlimit.random.StreamKey;
import java.util.Locale;
import java.util.Optional;
import org.hipparchus.util.FastMath;

/**
 * Independent coordinates of density e^{−|x|/b} / 2b.
 *
 * <p>Λ(a) = −Σ log(1 − t_i²), t = b a, finite only where every |t_i| &lt; 1; tilted mean 2b t/(1 −
 * t²), variances 2b² (1 + t²)/(1 − t²)² (derivatives). Not sub-Gaussian.
 *
 * <p>Accuracy: a few units in the last place up to the end of the domain, where 1 − |t| is rounded
 * only once. Cost: O(d).
 */
public final class Laplace extends IndependentCoordinates {
  private static final long serialVersionUID = 1;

  private static final String NAME = "Laplace";

  private final double scale;

  /**
   * @param d number of coordinates
   * @param scale b, finite and &gt; 0
   */
  public Laplace(int d, double scale) {
    super(NAME, d);
    this.scale = finiteAndPositive(NAME, "scale", scale);
  }

  /** 1 − b|t|, of the exact product. */
  private double rest(double t) {
    return Math.fma(-scale, Math.abs(t), 1);
  }

  @Override
  Optional<String> outside(double[] a) {
    for (int i = 0; i < a.length; i++) {
      if (!(rest(a[i]) > 0)) {
        return Optional.of(
            String.format(
                Locale.ROOT,
                "coordinate %d of the tilt is %s: the log-MGF of Laplace tokens is finite only"
                    + " below 1/b = %s in size",
                i,
                a[i],
                1 / scale));
      }
    }
    return Optional.empty();
  }

  @Override
  double[] cumulants(double tilt) {
    double b = scale;
    double t = b * tilt;
    double square = t * t;
    double w = rest(tilt) * (1 + Math.abs(t)); // 1 − t²
    return new double[] {
      square < 0.25 ? -FastMath.log1p(-square) : -FastMath.log(w),
      2 * b * (t / w),
      2 * b * b * ((1 + square) / w / w),
      4 * b * b * b * (t * (3 + square) / w / w / w),
      12 * b * b * b * b * ((1 + square * (6 + square)) / w / w / w / w)
    };
  }

  @Override
  public SubGaussianProxy proxy() {
    return new SubGaussianProxy(Double.POSITIVE_INFINITY, true);
  }

  @Override
  public TokenSampler sampler(StreamKey key) {
    return TokenSampler.laplace(key, dimension(), scale);
  }
}
