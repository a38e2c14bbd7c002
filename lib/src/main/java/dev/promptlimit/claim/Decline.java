package dev.promptlimit.claim;

import dev.promptlimit.stat.Interval;
import dev.promptlimit.stat.Moments;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.hipparchus.distribution.continuous.TDistribution;

/**
 * Whether a distance D is smaller at long prompts than at short ones, from intervals that hold D of
 * each replicate.
 *
 * <p>With {@value #REPLICATES} replicates or more the mean of D_short − D_long over replicates is
 * tested by Student's paired test, one-sided, for which the differences are taken to be normal.
 * Each difference is the least that its intervals allow, so that their widths cost power, not
 * confidence. Fewer replicates cannot speak for all at error probabilities like 1e-5 (Student's t
 * would have to exceed 100 with three); they decide for themselves alone, where every one of them
 * is known to have the same sign.
 *
 * @param name of the distance
 * @param shorter intervals for D_short, one a replicate
 * @param longer intervals for D_long, replicates in the same order
 * @param error probability of each of two tests, that D falls and that it rises
 */
record Decline(String name, List<Interval> shorter, List<Interval> longer, double error) {
  static final int REPLICATES = 6;

  Verdict verdict() {
    if (holds(shorter, longer)) {
      return Verdict.SUPPORTED;
    }
    return holds(longer, shorter) ? Verdict.REFUTED : Verdict.UNDECIDED;
  }

  private int count() {
    return shorter.size();
  }

  private boolean isOverReplicates() {
    return count() >= REPLICATES;
  }

  private boolean holds(List<Interval> above, List<Interval> below) {
    return isOverReplicates()
        ? probability(above, below) <= error
        : count(above, below) == count() && count() > 0;
  }

  /** Replicates at which one is known to be above the other. */
  private static long count(List<Interval> above, List<Interval> below) {
    return IntStream.range(0, above.size())
        .filter(i -> above.get(i).low() > below.get(i).high())
        .count();
  }

  /**
   * P(T &gt; t) of Student's paired test for the mean of what above exceeds below by; 1 if t is
   * unknown.
   */
  private static double probability(List<Interval> above, List<Interval> below) {
    int n = above.size();
    double[] differences =
        IntStream.range(0, n).mapToDouble(i -> above.get(i).low() - below.get(i).high()).toArray();
    Moments moments = Moments.of(differences, n);
    double standardError = Math.sqrt(moments.variance() / n);
    if (!(moments.mean() > 0 && Double.isFinite(standardError))) {
      return 1;
    }
    return standardError == 0
        ? 0
        : new TDistribution(n - 1).cumulativeProbability(-moments.mean() / standardError);
  }

  private String replicates() {
    return count() == 1 ? "1 replicate" : count() + " replicates";
  }

  /** What the verdict rests on. */
  String reason() {
    Verdict verdict = verdict();
    boolean rises = verdict == Verdict.REFUTED;
    if (isOverReplicates()) {
      double p = rises ? probability(longer, shorter) : probability(shorter, longer);
      String text =
          verdict == Verdict.UNDECIDED ? " is not known to fall" : rises ? " rises" : " falls";
      return String.format(
          Locale.ROOT,
          "%s%s over %s, p = %s%s",
          name,
          text,
          replicates(),
          Cells.text(p),
          verdict == Verdict.UNDECIDED ? ", needed " + Cells.text(error) : "");
    }
    return verdict == Verdict.UNDECIDED
        ? String.format(
            Locale.ROOT,
            "%s is known to fall at %d and to rise at %d of %s",
            name,
            count(shorter, longer),
            count(longer, shorter),
            replicates())
        : String.format(
            Locale.ROOT,
            "%s %s given these heads, of %s",
            name,
            rises ? "rises" : "falls",
            replicates());
  }

  Map<String, Object> evidence() {
    Map<String, Object> evidence = new LinkedHashMap<>();
    evidence.put("overReplicates", isOverReplicates());
    evidence.put("replicates", count());
    evidence.put("falls", count(shorter, longer));
    evidence.put("rises", count(longer, shorter));
    if (count() > 1) {
      evidence.put("probabilityOfFall", probability(shorter, longer));
      evidence.put("probabilityOfRise", probability(longer, shorter));
    }
    return evidence;
  }
}
