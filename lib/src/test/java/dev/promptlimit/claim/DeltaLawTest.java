package dev.promptlimit.claim;

import static dev.promptlimit.claim.HandMade.judge;
import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.Laplace;
import dev.promptlimit.measure.Rademacher;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DeltaLawTest {
  private static final Claim CLAIM = new DeltaLaw();
  private static final Set<Metric> ALL = EnumSet.allOf(Metric.class);

  private static List<Observation> atOneQuery(double s, double halfWidth, Long... lengths) {
    return HandMade.exact(
        HandMade.normal(1, 1), HandMade.fixed(1), HandMade.head(1, s), ALL, halfWidth, lengths);
  }

  private static List<Observation> overQueries(double h2, double halfWidth, Long... lengths) {
    Gaussian normal = HandMade.normal(1, 1);
    Head head = HandMade.head(1, Math.sqrt(h2));
    return HandMade.exact(normal, normal, head, EnumSet.of(Metric.OUTPUT), halfWidth, lengths);
  }

  private static List<Observation> wrong(List<Observation> cells, double factor) {
    return cells.stream().map(cell -> HandMade.withDelta(cell, factor * cell.delta())).toList();
  }

  @Test
  void supportedWhereTheRatioIsNear() {
    Judgement judgement = judge(CLAIM, atOneQuery(0.5, 0.02, 16L, 4096L));
    assertThat(judgement.verdict()).isEqualTo(Verdict.SUPPORTED);
    assertThat(judgement.evidence()).containsEntry("groups", 3).containsEntry("supported", 3L);
    assertThat(judge(CLAIM, overQueries(0.1, 0.02, 65536L)).verdict()) // a single length
        .isEqualTo(Verdict.SUPPORTED);
  }

  /** At U = 0 the ratio is 1 at every length, so that one token has seen nothing of a limit. */
  @Test
  void shortPromptsSupportNothing() {
    assertThat(judge(CLAIM, atOneQuery(0, 0.02, 1L)).verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(judge(CLAIM, atOneQuery(0, 0.02, 1L, 16L)).verdict()).isEqualTo(Verdict.SUPPORTED);
  }

  /** Half the constant, twice and ± 30 %, at one query and over queries. */
  @Test
  void aWrongConstantIsRefuted() {
    List<Observation> fixed = atOneQuery(0.5, 0.02, 256L, 4096L, 65536L);
    List<Observation> random = overQueries(0.1, 0.02, 256L, 65536L);
    for (double factor : new double[] {0.5, 0.7, 1.3, 2}) {
      assertThat(judge(CLAIM, wrong(fixed, factor)).verdict()).isEqualTo(Verdict.REFUTED);
      Judgement judgement = judge(CLAIM, wrong(random, factor));
      assertThat(judgement.verdict()).isEqualTo(Verdict.REFUTED);
      assertThat(judgement.reason()).contains("no nearer", "L = 65536");
    }
  }

  @Test
  void oneWrongGroupRefutes() {
    List<Observation> cells = atOneQuery(0.5, 0.02, 256L, 65536L);
    cells.replaceAll(
        cell ->
            cell.metric() == Metric.JACOBIAN_V
                ? HandMade.withDelta(cell, 1.5 * cell.delta())
                : cell);
    Judgement judgement = judge(CLAIM, cells);
    assertThat(judgement.verdict()).isEqualTo(Verdict.REFUTED);
    assertThat(judgement.reason()).startsWith("tokens, queries, head, jacobian-v");
    assertThat(judgement.evidence()).containsEntry("refuted", 1L).containsEntry("supported", 2L);
  }

  /** Frozen onto one token the ratio stays near 0 over decades: no refutation. */
  @Test
  void shortPromptsDoNotRefute() {
    Judgement judgement = judge(CLAIM, atOneQuery(3, 0.001, 1L, 16L, 256L));
    assertThat(judgement.verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(judgement.reason()).contains("by exact theory the ratio is within 10 % of 1 from L");
    List<Observation> queries = overQueries(0.45, 0.001, 16L, 4096L);
    assertThat(judge(CLAIM, queries).verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(judge(CLAIM, queries).reason()).contains("not within 10 % of 1 up to L = ");
  }

  /** For true constants nothing that can be measured refutes, however precise it is. */
  @Test
  void aTrueConstantIsNeverRefuted() {
    for (double s : new double[] {0, 0.3, 1, 2, 3}) {
      for (Observation cell : atOneQuery(s, 0, 256L, 4096L, 65536L, 1L << 24, 1L << 36)) {
        if (cell.length() >= 256 * DeltaGroup.secondTerm(cell)) {
          assertThat(cell.exact() / cell.delta())
              .as("s %s, L %s, %s", s, cell.length(), cell.metric())
              .isBetween(0.97, 1.03);
        }
      }
    }
    for (double h2 : new double[] {0.01, 0.1, 0.15}) {
      for (Observation cell : overQueries(h2, 0, 4096L, 65536L, 1L << 24, 1L << 36)) {
        if (cell.length() >= 256 * DeltaGroup.secondTerm(cell)) {
          assertThat(cell.exact() / cell.delta()).as("H² %s", h2).isBetween(0.97, 1.03);
        }
      }
    }
  }

  @Test
  void theSecondTermIsInfiniteFromOneSixthOn() {
    assertThat(DeltaGroup.secondTerm(overQueries(0.16, 0, 16L).get(0))).isBetween(1.0, 1000.0);
    assertThat(DeltaGroup.secondTerm(overQueries(0.17, 0, 16L).get(0))).isInfinite();
    assertThat(judge(CLAIM, wrong(overQueries(0.2, 0.02, 256L, 1L << 36), 2)).verdict())
        .isEqualTo(Verdict.UNDECIDED);
  }

  @Test
  void undecidedWhereNothingOrTooLittleIsKnown() {
    List<Observation> cells = atOneQuery(0.5, 0.15, 256L, 65536L);
    assertThat(judge(CLAIM, cells).reason()).contains("more prompts are needed");
    List<Observation> single = wrong(atOneQuery(0.5, 0.02, 65536L), 2);
    assertThat(judge(CLAIM, single).verdict()).isEqualTo(Verdict.UNDECIDED);
    for (Observation unknown :
        List.of(
            HandMade.unseen(cells.get(3)),
            HandMade.measured(cells.get(3), 1, 0, Double.POSITIVE_INFINITY),
            HandMade.withExact(HandMade.unseen(cells.get(3)), Double.NaN))) {
      assertThat(judge(CLAIM, List.of(cells.get(0), unknown)).verdict())
          .isEqualTo(Verdict.UNDECIDED);
    }
  }

  @Test
  void otherTokensAtOneQuery() {
    List<Observation> cells = new ArrayList<>();
    for (Observation cell :
        HandMade.exact(
            new Rademacher(1, 1),
            HandMade.fixed(1),
            HandMade.head(1, 0.5),
            EnumSet.of(Metric.OUTPUT),
            0.02,
            256L,
            65536L)) {
      double near = cell.delta();
      cells.add(HandMade.measured(cell, near, 0.98 * near, 1.02 * near));
    }
    assertThat(judge(CLAIM, cells).verdict()).isEqualTo(Verdict.SUPPORTED);
    assertThat(judge(CLAIM, wrong(cells, 1.5)).verdict()).isEqualTo(Verdict.REFUTED);
    cells.set(1, HandMade.measured(cells.get(1), 1, 0, 2));
    assertThat(judge(CLAIM, cells).reason()).contains("exact values are not known");
    Observation heavy =
        HandMade.exact(
                new Laplace(1, 1),
                HandMade.fixed(1),
                HandMade.head(1, 0.4),
                EnumSet.of(Metric.OUTPUT),
                0.02,
                256L)
            .get(0);
    assertThat(DeltaGroup.secondTerm(heavy)).isInfinite(); // Λ(3a) is
  }

  @Test
  void inadmissibleWithoutAConstant() {
    assertThat(judge(CLAIM, List.of()).verdict()).isEqualTo(Verdict.INADMISSIBLE);
    Judgement judgement = judge(CLAIM, overQueries(0.5, 0.02, 16L));
    assertThat(judgement.verdict()).isEqualTo(Verdict.INADMISSIBLE);
    assertThat(judgement.reason()).isEqualTo("none of the 1 cells has a finite constant above 0");
    List<Observation> cells =
        atOneQuery(0.5, 0.02, 4096L).stream().map(c -> HandMade.inadmissible(c, 1)).toList();
    assertThat(judge(CLAIM, cells).verdict()).isEqualTo(Verdict.INADMISSIBLE);
  }
}
