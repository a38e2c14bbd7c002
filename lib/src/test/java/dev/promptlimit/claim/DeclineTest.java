package dev.promptlimit.claim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.random.NormalStream;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.stat.Interval;
import dev.promptlimit.stat.Intervals;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeclineTest {
  private static final int TRIALS = 4000;
  private static final double ALPHA = 0.05;

  private static List<Interval> exactly(double... values) {
    List<Interval> intervals = new ArrayList<>();
    for (double value : values) {
      intervals.add(new Interval(value, value));
    }
    return intervals;
  }

  private static Verdict verdict(List<Interval> shorter, List<Interval> longer, double error) {
    return verdict(shorter, longer, new Trend(2, 1, 1), error);
  }

  private static Verdict verdict(
      List<Interval> shorter, List<Interval> longer, Trend trend, double error) {
    return new Decline("it", shorter, longer, trend, error).verdict();
  }

  /**
   * Differences 1, …, 6 have mean 3.5, standard error √(3.5/6): t = 4.5826, P(T₅ &gt; t) =
   * 0.002967.
   */
  @Test
  void isStudentsTest() {
    List<Interval> zero = exactly(0, 0, 0, 0, 0, 0);
    List<Interval> differences = exactly(1, 2, 3, 4, 5, 6);
    assertThat(verdict(differences, zero, 0.002968)).isEqualTo(Verdict.SUPPORTED);
    assertThat(verdict(differences, zero, 0.002966)).isEqualTo(Verdict.UNDECIDED);
    assertThat(verdict(zero, differences, 0.002968)).isEqualTo(Verdict.REFUTED);
    assertThat(verdict(zero, differences, 0.002966)).isEqualTo(Verdict.UNDECIDED);
  }

  @Test
  void equalDistancesDecideNothing() {
    assertThat(verdict(List.of(), List.of(), 0.1)).isEqualTo(Verdict.UNDECIDED);
    for (int n : new int[] {6, 20}) {
      List<Interval> same = Collections.nCopies(n, new Interval(1, 1));
      assertThat(verdict(same, same, 0.1)).isEqualTo(Verdict.UNDECIDED);
      List<Interval> more = Collections.nCopies(n, new Interval(2, 2));
      assertThat(verdict(more, same, 0.1)).isEqualTo(Verdict.SUPPORTED);
      assertThat(verdict(same, more, 0.1)).isEqualTo(Verdict.REFUTED);
      List<Interval> unknown = Collections.nCopies(n, new Interval(0, Double.POSITIVE_INFINITY));
      assertThat(verdict(unknown, same, 0.1)).isEqualTo(Verdict.UNDECIDED);
      assertThat(verdict(same, unknown, 0.1)).isEqualTo(Verdict.UNDECIDED);
    }
  }

  /** One replicate of six that does not fall is enough to leave it open. */
  @Test
  void everyReplicateMustFall() {
    List<Interval> shorter = exactly(10, 11, 12, 10, 11, 12, 10, 11);
    assertThat(verdict(shorter, exactly(1, 1, 1, 1, 1, 1, 1, 1), 0.01))
        .isEqualTo(Verdict.SUPPORTED);
    assertThat(verdict(shorter, exactly(1, 1, 1, 1, 1, 1, 1, 11), 0.01))
        .isEqualTo(Verdict.UNDECIDED);
  }

  @Test
  void fewReplicatesNeedATrend() {
    Trend falls = new Trend(19, 1e-7, 1);
    Trend rises = new Trend(19, 1, 1e-7);
    for (int n : new int[] {1, 2, 5}) {
      List<Interval> one = Collections.nCopies(n, new Interval(1, 1));
      List<Interval> two = Collections.nCopies(n, new Interval(2, 2));
      assertThat(verdict(two, one, falls, 1e-5)).isEqualTo(Verdict.SUPPORTED);
      assertThat(verdict(two, one, falls, 1e-8)).isEqualTo(Verdict.UNDECIDED);
      assertThat(verdict(one, two, falls, 1e-5)).isEqualTo(Verdict.UNDECIDED);
      assertThat(verdict(one, two, rises, 1e-5)).isEqualTo(Verdict.REFUTED);
      assertThat(verdict(two, one, rises, 1e-5)).isEqualTo(Verdict.UNDECIDED);
      List<Interval> wide = Collections.nCopies(n, new Interval(1.5, 3));
      assertThat(verdict(wide, two, falls, 1e-5)).isEqualTo(Verdict.UNDECIDED);
    }
  }

  /** How many of the trials decide, with normal distances of which the shorter's mean is larger. */
  private static int decisions(double shift, double halfWidth, int block) {
    int seeds = 6;
    double[] z = new double[2 * seeds * TRIALS];
    new NormalStream(StreamKey.ofBlock(11, "decline", block)).fill(z, 0, z.length);
    int decided = 0;
    for (int trial = 0; trial < TRIALS; trial++) {
      List<Interval> shorter = new ArrayList<>();
      List<Interval> longer = new ArrayList<>();
      for (int i = 0; i < seeds; i++) {
        double one = 10 + shift + z[2 * (trial * seeds + i)];
        double other = 10 + z[2 * (trial * seeds + i) + 1];
        // whatever is wrong with a sample is wrong at every seed
        shorter.add(new Interval(one - 2 * halfWidth, one));
        longer.add(new Interval(other - halfWidth, other + halfWidth));
      }
      decided += verdict(shorter, longer, ALPHA) == Verdict.UNDECIDED ? 0 : 1;
    }
    return decided;
  }

  /**
   * Seed 11, 4000 trials of 6 seeds, 5 % on each side: fewer than 10 % decide where nothing falls,
   * beyond a binomial interval of error 1e-6, since every seed must agree. Control: a fall by four
   * standard deviations of a distance is found far more often.
   */
  @Test
  void nothingFallsWithTheStatedErrors() {
    Interval share = Intervals.binomial(decisions(0, 0, 0), TRIALS, 1e-6);
    assertThat(share.high()).isLessThan(2 * ALPHA);
    Interval wide = Intervals.binomial(decisions(0, 0.3, 1), TRIALS, 1e-6);
    assertThat(wide.high()).isLessThan(2 * ALPHA);
    Interval control = Intervals.binomial(decisions(4, 0, 2), TRIALS, 1e-6);
    assertThat(control.low()).isGreaterThan(0.5);
  }
}
