package dev.promptlimit.attention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.stat.Interval;
import dev.promptlimit.stat.Intervals;
import dev.promptlimit.stat.Moments;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Simulated means contain the exact finite-prompt errors of the reference heads.
 *
 * <p>Seed 1; n prompts by the reduced sampler and, for the first three heads, as many by the
 * definition; skewness-corrected interval for the mean; (5 + 3) · 3 = 24 tests at α = 8e-7, which
 * is 2e-5 of the suite's budget of 1e-4. The smallest n is 3,000, at 10,000 tokens a prompt.
 * Detected is a mean off by 5 standard errors: 1.5 % at n = 100,000, some 10 % at n = 3,000.
 * Negative control: the large-L value at short prompts.
 */
class ReferenceHeadsTest {
  private static final double ALPHA = 8e-7;

  static Stream<ReferenceHeads.Item> shortPrompts() {
    return ReferenceHeads.items().stream().filter(item -> item.promptLength() < 1000);
  }

  @ParameterizedTest
  @MethodSource("dev.promptlimit.attention.ReferenceHeads#items")
  void reducedSamplerMeetsTheExactErrors(ReferenceHeads.Item item) {
    assertMeetsTheExactErrors(item, new ReducedSampler(item.setting(), Situation.ALL));
  }

  @ParameterizedTest
  @MethodSource("shortPrompts")
  void definitionMeetsTheExactErrors(ReferenceHeads.Item item) {
    assertMeetsTheExactErrors(item, new BruteForceSampler(item.setting(), Situation.ALL));
  }

  private static void assertMeetsTheExactErrors(ReferenceHeads.Item item, PromptSampler sampler) {
    Map<Metric, double[]> squared =
        Situation.squared(sampler, Situation.ALL, "reference", prompts(item));
    assertHolds(item, squared, Metric.OUTPUT, "output_mse");
    assertHolds(item, squared, Metric.JACOBIAN_V, "jac_v_mse");
    assertHolds(item, squared, Metric.JACOBIAN_U, "jac_u_mse");
  }

  private static void assertHolds(
      ReferenceHeads.Item item, Map<Metric, double[]> squared, Metric metric, String field) {
    double exact = item.number(field).orElseThrow();
    Interval interval = interval(squared.get(metric));
    assertThat(interval.contains(exact))
        .as("%s of %s: exact %s, simulated %s", field, item, exact, interval)
        .isTrue();
  }

  private static Interval interval(double[] squared) {
    return Intervals.mean(Moments.of(squared, squared.length), ALPHA);
  }

  private static int prompts(ReferenceHeads.Item item) {
    return (int) Math.max(3_000, Math.min(100_000, 20_000_000 / item.promptLength()));
  }

  static Stream<ReferenceHeads.Item> farFromTheLimit() {
    return ReferenceHeads.items().stream().filter(item -> item.promptLength() < 100);
  }

  @ParameterizedTest
  @MethodSource("farFromTheLimit")
  void theLargePromptValueIsRejectedAtShortPrompts(ReferenceHeads.Item item) {
    PromptSampler sampler = new ReducedSampler(item.setting(), Situation.ALL);
    Map<Metric, double[]> squared =
        Situation.squared(sampler, Situation.ALL, "reference", prompts(item));
    double largeL = item.number("delta_jac_u").orElseThrow() / item.promptLength();
    Interval interval = interval(squared.get(Metric.JACOBIAN_U));
    assertThat(interval.contains(largeL)).as("%s in %s", largeL, interval).isFalse();
  }
}
