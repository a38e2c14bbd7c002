package dev.promptlimit.jobs.report;

import dev.promptlimit.attention.Metric;
import dev.promptlimit.jobs.report.Figure.Axis;
import dev.promptlimit.jobs.report.Figure.Kind;
import dev.promptlimit.jobs.report.Figure.Point;
import dev.promptlimit.jobs.report.Figure.Series;
import dev.promptlimit.jobs.report.Figure.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hipparchus.util.FastMath;

/** Tail probabilities of deviations. */
final class TailFigures {
  private static final Axis PROBABILITY = new Axis("P(deviation > u)", true);

  /** Points of all tails of a figure together, about, and those of one at least and at most. */
  private static final int POINTS = 20_000;

  private static final int FEWEST_POINTS = 5;
  private static final int MOST_POINTS = 60;

  /** So many tails of all heads together, about, and of prompt lengths of one. */
  private static final int TAILS = 2000;

  private static final int FEWEST_LENGTHS = 2;
  private static final int LENGTHS = 7;

  /** Nearer to 1 tails say nothing. */
  private static final double CERTAIN = 0.95;

  private static final String INTERVALS =
      "Lines are the estimated share of prompts that deviate by more than u, bands their simultaneous"
          + " intervals; where no prompt is beyond, the band alone goes on.";

  /** What deviations of a prompt length are multiplied by. */
  private interface Scale {
    double of(CellRow row);
  }

  private final List<CellRow> cells;
  private final Map<CellRow.Group, String> labels;
  private final ErrorFigures.Bound bound;

  TailFigures(List<CellRow> cells, ErrorFigures.Bound bound) {
    this.cells = cells;
    this.bound = bound;
    labels = CellRow.labels(cells);
  }

  /** Tails of each head by prompt length, beside what Markov's inequality makes of theory. */
  Figure tails() {
    return new Figure(
        "tails",
        "Exceedance curves",
        INTERVALS
            + " By Markov's inequality no tail lies above E deviation² / u²: dashed with the exact"
            + " mean square, dotted with the published bound and the constants that the claim"
            + " chose.",
        "A band above its dashed or dotted line; curves that do not move to the left as prompts"
            + " grow.",
        new Axis("deviation u", true),
        PROBABILITY,
        true,
        byHead(row -> 1, true));
  }

  /** The same with deviations multiplied by √L. */
  Figure collapse() {
    return new Figure(
        "collapse",
        "Collapse under √L",
        "Exceedance curves of √L times the deviation. Where errors fall like 1/L the curves of all"
            + " lengths become one, the law of the fluctuation limit.",
        "For H² well below 1/2: curves of long prompts that stay apart. For strong heads the tails"
            + " on the right do not collapse, as rare queries still freeze prompts.",
        new Axis("√L · u", true),
        new Axis("P(√L · deviation > √L · u)", true),
        true,
        byHead(row -> FastMath.sqrt((double) row.promptLength()), false));
  }

  /** Tails of the checkpoints of trained heads, at one prompt length a view. */
  Figure checkpoints() {
    List<View> views = new ArrayList<>();
    CellRow.by(Family::of, cells)
        .forEach(
            (family, rows) -> {
              if (family.name().isEmpty()) {
                return;
              }
              List<List<CellRow>> lengths =
                  Figure.thin(
                      List.copyOf(
                          CellRow.by(CellRow::promptLength, ErrorFigures.ascending(rows)).values()),
                      LENGTHS);
              int points = points(cells.size());
              for (List<CellRow> same : lengths) {
                List<Series> series = new ArrayList<>();
                same.forEach(row -> series.add(tail(row.head(), row, 1, points)));
                views.add(
                    new View(
                        family.metric().id()
                            + " · "
                            + family.name().get()
                            + " · L = "
                            + same.get(0).promptLength(),
                        series));
              }
            });
    return new Figure(
        "checkpoints",
        "Tails at checkpoints",
        INTERVALS
            + " One curve a checkpoint of a trained head, or a time of a flow, at one prompt length.",
        "Curves that move to the left while H² grows: heads tilt tokens more as they learn, which"
            + " makes deviations larger.",
        new Axis("deviation u", true),
        PROBABILITY,
        true,
        views);
  }

  private record Family(Metric metric, String tokens, String queries, Optional<String> name) {
    static Family of(CellRow row) {
      return new Family(row.metric(), row.tokens(), row.queries(), row.family());
    }
  }

  private record Curve(Metric metric, CellRow.Group group) {}

  private List<View> byHead(Scale scale, boolean markov) {
    List<View> views = new ArrayList<>();
    Map<Curve, List<CellRow>> curves =
        CellRow.by(row -> new Curve(row.metric(), row.group()), cells);
    int lengths = Math.max(FEWEST_LENGTHS, Math.min(LENGTHS, TAILS / Math.max(1, curves.size())));
    int points = points((long) curves.size() * lengths);
    curves.forEach(
        (curve, rows) -> {
          List<Series> series = new ArrayList<>();
          for (CellRow row : Figure.thin(ErrorFigures.ascending(rows), lengths)) {
            String label = "L = " + row.promptLength();
            Series tail = tail(label, row, scale.of(row), points);
            series.add(tail);
            if (markov) {
              series.add(markov(label, "exact mean square / u²", Kind.DASHED, row.exact(), tail));
              double mean = bound.of(row);
              series.add(markov(label, "published bound / u²", Kind.DOTTED, mean, tail));
            }
          }
          views.add(new View(curve.metric().id() + " · " + labels.get(curve.group()), series));
        });
    return views;
  }

  /** So many points of each of these tails. */
  private static int points(long tails) {
    return (int) Math.max(FEWEST_POINTS, Math.min(MOST_POINTS, POINTS / Math.max(1, tails)));
  }

  private static Series tail(String label, CellRow row, double scale, int most) {
    List<Point> points = new ArrayList<>();
    double last = 2;
    for (CellRow.Tail tail : row.tail()) {
      if (tail.estimate() > CERTAIN || (tail.estimate() == 0 && !(tail.high() < last))) {
        continue;
      }
      last = tail.high();
      points.add(
          new Point(
              scale * tail.deviation(),
              tail.estimate() > 0 ? tail.estimate() : Double.NaN,
              tail.low(),
              tail.high(),
              scale == 1 ? tail.count() + " prompts" : ""));
    }
    return new Series(label, "simulated", Kind.BAND, Figure.thin(points, most));
  }

  /** E deviation²/u², from where it is 1 to the end of the tail: a line in logarithms. */
  private static Series markov(
      String label, String layer, Kind kind, double meanSquare, Series tail) {
    double from = FastMath.sqrt(meanSquare);
    double to = tail.points().stream().mapToDouble(Point::x).max().orElse(0);
    return new Series(
        label,
        layer,
        kind,
        from > 0 && from < to
            ? List.of(new Point(from, 1), new Point(to, meanSquare / (to * to)))
            : List.of());
  }
}
