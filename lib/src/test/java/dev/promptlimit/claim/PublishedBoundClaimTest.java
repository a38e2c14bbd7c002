package dev.promptlimit.claim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.promptlimit.attention.Metric;
import dev.promptlimit.attention.Setting;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.Laplace;
import dev.promptlimit.stat.Interval;
import dev.promptlimit.theory.QuerySpectrum;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleBinaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PublishedBoundClaimTest {
  private static final List<Long> LENGTHS = BoundCases.lengths(1, 16384, 4);

  private static Claim claim(Metric metric) {
    return switch (metric) {
      case OUTPUT -> new Proposition31();
      case JACOBIAN_V -> new Proposition34V();
      case JACOBIAN_U -> new Proposition34U();
    };
  }

  private static Observation observation(
      String tokens, String head, Setting setting, Metric metric, double error, List<TailPoint> t) {
    Optional<QuerySpectrum> spectrum =
        setting.tokens() instanceof Gaussian gaussian
            ? Optional.of(new QuerySpectrum(gaussian, setting.head(), setting.queries()))
            : Optional.empty();
    return new Observation(
        tokens,
        "standard",
        head,
        setting,
        metric,
        1000,
        0,
        Optional.empty(),
        error,
        new Interval(0.99 * error, 1.01 * error),
        spectrum,
        Double.NaN,
        Double.NaN,
        t);
  }

  /** Gaussian tokens of these variances in two dimensions, with an invented error. */
  private static List<Observation> cells(
      String head, Metric metric, double h, DoubleBinaryOperator error, double... variances) {
    List<Observation> cells = new ArrayList<>();
    for (double v : variances) {
      for (long l : LENGTHS) {
        cells.add(
            observation(
                "gaussian " + v,
                head,
                BoundCases.setting(2, false, v, h, false, l),
                metric,
                error.applyAsDouble(v, (double) l),
                List.of()));
      }
    }
    return cells;
  }

  private static Judgement judge(Metric metric, List<Observation> cells) {
    return claim(metric).judge(new Measured(cells, cells, 0.01, 5, new Memo()));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> group(Judgement judgement, int i) {
    return ((List<Map<String, Object>>) judgement.evidence().get("groups")).get(i);
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> rows(Map<String, Object> evidence, String key) {
    return (List<Map<String, Object>>) evidence.get(key);
  }

  @ParameterizedTest
  @EnumSource(Metric.class)
  void contractsAreFilledAndRegistered(Metric metric) {
    Claim claim = claim(metric);
    Contract contract = claim.contract();
    assertThat(
            List.of(
                contract.statement(),
                contract.source(),
                contract.assumptions(),
                contract.statistic(),
                contract.nullHypothesis(),
                contract.errorShare(),
                contract.refutedBy()))
        .noneMatch(String::isBlank);
    assertThat(contract.errorShare()).startsWith("none of its own");
    assertThat(Claims.of(claim.id()).orElseThrow()).hasSameClassAs(claim);
    assertThat(claim.expected()).isEqualTo(Verdict.SUPPORTED);
    assertThat(claim.fixtures()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Metric.class)
  void everyVerdict(Metric metric) {
    List<Observation> falling = cells("a", metric, 0.1, (v, l) -> v / l, 1, 2, 4);
    Judgement supported = judge(metric, falling);
    assertThat(supported.verdict()).isEqualTo(Verdict.SUPPORTED);
    assertThat(supported.reason()).startsWith("head a, queries standard, d = 2: c₁ = ");

    List<Observation> both = new ArrayList<>(falling);
    both.addAll(cells("b", metric, 0.1, (v, l) -> v, 1, 2, 4));
    Judgement refuted = judge(metric, both);
    assertThat(refuted.verdict()).isEqualTo(Verdict.REFUTED);
    assertThat(refuted.reason())
        .startsWith("1 of 2 heads, first head b, queries standard, d = 2: σ = 1.000, L = ");
    assertThat(group(refuted, 0)).containsEntry("verdict", "SUPPORTED");
    assertThat(group(refuted, 1)).containsEntry("verdict", "REFUTED");

    List<Observation> open = new ArrayList<>(falling);
    open.addAll(cells("b", metric, 0.1, (v, l) -> v / l, 1));
    assertThat(judge(metric, open).verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(judge(metric, open).reason()).contains("needs tokens of at least two different");

    Judgement nothing = judge(metric, List.of());
    assertThat(nothing.verdict()).isEqualTo(Verdict.INADMISSIBLE);
    assertThat(nothing.reason()).isEqualTo("nothing was measured of metric " + metric.id());
  }

  @Test
  void onlyItsMetricAndNoFixturesCount() {
    List<Observation> output = cells("a", Metric.OUTPUT, 0.1, (v, l) -> 1 / l, 1, 2, 4);
    Judgement judgement =
        new Proposition34V().judge(new Measured(output, output, 0.01, 5, new Memo()));
    assertThat(judgement.verdict()).isEqualTo(Verdict.INADMISSIBLE);
    List<Observation> flat = cells("a", Metric.OUTPUT, 0.1, (v, l) -> 1, 1, 2, 4);
    assertThat(new Proposition31().judge(new Measured(output, flat, 0.01, 5, new Memo())).verdict())
        .isEqualTo(Verdict.SUPPORTED);
  }

  @Test
  void inadmissibleTokensAreListedAndLeftOut() {
    List<Observation> cells = cells("a", Metric.OUTPUT, 0.1, (v, l) -> 1 / l, 1, 2, 4);
    Setting setting = cells.get(0).setting();
    Setting laplace = new Setting(new Laplace(2, 1), setting.queries(), setting.head(), 4);
    cells.add(observation("laplace", "a", laplace, Metric.OUTPUT, 1, List.of()));
    Judgement judgement = judge(Metric.OUTPUT, cells);
    assertThat(judgement.verdict()).isEqualTo(Verdict.SUPPORTED);
    assertThat(rows(group(judgement, 0), "inadmissible"))
        .containsExactly(
            Map.of("tokens", "laplace", "length", 4L, "reason", "tokens are not sub-Gaussian"));

    Judgement alone = judge(Metric.OUTPUT, cells.subList(cells.size() - 1, cells.size()));
    assertThat(alone.verdict()).isEqualTo(Verdict.INADMISSIBLE);
    assertThat(alone.reason())
        .isEqualTo("head a, queries standard, d = 2: laplace: tokens are not sub-Gaussian");
  }

  /** H² = 0.3, 0.6 and 1.2: the derivatives have no tilted moments at the last. */
  @Test
  void tiltedMomentsAreAskedOfDerivativesOnly() {
    for (Metric metric : Metric.values()) {
      Judgement judgement = judge(metric, cells("a", metric, 0.3, (v, l) -> 1 / l, 1, 2, 4));
      Map<String, Object> group = group(judgement, 0);
      assertThat(judgement.verdict()).isEqualTo(Verdict.SUPPORTED);
      if (metric == Metric.OUTPUT) {
        assertThat(rows(group, "inadmissible")).isEmpty();
        assertThat(group).doesNotContainKey("tiltedMoments");
      } else {
        assertThat(rows(group, "inadmissible")).hasSize(LENGTHS.size());
        assertThat(rows(group, "inadmissible").get(0))
            .containsEntry("tokens", "gaussian 4.0")
            .containsEntry("reason", "tilted moments are infinite: H² is 1.20000, not below 1");
        assertThat(rows(group, "tiltedMoments")).hasSize(3);
      }
    }
  }

  @Test
  void constantsAreEvidence() {
    Judgement judgement =
        judge(Metric.OUTPUT, cells("a", Metric.OUTPUT, 0.5, (v, l) -> 1 / l, 1, 2, 4));
    Map<String, Object> group = group(judgement, 0);
    double sharpOfTwo = 2 * (Math.sqrt(5) - 1) / 2; // H² = 1 at σ² = 2
    double sharpOfFour = 4 * (Math.sqrt(3) - 1) / 2;
    assertThat((double) group.get("sharpC2"))
        .isCloseTo(Math.min(1, Math.min(sharpOfTwo, sharpOfFour)), within(1e-12));
    assertThat(rows(group, "frontier")).hasSizeBetween(10, 40);
    assertThat(rows(group, "frontier").get(0)).containsKeys("c2", "c1Low", "c1High", "sigma");
    assertThat(rows(group, "scales")).hasSize(3);
    assertThat(group).containsKeys("largestC2WithoutGrowth", "prediction", "tails");
  }

  /** 5/l falls like l⁻¹; what falls to 1/8 and then stays is no power law. */
  @Test
  void powerLawsAreShown() {
    List<Observation> falling = cells("a", Metric.OUTPUT, 0.1, (v, l) -> 5 / l, 1, 2, 4);
    for (Map<String, Object> row : rows(group(judge(Metric.OUTPUT, falling), 0), "scales")) {
      assertThat(row).containsEntry("powerLaw", true);
      assertThat((double) row.get("exponentLow")).isBetween(0.9, 1.0);
      assertThat((double) row.get("exponentHigh")).isBetween(1.0, 1.1);
      assertThat((double) row.get("exponentLeastSquares")).isCloseTo(1, within(1e-3));
    }
    List<Observation> bent = cells("a", Metric.OUTPUT, 0.1, (v, l) -> 1 / Math.min(8, l), 1, 2, 4);
    assertThat(rows(group(judge(Metric.OUTPUT, bent), 0), "scales").get(0))
        .containsEntry("powerLaw", false)
        .containsKey("exponentLeastSquares")
        .doesNotContainKeys("exponentLow", "exponentHigh");
    List<Observation> one = falling.stream().filter(cell -> cell.length() == 16).toList();
    assertThat(rows(group(judge(Metric.OUTPUT, one), 0), "scales").get(0))
        .doesNotContainKey("powerLaw");
  }

  /** A tail that no bound on the mean square allows. */
  @Test
  void tailsThatContradictTheBoundRefute() {
    List<Observation> cells = cells("a", Metric.OUTPUT, 0.1, (v, l) -> 1 / l, 1, 2, 4);
    int last = cells.size() - 1;
    Observation good = cells.get(last);
    Interval p = new Interval(0.4, 0.6);
    cells.set(
        last,
        observation(
            good.tokens(),
            "a",
            good.setting(),
            Metric.OUTPUT,
            good.mean(),
            List.of(new TailPoint(1e-3, 600, p), new TailPoint(100, 500, p))));
    Judgement judgement = judge(Metric.OUTPUT, cells);
    assertThat(judgement.verdict()).isEqualTo(Verdict.REFUTED);
    assertThat(judgement.reason())
        .contains("σ = 2.000, L = 16384: P(deviation > 100.0) is at least 0.400, by the bound");
  }

  /** Exact limit laws at every length: nothing outside, and curves that lie on each other. */
  @Test
  void tailsOfTheLimitCollapse() {
    Setting setting = BoundCases.setting(2, false, 1, 0.1, false, 2);
    FluctuationLimit law = FluctuationLimit.of(setting, Metric.OUTPUT, 5).orElseThrow();
    List<Observation> three = new ArrayList<>();
    for (long l : new long[] {64, 256, 1024, 4096}) {
      List<TailPoint> tail = new ArrayList<>();
      for (int k = -40; k < 40; k++) {
        double u = Math.pow(2, k / 16.0) / Math.sqrt((double) l);
        double p = law.exceedance(u * Math.sqrt((double) l)) * (1 + 1.0 / l);
        tail.add(new TailPoint(u, 1, new Interval(p - 0.001, p + 0.001)));
      }
      three.add(
          observation(
              "g",
              "a",
              BoundCases.setting(2, false, 1, 0.1, false, l),
              Metric.OUTPUT,
              1.0 / l,
              tail));
    }
    Map<String, Object> evidence = new TailEvidence(three, 1, null, 5, new Memo()).evidence();
    assertThat(evidence).containsEntry("collapses", true);
    List<Map<String, Object>> lengths = rows(evidence, "lengths");
    assertThat(lengths).hasSize(3);
    assertThat((double) lengths.get(2).get("limitOutsideIntervalsBy")).isZero();
    double excess = law.exceedance(Math.pow(2, -2.5)) / 256; // largest where P is
    assertThat((double) lengths.get(0).get("limitOutsideIntervalsBy"))
        .isCloseTo(excess - 0.001, within(1e-6));
    assertThat((double) lengths.get(0).get("limitFromMiddles")).isCloseTo(excess, within(1e-6));
  }
}
