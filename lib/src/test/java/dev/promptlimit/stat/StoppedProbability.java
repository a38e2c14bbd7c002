package dev.promptlimit.stat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * How often intervals for a probability p miss it when trials stop at the first time at which they
 * do, of all times up to 1000/p trials or of {@link #LOOKS} geometric ones from 1/p on.
 *
 * <p>Events are drawn by their waiting times. Between two events the rate k/n falls: a miss by
 * intervals that are too high shows first right after an event, one by intervals that are too low
 * at the latest right before the next; so these two times stand for all.
 */
final class StoppedProbability {
  static final int LOOKS = 40;
  static final double HORIZON = 1000;

  /** An interval from k events in n trials. */
  interface Method {
    Interval at(long k, long n);
  }

  private StoppedProbability() {}

  /**
   * Of so many paths those on which the two-sided sequence misses p at any time, by {@link
   * ProbabilitySequence#contains}.
   *
   * @param alphas descending, so that what misses at one has missed at all before
   */
  static int[] misses(double p, double[] alphas, int paths, long seed) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    long horizon = Math.round(HORIZON / p);
    int[] misses = new int[alphas.length];
    for (int path = 0; path < paths; path++) {
      int missed = 0;
      long n = waitingTime(p, random);
      for (long k = 0; n <= horizon && missed < alphas.length; k++) {
        missed += missesAt(k, n - 1, alphas, missed, p);
        missed += missesAt(k + 1, n, alphas, missed, p);
        n += waitingTime(p, random);
      }
      for (int a = 0; a < missed; a++) {
        misses[a]++;
      }
    }
    return misses;
  }

  private static int missesAt(long k, long n, double[] alphas, int from, double p) {
    int a = from;
    while (a < alphas.length && !ProbabilitySequence.contains(k, n, alphas[a], p)) {
      a++;
    }
    return a - from;
  }

  /** Of so many paths those on which each method misses p at one of the geometric times. */
  static int[] missesAtLooks(double p, List<Method> methods, int paths, long seed) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    Map<List<Long>, boolean[]> known = new HashMap<>();
    int[] misses = new int[methods.size()];
    for (int path = 0; path < paths; path++) {
      boolean[] missed = new boolean[misses.length];
      long next = waitingTime(p, random);
      long k = 0;
      for (int look = 0; look < LOOKS; look++) {
        long n = Math.round(Math.pow(HORIZON, look / (LOOKS - 1.0)) / p);
        while (next <= n) {
          k++;
          next += waitingTime(p, random);
        }
        boolean[] now =
            known.computeIfAbsent(List.of(k, n), kn -> missedBy(methods, kn.get(0), kn.get(1), p));
        for (int m = 0; m < missed.length; m++) {
          missed[m] |= now[m];
        }
      }
      for (int m = 0; m < missed.length; m++) {
        misses[m] += missed[m] ? 1 : 0;
      }
    }
    return misses;
  }

  private static boolean[] missedBy(List<Method> methods, long k, long n, double p) {
    boolean[] missed = new boolean[methods.size()];
    for (int m = 0; m < missed.length; m++) {
      missed[m] = !methods.get(m).at(k, n).contains(p);
    }
    return missed;
  }

  /** Trials up to the next event. */
  private static long waitingTime(double p, RandomGenerator random) {
    return 1 + (long) Math.floor(random.nextExponential() / -Math.log1p(-p));
  }
}
