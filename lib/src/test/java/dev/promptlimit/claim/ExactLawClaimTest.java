package dev.promptlimit.claim;

import static dev.promptlimit.claim.HandMade.judge;
import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.attention.Setting;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.Rademacher;
import dev.promptlimit.stat.Interval;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.hipparchus.linear.MatrixUtils;
import org.junit.jupiter.api.Test;

class ExactLawClaimTest {
  private static final Claim CLAIM = new ExactLaw();

  private static final List<Observation> TRUE =
      HandMade.exact(
          HandMade.normal(2, 1),
          HandMade.normal(2, 1),
          HandMade.head(2, 0.4),
          EnumSet.allOf(Metric.class),
          0,
          1L,
          16L,
          1024L);

  private static List<Observation> cells(double halfWidth) {
    return new ArrayList<>(TRUE.stream().map(cell -> HandMade.within(cell, halfWidth)).toList());
  }

  @Test
  void supportedWhereEveryPreciseIntervalHoldsItsValue() {
    Judgement judgement = judge(CLAIM, cells(0.03));
    assertThat(judgement.verdict()).isEqualTo(Verdict.SUPPORTED);
    assertThat(judgement.reason()).startsWith("9 intervals hold").contains("3.00 %", "L = ");
    assertThat(judgement.evidence())
        .containsEntry("cellsCompared", 9)
        .containsKeys("largestDeparture", "largestDepartureCell", "widestHalfWidth", "widestCell");
    assertThat((double) judgement.evidence().get("largestDeparture")).isBetween(0.0099, 0.0101);
    assertThat((List<?>) judgement.evidence().get("cells")).hasSize(9);
  }

  @Test
  void refutedByOneInterval() {
    List<Observation> cells = cells(0.03);
    cells.set(4, HandMade.times(cells.get(4), 1.03));
    Judgement judgement = judge(CLAIM, cells);
    assertThat(judgement.verdict()).isEqualTo(Verdict.REFUTED);
    assertThat(judgement.reason()).startsWith("tokens, queries, head, L = 16, jacobian-v");
    cells.set(4, HandMade.times(cells.get(4), 0.9));
    assertThat(judge(CLAIM, cells).verdict()).isEqualTo(Verdict.REFUTED);
    cells.set(0, HandMade.unseen(cells.get(0)));
    assertThat(judge(CLAIM, cells).verdict()).isEqualTo(Verdict.REFUTED);
  }

