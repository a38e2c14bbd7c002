package dev.promptlimit.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.claim.Claims;
import dev.promptlimit.jobs.report.Figure.Point;
import dev.promptlimit.jobs.report.Figure.Series;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What figures hold, against numbers that are known without them. */
class FiguresTest {
  private static CellRow row(String tokens, long length, double mean, double low, double high) {
    double root = Math.sqrt((double) length);
    return new CellRow(
        tokens + length,
        tokens,
        "queries",
        "head",
        Optional.empty(),
        4,
        length,
        Metric.OUTPUT,
        1000,
        0,
        Optional.empty(),
        mean,
        low,
        high,
        false,
        2.0 / length,
        2.5 / length,
        0.3,
        1,
        0.48,
        1,
        List.of(),
        List.of(
            new CellRow.Tail(1e-3, 1000, 1, 0.99, 1),
            new CellRow.Tail(1 / root, 500, 0.5, 0.4, 0.6),
            new CellRow.Tail(2 / root, 10, 0.01, 0.001, 0.02),
            new CellRow.Tail(4 / root, 0, 0, 0, 0.001),
            new CellRow.Tail(8 / root, 0, 0, 0, 0.001)),
        Optional.empty());
  }

  private static final List<CellRow> CELLS =
      List.of(
          row("wide", 16, 0.125, 0.1, 0.2),
          row("wide", 4, 0.5, 0.4, 0.8), // in any order
          row("narrow", 4, 0, 0, 0.1),
          row("narrow", 16, 0.125, 0.1, 0.2));

  private static final ErrorFigures.Bound NONE = row -> Double.NaN;

  private static Series series(Figure figure, int view, String group, String layer) {
    List<Series> found =
        figure.views().get(view).series().stream()
            .filter(one -> one.group().equals(group) && one.layer().equals(layer))
            .toList();
    assertThat(found).as(group + ", " + layer).hasSize(1);
    return found.get(0);
  }

  @Test
  void errorsStandBesideTheory() {
    ErrorFigures.Bound bound = row -> row.promptLength() == 4 ? 3 : Double.NaN;
    Figure figure = new ErrorFigures(CELLS, bound).errors();
    assertThat(series(figure, 0, "head · wide", "simulated").points())
        .containsExactly(
            new Point(4, 0.5, 0.4, 0.8, "1000 prompts, 1.000 × exact"),
            new Point(16, 0.125, 0.1, 0.2, "1000 prompts, 1.000 × exact"));
    assertThat(series(figure, 0, "head · wide", "exact").points())
        .extracting(Point::y)
        .containsExactly(0.5, 0.125);
    assertThat(series(figure, 0, "head · wide", "delta method").points())
        .extracting(Point::y)
        .containsExactly(2.5 / 4, 2.5 / 16);
    assertThat(series(figure, 0, "head · wide", "bound").points()).containsExactly(new Point(4, 3));
  }

  /**
   * The interval of an exponent is what the two intervals leave: (ln 0.4/0.2, ln 0.8/0.1) / ln 4.
   */
  @Test
  void exponentsAreThoseBetweenNeighbours() {
    Figure figure = new ErrorFigures(CELLS, NONE).exponents();
    Point point = series(figure, 0, "head · wide", "simulated").points().get(0);
    assertThat(point.x()).isCloseTo(8, within(1e-14));
    assertThat(point.y()).isCloseTo(1, within(1e-14));
    assertThat(point.low()).isCloseTo(0.5, within(1e-14));
    assertThat(point.high()).isCloseTo(1.5, within(1e-14));
    assertThat(series(figure, 0, "head · wide", "sharp exponent").points().get(0).y()).isEqualTo(1);
    Point unknown = series(figure, 0, "head · narrow", "simulated").points().get(0);
    assertThat(unknown.y()).isNaN(); // from an error of 0
    assertThat(unknown.low()).isNaN();
  }

  /** Certain ones say nothing, and after the first empty one nothing is new. */
  @Test
  void tailsGoOnAsBandsWhereNoPromptIs() {
    Figure figure =
        new TailFigures(CELLS, row -> row.promptLength() == 16 ? 0.5 : Double.NaN).tails();
    assertThat(figure.views())
        .extracting(Figure.View::label)
        .containsExactly("output · head · wide", "output · head · narrow");
    assertThat(series(figure, 0, "L = 16", "simulated").points())
        .containsExactly(
            new Point(0.25, 0.5, 0.4, 0.6, "500 prompts"),
            new Point(0.5, 0.01, 0.001, 0.02, "10 prompts"),
            new Point(1, Double.NaN, 0, 0.001, "0 prompts"));
    List<Point> markov = series(figure, 0, "L = 16", "exact mean square / u²").points();
    assertThat(markov.get(0).x()).isCloseTo(Math.sqrt(0.125), within(1e-15));
    assertThat(markov.get(0).y()).isEqualTo(1);
    assertThat(markov.get(1)).isEqualTo(new Point(1, 0.125));
    assertThat(series(figure, 0, "L = 4", "exact mean square / u²").points().get(1))
        .isEqualTo(new Point(2, 0.125)); // 0.5 / 2²
    assertThat(series(figure, 0, "L = 16", "published bound / u²").points())
        .containsExactly(new Point(Math.sqrt(0.5), 1), new Point(1, 0.5));
    assertThat(figure.views().get(0).series())
        .noneMatch(one -> one.group().equals("L = 4") && one.layer().startsWith("published"));
  }

