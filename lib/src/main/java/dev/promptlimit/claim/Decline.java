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
 * Whether a distance D is smaller at long prompts than at short ones.
 *
 * <p>It must be known to be smaller at the longest than at the shortest ones at every replicate, by
 * intervals that hold D, and chance must be excluded: with {@value #REPLICATES} replicates or more
 * by Student's paired test, one-sided, of the mean of D_short − D_long over replicates, for which
 * the differences are taken to be normal; each is the least that its intervals allow, so that their
 * widths cost power, not confidence. Fewer replicates cannot speak by these differences at error
 * probabilities like 1e-5 (Student's t would have to exceed 100 with three). All lengths can: by
 * {@link Trend}, Kendall's test that D falls along them.
 *
 * @param name of the distance
 * @param shorter intervals for D_short, one a replicate
 * @param longer intervals for D_long, replicates in the same order
 * @param trend of D along all lengths
 * @param error probability of each of two tests, that D falls and that it rises
 */
record Decline(
    String name, List<Interval> shorter, List<Interval> longer, Trend trend, double error) {
  static final int REPLICATES = 6;

  Verdict verdict() {
    if (holds(shorter, longer, fall())) {
      return Verdict.SUPPORTED;
    }
    return holds(longer, shorter, rise()) ? Verdict.REFUTED : Verdict.UNDECIDED;
  }

  /** The p-value of a fall. */
  private double fall() {
    return isOverReplicates() ? probability(shorter, longer) : trend.fall();
  }

  private double rise() {
    return isOverReplicates() ? probability(longer, shorter) : trend.rise();
  }

  private int count() {
    return shorter.size();
  }

  private boolean isOverReplicates() {
    return count() >= REPLICATES;
  }

  private boolean holds(List<Interval> above, List<Interval> below, double p) {
    return count() > 0 && p <= error && count(above, below) == count();
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
    String tested =
        isOverReplicates() ? "over " + replicates() : "along " + trend.lengths() + " lengths";
    String p = "p = " + Cells.text(rises ? rise() : fall());
    return verdict == Verdict.UNDECIDED
        ? String.format(
            Locale.ROOT,
            "%s is not known to fall: it is smaller at %d of %s, %s %s, needed %s",
            name,
            count(shorter, longer),
            replicates(),
            p,
            tested,
            Cells.text(error))
        : String.format(Locale.ROOT, "%s %s %s, %s", name, rises ? "rises" : "falls", tested, p);
  }

  Map<String, Object> evidence() {
    Map<String, Object> evidence = new LinkedHashMap<>();
    evidence.put("overReplicates", isOverReplicates());
    evidence.put("replicates", count());
    evidence.put("falls", count(shorter, longer));
    evidence.put("rises", count(longer, shorter));
    evidence.put("probabilityOfFall", fall());
    evidence.put("probabilityOfRise", rise());
    return evidence;
  }
}
