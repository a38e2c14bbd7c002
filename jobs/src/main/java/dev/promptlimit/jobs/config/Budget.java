package dev.promptlimit.jobs.config;

/**
 * How many prompts a cell gets.
 *
 * @param mostPrompts prompts of every cell, or the most that one may get; before rounding up to
 *     whole blocks
 * @param relativeError half-width of the interval of a mean square over the mean square from which
 *     on a cell has enough; 0 where every cell gets all its prompts
 * @param confidence confidence of that interval, for each cell alone, at any time
 */
public record Budget(long mostPrompts, double relativeError, double confidence) {
  /** Where there are no cells. */
  static final Budget NONE = new Budget(0, 0, 0);

  /** The same number for every cell. */
  public static Budget fixed(long promptsPerCell) {
    return new Budget(promptsPerCell, 0, 0);
  }

  /** Whether cells get prompts in rounds, until they are precise enough. */
  public boolean isAdaptive() {
    return relativeError > 0;
  }
}
