package dev.promptlimit.jobs.run;

import dev.promptlimit.jobs.config.BadInputException;
import dev.promptlimit.jobs.config.Blocks;
import dev.promptlimit.jobs.config.Cell;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How much one call may add to a run directory: so much time, so many prompts, or whatever is
 * missing. Time is that of a stopwatch, which no change of the clock moves.
 */
public final class Allowance {
  private final long start = System.nanoTime();
  private final Optional<Duration> time;
  private final OptionalLong prompts;
  private long taken;

  /**
   * Begins now.
   *
   * @param time after which nothing more is begun; empty for no limit
   * @param prompts that may be added, over all cells; empty for no limit
   */
  public Allowance(Optional<Duration> time, OptionalLong prompts) {
    this.time = time;
    this.prompts = prompts;
  }

  /** Without limits. */
  public static Allowance all() {
    return new Allowance(Optional.empty(), OptionalLong.empty());
  }

  boolean isLimited() {
    return time.isPresent() || prompts.isPresent();
  }

  /** Seconds until the time is up, infinite without a limit; below 0 afterwards. */
  double secondsLeft() {
    return time.isEmpty()
        ? Double.POSITIVE_INFINITY
        : time.get().toNanos() / 1e9 - (System.nanoTime() - start) / 1e9;
  }

  /** Whether nothing more may be begun. */
  public boolean timeIsUp() {
    return secondsLeft() <= 0;
  }

  /** Prompts that may still be added. */
  long promptsLeft() {
    return prompts.orElse(Long.MAX_VALUE) - taken;
  }

  /** These are being added. */
  void take(long added) {
    taken += added;
  }

  /**
   * Makes sure that the first block may be added: else nothing ever would be.
   *
   * @throws BadInputException if it has more prompts than may be added
   */
  void requireRoomFor(Cell cell) {
    int block = Blocks.of(cell).promptsPerBlock();
    if (taken == 0 && promptsLeft() < block) {
      throw new BadInputException(
          "Cannot keep to --prompts "
              + promptsLeft()
              + ": the next block, of "
              + cell.label()
              + ", has "
              + block);
    }
  }
}
