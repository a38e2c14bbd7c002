package dev.promptlimit.claim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.attention.Metric;
import dev.promptlimit.claim.BoundFit.Series;
import dev.promptlimit.stat.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.DoubleBinaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The full grid of true errors is in {@link BoundPredictionNightlyTest}. */
class BoundPredictionTest {
  private static final List<Long> LONG = BoundCases.lengths(2, 16384, 2);

  /** Exact errors, seed 1; no verdict depends on the noise. */
  @ParameterizedTest
  @CsvSource({"1, false, 0.25, false", "2, true, 0.1, true", "8, false, 0.05, false"})
  void trueErrorsAreSupported(int d, boolean toeplitz, double h, boolean identity) {
    SplittableRandom random = new SplittableRandom(1);
    Map<Metric, List<Series>> exact =
        BoundCases.exact(d, toeplitz, h, identity, List.of(1.0, 2.0, 3.0));
    exact.forEach(
        (metric, series) ->
            BoundCases.LENGTHS.forEach(
                (name, lengths) -> {
                  for (double width : new double[] {0.01, 0.05, 0.15}) {
                    BoundPrediction prediction =
                        BoundCases.predict(
                            metric, BoundCases.measured(series, lengths, width, random));
                    String what = metric + ", " + name + ", " + width + prediction.reason();
                    if (width > 0.1) {
                      assertThat(prediction.verdict()).as(what).isNotEqualTo(Verdict.REFUTED);
                    } else {
                      assertThat(prediction.verdict()).as(what).isEqualTo(Verdict.SUPPORTED);
                    }
                  }
                }));
  }

  private static void assertAllRefuted(DoubleBinaryOperator error) {
    assertThat(verdicts(error, 0.01)).containsOnly(Verdict.REFUTED);
    assertThat(verdicts(error, 0.05)).containsOnly(Verdict.REFUTED);
  }

  private static List<Verdict> verdicts(DoubleBinaryOperator error, double width) {
    SplittableRandom random = new SplittableRandom(2);
    List<Verdict> verdicts = new ArrayList<>();
    for (List<Long> lengths : BoundCases.LENGTHS.values()) {
      List<Series> series = BoundCases.invented(error, lengths);
      for (Metric metric : Metric.values()) {
        for (int i = 0; i < 5; i++) {
          verdicts.add(
              BoundCases.predict(metric, BoundCases.measured(series, lengths, width, random))
                  .verdict());
        }
      }
    }
    return verdicts;
  }

  @Test
  void aConstantErrorIsRefuted() {
    assertAllRefuted((v, l) -> 1);
  }

  @Test
  void aGrowingErrorIsRefuted() {
    assertAllRefuted((v, l) -> Math.pow(l, 0.1));
  }

  @Test
  void anErrorThatIsConstantAtLargeScalesIsRefuted() {
    assertAllRefuted((v, l) -> v <= 2 ? 1 / l : 1);
    assertAllRefuted((v, l) -> v <= 2 ? 1 / l : 0.01);
  }

  @Test
  void aFloorIsRefuted() {
    assertAllRefuted((v, l) -> 1 / l + 0.01);
    assertAllRefuted((v, l) -> 1 / l + 0.03);
    assertAllRefuted((v, l) -> 1 / l + 0.1);
  }

  @Test
  void logarithmsAndTinyPowersAreNotSupported() {
    for (double width : new double[] {0.01, 0.05}) {
      assertThat(verdicts((v, l) -> 1 / Math.log(l), width)).doesNotContain(Verdict.SUPPORTED);
      assertThat(verdicts((v, l) -> Math.pow(l, -0.02), width)).doesNotContain(Verdict.SUPPORTED);
    }
    assertThat(verdicts((v, l) -> Math.pow(Math.log(l), -2), 0.01))
        .doesNotContain(Verdict.SUPPORTED);
  }

  @Test
  void whatTheClassCommentSaysIsNotSeenIsNotSeen() {
    List<Long> lengths = BoundCases.LENGTHS.get("2 to 1024 by 2");
    List<Series> floorBelow = BoundCases.invented((v, l) -> 1 / l + 1e-4, lengths);
    assertThat(BoundCases.predict(Metric.OUTPUT, floorBelow).verdict())
        .isEqualTo(Verdict.SUPPORTED);
  }

  /** The bound's own form is a true statement. */
  @Test
  void theFormOfTheBoundIsSupported() {
    List<Long> lengths = BoundCases.LENGTHS.get("16 to 1048576 by 4");
    for (double c2 : new double[] {1, 1.2, 1.5, 2, 3, 4}) {
      for (Metric metric : Metric.values()) {
        double k = metric == Metric.JACOBIAN_U ? 2 : 1;
        BoundPrediction prediction =
            BoundCases.predict(
                metric,
                BoundCases.invented(
                    (v, l) -> Math.pow(v, 3 * k) * Math.pow(Math.log(l), k) * Math.pow(l, -c2 / v),
                    lengths));
        assertThat(prediction.verdict()).as(prediction.reason()).isNotEqualTo(Verdict.REFUTED);
        if (c2 >= 3) {
          assertThat(prediction.verdict()).isEqualTo(Verdict.SUPPORTED);
        }
      }
    }
  }

