package dev.promptlimit.attention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.attention.ReducedLaw.Omission;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.stat.SampleComparison;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.RealMatrix;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A third implementation has the law of both samplers, and none of its terms can be left out.
 *
 * <p>Seeds 1 (samplers) and 2 (third implementation), n = 20,000 prompts from each. Compared are
 * the three metrics and, to see their joint law, the product of the centred logarithms of the two
 * derivatives' deviations, each by two-sample Kolmogorov-Smirnov and by means: 5 · 2 · 4 · 2 = 80
 * tests at α = 2.5e-7, which is 2e-5 of the suite's budget of 1e-4. Detected are a distance of
 * 0.028 between distribution functions and a difference of means of 5.6 standard errors. The
 * negative controls are omissions of one term; that of the coupling changes the law of no metric
 * alone.
 */
class ReducedLawTest {
  private static final int N = 20_000;
  private static final double ALPHA = 2.5e-7;

  static Stream<Arguments> settings() {
    return Stream.of(
        Arguments.of("d = 2, p = 1, L = 2", Situation.dense(2, 1, 2, 1)),
        Arguments.of("wide rest, one query", wideRest()),
        Arguments.of("d = 5, p = 2, L = 5", Situation.dense(5, 2, 5, 1)),
        Arguments.of("d = 3, p = 3, L = 5", Situation.dense(3, 3, 5, 1)),
        Arguments.of("d = 4, p = 2, L = 1", Situation.dense(4, 2, 1, 1)));
  }

  /**
   * A third coordinate that neither the tilt nor V sees, with most of the variance: what is drawn
   * once a prompt weighs heavily in both derivatives.
   */
  private static Setting wideRest() {
    RealMatrix v = new Array2DRowRealMatrix(new double[][] {{0, 1, 0}});
    return new Setting(
        Gaussian.centred(Covariance.diagonal(new double[] {1, 1, 20})),
        Gaussian.fixed(new double[] {1, 2, 0}),
        new Head(Head.scaledIdentity(3, 1), v),
        5);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("settings")
  void allThreeImplementationsAgree(String name, Setting setting) {
    Map<Metric, double[]> law = new ReducedLaw(setting, Omission.NOTHING, 2).squared(N);
    for (PromptSampler sampler :
        new PromptSampler[] {
          new BruteForceSampler(setting, Situation.ALL), new ReducedSampler(setting, Situation.ALL)
        }) {
      pValues(law, sampler)
          .forEach(
              (test, p) ->
                  assertThat(p)
                      .as("%s, %s of %s", name, test, sampler.getClass().getSimpleName())
                      .isGreaterThan(ALPHA));
    }
  }

  /** Negative controls: with one term left out at least one of the same tests rejects. */
  @ParameterizedTest
  @EnumSource(names = "NOTHING", mode = EnumSource.Mode.EXCLUDE)
  void noTermCanBeLeftOut(Omission omission) {
    Setting setting = wideRest();
    Map<Metric, double[]> law = new ReducedLaw(setting, omission, 2).squared(N);
    Map<String, Double> pValues = pValues(law, new ReducedSampler(setting, Situation.ALL));
    assertThat(pValues.values()).as("%s", pValues).anyMatch(p -> p < ALPHA);
  }

  private static Map<String, Double> pValues(Map<Metric, double[]> law, PromptSampler sampler) {
    Map<Metric, double[]> simulated = Situation.squared(sampler, Situation.ALL, "law", N);
    Map<String, Double> pValues = new LinkedHashMap<>();
    for (Metric metric : Metric.values()) {
      double[] x = law.get(metric);
      double[] y = simulated.get(metric);
      pValues.put(metric.id() + " by KS", SampleComparison.kolmogorovSmirnov(x, y));
      pValues.put(metric.id() + " by means", SampleComparison.means(x, y));
    }
    double centreV = centre(law, simulated, Metric.JACOBIAN_V);
    double centreU = centre(law, simulated, Metric.JACOBIAN_U);
    double[] x = codeviation(law, centreV, centreU);
    double[] y = codeviation(simulated, centreV, centreU);
    pValues.put("codeviation by KS", SampleComparison.kolmogorovSmirnov(x, y));
    pValues.put("codeviation by means", SampleComparison.means(x, y));
    return pValues;
  }

  /** The mean logarithm over both samples, so that exchanging them changes nothing. */
  private static double centre(
      Map<Metric, double[]> one, Map<Metric, double[]> other, Metric metric) {
    return Stream.of(one, other)
        .flatMapToDouble(squared -> Arrays.stream(squared.get(metric)))
        .map(Math::log)
        .average()
        .orElseThrow();
  }

  /** (log of the deviation in V − its centre)(log of the deviation in U − its centre). */
  private static double[] codeviation(
      Map<Metric, double[]> squared, double centreV, double centreU) {
    double[] codeviation = new double[N];
    double[] inV = squared.get(Metric.JACOBIAN_V);
    double[] inU = squared.get(Metric.JACOBIAN_U);
    Arrays.setAll(codeviation, i -> (Math.log(inV[i]) - centreV) * (Math.log(inU[i]) - centreU));
    return codeviation;
  }
}
