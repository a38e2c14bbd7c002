package dev.promptlimit.regression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.promptlimit.attention.Head;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.random.Significance;
import dev.promptlimit.stat.Moments;
import dev.promptlimit.theory.UniversalFunctions;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each statistical comparison rejects a true hypothesis with probability 1e-8. */
class ConditionalErrorTest {
  private static final TaskFamily REGULAR = new TaskFamily(Covariance.toeplitz(2, 0.5, 1), 1, 0.2);
  private static final double[] TASK = {0.8, -0.5};
  private static final double[] QUERY = {1.1, 0.4};
  private static final double TARGET = 0.6;

  /** Prompts of different kinds. */
  record Case(TaskFamily family, Head head, int length) {
    ConditionalError error() {
      return new ConditionalError(family, head, TASK, QUERY, TARGET);
    }
  }

  static List<Case> cases() {
    Head head = Heads.random(3, 0.7, 3);
    Head blind = new Head(MatrixUtils.createRealMatrix(3, 3), head.v());
    return List.of(
        new Case(REGULAR, head, 1),
        new Case(REGULAR, head, 2),
        new Case(REGULAR, head, 7),
        new Case(REGULAR, head, 40),
        new Case(new TaskFamily(Covariance.toeplitz(2, 1, 1), 1, 0), head, 5), // rank one
        new Case(new TaskFamily(Covariance.diagonal(new double[] {0, 2}), 1, 0.3), head, 5),
        new Case(REGULAR, blind, 5)); // s = 0
  }

  /** 20,000 prompts, tokens drawn one by one; smallest effect found about 6 %. */
  @ParameterizedTest
  @MethodSource("cases")
  void errorsAreThoseOfPrompts(Case prompt) {
    int n = 20_000;
    double[] softmax = new double[n];
    double[] linear = new double[n];
    RealMatrix root = Covariance.of(prompt.family.tokenCovariance(TASK).getData()).root();
    double[] a = prompt.head.u().operate(new double[] {QUERY[0], QUERY[1], 0});
    double[] v = prompt.head.v().getRow(0);
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(2);
    for (int k = 0; k < n; k++) {
      double weights = 0;
      double weighted = 0;
      double sum = 0;
      for (int l = 0; l < prompt.length; l++) {
        double[] token =
            root.operate(
                new double[] {random.nextGaussian(), random.nextGaussian(), random.nextGaussian()});
        double score = 0;
        double value = 0;
        for (int i = 0; i < 3; i++) {
          score += a[i] * token[i];
          value += v[i] * token[i];
        }
        weights += Math.exp(score);
        weighted += Math.exp(score) * value;
        sum += value * score;
      }
      double miss = weighted / weights - TARGET;
      softmax[k] = miss * miss;
      double linearMiss = sum / prompt.length - TARGET;
      linear[k] = linearMiss * linearMiss;
    }

    ConditionalError error = prompt.error();
    assertMean(softmax, error.softmax(functions(error, prompt.length)));
    assertMean(linear, error.linear(prompt.length));
  }

  private static void assertMean(double[] sample, double expected) {
    Moments moments = Moments.of(sample, sample.length);
    assertThat(moments.mean())
        .isCloseTo(
            expected,
            within(Significance.ACCEPTED * Math.sqrt(moments.variance() / sample.length) + 1e-12));
  }