  @Test
  void undecidedWhereAnIntervalIsTooWide() {
    assertThat(judge(CLAIM, cells(0.2499)).verdict()).isEqualTo(Verdict.SUPPORTED);
    assertThat(judge(CLAIM, cells(0.2501)).verdict()).isEqualTo(Verdict.UNDECIDED);
    List<Observation> cells = cells(0.03);
    cells.set(5, HandMade.measured(cells.get(5), 1, 0, Double.POSITIVE_INFINITY));
    Judgement judgement = judge(CLAIM, cells);
    assertThat(judgement.verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(judgement.reason()).startsWith("tokens, queries, head, L = 16, jacobian-u");
  }

  @Test
  void undecidedWithoutPromptsOrExactValues() {
    List<Observation> cells = cells(0.03);
    cells.set(2, HandMade.unseen(cells.get(2)));
    assertThat(judge(CLAIM, cells).verdict()).isEqualTo(Verdict.UNDECIDED);
    List<Observation> unknown =
        cells(0.03).stream().map(cell -> HandMade.withExact(cell, Double.NaN)).toList();
    Judgement judgement = judge(CLAIM, unknown);
    assertThat(judgement.verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(judgement.reason()).contains("9 without an exact value");
    List<Observation> oneKnown = new ArrayList<>(unknown);
    oneKnown.set(0, cells(0.03).get(0));
    assertThat(judge(CLAIM, oneKnown).evidence())
        .containsEntry("cellsCompared", 1)
        .containsEntry("cellsWithoutExactValue", 8);
  }

  @Test
  void aDeterministicCellMayBeRounded() {
    List<Observation> cells =
        HandMade.exact(
            HandMade.normal(2, 1),
            HandMade.fixed(1, 2),
            HandMade.head(2, 0.4),
            EnumSet.of(Metric.JACOBIAN_U),
            0,
            1L);
    double exact = cells.get(0).exact();
    double rounded = exact * (1 + 4e-16);
    cells.set(0, HandMade.measured(cells.get(0), rounded, rounded, rounded));
    assertThat(judge(CLAIM, cells).verdict()).isEqualTo(Verdict.SUPPORTED);
    double wrong = exact * (1 + 2e-9);
    cells.set(0, HandMade.measured(cells.get(0), wrong, wrong, wrong));
    assertThat(judge(CLAIM, cells).verdict()).isEqualTo(Verdict.REFUTED);
  }

  @Test
  void anErrorOfZeroIsCompared() {
    Observation cell = HandMade.withExact(cells(0.03).get(0), 0);
    assertThat(judge(CLAIM, List.of(HandMade.measured(cell, 0, 0, 0))).verdict())
        .isEqualTo(Verdict.SUPPORTED);
    assertThat(judge(CLAIM, List.of(HandMade.measured(cell, 1, 0.5, 2))).verdict())
        .isEqualTo(Verdict.REFUTED);
  }

  @Test
  void inadmissibleWithoutGaussianTokensOrAdmissiblePrompts() {
    assertThat(judge(CLAIM, List.of()).verdict()).isEqualTo(Verdict.INADMISSIBLE);
    List<Observation> others =
        HandMade.exact(
            new Rademacher(2, 1),
            HandMade.fixed(1, 2),
            HandMade.head(2, 0.4),
            EnumSet.of(Metric.OUTPUT),
            0.03,
            1L);
    assertThat(judge(CLAIM, others).verdict()).isEqualTo(Verdict.INADMISSIBLE);
    List<Observation> none =
        cells(0.03).stream().map(cell -> HandMade.inadmissible(cell, HandMade.PROMPTS)).toList();
    assertThat(judge(CLAIM, none).verdict()).isEqualTo(Verdict.INADMISSIBLE);
  }

  @Test
  void aCellWithAnInadmissiblePromptIsNotCompared() {
    List<Observation> cells = cells(0.03);
    cells.set(4, HandMade.inadmissible(HandMade.times(cells.get(4), 2), 1));
    Judgement judgement = judge(CLAIM, cells);
    assertThat(judgement.verdict()).isEqualTo(Verdict.SUPPORTED);
    assertThat(judgement.evidence()).containsEntry("cellsWithInadmissiblePrompts", 1);
    Judgement all =
        judge(CLAIM, cells(0.03).stream().map(c -> HandMade.inadmissible(c, 1)).toList());
    assertThat(all.verdict()).isEqualTo(Verdict.UNDECIDED);
  }

  /**
   * Tokens that do not vary along V: the error is 0, exact theory gives rounding, prompts give
   * other rounding. An interval that is truly above 0 is still found.
   */
  @Test
  void zeroUpToRoundingIsZero() {
    Gaussian flat = Gaussian.centred(Covariance.of(new double[][] {{1, 1}, {1, 1}}));
    Head head =
        new Head(
            Head.scaledIdentity(2, 0.3), MatrixUtils.createRealMatrix(new double[][] {{1, -1}}));
    Observation cell =
        HandMade.observation(
            new Setting(flat, HandMade.normal(2, 1), head, 64),
            Metric.OUTPUT,
            3e-33,
            new Interval(2e-33, 4e-33),
            8.4e-18,
            1e-17);
    Judgement judgement = HandMade.judge(new ExactLaw(), List.of(cell));
    assertThat(judgement.verdict()).isEqualTo(Verdict.SUPPORTED);
    assertThat(HandMade.judge(new SharpExponent(), List.of(cell)).verdict())
        .isEqualTo(Verdict.INADMISSIBLE);
    assertThat(HandMade.judge(new DeltaLaw(), List.of(cell)).verdict())
        .isEqualTo(Verdict.INADMISSIBLE);
    Observation above = HandMade.measured(cell, 1e-3, 0.9e-3, 1.1e-3);
    assertThat(HandMade.judge(new ExactLaw(), List.of(above)).verdict()).isEqualTo(Verdict.REFUTED);
  }

  @Test
  void saysWhatWasNotCompared() {
    List<Observation> cells =
        HandMade.exact(
            HandMade.normal(1, 1),
            HandMade.fixed(1),
            HandMade.head(1, 1),
            Set.of(Metric.OUTPUT),
            0.05,
            16L,
            64L);
    cells.set(1, HandMade.withExact(cells.get(1), Double.NaN));
    Judgement judgement = HandMade.judge(new ExactLaw(), cells);
    assertThat(judgement.verdict()).isEqualTo(Verdict.SUPPORTED);
    assertThat(judgement.reason())
        .endsWith("; not compared: 1 without an exact value, 0 with inadmissible prompts");
  }
}
