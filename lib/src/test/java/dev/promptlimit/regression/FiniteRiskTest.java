package dev.promptlimit.regression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.promptlimit.attention.Head;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.random.Significance;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.stat.Interval;
import dev.promptlimit.stat.Moments;
import dev.promptlimit.theory.UniversalTable;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Each statistical comparison rejects a true hypothesis with probability 1e-8. */
class FiniteRiskTest {
  private static final StreamKey KEY = StreamKey.ofBlock(5, "finite risk", 0);
  private static final Covariance SIGMA = Covariance.toeplitz(2, 0.5, 1);
  private static final TaskFamily FAMILY = new TaskFamily(SIGMA, 0.7, 0.2);

  private static final Map<Long, UniversalTable> TABLES =
      Map.of(1L, new UniversalTable(1), 7L, new UniversalTable(7));

  record Case(TaskFamily family, Activation activation, long length) {
    FiniteRisk risk(int n) {
      return new FiniteRisk(family, activation, length, RiskSample.of(family, n, KEY));
    }
  }

  static List<Case> cases() {
    return List.of(
        new Case(FAMILY, Activation.SOFTMAX, 7),
        new Case(FAMILY, Activation.SOFTMAX, 1),
        new Case(FAMILY, Activation.LINEAR, 7),
        new Case(TaskFamily.asReleased(SIGMA, 0.5, 0.1), Activation.SOFTMAX, 7),
        new Case(TaskFamily.asReleased(SIGMA, 0.5, 0), Activation.LINEAR, 3),
        new Case(
            new TaskFamily(Covariance.toeplitz(2, 1, 1), 1, 0), Activation.SOFTMAX, 7)); // rank one
  }

