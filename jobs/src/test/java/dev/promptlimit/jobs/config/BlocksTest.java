package dev.promptlimit.jobs.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.GaussianMixture;
import dev.promptlimit.measure.Laplace;
import dev.promptlimit.measure.Rademacher;
import dev.promptlimit.measure.StudentT;
import dev.promptlimit.measure.TokenMeasure;
import dev.promptlimit.measure.UniformCube;
import dev.promptlimit.measure.UniformSphere;
import dev.promptlimit.measure.Vocabulary;
import dev.promptlimit.regression.RegressionTokens;
import dev.promptlimit.regression.TaskFamily;
import dev.promptlimit.theory.QueryStrata;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.hipparchus.linear.MatrixUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The cut into blocks is part of the random streams' names: it must never move. */
class BlocksTest {
  private static final Set<Metric> ALL = EnumSet.allOf(Metric.class);
  private static final Set<Metric> FIRST = EnumSet.of(Metric.OUTPUT, Metric.JACOBIAN_V);

  private static Cell cell(
      int d, int p, long promptLength, Cell.Sampler sampler, Set<Metric> metrics) {
    Gaussian white = Gaussian.centred(Covariance.identity(d, 1));
    Head head = new Head(MatrixUtils.createRealMatrix(d, d), MatrixUtils.createRealMatrix(p, d));
    return Cell.of(
        new Named<>("t", "white " + d, white),
        new Named<>("q", "white " + d, white),
        new Named<>("h", "zero " + p, head),
        promptLength,
        sampler,
        metrics,
        QueryStrata.none(white));
  }

  private static Blocks reduced(int d, int p, long promptLength) {
    return Blocks.of(cell(d, p, promptLength, Cell.Sampler.EXACT_REDUCED, ALL));
  }

  /** From the table of costs, by a program of its own. */
  @ParameterizedTest
  @CsvSource({
    // d, p, L, sampler, second moments, prompts, nominal nanoseconds of a prompt
    "1, 1, 1, EXACT_REDUCED, true, 8192, 256.03125", // r = 1
    "8, 1, 1, EXACT_REDUCED, true, 8192, 2150.375", // r = 2
    "8, 1, 16384, EXACT_REDUCED, true, 8192, 41060",
    "8, 1, 16384, EXACT_REDUCED, false, 8192, 22906", // r = 1
    "8, 8, 100, EXACT_REDUCED, true, 8192, 2672", // r = d
    "6, 3, 1000, BRUTE_FORCE, true, 8192, 7926",
    "6, 3, 1000, BRUTE_FORCE, false, 8192, 6072",
    "64, 1, 10000, BRUTE_FORCE, true, 256, 1922050",
    "1024, 1024, 1, EXACT_REDUCED, true, 1, 2820703354.5",
    "1024, 1, 1000000000000, EXACT_REDUCED, true, 1, 2375002900034",
    "1024, 1024, 1000000000000, EXACT_REDUCED, true, 1, 33664502820669688",
    "1024, 1, 1000000000000, BRUTE_FORCE, true, 1, 33664500019661048",
  })
  void goldenValues(
      int d,
      int p,
      long promptLength,
      Cell.Sampler sampler,
      boolean second,
      int prompts,
      double nanosPerPrompt) {
    Blocks blocks = Blocks.of(cell(d, p, promptLength, sampler, second ? ALL : FIRST));
    assertThat(blocks.promptsPerBlock()).isEqualTo(prompts);
    assertThat(blocks.nanosPerBlock()).isEqualTo(prompts * nanosPerPrompt);
  }

  /**
   * Wide heads spend their time once a prompt, not on tokens: nominal costs against microseconds
   * measured at L = 2 on one core of a 2.6 GHz machine, within a factor of two.
   */
  @ParameterizedTest
  @CsvSource({"64, 16, 182", "64, 62, 1777", "64, 63, 623", "256, 128, 36700", "1024, 256, 460000"})
  void costsOfWideHeadsAreRealistic(int d, int p, double micros) {
    Blocks blocks = reduced(d, p, 2);
    double nominal = blocks.nanosPerBlock() / blocks.promptsPerBlock() / 1000;
    assertThat(nominal / micros).isBetween(0.5, 2.0);
  }

  private static Blocks of(TokenMeasure tokens, long promptLength, boolean fixed) {
    int d = tokens.dimension();
    Head head = new Head(MatrixUtils.createRealMatrix(d, d), MatrixUtils.createRealMatrix(2, d));
    return Blocks.of(
        Cell.of(
            new Named<>("t", "some", tokens),
            new Named<>("q", "some", Gaussian.centred(Covariance.identity(d, fixed ? 0 : 1))),
            new Named<>("h", "some", head),
            promptLength,
            Cell.Sampler.BRUTE_FORCE,
            ALL,
            QueryStrata.none(Gaussian.centred(Covariance.identity(d, fixed ? 0 : 1)))));
  }

  private static Vocabulary vocabulary(int n, int d) {
    double[] ones = new double[n];
    Arrays.fill(ones, 1);
    return new Vocabulary(ones, new double[n][d]);
  }

  private static GaussianMixture mixture(Covariance covariance) {
    return new GaussianMixture(
        new double[] {1, 1}, List.of(Gaussian.centred(covariance), Gaussian.centred(covariance)));
  }

