package dev.promptlimit.stat;

import java.io.Serializable;

/**
 * What is kept of many squared deviations of one metric.
 *
 * @param inadmissible how many were no finite number ≥ 0; they count nowhere else
 * @param moments moments of the others, as squared deviations
 * @param bernstein what their guaranteed intervals need, where they have a bound
 * @param tail histogram of the others, as deviations
 */
public record DeviationSummary(
    long inadmissible, Moments moments, BernsteinSequence bernstein, TailHistogram tail)
    implements Serializable {
  /** What is kept of one block. */
  public DeviationSummary(long inadmissible, Moments moments, TailHistogram tail) {
    this(inadmissible, moments, BernsteinSequence.EMPTY.then(moments), tail);
  }

  /** Summarises squared[0..n). */
  public static DeviationSummary of(double[] squared, int n) {
    double[] admissible = new double[n];
    int kept = 0;
    TailHistogram tail = new TailHistogram();
    for (int i = 0; i < n; i++) {
      double q = squared[i];
      if (q >= 0 && q < Double.POSITIVE_INFINITY) {
        admissible[kept++] = q;
        tail.add(q);
      }
    }
    return new DeviationSummary(n - kept, Moments.of(admissible, kept), tail);
  }

  /** Nothing seen yet. */
  public static DeviationSummary empty() {
    return new DeviationSummary(0, Moments.EMPTY, new TailHistogram());
  }

  /** The summary of this and of the block {@code next}, drawn after it; neither is changed. */
  public DeviationSummary combine(DeviationSummary next) {
    TailHistogram both = new TailHistogram();
    both.add(tail);
    both.add(next.tail);
    return new DeviationSummary(
        Math.addExact(inadmissible, next.inadmissible),
        moments.combine(next.moments),
        bernstein.then(next.moments),
        both);
  }
}
