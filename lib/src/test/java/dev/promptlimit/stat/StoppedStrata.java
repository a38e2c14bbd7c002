package dev.promptlimit.stat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.hipparchus.special.Erf;

/**
 * How often something said of stratified deviations is wrong when sampling stops at the first of
 * {@link #LOOKS} looks at which it is, from {@link #FIRST} to 20 times as many prompts a stratum.
 *
 * <p>In stratum k, of probability 0.9, 0.09, 0.01, deviations are c_k |N(0, 1)| with c = 1, 2, 4,
 * so that P(D &gt; u) = Σ p_k erfc(u / (c_k √2)) and E D² = Σ p_k c_k². Cut deviations are at most
 * 3 c_k, so that their squares have a bound.
 */
final class StoppedStrata {
  static final int LOOKS = 20;
  static final int FIRST = 256;

  private static final double HORIZON = 20;
  private static final double[] PROBABILITIES = {0.9, 0.09, 0.01};
  private static final double[] SCALES = {1, 2, 4};
  private static final double CUT = 9;

  /** E min(D², 9) for D = |N(0, 1)|: E[D²; D < 3] + 9 P(D > 3). */
  private static final double CUT_MEAN =
      Erf.erf(3 / Math.sqrt(2))
          - 6 * Math.exp(-4.5) / Math.sqrt(2 * Math.PI)
          + 9 * Erf.erfc(3 / Math.sqrt(2));

  private StoppedStrata() {}

  static double tail(double u) {
    double sum = 0;
    for (int k = 0; k < SCALES.length; k++) {
      sum += PROBABILITIES[k] * Erf.erfc(u / SCALES[k] / Math.sqrt(2));
    }
    return sum;
  }

  /** The deviation of this tail probability, by bisection. */
  static double quantile(double p) {
    double low = 0;
    double high = 100;
    for (int step = 0; step < 60; step++) {
      double middle = (low + high) / 2;
      if (tail(middle) > p) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** E D², or of cut deviations. */
  static double mean(boolean cut) {
    double sum = 0;
    for (int k = 0; k < SCALES.length; k++) {
      sum += PROBABILITIES[k] * SCALES[k] * SCALES[k] * (cut ? CUT_MEAN : 1);
    }
    return sum;
  }

  /** What no cut squared deviation exceeds. */
  static double bound() {
    return CUT * 16;
  }

  /**
   * Of so many paths those on which each of these ever holds.
   *
   * @param one whether only the first stratum is drawn, as the whole
   */
  static int[] misses(
      boolean one,
      boolean cut,
      int paths,
      long seed,
      List<? extends Predicate<StratifiedDeviations>> wrong) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    int[] misses = new int[wrong.size()];
    double[] probabilities = one ? new double[] {1} : PROBABILITIES;
    for (int path = 0; path < paths; path++) {
      boolean[] missed = new boolean[misses.length];
      List<DeviationSummary> strata =
          new ArrayList<>(Collections.nCopies(probabilities.length, DeviationSummary.empty()));
      int end = 0;
      for (int i = 0; i < LOOKS; i++) {
        int begin = end;
        end = (int) Math.round(FIRST * Math.pow(HORIZON, i / (LOOKS - 1.0)));
        for (int k = 0; k < probabilities.length; k++) {
          strata.set(k, strata.get(k).combine(block(random, SCALES[k], cut, end - begin)));
        }
        StratifiedDeviations now = new StratifiedDeviations(strata, probabilities);
        for (int m = 0; m < missed.length; m++) {
          missed[m] |= wrong.get(m).test(now);
        }
      }
      for (int m = 0; m < missed.length; m++) {
        misses[m] += missed[m] ? 1 : 0;
      }
    }
    return misses;
  }

  private static DeviationSummary block(RandomGenerator random, double scale, boolean cut, int n) {
    double[] squared = new double[n];
    Arrays.setAll(
        squared,
        i -> {
          double x = random.nextGaussian();
          return scale * scale * (cut ? Math.min(CUT, x * x) : x * x);
        });
    return DeviationSummary.of(squared, n);
  }
}
