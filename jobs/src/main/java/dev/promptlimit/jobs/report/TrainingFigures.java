package dev.promptlimit.jobs.report;

import static dev.promptlimit.jobs.report.CellRow.number;

import dev.promptlimit.jobs.report.Figure.Axis;
import dev.promptlimit.jobs.report.Figure.Kind;
import dev.promptlimit.jobs.report.Figure.Point;
import dev.promptlimit.jobs.report.Figure.Series;
import dev.promptlimit.jobs.report.Figure.View;
import dev.promptlimit.regression.Activation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.spark.sql.Row;

/** Along training: rows of {@code trajectories.parquet} and {@code flows.parquet}. */
final class TrainingFigures {
  /** Points of all curves of a figure together, about, and those of one at least and at most. */
  private static final int POINTS = 20_000;

  private static final int FEWEST_POINTS = 8;
  private static final int MOST_POINTS = 80;

  private static final Axis STEP = new Axis("step", false);
  private static final Axis TIME = new Axis("time t of gradient flow", true);
  private static final Axis LENGTH = new Axis("prompt length L", true);
  private static final Axis RISK = new Axis("risk", true);

  private final Map<String, List<Row>> runs;
  private final List<Row> flows;

  TrainingFigures(List<Row> trajectories, List<Row> flows) {
    this.flows = flows;
    runs = new LinkedHashMap<>();
    trajectories.forEach(
        row -> runs.computeIfAbsent(row.getAs("trajectory"), key -> new ArrayList<>()).add(row));
  }

  private static String name(Row row) {
    return row.getAs("activation")
        + ", L = "
        + row.getAs("promptLength")
        + ", replicate "
        + row.getAs("replicate");
  }

  private int points() {
    return Math.max(FEWEST_POINTS, Math.min(MOST_POINTS, POINTS / Math.max(1, runs.size())));
  }

  private Series along(
      List<Row> run, String layer, Kind kind, String value, String low, String high) {
    return new Series(
        name(run.get(0)),
        layer,
        kind,
        Figure.thin(run, points()).stream()
            .map(
                row ->
                    new Point(
                        (double) row.<Long>getAs("step"),
                        number(row, value),
                        low.isEmpty() ? Double.NaN : number(row, low),
                        high.isEmpty() ? Double.NaN : number(row, high),
                        ""))
            .toList());
  }

  private Series along(List<Row> run, String layer, Kind kind, String value) {
    return along(run, layer, kind, value, "", "");
  }

  private List<Series> each(Function<List<Row>, List<Series>> series) {
    return runs.values().stream().flatMap(run -> series.apply(run).stream()).toList();
  }

  /** The same series, one view an activation. */
  private List<View> byActivation(Function<List<Row>, List<Series>> series) {
    List<View> views = new ArrayList<>();
    for (Activation activation : Activation.values()) {
      List<Series> own =
          runs.values().stream()
              .filter(run -> activation.id().equals(run.get(0).getAs("activation")))
              .flatMap(run -> series.apply(run).stream())
              .toList();
      if (!own.isEmpty()) {
        views.add(new View(activation.id(), own));
      }
    }
    return views;
  }

  /** Risks by step. */
  Figure risk() {
    return new Figure(
        "risk",
        "Risk along training",
        "Test risk of each run on prompts of its length, with its simultaneous interval; dashed: the"
            + " risk of ridge regression, the best predictor of such prompts; dotted: that of the"
            + " same head on infinite prompts; marks: the training loss. Risks are halves of squared"
            + " errors.",
        "A test risk whose whole interval is below ridge regression; a dotted line that stays up"
            + " while the test risk falls: the head fits what is special about short prompts.",
        STEP,
        RISK,
        false,
        byActivation(
            run ->
                List.of(
                    along(run, "test risk", Kind.BAND, "testRisk", "testRiskLow", "testRiskHigh"),
                    along(run, "ridge regression", Kind.DASHED, "ridgeRisk"),
                    along(run, "infinite prompts", Kind.DOTTED, "infiniteRisk"),
                    along(run, "training loss", Kind.POINTS, "trainingLoss"))));
  }

