package dev.promptlimit.jobs.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.promptlimit.attention.BlockSummary;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.attention.Setting;
import dev.promptlimit.jobs.TestExperiments;
import dev.promptlimit.jobs.config.Blocks;
import dev.promptlimit.jobs.config.Cell;
import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.stat.DeviationSummary;
import dev.promptlimit.stat.ErrorBudget;
import dev.promptlimit.stat.Interval;
import dev.promptlimit.stat.MeanSequence;
import dev.promptlimit.stat.Moments;
import dev.promptlimit.stat.ProbabilitySequence;
import dev.promptlimit.stat.Weights;
import dev.promptlimit.theory.DeltaMethod;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CellResultsTest {
  /** Width of a bin of the histogram: sixteen an octave. */
  private static final double BIN = Math.pow(2, 1 / 16.0);

  @TempDir private static Path directory;

  private static Experiment experiment;
  private static List<CellResult> results;

  @BeforeAll
  static void simulate() {
    experiment = TestExperiments.small(directory);
    results = TestBlocks.results(experiment, merged(experiment));
  }

  private static Map<String, BlockSummary> merged(Experiment experiment) {
    return experiment.cells().stream()
        .collect(
            Collectors.toMap(
                Cell::key, cell -> TestBlocks.simulate(cell, experiment.seed(), 0), (a, b) -> a));
  }

  /** The deviations of block 0 in ascending order. */
  private static double[] sorted(Cell cell, Metric metric) {
    int n = Blocks.of(cell).promptsPerBlock();
    Map<Metric, double[]> squared = new EnumMap<>(Metric.class);
    cell.metrics().forEach(each -> squared.put(each, new double[n]));
    StreamKey key = StreamKey.ofBlock(experiment.seed(), cell.key(), 0);
    cell.newSampler(0).simulate(key, n, squared);
    return Arrays.stream(squared.get(metric)).map(Math::sqrt).sorted().toArray();
  }

  @Test
  void areInTheOrderOfCellsAndMetrics() {
    assertThat(results).hasSize(6 * 3);
    for (int i = 0; i < results.size(); i++) {
      assertThat(results.get(i).cell()).isSameAs(experiment.cells().get(i / 3));
      assertThat(results.get(i).metric()).isEqualTo(List.of(Metric.values()).get(i % 3));
      assertThat(results.get(i).prompts()).isEqualTo(8192);
    }
  }

  /** The whole run's error is 1e-3. */
  @Test
  void intervalsHoldTheExactMeanSquare() {
    for (CellResult result : results) {
      assertThat(result.exact())
          .as("%s, L = %s", result.metric(), result.cell().setting().promptLength())
          .isBetween(result.meanSquare().low(), result.meanSquare().high());
    }
  }

  @Test
  void quantilesAreThoseOfTheDataWithinABin() {
    for (CellResult result : results) {
      double[] deviations = sorted(result.cell(), result.metric());
      assertThat(result.quantiles())
          .extracting(CellResult.Quantile::level)
          .containsExactly("0.5", "0.9", "0.99", "0.999", "0.9999");
      for (CellResult.Quantile quantile : result.quantiles()) {
        double level = Double.parseDouble(quantile.level());
        double exact = deviations[(int) Math.floor(level * deviations.length)];
        assertThat(quantile.value()).isBetween(exact / BIN, exact * BIN);
        assertThat(quantile.interval().contains(exact)).isTrue();
        assertThat(quantile.interval().contains(quantile.value())).isTrue();
      }
      // 8192 prompts say something about the median and nothing about the largest of 10,000
      assertThat(result.quantiles().get(0).interval().high()).isFinite();
      assertThat(result.quantiles().get(4).interval().high()).isInfinite();
    }
  }

  @Test
  void tailsCountTheData() {
    for (CellResult result : results) {
      double[] deviations = sorted(result.cell(), result.metric());
      List<CellResult.TailPoint> tail = result.tail();
      assertThat(tail).isNotEmpty();
      assertThat(tail.get(0).count()).isEqualTo(8192);
      assertThat(tail.get(tail.size() - 1).count()).isZero();
      for (CellResult.TailPoint point : tail) {
        long count = Arrays.stream(deviations).filter(x -> x > point.deviation()).count();
        assertThat(point.count()).isEqualTo(count);
        assertThat(point.probability().contains(count / 8192.0)).isTrue();
        assertThat(point.probability().low()).isBetween(0.0, 1.0);
        assertThat(point.probability().high()).isBetween(0.0, 1.0);
      }
      for (int i = 1; i < tail.size(); i++) { // every fourth edge: four an octave
        assertThat(tail.get(i).deviation() / tail.get(i - 1).deviation())
            .isCloseTo(Math.pow(2, 0.25), within(1e-12));
      }
    }
  }

  /** Half of the family error for 18 means, a quarter for 18 · (5 + 481) quantiles and tails. */
  @Test
  void intervalsShareTheFamilyError() {
    ErrorBudget budget = new ErrorBudget(experiment.familyError());
    for (CellResult result : results) {
      Moments moments = result.deviations().strata().get(0).moments();
      double part = budget.mean(18);
      Interval mean = MeanSequence.interval(moments, MeanSequence.firstLook(part), part);
      assertThat(result.meanSquare().low()).isCloseTo(mean.low(), within(1e-9 * mean.low()));
      assertThat(result.meanSquare().high()).isCloseTo(mean.high(), within(1e-9 * mean.high()));
      assertThat(result.guaranteed()).isFalse();
      double share = budget.tail(18 * 486);
      for (CellResult.TailPoint point : result.tail()) {
        assertThat(point.probability())
            .isEqualTo(ProbabilitySequence.interval(point.count(), 8192, share));
        assertThat(point.estimate()).isEqualTo(point.count() / 8192.0);
      }
      double[] deviations = sorted(result.cell(), result.metric());
      Interval median = result.quantiles().get(0).interval();
      for (double end : new double[] {median.low(), median.high()}) {
        long beyond = Arrays.stream(deviations).filter(x -> x > end).count();
        assertThat(ProbabilitySequence.contains(beyond, 8192, share, 0.5)).isFalse();
      }
      long within = Arrays.stream(deviations).filter(x -> x > median.low() * BIN * 1.001).count();
      assertThat(ProbabilitySequence.contains(within, 8192, share, 0.5)).isTrue();
    }
  }

  @Test
  void meanSquaresAreThoseOfTheData() {
    for (CellResult result : results) {
      double mean =
          Arrays.stream(sorted(result.cell(), result.metric())).map(x -> x * x).average().orElse(0);
      assertThat(result.mean()).isCloseTo(mean, within(1e-12 * mean));
      assertThat(result.meanSquare().contains(result.mean())).isTrue();
      assertThat(result.meanSquare().low()).isPositive();
      assertThat(result.meanSquare().high()).isFinite();
    }
  }

  @Test
  void deltaIsTheConstantOverThePromptLength() {
    for (CellResult result : results) {
      Setting setting = result.cell().setting();
      double constant =
          DeltaMethod.constants((Gaussian) setting.tokens(), setting.head(), setting.queries())
              .get(result.metric());
      assertThat(constant).isFinite().isPositive();
      assertThat(result.delta()).isEqualTo(constant / setting.promptLength());
    }
  }

  @Test
  void deltaIsInfiniteWhereTheAverageOverQueriesDiverges() {
    Experiment sharp = TestExperiments.small(directory, "queries.covariance.variance = 100");
    assertThat(TestBlocks.results(sharp, merged(sharp)))
        .allSatisfy(result -> assertThat(result.delta()).isInfinite());
  }

  /** Half of the error goes to the means; fewer cells and more error make narrower intervals. */
  @Test
  void intervalsAreSharedByTheWholeFamily() {
    Experiment fewer = TestExperiments.small(directory, "metrics = [output]");
    CellResult few = TestBlocks.results(fewer, merged(fewer)).get(0);
    Experiment loose = TestExperiments.small(directory, "claims.family-error = 0.1");
    CellResult wide = results.get(0);
    CellResult narrow = TestBlocks.results(loose, merged(loose)).get(0);
    assertThat(width(narrow.meanSquare())).isLessThan(width(wide.meanSquare()));
    assertThat(narrow.mean()).isEqualTo(wide.mean());
    assertThat(width(few.meanSquare()) / few.mean())
        .isLessThan(width(wide.meanSquare()) / wide.mean());
  }

  private static double width(Interval interval) {
    return interval.high() - interval.low();
  }

  @Test
  void cellsWithoutBlocksHaveNoResults() {
    Map<String, BlockSummary> merged = merged(experiment);
    merged.remove(experiment.cells().get(3).key());
    assertThat(TestBlocks.results(experiment, merged))
        .hasSize(5 * 3)
        .noneSatisfy(result -> assertThat(result.cell()).isSameAs(experiment.cells().get(3)));
    assertThat(TestBlocks.results(experiment, Map.of())).isEmpty();
  }

  @Test
  void cellsOfEqualContentShareTheirBlocks() {
    Experiment twice =
        TestExperiments.small(
            directory,
            "heads = [{ name = a, query-key { kind = scaled-identity, scale = 0.1 },"
                + " value { kind = identity } },"
                + "{ name = b, query-key { kind = scaled-identity, scale = 0.1 },"
                + " value { kind = identity } }]");
    List<CellResult> both = TestBlocks.results(twice, merged(twice));
    assertThat(both).hasSize(18);
    assertThat(both.get(9).cell().head()).isEqualTo("b");
    assertThat(both.get(9).deviations().strata()).isEqualTo(both.get(0).deviations().strata());
  }

  @Test
  void aCellWithoutAdmissiblePromptsIsShownAsSuch() {
    Cell cell = experiment.cells().get(0);
    List<CellResult> bad =
        TestBlocks.results(experiment, Map.of(cell.key(), TestBlocks.inadmissible(cell)));
    assertThat(bad)
        .hasSize(3)
        .allSatisfy(
            result -> {
              assertThat(result.prompts()).isEqualTo(3);
              assertThat(result.deviations().inadmissible()).isEqualTo(3);
              assertThat(result.inadmissibleReason())
                  .hasValue("the deviation is not a finite number");
              assertThat(result.mean()).isNaN();
              assertThat(result.meanSquare()).isEqualTo(nothing());
              assertThat(result.tail()).isEmpty();
              assertThat(result.quantiles())
                  .hasSize(5)
                  .allSatisfy(
                      quantile -> {
                        assertThat(quantile.value()).isNaN();
                        assertThat(quantile.interval()).isEqualTo(nothing());
                      });
            });
  }

  /**
   * Squares of 0 but for some of 1, in 8192 prompts of tokens ±1; for the output none is above 8.
   */
  private static CellResult rareEvents(Metric metric, int events) {
    String gaussian =
        "measure = gaussian, dimension = 3, covariance { kind = toeplitz, rho = 0.5 }";
    Experiment signs =
        TestExperiments.read(
            directory,
            TestExperiments.small().replace(gaussian, "measure = rademacher, dimension = 2"),
            "heads = { name = calm, query-key { kind = scaled-identity, scale = 0.1 },"
                + " value { kind = identity } }",
            "metrics = [" + metric.id() + "]");
    double[] squared = new double[8192];
    Arrays.fill(squared, 0, events, 1);
    BlockSummary block =
        new BlockSummary(
            8192, Weights.unit(8192), Map.of(metric, DeviationSummary.of(squared, 8192)));
    Cell cell = signs.cells().get(0);
    return TestBlocks.results(signs, Map.of(cell.key(), block)).get(0);
  }

  /** The sample knows nothing of what it did not see; a bound does, so it must be asked. */
  @Test
  void fewRareEventsLeaveTheGuaranteedInterval() {
    for (int events : new int[] {0, 1, 4, 15}) {
      CellResult result = rareEvents(Metric.OUTPUT, events);
      assertThat(result.guaranteed()).as("%d events", events).isTrue();
      assertThat(result.meanSquare().low()).isZero();
      assertThat(result.meanSquare().high()).isBetween(30 / 8192.0, 0.2);
    }
    CellResult many = rareEvents(Metric.OUTPUT, 1000);
    assertThat(many.guaranteed()).isFalse();
    assertThat(many.meanSquare().low()).isBetween(0.08, 0.12);
    assertThat(many.meanSquare().high()).isBetween(0.123, 0.16);
  }

  /** Derivatives in U have no bound over random queries: few events leave nothing known. */
  @Test
  void fewRareEventsWithoutABoundLeaveNothing() {
    for (int events : new int[] {0, 1, 15}) {
      assertThat(rareEvents(Metric.JACOBIAN_U, events).meanSquare())
          .isEqualTo(new Interval(0, Double.POSITIVE_INFINITY));
    }
    CellResult many = rareEvents(Metric.JACOBIAN_U, 1000);
    assertThat(many.guaranteed()).isFalse();
    assertThat(many.meanSquare().high()).isBetween(0.123, 0.16);
  }

  /** 8192 prompts are worth a few percent. */
  @Test
  void cellsAreImpreciseByTheIntervalThatIsShown() {
    for (double goal : new double[] {0.01, 0.5}) {
      String budget =
          "relative-error = " + goal + ", confidence = 0.99, max-prompts-per-cell = 1e6";
      Experiment adaptive =
          TestExperiments.read(
              directory, TestExperiments.small().replace("prompts-per-cell = 8192", budget));
      CellResults cells = new CellResults(adaptive);
      Map<String, MergedCell> merged = TestBlocks.whole(merged(adaptive));
      assertThat(cells.imprecise(merged)).hasSize(goal == 0.5 ? 0 : 6);
      assertThat(cells.imprecise(Map.of())).isEmpty();
    }
  }

  private static Interval nothing() {
    return new Interval(Double.NaN, Double.NaN);
  }

  /** Deviations near the largest double: no exception, every prompt counted. */
  @Test
  void hugeDeviationsBreakNothing() {
    Experiment huge =
        TestExperiments.small(
            directory,
            "heads = { name = huge, query-key { kind = scaled-identity, scale = 1e150 },"
                + " value { kind = identity } }");
    assertThat(TestBlocks.results(huge, merged(huge)))
        .hasSize(9)
        .allSatisfy(
            result -> {
              assertThat(result.deviations().inadmissible() + result.deviations().n())
                  .isEqualTo(result.prompts());
              assertThat(result.delta()).isInfinite();
            });
  }
}
