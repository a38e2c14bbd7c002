package dev.promptlimit.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.random.NormalStream;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.stat.Interval;
import dev.promptlimit.stat.Intervals;
import dev.promptlimit.stat.Moments;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.hipparchus.linear.RealMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One token takes all the weight: m_w is the token, C_w = 0.
 *
 * <p>Seed 1, n = 200,000 prompts a sampler and setting, skewness-corrected interval for the mean: 4
 * settings · 2 samplers · 2 metrics = 16 tests at α = 6e-7, which is 1e-5 of the suite's budget of
 * 1e-4. Detected is a mean that is off by 5 standard errors, about 1.5 %; the negative control
 * leaves out the query's covariance.
 */
class LengthOneTest {
  private static final int N = 200_000;
  private static final double ALPHA = 6e-7;

  static Stream<Setting> settings() {
    return Stream.of(
        Situation.dense(2, 1, 1, 1),
        Situation.dense(4, 2, 1, 1),
        Situation.dense(3, 3, 1, 0.5),
        Situation.dense(8, 3, 1, 0.8));
  }

  static Stream<Arguments> samplers() {
    return settings()
        .flatMap(
            setting ->
                Stream.<BiFunction<Setting, Set<Metric>, PromptSampler>>of(
                        BruteForceSampler::new, ReducedSampler::new)
                    .map(sampler -> Arguments.of(setting, sampler.apply(setting, Situation.ALL))));
  }

  @ParameterizedTest
  @MethodSource("samplers")
  void meansAreTheSecondMomentsOfOneToken(Setting setting, PromptSampler sampler) {
    Map<Metric, double[]> squared = Situation.squared(sampler, Situation.ALL, "one", N);
    RealMatrix v = setting.head().v();
    RealMatrix identity = Head.scaledIdentity(setting.dimension(), 1);
    double output = expectation(setting, v, setting.queries().covariance());
    double derivative =
        v.getRowDimension() * expectation(setting, identity, setting.queries().covariance());
    assertThat(interval(squared, Metric.OUTPUT).contains(output)).isTrue();
    assertThat(interval(squared, Metric.JACOBIAN_V).contains(derivative)).isTrue();
  }

  /** Negative control. */
  @Test
  void theSpreadOfQueriesCounts() {
    Setting setting = Situation.dense(4, 2, 1, 1);
    PromptSampler sampler = new ReducedSampler(setting, Situation.ALL);
    Map<Metric, double[]> squared = Situation.squared(sampler, Situation.ALL, "one", N);
    double fixed = expectation(setting, setting.head().v(), Covariance.identity(4, 0));
    assertThat(interval(squared, Metric.OUTPUT).contains(fixed)).isFalse();
  }

  private static Interval interval(Map<Metric, double[]> squared, Metric metric) {
    return Intervals.mean(Moments.of(squared.get(metric), N), ALPHA);
  }

  /** E‖V(x − m(a))‖² = tr VΓVᵀ + E‖VΓUz‖², z ~ N(m_z, Σ_z). */
  private static double expectation(Setting setting, RealMatrix v, Covariance spread) {
    RealMatrix gamma = Situation.gaussianTokens(setting).covariance().matrix();
    RealMatrix map = v.multiply(gamma).multiply(setting.head().u());
    double[] mean = map.operate(setting.queries().mean());
    double squaredMean = 0;
    for (double entry : mean) {
      squaredMean += entry * entry;
    }
    double trace = map.multiply(spread.matrix()).multiplyTransposed(map).getTrace();
    return v.multiply(gamma).multiplyTransposed(v).getTrace() + squaredMean + trace;
  }

  /**
   * ‖V(0 − Γ)‖²‖z‖² for each prompt. The covariance of one token is x xᵀ − x xᵀ up to rounding,
   * 1e-16 of ‖x‖².
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void derivativeInUIsThatOfNoSpread(boolean reduced) {
    double[] z = {0.3, -1.2, 0.8, 2};
    Setting random = Situation.dense(4, 2, 1, 1);
    Setting setting = new Setting(random.tokens(), Gaussian.fixed(z), random.head(), 1);
    double expected = squaredVGamma(setting) * (0.09 + 1.44 + 0.64 + 4);
    PromptSampler sampler =
        reduced
            ? new ReducedSampler(setting, Situation.ALL)
            : new BruteForceSampler(setting, Situation.ALL);
    double[] squared =
        Situation.squared(sampler, Situation.ALL, "one", 1000).get(Metric.JACOBIAN_U);
    for (double value : squared) {
      assertThat(value).isCloseTo(expected, within(1e-12 * expected));
    }
  }

  /** The definition draws nothing but queries from the stream of prompts, d normals each. */
  @Test
  void derivativeInUFollowsTheQuery() {
    Setting setting = Situation.dense(4, 2, 1, 1);
    PromptSampler sampler = new BruteForceSampler(setting, Situation.ALL);
    double[] squared =
        Situation.squared(sampler, Situation.ALL, "one", 1000).get(Metric.JACOBIAN_U);
    StreamKey block = StreamKey.ofBlock(1, "one", 0);
    NormalStream prompts = new NormalStream(block.withSubstream(PromptSampler.PROMPTS));
    double squaredVGamma = squaredVGamma(setting);
    double[] eps = new double[4];
    for (double value : squared) {
      prompts.fill(eps, 0, 4);
      double[] z = setting.queries().covariance().root().operate(eps);
      double norm = 0;
      for (int i = 0; i < 4; i++) {
        norm += Math.pow(z[i] + setting.queries().mean()[i], 2);
      }
      double expected = squaredVGamma * norm;
      assertThat(value).isCloseTo(expected, within(1e-12 * expected));
    }
  }

  private static double squaredVGamma(Setting setting) {
    RealMatrix gamma = Situation.gaussianTokens(setting).covariance().matrix();
    return Math.pow(setting.head().v().multiply(gamma).getFrobeniusNorm(), 2);
  }
}
