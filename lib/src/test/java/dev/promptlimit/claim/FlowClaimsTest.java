package dev.promptlimit.claim;

import static dev.promptlimit.claim.HandTrained.FAMILY;
import static dev.promptlimit.claim.HandTrained.flow;
import static dev.promptlimit.claim.HandTrained.flows;
import static dev.promptlimit.claim.HandTrained.judge;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.promptlimit.attention.Head;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.regression.Activation;
import dev.promptlimit.regression.BalancedFlow;
import dev.promptlimit.regression.FlowComparison;
import dev.promptlimit.regression.FlowResult;
import dev.promptlimit.regression.HeadFlow;
import dev.promptlimit.regression.PopulationRisk;
import dev.promptlimit.regression.RiskSample;
import dev.promptlimit.regression.TaskFamily;
import dev.promptlimit.stat.Interval;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Theorems 4.3 and 5.2. */
class FlowClaimsTest {
  private static final long[] LENGTHS = {100, 1_000, 10_000, 100_000};

  static List<Claim> claims() {
    return List.of(new Theorem43(), new Theorem52());
  }

  /** Flows with these excesses at L = 100, 1000, … */
  private static Trained excesses(double... excesses) {
    FlowResult[] results = new FlowResult[excesses.length];
    for (int i = 0; i < excesses.length; i++) {
      results[i] = flow(LENGTHS[i], excesses[i]);
    }
    return flows(FAMILY, "", results);
  }

  @ParameterizedTest
  @MethodSource("claims")
  void supportedWhereEveryAccuracyIsReachedForGood(Claim claim) {
    assertThat(claim.isAboutPrompts()).isFalse();
    Judgement judgement = judge(claim, excesses(0.3, 0.03, 0.003, 0.0003));
    assertThat(judgement.reason())
        .startsWith("L(0.1000) = 300.0 in [100, 1000], L(0.01000) = 3000 in [1000, 10000]; ")
        .contains("falls from 0.3000 in [0.2850, 0.3150] at L = 100 to 0.0003000");
    assertThat(judgement.verdict()).isEqualTo(Verdict.SUPPORTED);
    Map<?, ?> onset = (Map<?, ?>) ((List<?>) judgement.evidence().get("onsets")).get(1);
    assertThat(onset.get("accuracy")).isEqualTo(0.01);
    assertThat((double) onset.get("promptLength")).isCloseTo(3000, within(1e-6));
    assertThat(onset.get("low")).isEqualTo(1000.0);
    assertThat(onset.get("high")).isEqualTo(10_000.0);
  }