  @Test
  void constantsComeFromTheTrainingHalves() {
    BoundPrediction prediction =
        BoundCases.predict(Metric.OUTPUT, BoundCases.invented((v, l) -> v / l, LONG));
    assertThat(prediction.evidence())
        .containsEntry("trainingLengths", BoundCases.lengths(2, 128, 2))
        .containsEntry("trainingSigmas", List.of(1.0, Math.sqrt(1.5), Math.sqrt(2)));
    assertThat(prediction.bounds().c2())
        .isCloseTo(2.0 / 3, org.assertj.core.data.Offset.offset(1e-12));
    assertThat(prediction.bounds().meanSquare(Metric.OUTPUT, 1, 2)).isGreaterThanOrEqualTo(0.5);
    assertThat(prediction.reason())
        .startsWith("c₁ = ")
        .contains("c₂ = 0.667, chosen at σ ≤ 1.414 and L ≤ 128, hold at all other σ and L");
  }

  @Test
  void aRefutationNamesScaleLengthAndNumbers() {
    BoundPrediction flat =
        BoundCases.predict(Metric.OUTPUT, BoundCases.invented((v, l) -> 1, LONG));
    assertThat(flat.reason())
        .isEqualTo(
            "σ = 1.000, L = 128 to 16384: exponent at most 0.00: it does not decay (0.0515); and 4 more"
                + " like it");
    BoundPrediction above =
        BoundCases.predict(
            Metric.OUTPUT, BoundCases.invented((v, l) -> v > 3 ? 1e9 / l : 1 / l, LONG));
    assertThat(above.verdict()).isEqualTo(Verdict.REFUTED);
    assertThat(above.reason())
        .startsWith("σ = 2.000, L = 2: mean-square error at least 5.00e+08, bound ");
  }

  @Test
  void oneScaleOrFewLengthsAreNotEnough() {
    List<Series> all = BoundCases.invented((v, l) -> 1 / l, LONG);
    BoundPrediction one = BoundCases.predict(Metric.OUTPUT, all.subList(0, 1));
    assertThat(one.verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(one.reason())
        .isEqualTo(
            "needs tokens of at least two different scales σ ≥ 1 and 4 lengths L ≥ 2 that all of"
                + " them have: there are 1 and 14");
    assertThat(one.bounds()).isNull();
    BoundPrediction few =
        BoundCases.predict(
            Metric.OUTPUT, BoundCases.invented((v, l) -> 1 / l, List.of(1L, 2L, 4L, 8L)));
    assertThat(few.verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(few.reason()).endsWith("there are 5 and 3");
  }

  @Test
  void intervalsThatSayNothingLeaveItOpen() {
    for (Interval nothing :
        List.of(new Interval(Double.NaN, Double.NaN), new Interval(0, Double.POSITIVE_INFINITY))) {
      for (long length : LONG) { // wherever it is
        List<Series> series = new ArrayList<>();
        for (Series one : BoundCases.invented((v, l) -> 1 / l, LONG)) {
          TreeMap<Long, Interval> errors = new TreeMap<>(one.errors());
          errors.put(length, nothing);
          series.add(new Series(one.name(), one.sigma(), 0, errors));
        }
        assertThat(BoundCases.predict(Metric.OUTPUT, series).verdict())
            .isEqualTo(Verdict.UNDECIDED);
      }
    }
  }

  @Test
  void wideIntervalsLeaveItOpen() {
    List<Series> wide =
        BoundCases.measured(
            BoundCases.invented((v, l) -> 1 / l, LONG), LONG, 0.9, new SplittableRandom(3));
    assertThat(BoundCases.predict(Metric.OUTPUT, wide).verdict()).isEqualTo(Verdict.UNDECIDED);
    List<Series> zero = BoundCases.invented((v, l) -> 0, LONG);
    assertThat(BoundCases.predict(Metric.OUTPUT, zero).verdict()).isEqualTo(Verdict.UNDECIDED);
  }

  @Test
  void frozenPromptsRefuteNothing() {
    List<Series> frozen = new ArrayList<>();
    for (Series one : BoundCases.invented((v, l) -> 1, LONG)) {
      frozen.add(new Series(one.name(), one.sigma(), Math.log(16385), one.errors()));
    }
    assertThat(BoundCases.predict(Metric.OUTPUT, frozen).verdict()).isEqualTo(Verdict.UNDECIDED);
  }
}