  /** H² by step. */
  Figure h2() {
    return new Figure(
        "h2",
        "H²(t) along training",
        "H², how strongly queries tilt tokens. Below the broken line at 1/2 errors of long prompts"
            + " fall like 1/L; above, rare queries decide and they fall more slowly.",
        "H² far above 1/2 at the end of training: the linear picture needs much longer prompts then.",
        STEP,
        new Axis("H²", false),
        false,
        h2Views());
  }

  /** With the critical value, as long as the longest run, where an H² is known. */
  private List<View> h2Views() {
    List<View> views = new ArrayList<>();
    for (View view : byActivation(run -> List.of(along(run, "H²", Kind.LINE, "h2")))) {
      double last =
          view.series().stream()
              .flatMap(series -> series.points().stream())
              .filter(point -> Double.isFinite(point.y()))
              .mapToDouble(Point::x)
              .max()
              .orElse(Double.NaN);
      List<Series> series = new ArrayList<>(view.series());
      List<Point> critical = List.of(new Point(0, 0.5), new Point(last, 0.5));
      series.add(
          new Series("H² = 1/2", "critical value", Kind.DASHED, last > 0 ? critical : List.of()));
      views.add(new View(view.label(), series));
    }
    return views;
  }

  /** How far maps are apart. */
  Figure maps() {
    return new Figure(
        "maps",
        "Distance of trained maps",
        "Root mean square distance, over tasks, of the map of infinite prompts: solid, between the"
            + " softmax and the linear head of the same length and replicate; dotted, to the best"
            + " head.",
        "Softmax and linear heads that move apart at long prompts.",
        STEP,
        new Axis("distance of maps", true),
        false,
        List.of(
            new View(
                "all runs",
                each(
                    run ->
                        List.of(
                            along(run, "softmax to linear", Kind.LINE, "mapToPartner"),
                            along(run, "to the optimum", Kind.DOTTED, "mapToOptimum"))))));
  }

  private Map<String, List<Row>> flowsByLength() {
    Map<String, List<Row>> byLength = new LinkedHashMap<>();
    flows.forEach(
        row ->
            byLength
                .computeIfAbsent("L = " + row.getAs("promptLength"), key -> new ArrayList<>())
                .add(row));
    return byLength;
  }

  private List<Series> flow(String layer, Kind kind, String value, String low, String high) {
    return flowsByLength().entrySet().stream()
        .map(
            entry ->
                new Series(
                    entry.getKey(),
                    layer,
                    kind,
                    Figure.thin(entry.getValue(), MOST_POINTS).stream()
                        .filter(row -> number(row, "time") > 0)
                        .map(
                            row ->
                                new Point(
                                    number(row, "time"),
                                    number(row, value),
                                    low.isEmpty() ? Double.NaN : number(row, low),
                                    high.isEmpty() ? Double.NaN : number(row, high),
                                    ""))
                        .toList()))
        .toList();
  }

  /** How far the flow of finite prompts is from that of infinite ones. */
  Figure flowDistance() {
    List<Series> series = new ArrayList<>();
    series.addAll(flow("heads (U, v)", Kind.LINE, "headDistance", "", ""));
    series.addAll(flow("maps", Kind.DASHED, "mapDistance", "", ""));
    return new Figure(
        "flow-distance",
        "Distance to the infinite-prompt flow",
        "Gradient flows of the risk of prompts of length L and of infinite prompts from the same"
            + " start: distance of their heads, and of the maps of these.",
        "Map distances that do not fall as L grows. Distances of heads may grow with time although"
            + " maps agree: they drift along a valley of equal maps.",
        TIME,
        new Axis("distance", true),
        true,
        List.of(new View("all lengths", series)));
  }

