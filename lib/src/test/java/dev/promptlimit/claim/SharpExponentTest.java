package dev.promptlimit.claim;

import static dev.promptlimit.claim.HandMade.judge;
import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.attention.Setting;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.theory.QueryForms;
import dev.promptlimit.theory.QuerySpectrum;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SharpExponentTest {
  private static final Claim CLAIM = new SharpExponent();

  private static List<Observation> cells(int d, double h2, Set<Metric> metrics) {
    Gaussian normal = HandMade.normal(d, 1);
    Head head = HandMade.head(d, Math.sqrt(h2));
    return HandMade.exact(normal, normal, head, metrics, 0.05, 16L, 256L).stream()
        .map(cell -> HandMade.named(cell, "H² = " + h2))
        .toList();
  }

  private static List<Observation> atOne() {
    return new ArrayList<>(cells(1, 1, EnumSet.of(Metric.OUTPUT)));
  }

  /** Around H² = 1/2, where logarithms are strongest, and where c is small. */
  @Test
  void supportedAtEveryStrength() {
    List<Observation> cells = new ArrayList<>();
    for (double h2 : new double[] {0.05, 0.45, 0.5, 0.55, 2}) {
      cells.addAll(cells(1, h2, EnumSet.of(Metric.OUTPUT, Metric.JACOBIAN_U)));
    }
    Judgement judgement = judge(CLAIM, cells);
    assertThat(judgement.verdict()).as(judgement.reason()).isEqualTo(Verdict.SUPPORTED);
    assertThat((List<?>) judgement.evidence().get("exponents")).hasSize(10);
  }

  /** Numbers of the quadrature that the exponent was first compared with. */
  @Test
  void localExponentsAtTheGoldenRatio() {
    Judgement judgement = judge(CLAIM, atOne());
    assertThat(judgement.verdict()).isEqualTo(Verdict.SUPPORTED);
    Map<?, ?> entry = (Map<?, ?>) ((List<?>) judgement.evidence().get("exponents")).get(0);
    List<?> exponents = (List<?>) entry.get("localExponents");
    assertThat((double) exponents.get(1)).isBetween(0.5995, 0.6005);
    assertThat((double) exponents.get(4)).isBetween(0.6105, 0.6115);
    assertThat((double) entry.get("sharpExponent")).isBetween(0.618, 0.6181);
    assertThat((double) entry.get("bohbotExponent")).isEqualTo(0.5);
  }

  @Test
  void anotherExponentIsRefuted() {
    Judgement judgement = judge(new SharpExponent(QuerySpectrum::bohbotExponent), atOne());
    assertThat(judgement.verdict()).isEqualTo(Verdict.REFUTED);
    assertThat(judgement.reason()).contains("against c = 0.500, from which it departs");
    Judgement near = judge(new SharpExponent(spectrum -> 0.7), atOne());
    assertThat(near.verdict()).isEqualTo(Verdict.UNDECIDED); // 0.611 still grows
  }

  @Test
  void measuredErrorsDecideFirst() {
    List<Observation> cells = atOne();
    cells.set(1, HandMade.times(cells.get(1), 1.2));
    Judgement judgement = judge(CLAIM, cells);
    assertThat(judgement.verdict()).isEqualTo(Verdict.REFUTED);
    assertThat(judgement.reason()).contains("L = 256", "is outside");
    cells.set(1, HandMade.unseen(cells.get(1)));
    assertThat(judge(CLAIM, cells).verdict()).isEqualTo(Verdict.UNDECIDED);
    cells.replaceAll(cell -> HandMade.withExact(cell, Double.NaN));
    assertThat(judge(CLAIM, cells).verdict()).isEqualTo(Verdict.UNDECIDED);
  }

  @Test
  void undecidedWhereErrorsAreNotKnownFarOut() {
    LocalExponents unknown =
        new LocalExponents("group", 1, 0.5, 0.6, 1, List.of(0.5, 0.6, Double.NaN, 0.6, Double.NaN));
    assertThat(unknown.verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(unknown.reason()).isEqualTo("group: exact errors are not known at 1e32");
  }

  @Test
  void inadmissibleWithoutRandomQueries() {
    assertThat(judge(CLAIM, List.of()).verdict()).isEqualTo(Verdict.INADMISSIBLE);
    List<Observation> fixed =
        HandMade.exact(
            HandMade.normal(1, 1),
            HandMade.fixed(1),
            HandMade.head(1, 1),
            EnumSet.of(Metric.OUTPUT),
            0.05,
            16L);
    assertThat(judge(CLAIM, fixed).verdict()).isEqualTo(Verdict.INADMISSIBLE);
  }

  /** E s²/2 = 288, far above ln 1e32 = 74: exponents from 0.023 down to 0.012, c = 0.101. */
  @Test
  void frozenPromptsRefuteNothing() {
    Gaussian normal = HandMade.normal(64, 1);
    Setting frozen = new Setting(normal, normal, HandMade.head(64, 3), 16);
    QueryForms forms = QueryForms.known(normal, frozen.head()).orElseThrow();
    QuerySpectrum spectrum = new QuerySpectrum(forms, normal);
    LocalExponents exponents =
        LocalExponents.of(
                "frozen", frozen, forms, spectrum, spectrum.sharpExponent(), Set.of(Metric.OUTPUT))
            .get(0);
    assertThat(exponents.values().get(4)).isLessThan(exponents.values().get(2));
    assertThat(exponents.verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(exponents.reason()).contains("still frozen");
  }
}