  @ParameterizedTest
  @MethodSource("claims")
  void undecidedWherePromptsAreTooShort(Claim claim) {
    Judgement none = judge(claim, excesses(0.3, 0.05, 0.02));
    assertThat(none.verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(none.reason())
        .startsWith("ε = 0.01000 is not reached, the excess is 0.02000 in [0.01900, 0.02100]");
    Judgement alone = judge(claim, excesses(0.3, 0.03, 0.003));
    assertThat(alone.verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(alone.reason()).startsWith("ε = 0.01000 is reached at the longest prompts alone");
    // the interval is what counts, and it may end at ε
    assertThat(judge(claim, excesses(0.3, 0.0098, 0.001)).verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(judge(claim, excesses(0.3, 0.0095, 0.001)).verdict()).isEqualTo(Verdict.SUPPORTED);
  }

  @ParameterizedTest
  @MethodSource("claims")
  void undecidedWhereNothingFalls(Claim claim) {
    Judgement judgement = judge(claim, excesses(0.003, 0.003, 0.003));
    assertThat(judgement.verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(judgement.reason()).startsWith("the excess is not known to fall");
    assertThat(judge(claim, excesses(0.003, 0.003, 0.0028)).verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(judge(claim, excesses(0.003, 0.003, 0.0027)).verdict()).isEqualTo(Verdict.SUPPORTED);
  }

  @ParameterizedTest
  @MethodSource("claims")
  void refutedByAFloor(Claim claim) {
    Judgement judgement = judge(claim, excesses(0.5, 0.2, 0.15, 0.15));
    assertThat(judgement.verdict()).isEqualTo(Verdict.REFUTED);
    assertThat(judgement.reason())
        .contains("0.1500 in [0.1425, 0.1575] at L = 100000, above ε = 0.1000", "at L = 1000,");
    // 0.0475 is above the smaller accuracy
    assertThat(judge(claim, excesses(0.5, 0.06, 0.05, 0.05)).reason()).contains("ε = 0.01000");
    // below every accuracy there is no floor to be seen
    assertThat(judge(claim, excesses(0.5, 0.01, 0.009, 0.009)).verdict())
        .isNotEqualTo(Verdict.REFUTED);
  }

  /** Each condition of the rule is needed. */
  @ParameterizedTest
  @MethodSource("claims")
  void notRefutedWhereAFloorIsNotShown(Claim claim) {
    // it has halved, with lengths 100 times apart
    assertThat(judge(claim, excesses(0.5, 0.5, 0.2, 0.15)).verdict()).isEqualTo(Verdict.UNDECIDED);
    // all lengths are within a factor of 16
    Trained near = flows(FAMILY, "", flow(10_000, 0.15), flow(100_000, 0.15));
    assertThat(judge(claim, near).verdict()).isEqualTo(Verdict.UNDECIDED);
    // prompts are so short that no head does well, and risks fall slowly
    Trained small = flows(FAMILY, "", flow(1, 0.9), flow(2, 0.8), flow(16, 0.7));
    Judgement judgement = judge(claim, small);
    assertThat(judgement.verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat((double) judgement.evidence().get("knownHeadExcessHigh")).isGreaterThan(0.025);
    // the flow of R_L still falls at the horizon
    Trained falling =
        flows(FAMILY, "", flow(1_000, 0.15), flow(Activation.SOFTMAX, 100_000, 0.15, 0.02, 0));
    assertThat(judge(claim, falling).verdict()).isEqualTo(Verdict.UNDECIDED);
    // that of R_∞ is not there yet
    Trained early =
        flows(
            FAMILY,
            "",
            flow(Activation.SOFTMAX, 1_000, 0.15, 0, 0.14),
            flow(Activation.SOFTMAX, 100_000, 0.15, 0, 0.14));
    Judgement tooEarly = judge(claim, early);
    assertThat(tooEarly.verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(tooEarly.reason()).startsWith("the horizon is too short for ε = 0.1000");
  }

  @ParameterizedTest
  @MethodSource("claims")
  void withoutFlowsThereIsNothingToJudge(Claim claim) {
    for (Trained nothing :
        Arrays.asList(
            null,
            flows(FAMILY, ""),
            HandTrained.runs(HandTrained.pair(10, 0, 0.1, 0.1)),
            flows(FAMILY, "", flow(Activation.LINEAR, 100, 0.1, 0, 0)))) {
      Judgement judgement = judge(claim, nothing);
      assertThat(judgement.verdict()).isEqualTo(Verdict.INADMISSIBLE);
      assertThat(judgement.reason()).contains("this run follows none");
    }
    Judgement one = judge(claim, excesses(0.001));
    assertThat(one.verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(one.reason()).contains("known at fewer than two prompt lengths");
    Trained aimless =
        new Trained(
            FAMILY,
            true,
            List.of(),
            List.of(),
            List.of(
                new Trained.Flow(flow(10, 0.1), "", List.of()),
                new Trained.Flow(flow(100, 0.01), "", List.of())));
    assertThat(judge(claim, aimless).reason()).isEqualTo("no accuracy was asked for");
  }

  @ParameterizedTest
  @MethodSource("claims")
  void whatIsNoNumberIsLeftOutByName(Claim claim) {
    double nan = Double.NaN;
    FlowResult good = flow(10_000, 0.003);
    FlowResult unknown =
        new FlowResult(Activation.SOFTMAX, 100_000, good.points(), nan, new Interval(nan, nan), 0);
    FlowResult unbounded =
        new FlowResult(
            Activation.SOFTMAX,
            100_000,
            good.points(),
            0.05,
            new Interval(0, Double.POSITIVE_INFINITY),
            0);
    FlowResult[] most = {flow(100, 0.3), flow(1_000, 0.004), good};
    Judgement judgement = judge(claim, flows(FAMILY, "", most[0], most[1], most[2], unknown));
    assertThat(judgement.verdict()).isEqualTo(Verdict.SUPPORTED);
    assertThat(judgement.reason()).endsWith("; left out, not finite: L = 100000");
    assertThat(judge(claim, flows(FAMILY, "", unknown)).verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(judge(claim, flows(FAMILY, "", most[0], most[1], most[2], unbounded)).verdict())
        .isEqualTo(Verdict.UNDECIDED);
  }

  @ParameterizedTest
  @MethodSource("claims")
  void theOrderOfFlowsDoesNotMatter(Claim claim) {
    FlowResult[] flows = {
      flow(100, 0.3), flow(1_000, 0.03), flow(10_000, 0.003), flow(100_000, 3e-4)
    };
    FlowResult[] mixed = {flows[2], flows[0], flows[3], flows[1]};
    assertThat(judge(claim, flows(FAMILY, "", mixed)))
        .isEqualTo(judge(claim, flows(FAMILY, "", flows)));
  }

  /** Outside of it Theorem 5.2 says nothing; 4.3 is about every start whose flow converges. */
  @Test
  void aStartOutsideTheInterval() {
    Trained outside =
        flows(FAMILY, "alpha is 9", flow(100, 0.3), flow(1_000, 0.003), flow(10_000, 0.0003));
    Judgement first = judge(new Theorem43(), outside);
    assertThat(first.verdict()).isEqualTo(Verdict.SUPPORTED);
    assertThat(first.reason()).endsWith("; the start is outside Theorem 5.1: alpha is 9");
    Judgement second = judge(new Theorem52(), outside);
    assertThat(second.verdict()).isEqualTo(Verdict.INADMISSIBLE);
    assertThat(second.reason()).endsWith("does not speak of this start: alpha is 9");
  }

  /** There is no single best head then, but the flow of R_∞ tends to the same risk. */
  @Test
  void singularCovariance() {
    Covariance sigma = Covariance.of(new double[][] {{1, 1}, {1, 1}});
    TaskFamily singular = new TaskFamily(sigma, 1, 0.1);
    RealMatrix theta = MatrixUtils.createRealMatrix(new double[][] {{1, 0}, {2, -1}});
    Head end = new BalancedFlow(sigma, 0.4, theta).at(1e4).get(0).head();
    assertThat(PopulationRisk.value(singular, end)).isCloseTo(0.05, within(1e-12));
    Judgement judgement =
        judge(
            new Theorem43(),
            flows(
                singular,
                "Sigma is singular",
                flow(100, 0.3),
                flow(1_000, 0.003),
                flow(10_000, 3e-4)));
    assertThat((double) judgement.evidence().get("risk")).isCloseTo(0.05, within(1e-15));
    assertThat(judgement.verdict()).isEqualTo(Verdict.SUPPORTED);
    assertThat(judgement.reason()).endsWith("Theorem 5.1: Sigma is singular");
    // flows that have hardly begun, both at 0.25: close to each other, not to any limit
    FlowResult[] early = new FlowResult[3];
    for (int i = 0; i < 3; i++) {
      early[i] = flow(Activation.SOFTMAX, LENGTHS[i], 0.2 + 1.0 / LENGTHS[i], 0, 0.2);
    }
    assertThat(judge(new Theorem43(), flows(singular, "", early)).verdict())
        .isEqualTo(Verdict.UNDECIDED);
  }

  @Test
  void theBayesRiskOfTheSameLengthIsBeside() {
    Trained none = excesses(0.3, 0.03, 0.003);
    List<Trained.Ridge> known = List.of(new Trained.Ridge(1_000, 0.06, new Interval(0.055, 0.065)));
    Trained one = new Trained(FAMILY, true, List.of(), known, none.flow());
    List<?> entries = (List<?>) judge(new Theorem52(), one).evidence().get("overRidge");
    Map<?, ?> second = (Map<?, ?>) entries.get(1);
    assertThat((double) second.get("excess")).isCloseTo(0.02, within(1e-12));
    assertThat((double) second.get("low")).isCloseTo(0.05 + 0.0285 - 0.065, within(1e-12));
    assertThat((double) second.get("high")).isCloseTo(0.05 + 0.0315 - 0.055, within(1e-12));
    // ½σ²(1 + d/L + …)
    Map<?, ?> third = (Map<?, ?>) entries.get(2);
    assertThat((double) third.get("ridge")).isCloseTo(0.05 * (1 + 2.0 / 10_000), within(1e-7));
  }

  /** Flows that were followed, not made by hand. */
  @Test
  void realFlowsAreSupported() {
    Head start =
        new BalancedFlow(FAMILY, 0.4, MatrixUtils.createRealIdentityMatrix(2)).at(0).get(0).head();
    FlowComparison comparison = new FlowComparison(FAMILY, start, 64, 2, 1e-6);
    List<HeadFlow.State> infinite = comparison.follow(new PopulationRisk(FAMILY));
    FlowResult[] results = new FlowResult[3];
    for (int i = 0; i < 3; i++) {
      RiskSample fitted = RiskSample.of(FAMILY, 64, StreamKey.ofBlock(3, "fitted", i));
      RiskSample other = RiskSample.of(FAMILY, 20_000, StreamKey.ofBlock(3, "evaluation", i));
      results[i] = comparison.at(infinite, Activation.SOFTMAX, LENGTHS[i + 1], fitted, other);
    }
    for (Claim claim : claims()) {
      Judgement judgement = judge(claim, flows(FAMILY, "", results));
      assertThat(judgement.reason()).startsWith("L(0.1000)");
      assertThat(judgement.verdict()).isEqualTo(Verdict.SUPPORTED);
    }
  }
}
