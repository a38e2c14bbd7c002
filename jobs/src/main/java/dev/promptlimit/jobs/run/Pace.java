package dev.promptlimit.jobs.run;

/**
 * Cuts batches so that they end when the time is up: the nominal costs of blocks are held against
 * what blocks have taken so far.
 *
 * <p>And so that no two end together, when the cores would wait for both to be written. Batches
 * share the cores evenly; if one has half a batch left when the next begins, then so has that one
 * when it is followed itself. A batch is twice what is left of others, within bounds.
 */
final class Pace {
  /** How far nominal costs may be off; what looks worse is the start, when executors arrive. */
  private static final double MOST = 4;

  /** Nominal seconds of all cores after which the pace is known. */
  private static final double KNOWN_AFTER = 1;

  /** Batches grow with what is done, so that a long night leaves few; this part of it is one. */
  private static final double OF_DONE = 0.01;

  /** Nominal seconds beyond which they do not grow. */
  private static final double LONGEST = 60;

  private final ProgressCounters counters;
  private final long start = System.nanoTime();

  Pace(ProgressCounters counters) {
    this.counters = counters;
  }

  /**
   * The nominal cost of the next batch in core nanoseconds, 0 if none may begin.
   *
   * @param cores that work
   * @param first seconds of all of them that a batch takes at most, until it is little of what is
   *     done
   * @param secondsLeft until all batches have to be done
   * @param handedOut what was handed out, some of which is still being done
   */
  double nanos(int cores, double first, double secondsLeft, Plan.Size handedOut) {
    double waiting = Math.max(0, handedOut.nanos() - counters.nanos()) / 1e9 / cores;
    double room = secondsLeft / secondsPerNominal(cores) - waiting;
    double most = Math.max(first, Math.min(LONGEST, OF_DONE * counters.nanos() / 1e9 / cores));
    double apart = Math.max(most / 2, Math.min(most, 2 * waiting));
    return Math.max(0, Math.min(apart, room)) * 1e9 * cores;
  }

  private double secondsPerNominal(int cores) {
    double nominal = counters.nanos() / 1e9 / cores;
    double seconds = (System.nanoTime() - start) / 1e9;
    return nominal < KNOWN_AFTER ? 1 : Math.max(1 / MOST, Math.min(MOST, seconds / nominal));
  }
}