  @Test
  void collapseMultipliesByTheRootOfTheLength() {
    Figure figure = new TailFigures(CELLS, NONE).collapse();
    for (String length : List.of("L = 4", "L = 16")) {
      assertThat(series(figure, 0, length, "simulated").points())
          .extracting(Point::x)
          .containsExactly(1.0, 2.0, 4.0);
    }
  }

  @Test
  void phasesAreSeparatedByTheFreezingLine() {
    Figure figure = PhaseFigure.of(CELLS);
    assertThat(series(figure, 0, "head · wide", "cells").points())
        .containsExactly(
            new Point(Math.sqrt(0.48), 4, Double.NaN, Double.NaN, "0.8000 × delta method"),
            new Point(Math.sqrt(0.48), 16, Double.NaN, Double.NaN, "0.8000 × delta method"));
    List<Point> line = series(figure, 0, "ln L = s²/2: freezing line", "lines").points();
    List<Point> frozen = series(figure, 0, "frozen", "regimes").points();
    List<Point> slow = series(figure, 0, "slow", "regimes").points();
    for (int i = 0; i < line.size(); i++) {
      double s = line.get(i).x();
      double freezing = Math.min(64, Math.exp(s * s / 2)); // four times the longest prompts at most
      if (freezing < 64) {
        assertThat(line.get(i).y()).isCloseTo(freezing, within(1e-12 * freezing));
      }
      assertThat(frozen.get(i).low()).isEqualTo(1);
      assertThat(frozen.get(i).high()).isCloseTo(freezing, within(1e-12 * freezing));
      assertThat(slow.get(i).low()).isEqualTo(frozen.get(i).high());
      assertThat(slow.get(i).high()).isCloseTo(Math.min(64, Math.exp(1.5 * s * s)), within(1e-9));
    }
  }

  private static final String EVIDENCE =
      """
      {"groups": [{"head": "head", "queries": "queries", "dimension": 4,
        "scales": [{"tokens": "wide", "sigma": 1.5}],
        "frontier": [{"c2": 0.5, "c1Low": 1, "c1High": 2, "sigma": 1.5, "length": 4},
                     {"c2": 1.0, "c1Low": 3, "c1High": 5, "sigma": 1.5, "length": 16}],
        "largestC2WithoutGrowth": {"low": 0.75}, "sharpC2": null,
        "ends": [0.12345678, null, 2, "x"],
        "prediction": {"c1": 7, "c2": 0.4}}]}
      """;

  private static ConstantFigures constants(String id) {
    return new ConstantFigures(
        List.of(
            new ClaimRow(id, "SUPPORTED", "SUPPORTED", "", Browser.tree(EVIDENCE), Claims.of(id))),
        new Names());
  }

  /**
   * c₁ σ⁶ ln L / L^{c₂/σ²} of the tokens, head and metric that the claim is about, else unknown.
   */
  @Test
  void boundsAreThoseOfTheClaim() {
    ErrorFigures.Bound bound = constants("prop-3.1").bound();
    double sixth = Math.pow(1.5, 6);
    assertThat(bound.of(CELLS.get(0)))
        .isCloseTo(7 * sixth * Math.log(16) / Math.pow(16, 0.4 / 2.25), within(1e-13 * 7 * sixth));
    assertThat(bound.of(CELLS.get(2))).isNaN(); // other tokens
    assertThat(bound.of(row("wide", 1, 1, 1, 1))).isNaN(); // there the bound is 0
    assertThat(constants("prop-3.4-v").bound().of(CELLS.get(0))).isNaN(); // other metric
    assertThat(constants("exact-law").bound().of(CELLS.get(0))).isNaN();
  }

  @Test
  void frontierShowsWhatTheClaimChose() {
    Figure figure = constants("prop-3.1").frontier();
    assertThat(figure.views().get(0).label()).isEqualTo("prop-3.1 · head · queries, d = 4");
    assertThat(series(figure, 0, "smallest c₁", "admissible above").points())
        .containsExactly(
            new Point(0.5, 2, 1, 2, "decided by σ = 1.5, L = 4"),
            new Point(1, 5, 3, 5, "decided by σ = 1.5, L = 16"));
    assertThat(series(figure, 0, "chosen by the claim", "constants").points())
        .containsExactly(new Point(0.4, 7));
    assertThat(series(figure, 0, "no growth up to this c₂", "marks on c₂").points())
        .containsExactly(new Point(0.75, 1), new Point(0.75, 5));
    assertThat(figure.views().get(0).series()).noneMatch(one -> one.group().equals("sharp c₂"));
  }

