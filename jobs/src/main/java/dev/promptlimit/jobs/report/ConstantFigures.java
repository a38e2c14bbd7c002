package dev.promptlimit.jobs.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.jobs.report.Figure.Axis;
import dev.promptlimit.jobs.report.Figure.Kind;
import dev.promptlimit.jobs.report.Figure.Point;
import dev.promptlimit.jobs.report.Figure.Series;
import dev.promptlimit.jobs.report.Figure.View;
import dev.promptlimit.theory.PublishedBounds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

/**
 * What claims on the published bounds (Boursier and Boyer, arXiv 2512.11784, Propositions 3.1 and
 * 3.4) say of their constants, read from their evidence.
 */
final class ConstantFigures {
  private static final Map<String, Metric> CLAIMS =
      Map.of(
          "prop-3.1", Metric.OUTPUT,
          "prop-3.4-v", Metric.JACOBIAN_V,
          "prop-3.4-u", Metric.JACOBIAN_U);

  private final List<ClaimRow> claims;
  private final Names names;

  ConstantFigures(List<ClaimRow> claims, Names names) {
    this.claims =
        claims.stream()
            .filter(claim -> CLAIMS.containsKey(claim.id()))
            .filter(claim -> claim.evidence().path("groups").isArray())
            .toList();
    this.names = names;
  }

  /** What a bound is about. */
  private record About(Metric metric, String tokens, String queries, String head, int dimension) {}

  /** A bound for tokens of scale σ. */
  private record Scaled(PublishedBounds bound, double sigma) {}

  /** The bounds with the constants that claims chose, for cells that they are about. */
  ErrorFigures.Bound bound() {
    Map<About, Scaled> bounds = new HashMap<>();
    for (ClaimRow claim : claims) {
      for (JsonNode group : claim.evidence().path("groups")) {
        JsonNode prediction = group.path("prediction");
        if (!prediction.path("c1").isNumber() || !prediction.path("c2").isNumber()) {
          continue;
        }
        PublishedBounds bound =
            new PublishedBounds(
                prediction.path("c1").doubleValue(), prediction.path("c2").doubleValue());
        for (JsonNode scale : group.path("scales")) {
          About about =
              new About(
                  CLAIMS.get(claim.id()),
                  names.shown(scale.path("tokens").asText()),
                  names.shown(group.path("queries").asText()),
                  names.shown(group.path("head").asText()),
                  group.path("dimension").intValue());
          bounds.put(about, new Scaled(bound, scale.path("sigma").doubleValue()));
        }
      }
    }
    return row -> {
      Scaled scaled =
          bounds.get(
              new About(row.metric(), row.tokens(), row.queries(), row.head(), row.dimension()));
      return scaled == null || row.promptLength() < 2
          ? Double.NaN
          : scaled.bound.meanSquare(row.metric(), scaled.sigma, (double) row.promptLength());
    };
  }

  /** Which constants the errors allow. */
  Figure frontier() {
    List<View> views = new ArrayList<>();
    for (ClaimRow claim : claims) {
      for (JsonNode group : claim.evidence().path("groups")) {
        List<Point> frontier =
            StreamSupport.stream(group.path("frontier").spliterator(), false)
                .map(ConstantFigures::point)
                .toList();
        if (frontier.isEmpty()) {
          continue;
        }
        views.add(
            new View(
                claim.id()
                    + " · "
                    + names.shown(group.path("head").asText())
                    + " · "
                    + names.shown(group.path("queries").asText())
                    + ", d = "
                    + group.path("dimension").asText(),
                constants(group, frontier)));
      }
    }
    return new Figure(
        "frontier",
        "Admissible constants (c₁, c₂) of the published bound",
        "For every c₂ the line is the smallest c₁ with which the bound holds at all scales and"
            + " lengths of this run, the band what the intervals leave of it: all above is"
            + " admissible. The mark is what the claim chose on short prompts. Broken lines: the"
            + " c₂ from which on longer prompts would need a larger c₁, and that of the sharp"
            + " exponent.",
        "A chosen mark below the band: the prediction from short prompts fails on long ones. A line"
            + " that is flat beyond the sharp c₂.",
        new Axis("c₂", false),
        new Axis("c₁", true),
        false,
        views);
  }

  private static Point point(JsonNode row) {
    double low = number(row.path("c1Low"));
    double high = number(row.path("c1High"));
    return new Point(
        number(row.path("c2")),
        high,
        low,
        high,
        "decided by σ = " + Json.words(row.path("sigma")) + ", L = " + row.path("length").asText());
  }

  private static List<Series> constants(JsonNode group, List<Point> frontier) {
    List<Series> series = new ArrayList<>();
    series.add(new Series("smallest c₁", "admissible above", Kind.BAND, frontier));
    JsonNode prediction = group.path("prediction");
    series.add(
        new Series(
            "chosen by the claim",
            "constants",
            Kind.POINTS,
            List.of(new Point(number(prediction.path("c2")), number(prediction.path("c1"))))));
    vertical(
        "no growth up to this c₂",
        number(group.path("largestC2WithoutGrowth").path("low")),
        frontier,
        series);
    vertical("sharp c₂", number(group.path("sharpC2")), frontier, series);
    return series;
  }

  /** A line at some c₂, as long as the frontier is high. */
  private static void vertical(String name, double c2, List<Point> frontier, List<Series> series) {
    double lowest = frontier.stream().mapToDouble(Point::low).filter(x -> x > 0).min().orElse(1);
    double highest =
        frontier.stream().mapToDouble(Point::high).filter(Double::isFinite).max().orElse(1);
    series.add(
        new Series(
            name,
            "marks on c₂",
            Kind.DASHED,
            Double.isFinite(c2)
                ? List.of(new Point(c2, lowest), new Point(c2, highest))
                : List.of()));
  }

  private static double number(JsonNode node) {
    return node.isNumber() ? node.doubleValue() : Double.NaN;
  }
}
