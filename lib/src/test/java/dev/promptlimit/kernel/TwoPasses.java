package dev.promptlimit.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;

/** Softmax-weighted moments as they are defined: all weights first, then sums about the mean. */
final class TwoPasses {
  private final double[][] x;
  private final double[] w;
  private final double[] w2;
  private final double[] mean;

  /**
   * @param scores scores of all tokens, times {@code scale} in bits
   * @param x coordinate i of token l at x[i][l]
   */
  TwoPasses(double[] scores, double scale, double[][] x) {
    this.x = x;
    double top = Arrays.stream(scores).max().orElseThrow();
    w = Arrays.stream(scores).map(t -> StrictMath.pow(2, scale * (t - top))).toArray();
    double total = Arrays.stream(w).sum();
    Arrays.setAll(w, l -> w[l] / total);
    w2 = Arrays.stream(w).map(v -> v * v).toArray();
    mean = new double[x.length];
    Arrays.setAll(mean, i -> sum(w, l -> x[i][l]));
  }

  private static double sum(double[] weights, IntToDoubleFunction term) {
    double sum = 0;
    for (int l = 0; l < weights.length; l++) {
      sum += weights[l] * term.applyAsDouble(l);
    }
    return sum;
  }

  /**
   * Asserts that sums agree with these but for rounding.
   *
   * <p>A weight 2^t is reached over a few factors whose exponents add up to at most 400 (what is
   * below may be 0), so it is relatively within 400 + 8 ulps; a sum of n products has n/16 + 8
   * roundings, centring and normalising eight more. All of it is relative to the sums of absolute
   * terms; four and eight are for products of such errors.
   */
  void assertAgree(SoftmaxSums sums, boolean second, boolean squared, String what) {
    double relative = (408 + w.length / 16 + 16) * 0x1p-52;
    for (int i = 0; i < x.length; i++) {
      double[] xi = x[i];
      double mi = mean[i];
      assertClose(sums.mean(i), mi, relative * sum(w, l -> Math.abs(xi[l])), what);
      if (squared) {
        double spread = sum(w2, l -> Math.abs(xi[l]) + Math.abs(mi));
        double expected = sum(w2, l -> xi[l] - mi);
        assertClose(sums.squaredWeights(i), expected, 4 * relative * spread, what);
      }
      for (int j = 0; second && j <= i; j++) {
        double[] xj = x[j];
        double mj = mean[j];
        IntToDoubleFunction product = l -> (xi[l] - mi) * (xj[l] - mj);
        IntToDoubleFunction absolute =
            l -> (Math.abs(xi[l]) + Math.abs(mi)) * (Math.abs(xj[l]) + Math.abs(mj));
        double tolerance = 4 * relative * sum(w, absolute);
        assertClose(sums.covariance(i, j), sum(w, product), tolerance, what);
        Bits.assertSame(sums.covariance(j, i), sums.covariance(i, j));
        if (squared) {
          double tolerance2 = 8 * relative * sum(w2, absolute);
          assertClose(sums.squaredWeights(i, j), sum(w2, product), tolerance2, what);
        }
      }
    }
    if (squared) {
      double expected = sum(w2, l -> 1);
      assertClose(sums.squaredWeights(), expected, 2 * relative * expected, what);
    }
  }

  private static void assertClose(double actual, double expected, double tolerance, String what) {
    if (!(Math.abs(actual - expected) <= tolerance)) {
      assertThat(actual - expected).as(what).isBetween(-tolerance, tolerance);
    }
  }
}
