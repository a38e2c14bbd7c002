package dev.promptlimit.attention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.stat.SampleComparison;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The two samplers have the same law, in dimensions 2 to 16, for every shape of V, at one token and
 * across chunks, for singular tokens, no tilt and tilts that freeze the softmax.
 *
 * <p>Seed 1; n = {@link Situation#prompts()} prompts from each; per situation two-sample
 * Kolmogorov-Smirnov and a comparison of means, for three metrics of the full sampler and two of
 * the one that keeps first moments only: 20 · 10 = 200 tests at α = 1e-7, which is 2e-5 of the
 * suite's budget of 1e-4. At n = 50,000 a distance between distribution functions of 0.018 is
 * rejected, and a difference of means of 5.8 standard errors (some 4 % where deviations spread like
 * their mean); what is rejected in practice is shown by the negative controls of {@code
 * ReducedLawTest}.
 */
class SamplersAgreeTest {
  private static final double ALPHA = 1e-7;

  @ParameterizedTest
  @MethodSource("dev.promptlimit.attention.Situation#all")
  void reducedSamplerHasTheLawOfTheDefinition(Situation situation) {
    Setting setting = situation.setting();
    Map<Metric, double[]> expected =
        Situation.squared(
            new BruteForceSampler(setting, Situation.ALL),
            Situation.ALL,
            "brute force",
            situation.prompts());
    for (Set<Metric> metrics : List.of(Situation.ALL, Situation.FIRST_MOMENTS)) {
      Map<Metric, double[]> reduced =
          Situation.squared(
              new ReducedSampler(setting, metrics), metrics, "reduced", situation.prompts());
      reduced.forEach(
          (metric, squared) -> {
            double[] definition = expected.get(metric);
            assertThat(SampleComparison.kolmogorovSmirnov(definition, squared))
                .as("Kolmogorov-Smirnov of %s among %s", metric, metrics)
                .isGreaterThan(ALPHA);
            assertThat(SampleComparison.means(definition, squared))
                .as("means of %s among %s", metric, metrics)
                .isGreaterThan(ALPHA);
          });
    }
  }
}
