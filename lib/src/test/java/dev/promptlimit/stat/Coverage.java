package dev.promptlimit.stat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.random.Significance;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.hipparchus.special.Erf;

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

  /** One test, at an α as small as those of a cell of a run and with its first look. */
  static String small(StoppedMeans.Law law, double alpha, int paths, long seed) {
    int first = (int) MeanSequence.firstLook(alpha);
    Report report = new Report(law + " from " + first, paths);
    int[] misses =
        StoppedMeans.misses(
            law,
            first,
            paths,
            seed,
            List.of(look -> MeanSequence.interval(look.moments(), first, alpha)));
    report.atMost("two-sided", alpha, misses[0]);
    return report.text();
  }

  /** One test at the first look alone, and that n − 1 degrees of freedom would fail it. */
  static String firstLook(double alpha, int paths, long seed) {
    int n = (int) MeanSequence.firstLook(alpha);
    Report report = new Report("first of " + StoppedMeans.Law.PROMPTS + " at " + n, paths);
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    double mean = StoppedMeans.Law.PROMPTS.mean();
    double[] x = new double[n];
    int misses = 0;
    int others = 0;
    for (int path = 0; path < paths; path++) {
      Arrays.setAll(x, i -> StoppedMeans.Law.PROMPTS.draw(random));
      Moments moments = Moments.of(x, n);
      double error = Math.sqrt(moments.variance() / n);
      double skewness = moments.skewness() / Math.sqrt(n);
      Interval all = MeanSequence.interval(moments.mean(), error, skewness, n - 1, 1, alpha);
      misses += MeanSequence.interval(moments, n, alpha).contains(mean) ? 0 : 1;
      others += all.contains(mean) ? 0 : 1;
    }
    report.atMost("two-sided", alpha, misses);
    report.moreThan("with n - 1 degrees of freedom", alpha, others);
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

  /**
   * Eight tests of tails, quantiles and both means of deviations in one stratum or three. As a
   * control the tail's interval is held against a probability a third above the true one.
   */
  static String strata(boolean one, int paths, long seed) {
    Report report = new Report(one ? "one stratum" : "three strata", paths);
    int edge = 16 * 61; // u = 2
    double u = TailHistogram.edge(edge);
    double tail = one ? Erf.erfc(u / Math.sqrt(2)) : StoppedStrata.tail(u);
    int far = 16 * 62; // u = 4
    double farTail = one ? Erf.erfc(4 / Math.sqrt(2)) : StoppedStrata.tail(4);
    double median = one ? 0.67448975 : StoppedStrata.quantile(0.5);
    List<Predicate<StratifiedDeviations>> wrong = new ArrayList<>();
    for (double alpha : new double[] {0.05, 0.01}) {
      wrong.add(d -> !d.new Tails(alpha, TailLimit.NONE).interval(edge).contains(tail));
      wrong.add(d -> !d.new Tails(alpha, TailLimit.NONE).interval(far).contains(farTail));
      wrong.add(d -> !d.new Tails(alpha, TailLimit.NONE).quantile(0.5).contains(median));
      wrong.add(d -> !d.meanInterval(alpha).contains(one ? 1 : StoppedStrata.mean(false)));
      wrong.add(d -> !d.new Tails(alpha, TailLimit.NONE).interval(edge).contains(4 / 3.0 * tail));
    }
    int[] misses = StoppedStrata.misses(one, false, paths, seed, wrong);
    for (int m = 0; m < misses.length; m++) {
      String what = List.of("tail", "far tail", "median", "mean", "wrong tail").get(m % 5);
      if (m % 5 < 4) {
        report.atMost(what, m < 5 ? 0.05 : 0.01, misses[m]);
      } else {
        report.moreThan(what, m < 5 ? 0.05 : 0.01, misses[m]);
      }
    }
    return report.text();
  }

  /** Two tests of guaranteed means over three strata. */
  static String boundedStrata(int paths, long seed) {
    Report report = new Report("three strata, cut", paths);
    double mean = StoppedStrata.mean(true);
    double bound = StoppedStrata.bound();
    int[] misses =
        StoppedStrata.misses(
            false,
            true,
            paths,
            seed,
            List.of(
                d -> !d.boundedMeanInterval(bound, 0.05).contains(mean),
                d -> !d.boundedMeanInterval(bound, 0.01).contains(mean)));
    report.atMost("guaranteed mean", 0.05, misses[0]);
    report.atMost("guaranteed mean", 0.01, misses[1]);
    return report.text();
  }

  /**
   * Two tests: exponents of power laws through intervals of means at four lengths, whose errors are
   * shared, hold the true one. Errors are L^(−0.7) times exponential ones. One of 0.75 is found to
   * be wrong.
   */
  static String exponents(int paths, long seed) {
    Report report = new Report("exponents", paths);
    double[] lengths = {1, 8, 64, 512};
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    int misses = 0;
    int others = 0;
    for (int path = 0; path < paths; path++) {
      boolean missed = false;
      boolean other = false;
      Moments[] moments = new Moments[lengths.length];
      Arrays.fill(moments, Moments.EMPTY);
      for (int look = 0; look < StoppedStrata.LOOKS; look++) {
        Interval[] means = new Interval[lengths.length];
        for (int i = 0; i < lengths.length; i++) {
          double mean = Math.pow(lengths[i], -0.7);
          double[] x = random.doubles(256).map(u -> -mean * Math.log1p(-u)).toArray();
          moments[i] = moments[i].combine(Moments.of(x, x.length));
          means[i] = MeanSequence.interval(moments[i], 256, 0.05 / lengths.length);
        }
        PowerLaw law = PowerLaw.fit(lengths, means);
        missed |= !law.exponents().contains(0.7);
        other |= !law.exponents().contains(0.75);
      }
      misses += missed ? 1 : 0;
      others += other ? 1 : 0;
    }
    report.atMost("exponent", 0.05, misses);
    report.moreThan("wrong exponent", 0.05, others);
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
          String.format(Locale.ROOT, "%n  %s, %s: %.6f", what, alpha, misses / (double) paths));
    }

    String text() {
      return text.toString();
    }
  }
}
