package dev.promptlimit.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.GaussianMixture;
import dev.promptlimit.measure.Laplace;
import dev.promptlimit.measure.Rademacher;
import dev.promptlimit.measure.StudentT;
import dev.promptlimit.measure.TokenMeasure;
import dev.promptlimit.random.NormalStream;
import dev.promptlimit.random.Significance;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.stat.Interval;
import dev.promptlimit.stat.Intervals;
import dev.promptlimit.stat.Moments;
import dev.promptlimit.stat.SampleComparison;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Brute force for measures of every kind.
 *
 * <p>Seed 1, {@link Significance#ALPHA} = 1e-8 a test: at one token, n = 200,000, the means of two
 * metrics for 7 measures, 14 tests, which find a mean that is off by 5.73 standard errors, about 2
 * %; a Gaussian drawn as it is and as white noise, n = 20,000, three metrics for 3 lengths, 9
 * tests, which find distribution functions 0.032 apart.
 */
class AnyMeasureTest {
  static List<TokenMeasure> measures() {
    return AnyMeasure.all();
  }

  private static Map<Metric, double[]> squared(Setting setting, int n) {
    return Situation.squared(
        new BruteForceSampler(setting, Situation.ALL), Situation.ALL, "any", n);
  }

  private static BlockSummary block(PromptSampler sampler, int index) {
    return BlockSummary.simulate(sampler, StreamKey.ofBlock(1, "any", index), 30);
  }

  @ParameterizedTest
  @MethodSource("measures")
  void oneTokenHasTheMomentsOfTheMeasure(TokenMeasure tokens) {
    assertMomentsOfOneToken(AnyMeasure.fixedQuery(tokens, 2, 1));
  }

  /** The one tilt at which Student-t tokens have a limit. */
  @Test
  void oneTokenWithoutATilt() {
    Setting tilted = AnyMeasure.fixedQuery(new StudentT(3, 11), 2, 1);
    Head blind = new Head(Head.scaledIdentity(3, 0), tilted.head().v());
    assertMomentsOfOneToken(new Setting(tilted.tokens(), tilted.queries(), blind, 1));
  }

  private static void assertMomentsOfOneToken(Setting setting) {
    Map<Metric, double[]> squared = squared(setting, 200_000);
    RealMatrix v = setting.head().v();
    double[] a = setting.head().u().operate(setting.queries().mean());
    assertThat(interval(squared, Metric.OUTPUT).contains(expectation(setting, v, a))).isTrue();
    double derivative = 2 * expectation(setting, Head.scaledIdentity(3, 1), a);
    assertThat(interval(squared, Metric.JACOBIAN_V).contains(derivative)).isTrue();
    // C_w = 0, up to rounding
    double z = MatrixUtils.createRealVector(setting.queries().mean()).getNorm();
    double norm = v.multiply(setting.tokens().tiltedCovariance(a)).getFrobeniusNorm() * z;
    for (double value : squared.get(Metric.JACOBIAN_U)) {
      assertThat(value).isCloseTo(norm * norm, within(1e-10 * norm * norm));
    }
  }

  /** Negative control: the limit is that of the tilt, not of no tilt. */
  @Test
  void theTiltCounts() {
    Setting setting = AnyMeasure.fixedQuery(new Rademacher(3, 0.8), 2, 1);
    double untilted = expectation(setting, setting.head().v(), new double[3]);
    assertThat(interval(squared(setting, 200_000), Metric.OUTPUT).contains(untilted)).isFalse();
  }

  /** E‖V(x − m(a))‖² = tr VC(0)Vᵀ + ‖V(m(0) − m(a))‖². */
  private static double expectation(Setting setting, RealMatrix v, double[] a) {
    TokenMeasure tokens = setting.tokens();
    double[] none = new double[a.length];
    RealVector shift =
        MatrixUtils.createRealVector(tokens.tiltedMean(none))
            .subtract(MatrixUtils.createRealVector(tokens.tiltedMean(a)));
    double norm = v.operate(shift).getNorm();
    return v.multiply(tokens.tiltedCovariance(none)).multiplyTransposed(v).getTrace() + norm * norm;
  }

  private static Interval interval(Map<Metric, double[]> squared, Metric metric) {
    double[] values = squared.get(metric);
    return Intervals.mean(Moments.of(values, values.length), Significance.ALPHA);
  }

  /** A mixture of one is a Gaussian, and goes the way of all other measures. */
  @ParameterizedTest
  @ValueSource(longs = {2, 17, 600})
  void hasTheLawOfGaussianTokensWhereTheyAreGaussian(long length) {
    Setting gaussian = Situation.dense(3, 2, length, 0.8);
    TokenMeasure mixture =
        new GaussianMixture(new double[] {3}, List.of(Situation.gaussianTokens(gaussian)));
    Setting plain = new Setting(mixture, gaussian.queries(), gaussian.head(), length);
    Map<Metric, double[]> theirs =
        Situation.squared(
            new BruteForceSampler(gaussian, Situation.ALL), Situation.ALL, "other", 20_000);
    squared(plain, 20_000)
        .forEach(
            (metric, ours) ->
                assertThat(SampleComparison.kolmogorovSmirnov(ours, theirs.get(metric)))
                    .as("%s", metric)
                    .isGreaterThan(Significance.ALPHA));
  }

  /** A sampler keeps nothing, also not the limit of a query, from one block to the next. */
  @ParameterizedTest
  @MethodSource("measures")
  void blocksDoNotDependOnThreadsOrOrder(TokenMeasure tokens) throws Exception {
    for (Setting setting :
        List.of(AnyMeasure.fixedQuery(tokens, 2, 600), AnyMeasure.randomQueries(tokens, 2, 600))) {
      PromptSampler one = new BruteForceSampler(setting, Situation.ALL);
      List<BlockSummary> inOrder = List.of(block(one, 0), block(one, 1));
      assertThat(block(one, 0)).isEqualTo(inOrder.get(0));
      assertThat(inOrder).doesNotHaveDuplicates();
      ExecutorService threads = Executors.newFixedThreadPool(2);
      try {
        List<Future<BlockSummary>> blocks =
            threads.invokeAll(
                List.of(
                    () -> block(new BruteForceSampler(setting, Situation.ALL), 0),
                    () -> block(new BruteForceSampler(setting, Situation.ALL), 1)));
        assertThat(blocks.get(0).get()).isEqualTo(inOrder.get(0));
        assertThat(blocks.get(1).get()).isEqualTo(inOrder.get(1));
      } finally {
        threads.shutdownNow();
      }
    }
  }

  @Test
  void metricsDoNotDependOnEachOther() {
    Setting setting = AnyMeasure.randomQueries(new Rademacher(3, 0.8), 2, 40);
    PromptSampler first = new BruteForceSampler(setting, Situation.FIRST_MOMENTS);
    BlockSummary all = block(new BruteForceSampler(setting, Situation.ALL), 0);
    block(first, 0)
        .deviations()
        .forEach((metric, summary) -> assertThat(summary).isEqualTo(all.deviations().get(metric)));
  }

  @Test
  void studentTokensHaveNoLimit() {
    Setting setting = AnyMeasure.randomQueries(new StudentT(3, 5), 2, 40);
    BlockSummary block = block(new BruteForceSampler(setting, Situation.ALL), 0);
    block
        .deviations()
        .forEach(
            (metric, summary) -> {
              assertThat(summary.inadmissible()).as("%s", metric).isEqualTo(30);
              assertThat(summary.moments().n()).isZero();
            });
    assertThat(
            BruteForceSampler.inadmissible(
                setting, QueryDraw.of(setting.queries()), StreamKey.ofBlock(1, "any", 0), 30))
        .hasValue("the log-MGF of Student-t tokens is infinite for every tilt other than 0");
  }

  /** Queries N(0, 1) and 1/b = 2: those beyond 2 in size, about 5 %, have no limit, others do. */
  @Test
  void laplaceTokensHaveALimitWhereTheTiltIsSmall() {
    Head head = new Head(Head.scaledIdentity(1, 1), Head.scaledIdentity(1, 1));
    Gaussian queries = Gaussian.centred(Covariance.identity(1, 1));
    Setting setting = new Setting(new Laplace(1, 0.5), queries, head, 40);
    Map<Metric, double[]> squared = squared(setting, 1000);
    StreamKey block = StreamKey.ofBlock(1, "any", 0);
    NormalStream prompts = new NormalStream(block.withSubstream(PromptSampler.PROMPTS));
    double[] z = new double[1];
    int outside = 0;
    for (int i = 0; i < 1000; i++) {
      prompts.fill(z, 0, 1);
      for (double[] values : squared.values()) {
        assertThat(Double.isNaN(values[i])).isEqualTo(Math.abs(z[0]) >= 2);
      }
      if (Math.abs(z[0]) >= 2) {
        outside++;
      }
    }
    assertThat(outside).isBetween(20, 80);
    BlockSummary summary =
        BlockSummary.simulate(new BruteForceSampler(setting, Situation.ALL), block, 1000);
    for (Metric metric : Metric.values()) {
      assertThat(summary.deviations().get(metric).inadmissible()).isEqualTo(outside);
      assertThat(summary.deviations().get(metric).moments().n()).isEqualTo(1000 - outside);
    }
    assertThat(
            BruteForceSampler.inadmissible(setting, QueryDraw.of(setting.queries()), block, 1000)
                .orElseThrow())
        .matches(
            "coordinate 0 of the tilt is -?[2-9].*: the log-MGF of Laplace tokens is finite only"
                + " below 1/b = 2.0 in size");
    assertThat(BruteForceSampler.inadmissible(setting, QueryDraw.of(setting.queries()), block, 0))
        .isEmpty();
  }

  @Test
  void tiltsOutsideTheDomainAreAllInadmissible() {
    Head head = new Head(Head.scaledIdentity(1, 1), Head.scaledIdentity(1, 1));
    Setting setting = new Setting(new Laplace(1, 0.5), Gaussian.fixed(new double[] {2}), head, 40);
    BlockSummary block = block(new BruteForceSampler(setting, Situation.ALL), 0);
    assertThat(block.deviations().get(Metric.OUTPUT).inadmissible()).isEqualTo(30);
  }

  @Test
  void reducedSamplerRefusesTokensThatAreNotGaussian() {
    Setting setting = AnyMeasure.fixedQuery(new Rademacher(3, 0.8), 2, 1);
    assertThatThrownBy(() -> new ReducedSampler(setting, Situation.ALL))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot draw few coordinates of Rademacher tokens: only Gaussian ones have the exact"
                + " law for it");
  }
}