  /** The same sum, point by point, by the code that a single prompt's error has. */
  @ParameterizedTest
  @MethodSource("cases")
  void riskAndGradientAreMeansOfConditionalErrors(Case of) {
    int n = 200;
    RiskSample sample = RiskSample.of(of.family, n, KEY);
    Head head = Heads.random(3, 0.6, 3);
    double value = 0;
    RealMatrix u = MatrixUtils.createRealMatrix(3, 3);
    RealVector v = MatrixUtils.createRealVector(new double[3]);
    for (int k = 0; k < n; k++) {
      double[] w = sample.task(k);
      double[] x = sample.query(k);
      double y = w[0] * x[0] + w[1] * x[1];
      ConditionalError error = new ConditionalError(of.family, head, w, x, y);
      HeadGradient gradient =
          of.activation == Activation.SOFTMAX
              ? error.softmaxGradient(TABLES.get(of.length).at(error.s(), 0))
              : error.linearGradient((double) of.length);
      HeadGradient limit = error.linearGradient(Double.POSITIVE_INFINITY); // e_∞
      value += 0.5 * (gradient.value() - limit.value()) / n;
      u = u.add(gradient.u().subtract(limit.u()).scalarMultiply(0.5 / n));
      v = v.add(gradient.v().subtract(limit.v()).mapMultiply(0.5 / n));
    }
    HeadGradient infinite = PopulationRisk.gradient(of.family, head);

    HeadGradient found = of.risk(n).gradient(head);

    assertThat(found.value()).isCloseTo(infinite.value() + value, withinPercentage(1e-10));
    assertThat(found.u().subtract(infinite.u().add(u)).getNorm1()).isLessThan(1e-12);
    assertThat(found.v().subtract(infinite.v().add(v)).getNorm()).isLessThan(1e-12);
    assertThat(of.risk(n).excess(head).mean()).isCloseTo(value, within(1e-12));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void gradientIsThatOfTheRisk(Case of) {
    Head head = Heads.random(3, 0.6, 7);
    FiniteRisk risk = of.risk(50);

    Heads.assertGradient(risk.gradient(head), head, risk::value, 1e-8);
  }

  /** From the head 0 and where s passes the end of the table the gradient is exact, too. */
  @Test
  void gradientIsThatOfTheRiskAtBothEndsOfTheScores() {
    FiniteRisk risk = new Case(FAMILY, Activation.SOFTMAX, 7).risk(20);
    Head any = Heads.random(3, 1, 7);
    Head zero = new Head(MatrixUtils.createRealMatrix(3, 3), any.v());
    Head far = new Head(any.u().scalarMultiply(50), any.v());

    Heads.assertGradient(risk.gradient(zero), zero, risk::value, 1e-8);
    Heads.assertGradient(
        risk.gradient(far), far, risk::value, 1e-9 * risk.gradient(far).u().getNorm1());
  }

  /** 40,000 prompts from task to target; smallest effect found about 8 %. */
  @ParameterizedTest
  @MethodSource("cases")
  void riskIsTheLossOfPrompts(Case of) {
    int n = 40_000;
    Head head = Heads.random(3, 0.6, 4);
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(6);
    double[] losses = new double[n];
    double[][] root = of.family.covariance().root().getData();
    double[][] queryRoot = of.family.queryCovariance().root().getData();
    double noise = Math.sqrt(of.family.noiseVariance());
    double[] v = head.v().getRow(0);
    for (int k = 0; k < n; k++) {
      double[] w = normals(random, Math.sqrt(of.family.taskVariance()));
      double[] x = times(queryRoot, normals(random, 1));
      double[] a = head.u().operate(new double[] {x[0], x[1], 0});
      double weights = 0;
      double sum = 0;
      for (int l = 0; l < of.length; l++) {
        double[] input = times(root, normals(random, 1));
        double y = w[0] * input[0] + w[1] * input[1] + noise * random.nextGaussian();
        double score = a[0] * input[0] + a[1] * input[1] + a[2] * y;
        double weight = of.activation == Activation.SOFTMAX ? Math.exp(score) : score;
        weights += weight;
        sum += weight * (v[0] * input[0] + v[1] * input[1] + v[2] * y);
      }
      double prediction = sum / (of.activation == Activation.SOFTMAX ? weights : of.length);
      double miss = prediction - w[0] * x[0] - w[1] * x[1] - noise * random.nextGaussian();
      losses[k] = 0.5 * miss * miss;
    }
    Moments drawn = Moments.of(losses, n);
    FiniteRisk risk = of.risk(10_000);
    Moments excess = risk.excess(head);

    assertThat(risk.value(head))
        .isCloseTo(
            drawn.mean(),
            within(
                Significance.ACCEPTED
                    * Math.sqrt(drawn.variance() / n + excess.variance() / 10_000)));
  }

  private static double[] normals(RandomGenerator random, double deviation) {
    return new double[] {deviation * random.nextGaussian(), deviation * random.nextGaussian()};
  }

  private static double[] times(double[][] root, double[] x) {
    return new double[] {
      root[0][0] * x[0] + root[0][1] * x[1], root[1][0] * x[0] + root[1][1] * x[1]
    };
  }

  /**
   * Linear attention from A = U₁₁ and b = v₂: E c² = b²τ² tr ΣAΣ_qAᵀΣ, E qt = b²(τ² tr Σ + σ²) tr
   * AᵀΣAΣ_q.
   */
  @Test
  void linearAttentionHasAClosedForm() {
    TaskFamily family = TaskFamily.asReleased(SIGMA, 0.5, 0.1);
    RealMatrix a = Head.random(2, 2, 1, 3);
    Head head = new BalancedFlow.State(0, a, 0.8).head();
    RealMatrix sigma = family.covariance().matrix(); // and Σ_q = I
    double c2 = 0.64 * 0.5 * Math.pow(sigma.multiply(a).getFrobeniusNorm(), 2);
    double qt =
        0.64 * (0.5 * sigma.getTrace() + 0.1) * a.transposeMultiply(sigma.multiply(a)).getTrace();
    int n = 100_000;

    Moments excess = new Case(family, Activation.LINEAR, 30).risk(n).excess(head);

    assertThat(excess.mean())
        .isCloseTo(
            0.5 * (c2 + qt) / 30, within(Significance.ACCEPTED * Math.sqrt(excess.variance() / n)));
  }

  /** The error of sampling falls like 1/L; without the control variate it would stay. */
  @ParameterizedTest
  @EnumSource(Activation.class)
  void samplingErrorFallsWithTheLength(Activation activation) {
    Head head = Heads.random(3, 0.1, 4);
    Interval shorter = new Case(FAMILY, activation, 100).risk(1000).interval(head, 1e-3);
    Interval longer = new Case(FAMILY, activation, 100_000).risk(1000).interval(head, 1e-3);
    double limit = PopulationRisk.value(FAMILY, head);

    double ratio =
        new Case(FAMILY, activation, 100_000).risk(1000).excess(head).variance()
            / new Case(FAMILY, activation, 100).risk(1000).excess(head).variance();
    assertThat(Math.sqrt(ratio)).isCloseTo(1e-3, withinPercentage(10));
    assertThat(longer.low()).isCloseTo(limit, withinPercentage(0.1));
    assertThat(shorter.contains(new Case(FAMILY, activation, 100).risk(1000).value(head))).isTrue();
  }

  @Test
  void sampleIsAFunctionOfItsName() {
    RiskSample sample = RiskSample.of(FAMILY, 20, KEY);
    RiskSample other = RiskSample.of(FAMILY, 20, StreamKey.ofBlock(5, "finite risk", 1));

    assertThat(sample.size()).isEqualTo(20);
    assertThat(sample.dimension()).isEqualTo(2);
    assertThat(sample.task(3)).isEqualTo(RiskSample.of(FAMILY, 20, KEY).task(3));
    assertThat(sample.query(3)).isEqualTo(RiskSample.of(FAMILY, 20, KEY).query(3));
    assertThat(sample.task(3)).isNotEqualTo(other.task(3));
  }

  @Test
  void badInputIsRefused() {
    RiskSample sample = RiskSample.of(FAMILY, 2, KEY);
    Activation linear = Activation.LINEAR;
    for (int n : new int[] {-1, 0, 1}) {
      assertThatThrownBy(() -> RiskSample.of(FAMILY, n, KEY))
          .hasMessage(
              "Cannot draw a risk sample: the number of tasks is " + n + ", allowed: 2 or more");
    }
    for (long length : new long[] {-1, 0, 1_000_000_000_001L}) {
      assertThatThrownBy(() -> new FiniteRisk(FAMILY, linear, length, sample))
          .hasMessage(
              "Cannot give a finite-prompt risk: the prompt length is "
                  + length
                  + ", allowed: 1 to 1e12");
    }
    TaskFamily three = new TaskFamily(Covariance.identity(3, 1), 1, 0);
    assertThatThrownBy(() -> new FiniteRisk(three, linear, 2, sample))
        .hasMessage(
            "Cannot give a finite-prompt risk: the dimension of the sample is 2, allowed: 3");
    FiniteRisk risk = new FiniteRisk(FAMILY, linear, 2, sample);
    assertThatThrownBy(() -> risk.excess(Heads.random(4, 1, 1)))
        .hasMessageStartingWith(
            "Cannot give a finite-prompt risk: the dimension of the head is 4, allowed: 3");
    assertThatThrownBy(() -> risk.value(Heads.random(3, 1e200, 1)))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageMatching(
            "Cannot give a finite-prompt risk: it is (NaN|Infinity), the largest s is .*");
  }
}