  @Test
  void thinningKeepsBothEnds() {
    List<Integer> all = IntStream.range(0, 1000).boxed().toList();
    assertThat(Figure.thin(all, 4)).containsExactly(0, 333, 666, 999);
    assertThat(Figure.thin(all, 2)).containsExactly(0, 999);
    assertThat(Figure.thin(all, 1000)).isEqualTo(all);
    assertThat(Figure.thin(List.of(), 3)).isEmpty();
  }

  /** Six digits; a point without a place is left out, with an interval alone it stays in a band. */
  @Test
  void pointsWithoutAPlaceAreLeftOut() {
    List<Point> points =
        List.of(
            new Point(1, 1.0 / 3),
            new Point(2, Double.NaN),
            new Point(3, Double.NaN, 0, 0.5, ""),
            new Point(Double.POSITIVE_INFINITY, 1),
            new Point(4, Double.POSITIVE_INFINITY));
    for (Figure.Kind kind : List.of(Figure.Kind.BAND, Figure.Kind.LINE)) {
      Figure figure =
          new Figure(
              "id",
              "title",
              "see",
              "surprise",
              new Figure.Axis("x", true),
              new Figure.Axis("y", true),
              false,
              List.of(new Figure.View("all", List.of(new Series("g", "l", kind, points)))));
      JsonNode series = figure.json().path("views").path(0).path("series").path(0);
      boolean band = kind == Figure.Kind.BAND;
      assertThat(series.path("x").toString()).isEqualTo(band ? "[1.0,3.0]" : "[1.0]");
      assertThat(series.path("y").toString()).isEqualTo(band ? "[0.333333,null]" : "[0.333333]");
    }
  }

  private static Figure of(Figure.Kind kind, Point... points) {
    return new Figure(
        "id",
        "title",
        "see",
        "surprise",
        new Figure.Axis("x", false),
        new Figure.Axis("y", false),
        false,
        List.of(
            new Figure.View("empty", List.of(new Series("g", "l", kind, List.of()))),
            new Figure.View("all", List.of(new Series("g", "l", kind, List.of(points))))));
  }

  /** An interval without an upper end is one. */
  @Test
  void oneEndOfAnIntervalIsKept() {
    JsonNode series =
        of(Figure.Kind.POINTS, new Point(1, 2, 0.5, Double.NaN, ""))
            .json()
            .path("views")
            .path(0)
            .path("series")
            .path(0);
    assertThat(series.path("low").toString()).isEqualTo("[0.5]");
    assertThat(series.path("high").toString()).isEqualTo("[null]");
    assertThat(of(Figure.Kind.POINTS, new Point(1, 2)).json().path("views").path(0).toString())
        .doesNotContain("low", "high");
  }

  @Test
  void whatHasNothingToDrawIsLeftOut() {
    assertThat(of(Figure.Kind.LINE, new Point(1, 2)).views())
        .extracting(Figure.View::label)
        .containsExactly("all");
    assertThat(of(Figure.Kind.LINE, new Point(1, Double.NaN)).isEmpty()).isTrue();
    assertThat(of(Figure.Kind.LINE, new Point(1, 2)).isEmpty()).isFalse();
  }

  @Test
  void whatTurnsTheDirectionOfATextIsAnEscape() {
    assertThat(Names.visible("a\u202eb\u2069 \u05d0")).isEqualTo("a\\u202eb\\u2069 \u05d0");
    assertThat(new Names().shown("\u202e")).isEqualTo("\\u202e");
  }

  @Test
  void evidenceOfGroupsComesInTables() {
    List<DataTable> tables =
        Evidence.tables(
            new ClaimRow(
                "prop-3.1",
                "SUPPORTED",
                "SUPPORTED",
                "",
                Browser.tree(EVIDENCE),
                Claims.of("prop-3.1")));
    assertThat(tables)
        .extracting(DataTable::title)
        .containsExactly("groups 1, head", "groups 1, head: scales", "groups 1, head: frontier");
    assertThat(tables.get(0).rows())
        .contains(List.of("largest c2 without growth, low", 0.75), List.of("prediction, c1", 7L));
    assertThat(tables.get(2).columns())
        .containsExactly("c2", "c1 low", "c1 high", "sigma", "length");
    assertThat(tables.get(2).rows().get(1)).containsExactly(1.0, 3L, 5L, 1.5, 16L);
  }
}
