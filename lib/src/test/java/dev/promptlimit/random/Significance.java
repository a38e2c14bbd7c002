package dev.promptlimit.random;

import java.util.Arrays;
import org.hipparchus.special.Gamma;

/**
 * What the statistical tests of streams and of samplers share. Seeds are fixed. Each test, which is
 * one comparison of one statistic, rejects a true hypothesis with probability {@link #ALPHA} =
 * 1e-8; there are fewer than 500 of them in this package and fewer than 500 in package measure, so
 * that together they use 1e-5 of the whole suite's budget of 1e-4.
 *
 * <p>A statistic that is off by {@link #ACCEPTED} standard errors is found with probability one
 * half, one that is off by two more with 98 %: the smallest effects that the tests state are the
 * former.
 */
public final class Significance {
  /** Probability of a false alarm, per test. */
  public static final double ALPHA = 1e-8;

  /** P(|N(0,1)| > 5.73) = 1.0e-8. */
  public static final double ACCEPTED = 5.73;

  private Significance() {}

  /**
   * Pearson's chi-square: the p-value of these counts, as many as there are probabilities. Each
   * expected count should be 20 or more for the tail of the law to be near enough.
   */
  public static double chiSquare(long[] counts, double[] probabilities) {
    double n = 0;
    for (long count : counts) {
      n += count;
    }
    double sum = 0;
    for (int i = 0; i < counts.length; i++) {
      double excess = counts[i] - n * probabilities[i];
      sum += excess * excess / (n * probabilities[i]);
    }
    return Gamma.regularizedGammaQ(0.5 * (counts.length - 1), 0.5 * sum);
  }

  /** The same for equal probabilities. */
  public static double chiSquare(long[] counts) {
    double[] equal = new double[counts.length];
    Arrays.fill(equal, 1.0 / counts.length);
    return chiSquare(counts, equal);
  }
}
