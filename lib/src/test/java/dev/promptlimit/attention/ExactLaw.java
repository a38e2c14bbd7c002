package dev.promptlimit.attention;

import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.stat.Moments;
import dev.promptlimit.theory.ExactMeanSquares;
import dev.promptlimit.theory.QuerySpectrum;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;

/** Simulated mean squares, and how far they are from the exact ones. */
final class ExactLaw {
  private static final int PROMPTS_PER_BLOCK = 20_000;

  private ExactLaw() {}

  /**
   * One simulation.
   *
   * @param name its name, which no other cell has, for it is what the random numbers come from
   * @param reduced which sampler
   * @param prompts how many prompts
   * @param exact the mean squares that it must agree with
   */
  record Cell(
      String name, Setting setting, boolean reduced, int prompts, Map<Metric, Double> exact) {
    Map<Metric, Moments> simulate(int seed, int times) {
      Set<Metric> metrics = exact.keySet();
      PromptSampler sampler =
          reduced ? new ReducedSampler(setting, metrics) : new BruteForceSampler(setting, metrics);
      Map<Metric, Moments> moments = new EnumMap<>(Metric.class);
      long left = (long) prompts * times;
      for (int block = 0; left > 0; block++) {
        int n = (int) Math.min(left, PROMPTS_PER_BLOCK);
        Map<Metric, double[]> squared = new EnumMap<>(Metric.class);
        metrics.forEach(metric -> squared.put(metric, new double[n]));
        sampler.simulate(StreamKey.ofBlock(seed, name, block), n, squared);
        squared.forEach(
            (metric, values) -> moments.merge(metric, Moments.of(values, n), Moments::combine));
        left -= n;
      }
      return moments;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** What was simulated beside what is exact. */
  record Comparison(Cell cell, Metric metric, Moments moments) {
    double exact() {
      return cell.exact().get(metric);
    }

    /** All prompts deviate alike but for rounding: one token and one query, C_w = 0. */
    boolean isCertain() {
      return moments.variance() <= 1e-20 * moments.mean() * moments.mean();
    }

    double relativeStandardError() {
      return Math.sqrt(moments.variance() / (double) moments.n()) / moments.mean();
    }

    /** Skewness of the mean: third cumulant of a sum of n in its standard deviations. */
    double skewnessOfMean() {
      return moments.skewness() / Math.sqrt((double) moments.n());
    }

    double z() {
      return z(exact());
    }

    /** Standard normal if this is the mean: the t statistic as {@code Intervals} transform it. */
    double z(double mean) {
      double t = (moments.mean() / mean - 1) * mean / moments.mean() / relativeStandardError();
      double a = skewnessOfMean() / 3;
      return t + a * t * t + a * a * t * t * t / 3 + a / 2;
    }

    @Override
    public String toString() {
      return cell + ", " + metric.id();
    }
  }

  /** The exact mean squares of a setting, NaN where they are not known. */
  static Map<Metric, Double> exact(Setting setting) {
    return ExactMeanSquares.of(
            setting.tokens(),
            setting.head(),
            setting.queries(),
            List.of(setting.promptLength()),
            Situation.ALL)
        .get(0);
  }

  /** All comparisons of these cells. */
  static List<Comparison> compare(List<Cell> cells, int seed, int times) {
    return cells.parallelStream()
        .flatMap(
            cell ->
                cell.simulate(seed, times).entrySet().stream()
                    .map(entry -> new Comparison(cell, entry.getKey(), entry.getValue())))
        .toList();
  }

  /** Tokens, head and queries. */
  private record Law(Gaussian tokens, Head head, Gaussian queries) {
    Law scaled(double factor) {
      return new Law(tokens, new Head(head.u().scalarMultiply(factor), head.v()), queries);
    }

    /** The same with one query, of score standard deviation s. */
    Law atScore(double s) {
      RealVector z = MatrixUtils.createRealVector(queries.mean());
      RealVector a = head.u().operate(z);
      double now = Math.sqrt(tokens.covariance().matrix().operate(a).dotProduct(a));
      return new Law(tokens, head, Gaussian.fixed(z.toArray())).scaled(s / now);
    }

    Law atH2(double h2) {
      return scaled(Math.sqrt(h2 / new QuerySpectrum(tokens, head, queries).h2()));
    }
  }

  private static final int[][] SHAPES = { // d, p
    {1, 1}, {1, 2}, {2, 1}, {2, 2}, {3, 1}, {3, 2}, {3, 3}, {8, 1}, {8, 2}, {8, 8}
  };
  private static final double[] SCORES = {0, 0.5, 1.5, 2.5};
  private static final List<Long> LENGTHS = List.of(1L, 2L, 3L, 17L, 600L);

  /** Gaussian tokens: shapes by lengths, with the scores in turn, then random queries. */
  static List<Cell> gaussian() {
    List<Cell> cells = new ArrayList<>();
    for (int i = 0; i < SHAPES.length; i++) {
      int d = SHAPES[i][0];
      int p = SHAPES[i][1];
      for (int j = 0; j < LENGTHS.size(); j++) {
        double s = SCORES[(i + j) % SCORES.length];
        add(cells, "s = " + s, law(d, p).atScore(s), LENGTHS.subList(j, j + 1), Situation.ALL);
      }
    }
    add(cells, "H2 = 1", law(1, 1).atH2(1), LENGTHS, Situation.ALL);
    add(cells, "H2 = 1", law(3, 2).atH2(1), LENGTHS, Situation.ALL);
    // At 600 tokens few queries decide over jacobian-u: the mean of 50,000 prompts is too skewed.
    for (Law law : List.of(law(2, 2).atH2(0.1), law(8, 2).atH2(0.1))) {
      add(cells, "H2 = 0.1", law, LENGTHS.subList(0, 4), Situation.ALL);
      add(cells, "H2 = 0.1", law, LENGTHS.subList(4, 5), Situation.FIRST_MOMENTS);
    }
    List<Long> large = List.of(20_000L);
    add(cells, "s = 1", law(3, 2).atScore(1), large, EnumSet.of(Metric.OUTPUT));
    add(cells, "s = 0.5", law(8, 1).atScore(0.5), large, EnumSet.of(Metric.OUTPUT));
    return cells;
  }

  /** Tokens and queries have means; for p = 2 and d ≥ 3 the tokens lie in a plane. */
  private static Law law(int d, int p) {
    Covariance covariance = Covariance.toeplitz(d, 0.6, 1.1);
    if (d >= 3 && p == 2) {
      RealMatrix half = Head.random(d, 2, 1.4, 55);
      covariance = Covariance.of(half.multiplyTransposed(half).getData());
    }
    Head head = new Head(Head.random(d, d, 1, 51), Head.random(p, d, 1.5, 52));
    return new Law(
        new Gaussian(Head.random(d, 1, 1.2, 53).getColumn(0), covariance),
        head,
        new Gaussian(Head.random(d, 1, 0.7, 54).getColumn(0), Covariance.toeplitz(d, -0.3, 0.8)));
  }

  private static void add(
      List<Cell> cells, String name, Law law, List<Long> lengths, Set<Metric> metrics) {
    List<Map<Metric, Double>> exact =
        ExactMeanSquares.of(law.tokens, law.head, law.queries, lengths, metrics);
    for (int i = 0; i < lengths.size(); i++) {
      long length = lengths.get(i);
      Setting setting = new Setting(law.tokens, law.queries, law.head, length);
      int d = setting.dimension();
      int p = setting.head().outputs();
      for (boolean reduced : new boolean[] {true, false}) {
        if (length > 1000 && !reduced) {
          continue;
        }
        String sampler = reduced ? "reduced" : "brute force";
        String title =
            String.format(
                Locale.ROOT, "d = %d, p = %d, L = %d, %s, %s", d, p, length, name, sampler);
        cells.add(new Cell(title, setting, reduced, prompts(length, d, reduced), exact.get(i)));
      }
    }
  }

  private static int prompts(long length, int d, boolean reduced) {
    if (length > 100) {
      int most = length > 1000 ? 4_000 : d < 3 ? 50_000 : reduced ? 25_000 : 15_000;
      return d > 3 ? Math.min(most, reduced ? 12_000 : 5_000) : most;
    }
    return d > 3 ? 40_000 : 100_000;
  }
}
