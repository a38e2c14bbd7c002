package dev.promptlimit.measure;

import org.hipparchus.util.FastMath;

/**
 * Probabilities p_k tilted by the exponentials of y_k + q_k, where Σ p_k y_k = 0: what mixtures and
 * vocabularies have in common, y_k being ⟨a, centre − mean of all centres⟩.
 *
 * <p>Where all exponents are small, log Σ p e^{y+q} is near 0: it is log1p(Σ p q + Σ p (e^{y+q} − 1
 * − y − q)), in which what is of first order and adds up to 0 does not occur, and so has a small
 * relative error however small the tilt is, also where the measure is centred. Otherwise the
 * largest exponent is taken out.
 */
final class TiltedWeights {
  private static final double SMALL = 0.5;

  private final double logMgf;
  private final double[] weights;
  private final double[] excess;

  private TiltedWeights(double logMgf, double[] weights, double[] excess) {
    this.logMgf = logMgf;
    this.weights = weights;
    this.excess = excess;
  }

  /** log Σ p_k e^{y_k + q_k}; not finite if an exponent overflows. */
  double logMgf() {
    return logMgf;
  }

  /** α_k = p_k e^{y_k + q_k − logMgf}. */
  double weight(int k) {
    return weights[k];
  }

  /** α_k − p_k. */
  double excess(int k) {
    return excess[k];
  }

  /** Tilts p by e^{y+q}; Σ p = 1, Σ p y = 0 but for rounding. */
  static TiltedWeights of(double[] p, double[] y, double[] q) {
    double largest = Double.NEGATIVE_INFINITY;
    double size = 0;
    for (int k = 0; k < p.length; k++) {
      double exponent = y[k] + q[k];
      largest = Math.max(largest, exponent);
      size = Math.max(size, Math.abs(exponent)); // NaN stays
    }
    double[] weights = new double[p.length];
    double[] excess = new double[p.length];
    if (size <= SMALL) {
      double sum = 0;
      for (int k = 0; k < p.length; k++) {
        sum += p[k] * (q[k] + secondOrder(y[k] + q[k]));
      }
      double logMgf = FastMath.log1p(sum);
      for (int k = 0; k < p.length; k++) {
        excess[k] = p[k] * FastMath.expm1(y[k] + q[k] - logMgf);
        weights[k] = p[k] + excess[k];
      }
      return new TiltedWeights(logMgf, weights, excess);
    }
    if (!Double.isFinite(largest)) {
      return new TiltedWeights(largest, weights, excess);
    }
    double sum = 0;
    for (int k = 0; k < p.length; k++) {
      weights[k] = p[k] * FastMath.exp(y[k] + q[k] - largest);
      sum += weights[k];
    }
    for (int k = 0; k < p.length; k++) {
      weights[k] /= sum;
      excess[k] = weights[k] - p[k];
    }
    return new TiltedWeights(largest + FastMath.log(sum), weights, excess);
  }

  /** e^x − 1 − x for |x| ≤ 1/2. */
  static double secondOrder(double x) {
    double term = 0.5 * x * x;
    double sum = term;
    for (int n = 3; n <= 16; n++) {
      term *= x / n;
      sum += term;
    }
    return sum;
  }

  /** Up to so many centres all pairs are measured. */
  private static final int ALL_PAIRS = 2000;

  /**
   * A variance proxy of a measure on these centres (Hoeffding): (diameter/2)², where that is too
   * expensive the squared radius around their mean, which is never smaller.
   *
   * @param centres coordinate i of centre k at k · d + i
   * @param mean d entries
   */
  static double spread(double[] centres, double[] mean) {
    int d = mean.length;
    int n = centres.length / d;
    double largest = 0;
    for (int k = 0; k < n; k++) {
      if (n > ALL_PAIRS) {
        largest = Math.max(largest, squaredDistance(centres, k * d, mean, 0, d));
        continue;
      }
      for (int l = 0; l < k; l++) {
        largest = Math.max(largest, 0.25 * squaredDistance(centres, k * d, centres, l * d, d));
      }
    }
    return largest;
  }

  private static double squaredDistance(double[] x, int xFrom, double[] y, int yFrom, int d) {
    double sum = 0;
    for (int i = 0; i < d; i++) {
      double difference = x[xFrom + i] - y[yFrom + i];
      sum += difference * difference;
    }
    return sum;
  }
}
