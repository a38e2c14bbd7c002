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
import java.util.function.ToDoubleFunction;
import org.hipparchus.util.FastMath;

/** Mean-square errors along prompt lengths, and how fast they fall. */
final class ErrorFigures {
  private static final Axis LENGTH = new Axis("prompt length L", true);

  private final List<CellRow> cells;
  private final Map<CellRow.Group, String> labels;
  private final Bound bound;

  ErrorFigures(List<CellRow> cells, Bound bound) {
    this.cells = cells;
    this.bound = bound;
    labels = CellRow.labels(cells);
  }

  /** Errors with intervals beside theory and bounds. */
  Figure errors() {
    return new Figure(
        "error",
        "Mean-square error against prompt length",
        "Marks are simulated mean-square errors with their simultaneous intervals. Solid lines are"
            + " exact finite-prompt theory, dashed ones the delta-method value that it tends to,"
            + " dotted ones the published bound with the constants that the claim chose on short"
            + " prompts.",
        "A mark whose interval misses its solid line, or lies above its dotted one; a solid line"
            + " that stays away from the dashed one at the longest prompts means that queries still"
            + " freeze prompts there.",
        LENGTH,
        new Axis("mean-square error", true),
        false,
        views(this::errors));
  }

  private List<Series> errors(String label, List<CellRow> rows) {
    List<Series> series = new ArrayList<>();
    series.add(
        new Series(
            label,
            "simulated",
            Kind.POINTS,
            rows.stream()
                .map(
                    row ->
                        new Point(
                            (double) row.promptLength(),
                            row.mean(),
                            row.low(),
                            row.high(),
                            note(row)))
                .toList()));
    series.add(line(label, "exact", Kind.LINE, rows, CellRow::exact));
    series.add(line(label, "delta method", Kind.DASHED, rows, CellRow::delta));
    series.add(line(label, "bound", Kind.DOTTED, rows, bound::of));
    return series;
  }

  private static Series line(
      String label, String layer, Kind kind, List<CellRow> rows, ToDoubleFunction<CellRow> value) {
    return new Series(
        label,
        layer,
        kind,
        rows.stream()
            .map(row -> new Point((double) row.promptLength(), value.applyAsDouble(row)))
            .filter(point -> point.y() > 0)
            .toList());
  }

  private static String note(CellRow row) {
    String prompts = row.prompts() - row.inadmissible() + " prompts";
    return Double.isFinite(row.ratio())
        ? String.format(
            Locale.ROOT,
            "%s, %.4g × %s",
            prompts,
            row.ratio(),
            Double.isNaN(row.exact()) ? "delta method" : "exact")
        : prompts;
  }

  /** How fast errors fall from one prompt length to the next. */
  Figure exponents() {
    return new Figure(
        "exponent",
        "Local exponent against the sharp one",
        "Marks are −Δ log error / Δ log L between neighbouring lengths, with the interval that the"
            + " two errors leave. Solid lines are the same of exact theory, the dashed one is the"
            + " sharp exponent c that it tends to (1 for H² ≤ 1/2, less above), up to logarithms.",
        "Marks that miss their solid line. That they are below the dashed line is not surprising:"
            + " at lengths that can be simulated exponents are still on their way.",
        LENGTH,
        new Axis("exponent", false),
        false,
        views(ErrorFigures::exponents));
  }

  private static List<Series> exponents(String label, List<CellRow> rows) {
    List<Point> measured = new ArrayList<>();
    List<Point> exact = new ArrayList<>();
    List<Point> sharp = new ArrayList<>();
    for (int i = 1; i < rows.size(); i++) {
      CellRow from = rows.get(i - 1);
      CellRow to = rows.get(i);
      double step = FastMath.log((double) to.promptLength() / from.promptLength());
      if (!(step > 0)) {
        continue;
      }
      double between =
          FastMath.sqrt((double) from.promptLength()) * FastMath.sqrt((double) to.promptLength());
      measured.add(
          new Point(
              between,
              exponent(from.mean(), to.mean(), step),
              exponent(from.low(), to.high(), step),
              exponent(from.high(), to.low(), step),
              "from L = " + from.promptLength() + " to " + to.promptLength()));
      exact.add(new Point(between, exponent(from.exact(), to.exact(), step)));
      sharp.add(new Point(between, to.sharpExponent()));
    }
    return List.of(
        new Series(label, "simulated", Kind.POINTS, measured),
        new Series(label, "exact", Kind.LINE, exact),
        new Series(label, "sharp exponent", Kind.DASHED, sharp));
  }

  /** NaN where one of the errors is 0 or not known. */
  private static double exponent(double from, double to, double step) {
    double exponent = FastMath.log(from / to) / step;
    return from > 0 && to > 0 && Double.isFinite(exponent) ? exponent : Double.NaN;
  }

  /** The series of one group. */
  private interface Curves {
    List<Series> of(String label, List<CellRow> rows);
  }

  /** One view a metric. */
  private List<View> views(Curves curves) {
    List<View> views = new ArrayList<>();
    CellRow.by(CellRow::metric, cells)
        .forEach(
            (metric, rows) -> {
              List<Series> series = new ArrayList<>();
              CellRow.by(CellRow::group, rows)
                  .forEach(
                      (group, same) ->
                          series.addAll(curves.of(labels.get(group), ascending(same))));
              views.add(new View(metric.id(), series));
            });
    return views;
  }

  static List<CellRow> ascending(List<CellRow> rows) {
    return rows.stream()
        .sorted((a, b) -> Long.compare(a.promptLength(), b.promptLength()))
        .toList();
  }

  /** The published bounds, with constants that claims chose for heads. */
  interface Bound {
    /** The bound at a cell; NaN where it is about others. */
    double of(CellRow row);
  }
}
