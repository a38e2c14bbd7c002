package dev.promptlimit.claim;

import java.util.ArrayList;
import java.util.List;

/**
 * Whether numbers fall along a sequence, of one replicate or several: M. G. Kendall, A new measure
 * of rank correlation, Biometrika 30 (1938).
 *
 * <p>The statistic is the number of pairs of a sequence in which the later number is smaller,
 * summed over sequences; ties count for neither side. Where there is no trend all orders of a
 * sequence are equally likely, and the number for n distinct ones is the sum of independent uniform
 * numbers on {0, …, k−1}, k = 1..n: p-values are exact, and too large with ties.
 *
 * @param lengths how many numbers the longest sequence has
 * @param fall P(as many falling pairs or more)
 * @param rise P(as many rising pairs or more)
 */
record Trend(int lengths, double fall, double rise) {
  /** Longer sequences are thinned, first and last kept. */
  private static final int MOST = 64;

  /** The trend of sequences that are independent of each other. */
  static Trend of(List<List<Double>> sequences) {
    double[] law = {1};
    int falling = 0;
    int rising = 0;
    int longest = 0;
    for (List<Double> sequence : sequences) {
      List<Double> x = thinned(sequence);
      longest = Math.max(longest, sequence.size());
      for (int i = 0; i < x.size(); i++) {
        law = plusUniform(law, i + 1);
        for (int j = 0; j < i; j++) {
          falling += x.get(i) < x.get(j) ? 1 : 0;
          rising += x.get(i) > x.get(j) ? 1 : 0;
        }
      }
    }
    return new Trend(longest, atLeast(law, falling), atLeast(law, rising));
  }

  private static List<Double> thinned(List<Double> sequence) {
    int last = sequence.size() - 1;
    if (last < MOST) {
      return sequence;
    }
    List<Double> some = new ArrayList<>();
    for (int i = 0; i < MOST; i++) {
      some.add(sequence.get((int) ((long) i * last / (MOST - 1))));
    }
    return some;
  }

  /** The law of a sum of a number of this law and one uniform on {0, …, k−1}. */
  private static double[] plusUniform(double[] law, int k) {
    double[] sum = new double[law.length + k - 1];
    double window = 0;
    for (int i = 0; i < sum.length; i++) {
      window += i < law.length ? law[i] : 0;
      window -= i >= k ? law[i - k] : 0;
      sum[i] = Math.max(0, window) / k;
    }
    return sum;
  }

  /** Summed from the far end, where the numbers are small. */
  private static double atLeast(double[] law, int count) {
    if (count == 0) {
      return 1;
    }
    double sum = 0;
    for (int i = law.length - 1; i >= count; i--) {
      sum += law[i];
    }
    return Math.min(1, sum);
  }
}
