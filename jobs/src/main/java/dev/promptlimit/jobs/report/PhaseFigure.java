package dev.promptlimit.jobs.report;

import dev.promptlimit.jobs.report.Figure.Axis;
import dev.promptlimit.jobs.report.Figure.Kind;
import dev.promptlimit.jobs.report.Figure.Point;
import dev.promptlimit.jobs.report.Figure.Series;
import dev.promptlimit.jobs.report.Figure.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.hipparchus.util.FastMath;

/**
 * Where cells are in the plane of score deviation s and log L. At s² = κ ln L the error of one
 * query falls like the delta method says while κ ≤ 2/3, more slowly up to κ = 2, and beyond, where
 * ln L &lt; s²/2, one token takes all the weight (this project, by a large-deviation argument; see
 * {@link dev.promptlimit.theory.QuerySpectrum}).
 */
final class PhaseFigure {
  private static final double FROZEN = 2;
  private static final double LINEAR = 2.0 / 3;
  private static final int STEPS = 60;

  /** Beyond this the picture would show nothing but frozen prompts. */
  private static final double MOST = 8;

  private PhaseFigure() {}

  static Figure of(List<CellRow> cells) {
    Map<CellRow.Group, String> labels = CellRow.labels(cells);
    List<View> views = new ArrayList<>();
    CellRow.by(CellRow::metric, cells)
        .forEach(
            (metric, rows) -> {
              List<CellRow> known = rows.stream().filter(row -> row.scoreVariance() >= 0).toList();
              if (!known.isEmpty()) {
                views.add(new View(metric.id(), series(known, labels)));
              }
            });
    return new Figure(
        "phase",
        "Phase picture: is a head in its linear regime?",
        "Each mark is a cell: the root mean square s of its scores, and its prompt length. Above the"
            + " upper line a query of that s has the error that the delta method gives, between the"
            + " lines it falls more slowly, below the freezing line ln L = s²/2 attention is frozen"
            + " onto one token.",
        "A mark well above the upper line whose error is far from the delta-method value (hover to"
            + " see their ratio) although H² is small. Near H² = 1/2 and above rare queries with"
            + " a larger s than the mean decide.",
        new Axis("s, root mean square of scores", false),
        new Axis("prompt length L", true),
        false,
        views);
  }

  private static List<Series> series(List<CellRow> rows, Map<CellRow.Group, String> labels) {
    double longest = rows.stream().mapToDouble(CellRow::promptLength).max().orElse(1);
    double top = FastMath.sqrt(FROZEN * FastMath.log(Math.max(longest, 2)));
    double widest =
        rows.stream().mapToDouble(row -> FastMath.sqrt(row.scoreVariance())).max().orElse(0);
    double right = Math.min(MOST, Math.max(1.15 * widest, Math.min(top, 3)));
    List<Series> series = new ArrayList<>();
    CellRow.by(CellRow::group, rows)
        .forEach(
            (group, same) ->
                series.add(
                    new Series(
                        labels.get(group),
                        "cells",
                        Kind.POINTS,
                        ErrorFigures.ascending(same).stream()
                            .filter(row -> row.scoreVariance() <= MOST * MOST)
                            .map(PhaseFigure::point)
                            .toList())));
    series.add(
        new Series("frozen", "regimes", Kind.AREA, zone(right, Double.NaN, FROZEN, 4 * longest)));
    series.add(new Series("slow", "regimes", Kind.AREA, zone(right, FROZEN, LINEAR, 4 * longest)));
    series.add(
        new Series(
            "ln L = s²/2: freezing line",
            "lines",
            Kind.LINE,
            zone(right, Double.NaN, FROZEN, 4 * longest)));
    series.add(
        new Series(
            "ln L = 3s²/2: delta method above",
            "lines",
            Kind.DASHED,
            zone(right, Double.NaN, LINEAR, 4 * longest)));
    return series;
  }

  private static Point point(CellRow row) {
    double ratio = row.mean() / row.delta();
    String note =
        Double.isFinite(ratio) ? String.format(Locale.ROOT, "%.4g × delta method", ratio) : "";
    return new Point(
        FastMath.sqrt(row.scoreVariance()),
        (double) row.promptLength(),
        Double.NaN,
        Double.NaN,
        note);
  }

  /** Between e^{s²/from} (1 for NaN) and e^{s²/to}, up to a largest length. */
  private static List<Point> zone(double right, double from, double to, double most) {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i <= STEPS; i++) {
      double s = right * i / STEPS;
      double end = FastMath.exp(s * s / to);
      double high = Math.min(most, end);
      double low = Double.isNaN(from) ? 1 : Math.min(most, FastMath.exp(s * s / from));
      points.add(new Point(s, end <= most ? end : Double.NaN, low, high, ""));
    }
    return points;
  }
}
