package dev.promptlimit.measure;

import dev.promptlimit.random.StreamKey;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.util.FastMath;

/**
 * The uniform measure on the sphere of radius ρ in R^d; for d = 1 that is ±ρ.
 *
 * <p>Tilted, it is a von Mises-Fisher law. With r = ρ‖a‖ and â = a/‖a‖, x = ρ(ξ â + √(1−ξ²) ω), ω
 * uniform on the unit sphere across â and independent of ξ, whose moments are those of {@link
 * VonMisesFisher}: Λ = log[Γ(d/2) (2/r)^{d/2−1} I_{d/2−1}(r)], finite for every a; tilted mean ρA
 * â, tilted covariance ρ²[A′ ââᵀ + (A/r)(I − ââᵀ)]. The variance proxy is ρ²/d exactly: the series
 * of e^Λ in r² is term by term below that of e^{r²/2d}, and ρ²/d is the variance.
 *
 * <p>Accuracy: about 1e-14 relative. Cost: O(d) and O(ρ‖a‖) up to ρ‖a‖ = {@value
 * VonMisesFisher#NEAR}, matrices O(d²).
 */
public final class UniformSphere extends AbstractMeasure {
  private static final long serialVersionUID = 1;

  private static final String NAME = "uniform sphere";

  private final double radius;

  /**
   * @param d number of coordinates
   * @param radius ρ, finite and &gt; 0
   */
  public UniformSphere(int d, double radius) {
    super(NAME, d);
    this.radius = finiteAndPositive(NAME, "radius", radius);
  }

  /** Neither overflows nor underflows before the result does. */
  private static double norm(double[] a) {
    double largest = 0;
    for (double t : a) {
      largest = Math.max(largest, Math.abs(t));
    }
    if (largest == 0) {
      return 0;
    }
    double sum = 0;
    for (double t : a) {
      sum += (t / largest) * (t / largest);
    }
    return largest * Math.sqrt(sum);
  }

  private VonMisesFisher along(double r) {
    if (dimension() > 1) {
      return VonMisesFisher.of(dimension(), r);
    }
    double meanOverR = r == 0 ? 1 : FastMath.tanh(r) / r;
    return new VonMisesFisher(1, r, Rademacher.logCosh(r), meanOverR, Rademacher.sechSquared(r), 0);
  }

  /** â; 0 for a = 0, where everything is the same in all directions. */
  private static double[] direction(double[] a) {
    double norm = norm(a);
    double[] unit = new double[a.length];
    for (int i = 0; i < a.length && norm > 0; i++) {
      unit[i] = a[i] / norm;
    }
    return unit;
  }

  @Override
  double lambda(double[] a) {
    double r = radius * norm(a);
    return Double.isFinite(r) ? along(r).logMgf() : Double.POSITIVE_INFINITY;
  }

  @Override
  public double[] tiltedMean(double[] a) {
    check(a);
    return mean(a, along(radius * norm(a)));
  }

  private double[] mean(double[] a, VonMisesFisher xi) {
    double[] mean = direction(a);
    double size = radius * xi.mean();
    for (int i = 0; i < mean.length; i++) {
      mean[i] *= size;
    }
    return mean;
  }

  @Override
  public RealMatrix tiltedCovariance(double[] a) {
    check(a);
    return covariance(a, along(radius * norm(a)));
  }

  private RealMatrix covariance(double[] a, VonMisesFisher xi) {
    int d = dimension();
    double[] unit = direction(a);
    double square = radius * radius;
    double across = square * xi.meanOverR();
    double excess = -square * (xi.r() * xi.slope()); // A′ − A/r, by no difference
    RealMatrix covariance = MatrixUtils.createRealMatrix(d, d);
    for (int i = 0; i < d; i++) {
      double others = xi.r() == 0 ? 1 : 0; // 1 − â_i², by no difference either
      for (int j = 0; j < d; j++) {
        if (j != i) {
          others += unit[j] * unit[j];
          covariance.setEntry(i, j, excess * unit[i] * unit[j]);
        }
      }
      double along = square * xi.variance() * unit[i] * unit[i];
      covariance.setEntry(i, i, along + across * others);
    }
    return covariance;
  }

  /**
   * With y = x − c, ‖y‖² = ρ² + ‖c‖² − 2cᵀx is linear, so that
   *
   * <pre>
   *   E[yᵀWy ‖y‖²] = E‖y‖² E[yᵀWy] − 2 E[yᵀWy cᵀz],   z = x − m(a),
   * </pre>
   *
   * where E‖y‖² = tr C + ‖μ‖², E[yᵀWy] = tr WC + μᵀWμ and E[yᵀWy cᵀz] = 2μᵀWCc + E[zᵀWz cᵀz] for μ
   * = m(a) − c. The last is ρ³[(âᵀc)(w A″ − (tr W − w) g) − 2g (âᵀWc − (âᵀc) w)], w = âᵀWâ, where g
   * is minus the derivative of A/r.
   */
  @Override
  public double tiltedQuartic(double[] a, double[] c, RealMatrix w) {
    check(a);
    VonMisesFisher xi = along(radius * norm(a));
    double[] unit = direction(a);
    double[] mu = mean(a, xi);
    for (int i = 0; i < mu.length; i++) {
      mu[i] -= c[i];
    }
    RealMatrix covariance = covariance(a, xi);
    double[] wMu = w.operate(mu);
    double[] covarianceC = covariance.operate(c);
    double[] wUnit = w.operate(unit);
    double square = radius * radius * (xi.variance() + xi.acrossSquare());
    double form = 0;
    double trace = 0;
    double third = 0;
    double alongC = 0;
    double unitWC = 0;
    double wAlong = 0;
    for (int i = 0; i < mu.length; i++) {
      for (int j = 0; j < mu.length; j++) {
        form += w.getEntry(i, j) * covariance.getEntry(j, i);
      }
      form += mu[i] * wMu[i];
      square += mu[i] * mu[i];
      trace += w.getEntry(i, i);
      third += 2 * wMu[i] * covarianceC[i];
      alongC += unit[i] * c[i];
      unitWC += wUnit[i] * c[i];
      wAlong += wUnit[i] * unit[i];
    }
    double g = xi.slope();
    double central =
        alongC * (wAlong * xi.thirdMoment() - (trace - wAlong) * g)
            - 2 * g * (unitWC - alongC * wAlong);
    return square * form - 2 * (third + radius * radius * radius * central);
  }

  @Override
  public SubGaussianProxy proxy() {
    return new SubGaussianProxy(radius * radius / dimension(), true);
  }

  @Override
  public double radius() {
    return radius;
  }

  @Override
  public TokenSampler sampler(StreamKey key) {
    return TokenSampler.sphere(key, dimension(), radius);
  }
}
