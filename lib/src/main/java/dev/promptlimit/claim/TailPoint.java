package dev.promptlimit.claim;

import dev.promptlimit.stat.Interval;

/**
 * A tail probability.
 *
 * @param deviation u, an edge of the histogram
 * @param count admissible prompts with a deviation &gt; u
 * @param probability interval for P(deviation &gt; u) among admissible prompts
 */
public record TailPoint(double deviation, long count, Interval probability) {}