  private static UniversalFunctions functions(ConditionalError error, double length) {
    return QuadratureFunctions.of(error.s(), length);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void gradientsAreThoseOfTheErrors(Case prompt) {
    ConditionalError error = prompt.error();

    Heads.assertGradient(
        error.linearGradient(prompt.length),
        prompt.head,
        head -> new Case(prompt.family, head, prompt.length).error().linear(prompt.length),
        1e-9);
    Heads.assertGradient(
        error.softmaxGradient(functions(error, prompt.length)),
        prompt.head,
        head -> {
          ConditionalError moved = new Case(prompt.family, head, prompt.length).error();
          return moved.softmax(functions(moved, prompt.length));
        },
        1e-9);
  }

  /**
   * Towards s = 0 values and gradients approach those at 0 in proportion to s, to the last digit.
   */
  @ParameterizedTest
  @ValueSource(doubles = {1e-2, 1e-3, 1e-6, 1e-9, 1e-160, 1e-300})
  void smallScoresAreNoSpecialCase(double scale) {
    Head head = Heads.random(3, 1, 3);
    Head small = new Head(head.u().scalarMultiply(scale), head.v());
    Head blind = new Head(MatrixUtils.createRealMatrix(3, 3), head.v());
    ConditionalError there = new Case(REGULAR, small, 6).error();
    ConditionalError limit = new Case(REGULAR, blind, 6).error();

    HeadGradient near = there.softmaxGradient(functions(there, 6));
    HeadGradient at = limit.softmaxGradient(functions(limit, 6));

    assertThat(limit.s()).isZero();
    assertThat(at.value())
        .isCloseTo(TARGET * TARGET + limit.valueVariance() / 6, withinPercentage(1e-10));
    assertThat(near.value()).isCloseTo(at.value(), within(10 * scale + 1e-12));
    assertThat(near.u().subtract(at.u()).getNorm1()).isLessThan(30 * scale + 1e-12);
    assertThat(near.v().subtract(at.v()).getNorm()).isLessThan(30 * scale + 1e-12);
  }

  /** Over the noise of its target the error averages to that at its mean plus σ². */
  @Test
  void noiseOfTheTargetAddsItsVariance() {
    Head head = Heads.random(3, 0.7, 3);
    double sigma = 0.4;
    ConditionalError low = new ConditionalError(REGULAR, head, TASK, QUERY, TARGET - sigma);
    ConditionalError mean = new ConditionalError(REGULAR, head, TASK, QUERY, TARGET);
    ConditionalError high = new ConditionalError(REGULAR, head, TASK, QUERY, TARGET + sigma);
    UniversalFunctions at = functions(mean, 9);

    assertThat(0.5 * (low.softmax(at) + high.softmax(at)))
        .isCloseTo(mean.softmax(at) + sigma * sigma, withinPercentage(1e-11));
    assertThat(0.5 * (low.linear(9) + high.linear(9)))
        .isCloseTo(mean.linear(9) + sigma * sigma, withinPercentage(1e-11));
    HeadGradient gradient = mean.softmaxGradient(at);
    RealMatrix average =
        low.softmaxGradient(at).u().add(high.softmaxGradient(at).u()).scalarMultiply(0.5);
    assertThat(average.subtract(gradient.u()).getNorm1()).isLessThan(1e-13);
  }

  /** With one token nothing is averaged: E(vᵀx − y)² = q + y². */
  @Test
  void oneTokenTakesAllWeight() {
    ConditionalError error = new Case(REGULAR, Heads.random(3, 1, 4), 1).error();

    assertThat(error.softmax(functions(error, 1)))
        .isCloseTo(error.valueVariance() + TARGET * TARGET, withinPercentage(1e-9));
  }

  /** The error itself, not the prediction, has full relative accuracy where it is small. */
  @Test
  void longPromptsLoseNoDigits() {
    Head head = Heads.random(3, 0.3, 5);
    ConditionalError any = new ConditionalError(REGULAR, head, TASK, QUERY, 0);
    ConditionalError exact = new ConditionalError(REGULAR, head, TASK, QUERY, any.limit());
    double t = any.s() * any.s();
    double length = 1e12;
    // to first order in 1/L: G = F/(1 + t) = e^t/L, phi3 = G, phi4 = 0
    double g = Math.exp(t) / length;
    UniversalFunctions at =
        new UniversalFunctions(any.s(), length, g * (1 + t), g, 0, 0, g, 0, 0, 0);

    assertThat(exact.softmax(at))
        .isCloseTo(g * (any.limit() * any.limit() + any.valueVariance()), withinPercentage(1e-10));
  }
}
