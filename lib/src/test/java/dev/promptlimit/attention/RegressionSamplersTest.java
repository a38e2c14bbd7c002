package dev.promptlimit.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.regression.RegressionTokens;
import dev.promptlimit.regression.TaskFamily;
import dev.promptlimit.stat.Intervals;
import dev.promptlimit.stat.Moments;
import dev.promptlimit.stat.SampleComparison;
import dev.promptlimit.theory.ExactMeanSquares;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Both samplers of prompts that draw their own task, against each other, against the definition
 * written down once more, and against exact means.
 *
 * <p>Seed 1, n = 10,000 prompts of each: two-sample Kolmogorov-Smirnov and a comparison of means,
 * 11 situations · 5 metrics · 2, and one more · 3 · 2, 116 tests at α = 5e-9; 3 means against exact
 * ones at 1e-7: 9e-7. Rejected are a distance of 0.045 between distribution functions and a
 * difference of means of 6.3 standard errors; the negative controls change the noise, and forget to
 * draw tasks.
 */
class RegressionSamplersTest {
  private static final double ALPHA = 5e-9;
  private static final int N = 10_000;
  private static final Covariance TOEPLITZ = Covariance.toeplitz(3, 0.5, 1);

  private record Case(String name, Setting setting) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Setting setting(TaskFamily family, int outputs, double norm, long length) {
    int n = family.dimension() + 1;
    RegressionTokens tokens = new RegressionTokens(family);
    Head head = new Head(Head.random(n, n, norm, 21), Head.random(outputs, n, 1.3, 22));
    return new Setting(tokens, tokens.queries(), head, length);
  }

  private static Setting noisy(double noise) {
    return setting(new TaskFamily(TOEPLITZ, 0.8, noise), 1, 0.8, 17);
  }

  static Stream<Case> cases() {
    TaskFamily plain = new TaskFamily(TOEPLITZ, 0.8, 0.2);
    return Stream.of(
        new Case("one output", noisy(0.2)),
        new Case("two outputs, two tokens", setting(plain, 2, 1, 2)),
        new Case("as many coordinates as there are", setting(plain, 3, 0.7, 5)),
        new Case("one input", setting(new TaskFamily(Covariance.identity(1, 1), 1, 0.3), 1, 1, 5)),
        new Case("no noise", noisy(0)),
        new Case("one token", setting(plain, 1, 1, 1)),
        new Case("no tilt", setting(plain, 1, 0, 5)),
        new Case("no task", setting(new TaskFamily(TOEPLITZ, 0, 0.2), 1, 1, 5)),
        new Case("strong tilt", setting(plain, 1, 4, 40)),
        new Case("released data", setting(TaskFamily.asReleased(TOEPLITZ, 0.8, 0.2), 1, 0.5, 17)),
        new Case(
            "singular inputs",
            setting(
                new TaskFamily(Covariance.diagonal(new double[] {1, 0, 2}), 0.8, 0), 1, 0.8, 17)));
  }

