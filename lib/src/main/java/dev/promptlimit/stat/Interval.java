package dev.promptlimit.stat;

import java.io.Serializable;

/**
 * A closed interval that holds an unknown quantity with a stated confidence.
 *
 * @param low lower end
 * @param high upper end, +∞ where the data say nothing
 */
public record Interval(double low, double high) implements Serializable {
  /** Whether low ≤ x ≤ high. */
  public boolean contains(double x) {
    return low <= x && x <= high;
  }
}
