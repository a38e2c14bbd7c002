package dev.promptlimit.stat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.random.Significance;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Comparisons of measured error probabilities with stated ones, under optional stopping: misses are
 * binomial, each comparison is a one-sided exact test at {@link Significance#ALPHA}.
 */
final class Coverage {
  /** Descending; at the first, ten times the second, nearly every other path is missed. */
  private static final double[] ALPHAS = {0.5, 0.05, 0.01};

  /**
   * The mixture has little mass near rare events' probabilities: within the horizon the sequence
   * misses p = 0.001 on 5 % of the paths at α = 0.5 and on 0.8 % at 0.05.
   */
  private static final double RARE = 0.01;

  private static final double INFINITY = Double.POSITIVE_INFINITY;

  private Coverage() {}

  /** Eleven or twelve tests; the text has the measured figures. */
  static String probability(double p, int paths, long seed) {
    Report report = new Report("probability " + p, paths);
    int[] misses = StoppedProbability.misses(p, ALPHAS, paths, seed);
    for (int a = 0; a < ALPHAS.length; a++) {
      report.atMost("two-sided at all times", ALPHAS[a], misses[a]);
    }
    if (p > RARE) {
      report.moreThan("two-sided at 10 alpha", 0.05, misses[0]);
    }
    List<StoppedProbability.Method> methods = new ArrayList<>();
    for (double alpha : new double[] {0.05, 0.01}) {
      methods.add((k, n) -> ProbabilitySequence.interval(k, n, alpha));
      methods.add((k, n) -> new Interval(ProbabilitySequence.lower(k, n, alpha), 1));
      methods.add((k, n) -> new Interval(0, ProbabilitySequence.upper(k, n, alpha)));
      methods.add((k, n) -> Intervals.binomial(k, n, alpha));
    }
    int[] atLooks = StoppedProbability.missesAtLooks(p, methods, paths, seed);
    for (int a = 0; a < 2; a++) {
      double alpha = a == 0 ? 0.05 : 0.01;
      report.atMost("two-sided at looks", alpha, atLooks[4 * a]);
      report.atMost("lower at looks", alpha, atLooks[4 * a + 1]);
      report.atMost("upper at looks", alpha, atLooks[4 * a + 2]);
      report.moreThan("fixed-n intervals at looks", alpha, atLooks[4 * a + 3]);
    }
    return report.text();
  }

  /** Twelve tests, five for the strata. */
  static String mean(StoppedMeans.Law law, int first, int paths, long seed) {
    Report report = new Report(law + " from " + first, paths);
    List<StoppedMeans.Method> methods = new ArrayList<>();
    for (double alpha : ALPHAS) {
      if (law == StoppedMeans.Law.STRATA) {
        methods.add(look -> look.strata(alpha));
        continue;
      }
      methods.add(look -> MeanSequence.interval(look.moments(), first, alpha));
      methods.add(look -> new Interval(MeanSequence.lower(look.moments(), first, alpha), INFINITY));
      methods.add(look -> new Interval(0, MeanSequence.upper(look.moments(), first, alpha)));
    }
    int kinds = methods.size() / ALPHAS.length;
    int[] misses = StoppedMeans.misses(law, first, paths, seed, methods);
    String[] names = {"two-sided", "lower", "upper"};
    for (int m = 0; m < misses.length; m++) {
      report.atMost(names[m % kinds], ALPHAS[m / kinds], misses[m]);
    }
    for (int kind = 0; kind < kinds; kind++) {
      report.moreThan(names[kind] + " at 10 alpha", 0.05, misses[kind]);
    }
    return report.text();
  }

  /** One test: intervals for fixed n miss more often than they say. */
  static String fixed(StoppedMeans.Law law, int first, int paths, long seed) {
    Report report = new Report(law + " from " + first, paths);
    int[] misses =
        StoppedMeans.misses(
            law, first, paths, seed, List.of(look -> Intervals.mean(look.moments(), 0.05)));
    report.moreThan("fixed-n intervals", 0.05, misses[0]);
    return report.text();
  }

  /** Nine tests. */
  static String bounded(StoppedMeans.Law law, int first, int paths, long seed) {
    Report report = new Report(law + " in [0, 1] from " + first, paths);
    List<StoppedMeans.Method> methods = new ArrayList<>();
    for (double alpha : ALPHAS) {
      methods.add(look -> look.bounded().interval(1, alpha));
      methods.add(look -> new Interval(look.bounded().lower(1, alpha), 1));
      methods.add(look -> new Interval(0, look.bounded().upper(1, alpha)));
    }
    int[] misses = StoppedMeans.misses(law, first, paths, seed, methods);
    String[] names = {"two-sided", "lower", "upper"};
    for (int m = 0; m < misses.length; m++) {
      report.atMost(names[m % 3], ALPHAS[m / 3], misses[m]);
    }
    return report.text();
  }

  private static final class Report {
    private final StringBuilder text;
    private final int paths;

    Report(String what, int paths) {
      text = new StringBuilder(what);
      this.paths = paths;
    }

    void atMost(String what, double alpha, int misses) {
      add(what, alpha, misses);
      double low = Intervals.binomial(misses, paths, 2 * Significance.ALPHA).low();
      assertThat(low).as("%s", text).isLessThanOrEqualTo(alpha);
    }

    void moreThan(String what, double alpha, int misses) {
      add(what, alpha, misses);
      double low = Intervals.binomial(misses, paths, 2 * Significance.ALPHA).low();
      assertThat(low).as("%s", text).isGreaterThan(alpha);
    }

    private void add(String what, double alpha, int misses) {
      text.append(
          String.format(Locale.ROOT, "%n  %s, %s: %.4f", what, alpha, misses / (double) paths));
    }

    String text() {
      return text.toString();
    }
  }
}