  /** Risks of the two flows. */
  Figure flowRisk() {
    List<Series> series = new ArrayList<>();
    series.addAll(flow("R_L(θ_L) − R_∞(θ_∞)", Kind.BAND, "gap", "gapLow", "gapHigh"));
    series.addAll(flow("R_L(θ_L), fitted sample", Kind.DASHED, "fittedRisk", "", ""));
    series.addAll(flow("R_∞(θ_∞)", Kind.DOTTED, "infiniteRisk", "", ""));
    return new Figure(
        "flow-risk",
        "Risk along gradient flow",
        "What prompts of length L cost: the gap between the two flows' risks with its interval, drawn"
            + " where it is above 0, and the risks themselves.",
        "A gap at the end that does not shrink as L grows: Theorem 4.3 says that it does.",
        TIME,
        RISK,
        true,
        List.of(new View("all lengths", series)));
  }

  /** The last checkpoint of each run. */
  private List<Row> ends() {
    return runs.values().stream().map(run -> run.get(run.size() - 1)).toList();
  }

  /** Curves of the published experiment: risks by prompt length. */
  Figure publishedRisk() {
    List<Series> series = new ArrayList<>();
    for (Activation activation : Activation.values()) {
      series.addAll(
          ends(
              activation.id(),
              ends().stream()
                  .filter(row -> activation.id().equals(row.getAs("activation")))
                  .toList(),
              "testRisk",
              "testRiskLow",
              "testRiskHigh"));
    }
    Map<Long, Row> ridge = new TreeMap<>();
    ends().forEach(row -> ridge.put(row.getAs("promptLength"), row));
    series.add(
        new Series(
            "ridge regression",
            "best predictor",
            Kind.BAND,
            ridge.values().stream()
                .map(
                    row ->
                        new Point(
                            (double) row.<Long>getAs("promptLength"),
                            number(row, "ridgeRisk"),
                            number(row, "ridgeRiskLow"),
                            number(row, "ridgeRiskHigh"),
                            ""))
                .toList()));
    return new Figure(
        "section-6",
        "The published experiment: test risk against prompt length",
        "Test risk at the last checkpoint so far, one mark a run with its interval, lines through the means"
            + " over replicates, beside ridge regression (paper, Section 6).",
        "Softmax and linear heads that do not come together as prompts grow, or a head below ridge"
            + " regression.",
        LENGTH,
        RISK,
        false,
        List.of(new View("last checkpoints", series)));
  }

  /** The same of the distance of their maps. */
  Figure publishedMaps() {
    return new Figure(
        "section-6-maps",
        "The published experiment: distance of softmax and linear heads",
        "Distance of the maps of the trained softmax and linear heads of the same replicate, one"
            + " mark a pair (paper, Section 6).",
        "A distance that does not fall as prompts grow.",
        LENGTH,
        new Axis("distance of maps", true),
        false,
        List.of(
            new View(
                "last checkpoints",
                ends(
                    "softmax to linear",
                    ends().stream()
                        .filter(row -> Activation.SOFTMAX.id().equals(row.getAs("activation")))
                        .toList(),
                    "mapToPartner",
                    "",
                    ""))));
  }

  private static List<Series> ends(
      String group, List<Row> rows, String value, String low, String high) {
    Map<Long, List<Row>> byLength = new TreeMap<>();
    rows.forEach(
        row ->
            byLength.computeIfAbsent(row.getAs("promptLength"), key -> new ArrayList<>()).add(row));
    List<Point> marks = new ArrayList<>();
    List<Point> means = new ArrayList<>();
    byLength.forEach(
        (length, same) -> {
          for (Row row : same) {
            marks.add(
                new Point(
                    (double) length,
                    number(row, value),
                    low.isEmpty() ? Double.NaN : number(row, low),
                    high.isEmpty() ? Double.NaN : number(row, high),
                    "replicate " + row.getAs("replicate") + ", step " + row.getAs("step")));
          }
          means.add(
              new Point(
                  (double) length,
                  same.stream()
                      .mapToDouble(row -> number(row, value))
                      .average()
                      .orElse(Double.NaN)));
        });
    return List.of(
        new Series(group, "runs", Kind.POINTS, marks),
        new Series(group, "mean over replicates", Kind.LINE, means));
  }
}
