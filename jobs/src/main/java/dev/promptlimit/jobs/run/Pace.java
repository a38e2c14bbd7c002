package dev.promptlimit.jobs.run;

/**
 * Cuts batches so that they end when the time is up: the nominal costs of blocks are held against
 * what blocks have taken so far.
 */
final class Pace {
  /** How far nominal costs may be off; what looks worse is the start, when executors arrive. */
  private static final double MOST = 4;

  /** Nominal seconds of all cores after which the pace is known. */
  private static final double KNOWN_AFTER = 1;

  private final ProgressCounters counters;
  private final long start = System.nanoTime();

  Pace(ProgressCounters counters) {
    this.counters = counters;
  }

  /**
   * The nominal cost of the next batch in core nanoseconds, 0 if none may begin.
   *
   * @param cores that work
   * @param most seconds of all of them that a batch takes at most
   * @param secondsLeft until all batches have to be done
   * @param handedOut what was handed out, some of which is still being done
   */
  double nanos(int cores, double most, double secondsLeft, Plan.Size handedOut) {
    double waiting = Math.max(0, handedOut.nanos() - counters.nanos()) / 1e9 / cores;
    double room = secondsLeft / secondsPerNominal(cores) - waiting;
    return Math.max(0, Math.min(most, room)) * 1e9 * cores;
  }

  private double secondsPerNominal(int cores) {
    double nominal = counters.nanos() / 1e9 / cores;
    double seconds = (System.nanoTime() - start) / 1e9;
    return nominal < KNOWN_AFTER ? 1 : Math.max(1 / MOST, Math.min(MOST, seconds / nominal));
  }
}
