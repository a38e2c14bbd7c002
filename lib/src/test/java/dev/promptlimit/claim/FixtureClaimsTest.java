package dev.promptlimit.claim;

import static dev.promptlimit.claim.HandMade.judgeFixtures;
import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.attention.Metric;
import dev.promptlimit.attention.Setting;
import dev.promptlimit.stat.Interval;
import dev.promptlimit.theory.ExactMeanSquares;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Claims about settings of their own: literal bounds and controls. */
class FixtureClaimsTest {
  static List<LiteralBound> literal() {
    return List.of(
        new Proposition31Literal(), new Proposition34VLiteral(), new Proposition34ULiteral());
  }

  static List<WrongLaw> wrongLaws() {
    return List.of(new ControlRademacher(), new ControlCovariance());
  }

  /** Fixtures with the values of the theory they are held against, measured times a factor. */
  private static List<Observation> fixtures(Claim claim, double factor, double halfWidth) {
    List<Observation> cells = new ArrayList<>();
    for (Fixture fixture : claim.fixtures()) {
      Setting setting = fixture.setting();
      for (Metric metric : fixture.metrics()) {
        double exact =
            ExactMeanSquares.of(
                    setting.limit(),
                    setting.head(),
                    setting.queries(),
                    List.of(setting.promptLength()),
                    EnumSet.of(metric))
                .get(0)
                .get(metric);
        double mean = factor * exact;
        Interval interval =
            new Interval(Math.max(0, mean - halfWidth * exact), mean + halfWidth * exact);
        cells.add(HandMade.observation(setting, metric, mean, interval, exact, Double.NaN));
      }
    }
    return cells;
  }

  @ParameterizedTest
  @MethodSource("literal")
  void aLiteralBoundIsRefutedByItsWitness(LiteralBound claim) {
    assertThat(claim.expected()).isEqualTo(Verdict.REFUTED);
    assertThat(claim.isControl()).isFalse();
    List<Observation> witness = fixtures(claim, 1.01, 0.05);
    assertThat(witness.get(0).exact()).isBetween(1 - 1e-9, 1 + 1e-9);
    Judgement judgement = judgeFixtures(claim, witness);
    assertThat(judgement.verdict()).isEqualTo(Verdict.REFUTED);
    assertThat(judgement.reason())
        .contains("L = 1", "1.010 in [0.9600, 1.060]", "from L = 2 on")
        .contains(claim.id().replace("-literal", ""));
    assertThat(judgement.evidence()).containsEntry("bound", 0.0).containsKey("exact");
  }

  @ParameterizedTest
  @MethodSource("literal")
  void aLiteralBoundWithoutAWitness(LiteralBound claim) {
    assertThat(judgeFixtures(claim, List.of()).verdict()).isEqualTo(Verdict.UNDECIDED);
    Observation cell = fixtures(claim, 1, 0.05).get(0);
    for (Observation unknown :
        List.of(
            HandMade.unseen(cell),
            HandMade.inadmissible(cell, HandMade.PROMPTS),
            HandMade.measured(cell, 1, 0, Double.POSITIVE_INFINITY))) {
      assertThat(judgeFixtures(claim, List.of(unknown)).verdict()).isEqualTo(Verdict.UNDECIDED);
    }
    assertThat(judgeFixtures(claim, List.of(HandMade.measured(cell, 0, 0, 0))).verdict())
        .isEqualTo(Verdict.SUPPORTED);
  }

  @ParameterizedTest
  @MethodSource("wrongLaws")
  void aWrongLawIsJudgedByTheComparison(WrongLaw claim) {
    assertThat(claim.isControl()).isTrue();
    assertThat(claim.expected()).isEqualTo(Verdict.REFUTED);
    assertThat(claim.fixtures()).hasSize(3).allMatch(f -> !f.setting().ownLimit());
    Judgement found = judgeFixtures(claim, fixtures(claim, 1.5, 0.1));
    assertThat(found.verdict()).isEqualTo(Verdict.REFUTED);
    assertThat(found.evidence()).containsKeys("squaredDistanceOfLimits", "errorAtLongestPrompt");
    Judgement missed = judgeFixtures(claim, fixtures(claim, 1.05, 0.1));
    assertThat(missed.verdict()).isEqualTo(Verdict.SUPPORTED);
    assertThat(missed.reason()).startsWith("the wrong theory was not found out");
    assertThat(judgeFixtures(claim, fixtures(claim, 1, 0.5)).verdict())
        .isEqualTo(Verdict.UNDECIDED);
    assertThat(judgeFixtures(claim, List.of()).verdict()).isEqualTo(Verdict.UNDECIDED);
  }

  @Test
  void theWrongLimitsAreFarFromTheRightOnes() {
    assertThat(new ControlRademacher().floor()).isBetween(1.0732, 1.0733); // (2 − tanh 2)²
    assertThat(new ControlCovariance().floor()).isBetween(0.5 - 1e-12, 0.5 + 1e-12);
  }

  @Test
  void studentTokensHaveNoLimit() {
    Claim claim = new ControlStudentT();
    assertThat(claim.isControl()).isTrue();
    assertThat(claim.expected()).isEqualTo(Verdict.INADMISSIBLE);
    Setting setting = claim.fixtures().get(0).setting();
    assertThat(setting.tokens().inadmissible(new double[] {0.1})).isPresent();
    Observation cell =
        HandMade.observation(
            setting, Metric.OUTPUT, Double.NaN, new Interval(0, 1), Double.NaN, Double.NaN);
    Judgement judgement =
        judgeFixtures(claim, List.of(HandMade.inadmissible(cell, HandMade.PROMPTS)));
    assertThat(judgement.verdict()).isEqualTo(Verdict.INADMISSIBLE);
    assertThat(judgement.reason()).isEqualTo("65536 of 65536 prompts are inadmissible: no limit");
    assertThat(judgeFixtures(claim, List.of(HandMade.inadmissible(cell, 5))).verdict())
        .isEqualTo(Verdict.REFUTED);
    assertThat(judgeFixtures(claim, List.of(cell)).verdict()).isEqualTo(Verdict.SUPPORTED);
    assertThat(judgeFixtures(claim, List.of(HandMade.unseen(cell))).verdict())
        .isEqualTo(Verdict.UNDECIDED);
  }

  @Test
  void contractsAreFilled() {
    for (Claim claim : Claims.all()) {
      Contract c = claim.contract();
      assertThat(List.of(c.statement(), c.source(), c.assumptions(), c.statistic()))
          .allMatch(text -> text.length() > 10);
      assertThat(List.of(c.nullHypothesis(), c.errorShare(), c.refutedBy()))
          .allMatch(text -> text.length() > 10);
      assertThat(Claims.of(claim.id())).containsSame(claim);
    }
  }
}
