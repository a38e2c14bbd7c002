package dev.promptlimit.stat;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/** Tests of equal law for two samples, or for a sample and a law; each returns a p-value. */
public final class SampleComparison {
  private SampleComparison() {}

  /**
   * Two-sample Kolmogorov-Smirnov. The asymptotic p-value; its first term 2 e^{−2x²} is a bound for
   * equal sizes from 458 on (F. Wei, R. M. Dudley, Statistics and Probability Letters 82, 2012).
   */
  public static double kolmogorovSmirnov(double[] x, double[] y) {
    double[] a = sorted(x);
    double[] b = sorted(y);
    double largest = 0;
    for (int i = 0, j = 0; i < a.length && j < b.length; ) {
      double at = Math.min(a[i], b[j]);
      while (i < a.length && a[i] <= at) {
        i++;
      }
      while (j < b.length && b[j] <= at) {
        j++;
      }
      largest = Math.max(largest, Math.abs((double) i / a.length - (double) j / b.length));
    }
    double size = 1 / (1.0 / a.length + 1.0 / b.length);
    return kolmogorov(largest * Math.sqrt(size));
  }

  /** One-sample Kolmogorov-Smirnov against a continuous distribution function. */
  public static double kolmogorovSmirnov(double[] x, DoubleUnaryOperator cdf) {
    double[] a = sorted(x);
    double largest = 0;
    for (int i = 0; i < a.length; i++) {
      double p = cdf.applyAsDouble(a[i]);
      largest = Math.max(largest, Math.max(p - (double) i / a.length, (i + 1.0) / a.length - p));
    }
    return kolmogorov(largest * Math.sqrt(a.length));
  }

  /** P(K > x) of Kolmogorov's law, 2 Σ_k (−1)^{k−1} e^{−2k²x²}. */
  static double kolmogorov(double x) {
    if (x < 0.3) { // P(K ≤ 0.3) is 9e-6
      return 1;
    }
    double sum = 0;
    for (int k = 1; k <= 20; k++) {
      sum += (k % 2 == 1 ? 2 : -2) * Math.exp(-2.0 * k * k * x * x);
    }
    return sum;
  }

  /**
   * Comparison of means from paired differences d. Under equal laws they are symmetric, and P(|Σ d|
   * ≥ t √Σ d²) ≤ 2 e^{−t²/2} for every n, whatever the tails (W. Hoeffding's inequality given the
   * |d|): a bound on the p-value, not an approximation.
   */
  public static double means(double[] x, double[] y) {
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < x.length; i++) {
      double difference = x[i] - y[i];
      sum += difference;
      squares += difference * difference;
    }
    return sum == 0 ? 1 : Math.min(1, 2 * Math.exp(-0.5 * (sum / squares) * sum));
  }

  private static double[] sorted(double[] x) {
    double[] copy = x.clone();
    Arrays.parallelSort(copy);
    if (copy.length == 0 || Double.isNaN(copy[copy.length - 1])) { // NaN sorts last
      throw new IllegalArgumentException("Cannot compare samples: one is empty or holds NaN");
    }
    return copy;
  }
}
