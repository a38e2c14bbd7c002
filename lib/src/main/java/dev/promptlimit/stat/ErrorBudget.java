package dev.promptlimit.stat;

/**
 * How the probability that anything at all a report claims is wrong is shared by its intervals:
 * half of it by those for means, a quarter by those for tails and quantiles, a quarter by the tests
 * of claims; within each kind equally.
 *
 * <p>A family may grow for nothing. With m members, 2^(k−1) < m ≤ 2^k, each gets share / (2^k (k +
 * 1)(k + 2)). Stage k of the growth then costs at most share / ((k + 1)(k + 2)), however many of
 * its 2^k places are taken, and all stages k = 0, 1, 2, … together cost 1/(1·2) + 1/(2·3) + … = 1
 * share. So a sweep that gets more cells night after night, whose sequences are each valid at all
 * times, stays within the family error over all nights together, as long as none is taken out again
 * to make room for others.
 *
 * @param familyError probability that any claim is wrong, 0 < familyError < 1
 */
public record ErrorBudget(double familyError) {
  public ErrorBudget {
    if (!(familyError > 0 && familyError < 1)) {
      throw new IllegalArgumentException("Cannot share an error: family error = " + familyError);
    }
  }

  /** The error probability of one of so many means. */
  public double mean(int means) {
    return member(familyError / 2, means);
  }

  /** The error probability of one of so many tails or quantiles. */
  public double tail(int tails) {
    return member(familyError / 4, tails);
  }

  /** The error probability of one of so many tests. */
  public double test(int tests) {
    return member(familyError / 4, tests);
  }

  /** What each of so many members of a family that may grow gets of its share. */
  public static double member(double share, int members) {
    if (!(members >= 1)) {
      throw new IllegalArgumentException("Cannot share an error: " + members + " members");
    }
    int stage = Integer.SIZE - Integer.numberOfLeadingZeros(members - 1); // ⌈log₂ members⌉
    return Math.scalb(share / ((stage + 1.0) * (stage + 2.0)), -stage);
  }
}