  /** By the tables of costs; a prompt of L tokens, the limit of one query. */
  @Test
  void goldenValuesOfOtherMeasures() {
    assertNanos(new Rademacher(8, 1), 0.5 + 4 + 2, 500 * 8);
    assertNanos(new UniformCube(8, 1), 0.5 + 4 + 2, 500 * 8);
    assertNanos(new UniformSphere(8, 1), 0.5 + 9 + 2, 1000 + 80 + 128);
    assertNanos(new Laplace(8, 1), 0.5 + 28 + 2, 800);
    assertNanos(new StudentT(8, 3), 0.5 + 120 + 2, 800);
    assertNanos(mixture(Covariance.identity(8, 1)), 0.5 + 10.25 + 2, 2 * (200 + 240 + 512));
    assertNanos(
        mixture(Covariance.toeplitz(8, 0.5, 1)), 0.5 + 10.25 + 8 + 2, 2 * (200 + 240 + 768));
    assertNanos(vocabulary(10, 8), 0.5 + 21 + 2, 10 * (65 + 120 + 8));
  }

  private static void assertNanos(TokenMeasure tokens, double token, double limit) {
    double once = 250 + 2 * 64 + 15 * 64 + 1.75 * 64 * 2;
    Blocks fixed = of(tokens, 100, true);
    assertThat(fixed.nanosPerBlock()).isEqualTo(limit + 8192 * (once + 100 * token));
    Blocks random = of(tokens, 100, false);
    assertThat(random.nanosPerBlock()).isEqualTo(8192 * (once + limit + 100 * token));
  }

  /** Each prompt's own covariance; at L = 1000, d = 6 with the label. */
  @Test
  void goldenValuesOfRegression() {
    RegressionTokens tokens =
        new RegressionTokens(new TaskFamily(Covariance.toeplitz(5, 0.5, 1), 1, 0.1));
    assertThat(regression(tokens, Cell.Sampler.EXACT_REDUCED).nanosPerBlock())
        .isEqualTo(8192 * (250 + 72 + 300 + 72 + 1375.0));
    Blocks brute = regression(tokens, Cell.Sampler.BRUTE_FORCE);
    assertThat(brute.nanosPerBlock())
        .isEqualTo(brute.promptsPerBlock() * (250 + 72 + 2000 + 13 * 36 + 5750.0));
  }

  private static Blocks regression(RegressionTokens tokens, Cell.Sampler sampler) {
    Head head = new Head(MatrixUtils.createRealMatrix(6, 6), MatrixUtils.createRealMatrix(1, 6));
    return Blocks.of(
        Cell.of(
            new Named<>("t", "some", tokens),
            new Named<>("q", "some", tokens.queries()),
            new Named<>("h", "some", head),
            1000,
            sampler,
            FIRST,
            QueryStrata.none(tokens.queries())));
  }

  /** Where the limit of the one query takes long, prompts may take as long. */
  @Test
  void aLimitThatTakesLongIsComputedForManyPrompts() {
    Blocks fixed = of(vocabulary(300_000, 64), 100_000, true);
    double limit = 300_000 * (65 + 15 * 64 + 512.0);
    double prompt = 250 + 2 * 4096 + 15 * 4096 + 3.5 * 4096 + 100_000 * (0.5 + 5 + 128 + 128);
    assertThat(fixed.promptsPerBlock()).isEqualTo(16);
    assertThat(fixed.nanosPerBlock()).isEqualTo(limit + 16 * prompt);
    Blocks random = of(vocabulary(300_000, 64), 100_000, false);
    assertThat(random.promptsPerBlock()).isEqualTo(1);
  }

  @Test
  void areTheLargestPowerOfTwoWithinTheTarget() {
    for (int d : new int[] {1, 2, 8, 64, 1024}) {
      for (int p : new int[] {1, 3, 1024}) {
        int before = Integer.MAX_VALUE;
        for (long length = 1; length <= 1_000_000_000_000L; length = 3 * length + 1) {
          Blocks blocks = reduced(d, p, length);
          int prompts = blocks.promptsPerBlock();
          assertThat(Integer.bitCount(prompts)).isEqualTo(1);
          assertThat(prompts).isBetween(1, 8192).isLessThanOrEqualTo(before);
          assertThat(prompts == 1 || blocks.nanosPerBlock() <= 0x1p29).isTrue();
          assertThat(prompts == 8192 || 2 * blocks.nanosPerBlock() > 0x1p29).isTrue();
          before = prompts;
        }
      }
    }
  }

  @Test
  void countsRoundUp() {
    Blocks blocks = reduced(8, 1, 1);
    assertThat(blocks.count(1)).isEqualTo(1);
    assertThat(blocks.count(8192)).isEqualTo(1);
    assertThat(blocks.count(8193)).isEqualTo(2);
    assertThat(blocks.roundUp(1)).isEqualTo(8192);
    assertThat(blocks.roundUp(8193)).isEqualTo(16384);
    assertThat(blocks.roundUp(1L << 53)).isEqualTo(1L << 53);
    assertThat(reduced(1024, 1024, 1_000_000_000_000L).count(1L << 53)).isEqualTo(1L << 53);
  }
}