  private static Map<Metric, double[]> reduced(Setting setting, Set<Metric> metrics) {
    return Situation.squared(new ReducedSampler(setting, metrics), metrics, "reduced", N);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void haveOneLaw(Case one) {
    Map<Metric, double[]> definition =
        Situation.squared(
            new BruteForceSampler(one.setting(), Situation.ALL), Situation.ALL, "brute force", N);
    for (Set<Metric> metrics : List.of(Situation.ALL, Situation.FIRST_MOMENTS)) {
      reduced(one.setting(), metrics)
          .forEach((metric, squared) -> assertOneLaw(metric, definition.get(metric), squared));
    }
  }

  private static void assertOneLaw(Metric metric, double[] one, double[] other) {
    assertThat(SampleComparison.kolmogorovSmirnov(one, other))
        .as("%s", metric)
        .isGreaterThan(ALPHA);
    assertThat(SampleComparison.means(one, other)).as("mean of %s", metric).isGreaterThan(ALPHA);
  }

  /** Inputs and labels as they come, without any root of Γ_w. */
  @Test
  void isTheLawOfInputsAndLabels() {
    Map<Metric, double[]> definition = inputsAndLabels(noisy(0.2), N);
    reduced(noisy(0.2), Situation.ALL)
        .forEach((metric, squared) -> assertOneLaw(metric, definition.get(metric), squared));
  }

  /** Negative control. */
  @Test
  void otherNoiseIsFound() {
    double[] more = reduced(noisy(2), Situation.ALL).get(Metric.JACOBIAN_V);
    double[] less = reduced(noisy(0.2), Situation.ALL).get(Metric.JACOBIAN_V);
    assertThat(SampleComparison.kolmogorovSmirnov(more, less)).isLessThan(ALPHA);
  }

  /** Negative control: tokens of the average covariance have another law. */
  @Test
  void oneCovarianceForAllPromptsIsFound() {
    Setting setting = setting(new TaskFamily(TOEPLITZ, 3, 0.2), 1, 0.8, 17);
    RegressionTokens tokens = (RegressionTokens) setting.tokens();
    Setting average =
        new Setting(tokens.average(), setting.queries(), setting.head(), setting.promptLength());
    for (Metric metric : Situation.ALL) {
      assertThat(
              SampleComparison.kolmogorovSmirnov(
                  reduced(setting, Situation.ALL).get(metric),
                  reduced(average, Situation.ALL).get(metric)))
          .isLessThan(ALPHA);
    }
  }

  @Test
  void meansAreTheExactOnes() {
    Setting random = noisy(0.2);
    RealMatrix u = random.head().u();
    u.setRow(3, new double[4]);
    Setting setting =
        new Setting(random.tokens(), random.queries(), new Head(u, random.head().v()), 17);
    Map<Metric, Double> exact =
        ExactMeanSquares.of(
                setting.tokens(), setting.head(), setting.queries(), List.of(17L), Situation.ALL)
            .get(0);
    reduced(setting, Situation.ALL)
        .forEach(
            (metric, squared) ->
                assertThat(Intervals.mean(Moments.of(squared, N), 1e-7).contains(exact.get(metric)))
                    .as("%s", metric)
                    .isTrue());
  }

  /** Prompts of a block do not depend on how many of them are asked for, nor on earlier blocks. */
  @Test
  void areAFunctionOfTheBlock() {
    PromptSampler sampler = new ReducedSampler(noisy(0.2), Situation.ALL);
    Map<Metric, double[]> first = Situation.squared(sampler, Situation.ALL, "block", 50);
    Situation.squared(sampler, Situation.ALL, "other", 20);
    Map<Metric, double[]> again = Situation.squared(sampler, Situation.ALL, "block", 20);
    again.forEach(
        (metric, squared) -> assertThat(first.get(metric)).startsWith(squared).doesNotContain(0));
  }

  @Test
  void everyPromptHasALimit() {
    Setting setting = noisy(0.2);
    assertThat(
            BruteForceSampler.inadmissible(
                setting, QueryDraw.of(setting.queries()), StreamKey.ofBlock(1, "x", 0), 100))
        .isEmpty();
    Setting other =
        new Setting(
            setting.tokens(),
            setting.queries(),
            setting.head(),
            5,
            Gaussian.centred(Covariance.identity(4, 1)));
    assertThatThrownBy(() -> new ReducedSampler(other, Situation.ALL))
        .hasMessageContaining("held against another measure's limit");
    BruteForceSampler sampler = new BruteForceSampler(other, Situation.ALL);
    assertThatThrownBy(() -> Situation.squared(sampler, Situation.ALL, "x", 1))
        .hasMessageStartingWith("Cannot draw tokens of regression: ");
  }

  private static Map<Metric, double[]> inputsAndLabels(Setting setting, int n) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(1);
    TaskFamily family = ((RegressionTokens) setting.tokens()).family();
    int d = family.dimension();
    RealMatrix root = family.covariance().root();
    RealMatrix v = setting.head().v();
    Map<Metric, double[]> squared = new EnumMap<>(Metric.class);
    Situation.ALL.forEach(metric -> squared.put(metric, new double[n]));
    for (int prompt = 0; prompt < n; prompt++) {
      RealVector w = normals(random, d).mapMultiply(Math.sqrt(family.taskVariance()));
      RealVector z = family.queryCovariance().root().operate(normals(random, d)).append(0);
      RealVector a = setting.head().u().operate(z);
      int length = (int) setting.promptLength();
      RealVector[] tokens = new RealVector[length];
      double[] weights = new double[length];
      double total = 0;
      for (int l = 0; l < length; l++) {
        RealVector x = root.operate(normals(random, d));
        double noise = Math.sqrt(family.noiseVariance()) * random.nextGaussian();
        tokens[l] = x.append(w.dotProduct(x) + noise);
        weights[l] = Math.exp(a.dotProduct(tokens[l]));
        total += weights[l];
      }
      RealVector mean = MatrixUtils.createRealVector(new double[d + 1]);
      RealMatrix second = MatrixUtils.createRealMatrix(d + 1, d + 1);
      for (int l = 0; l < length; l++) {
        mean = mean.add(tokens[l].mapMultiply(weights[l] / total));
        second = second.add(tokens[l].outerProduct(tokens[l]).scalarMultiply(weights[l] / total));
      }
      RealMatrix gamma = family.tokenCovariance(w.toArray());
      RealVector delta = mean.subtract(gamma.operate(a));
      RealMatrix spread = second.subtract(mean.outerProduct(mean)).subtract(gamma);
      squared.get(Metric.OUTPUT)[prompt] = Math.pow(v.operate(delta).getNorm(), 2);
      squared.get(Metric.JACOBIAN_V)[prompt] = v.getRowDimension() * delta.dotProduct(delta);
      squared.get(Metric.JACOBIAN_U)[prompt] =
          Math.pow(v.multiply(spread).getFrobeniusNorm(), 2) * z.dotProduct(z);
    }
    return squared;
  }

  private static RealVector normals(RandomGenerator random, int n) {
    RealVector normals = MatrixUtils.createRealVector(new double[n]);
    for (int i = 0; i < n; i++) {
      normals.setEntry(i, random.nextGaussian());
    }
    return normals;
  }
}
