package dev.promptlimit.jobs.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * A figure: what is drawn, and the words beside it.
 *
 * @param id name within the page
 * @param title what it is
 * @param see what to see in it
 * @param surprise what would be surprising
 * @param x the horizontal axis
 * @param y the vertical axis
 * @param ordered whether its groups have an order, which their colours show
 * @param views of which one is shown at a time
 */
record Figure(
    String id,
    String title,
    String see,
    String surprise,
    Axis x,
    Axis y,
    boolean ordered,
    List<View> views) {
  /** Significant digits of numbers in figures; the tables of results have all of them. */
  private static final MathContext DIGITS = new MathContext(6);

  /** An axis, logarithmic or not. */
  record Axis(String name, boolean logarithmic) {}

  /** Series that are seen together. */
  record View(String label, List<Series> series) {}

  /** How a series is drawn. */
  enum Kind {
    /** Marks, with bars from low to high. */
    POINTS,
    /** A line. */
    LINE,
    /** A line and the band from low to high around it. */
    BAND,
    /** A broken line. */
    DASHED,
    /** A dotted line. */
    DOTTED,
    /** What lies between low and high, without a line. */
    AREA;

    boolean isNarrow() {
      return this == LINE || this == DASHED || this == DOTTED;
    }
  }

  /**
   * A point.
   *
   * @param x its place
   * @param y its value; NaN where only the interval is known
   * @param low lower end of its interval; NaN if it has none
   * @param high upper end
   * @param note what else is to be known of it; may be empty
   */
  record Point(double x, double y, double low, double high, String note) {
    Point(double x, double y) {
      this(x, y, Double.NaN, Double.NaN, "");
    }

    /** One end of an interval may be infinite or unknown. */
    boolean hasInterval() {
      return Double.isFinite(low) || Double.isFinite(high);
    }
  }

  /**
   * Points of one kind.
   *
   * @param group what they are about
   * @param layer what they are
   * @param kind how they are drawn
   * @param points in the order of a line
   */
  record Series(String group, String layer, Kind kind, List<Point> points) {}

  /** Views and series that have something to draw, without the rest. */
  Figure {
    views =
        views.stream()
            .map(
                view ->
                    new View(
                        view.label(),
                        view.series().stream()
                            .map(Figure::drawable)
                            .filter(one -> !one.points().isEmpty())
                            .toList()))
            .filter(view -> !view.series().isEmpty())
            .toList();
  }

  /** Whether there is nothing to draw. */
  boolean isEmpty() {
    return views.isEmpty();
  }

  /** At most so many, two or more, of a list, equally far apart, its first and last among them. */
  static <T> List<T> thin(List<T> all, int most) {
    if (all.size() <= most) {
      return all;
    }
    Set<Integer> kept = new LinkedHashSet<>();
    for (int i = 0; i < most; i++) {
      kept.add((int) Math.round((double) i * (all.size() - 1) / (most - 1)));
    }
    return kept.stream().map(all::get).toList();
  }

  /** A layer, and how it is drawn. */
  private record Style(String layer, Kind kind) {}

  /** What the page's scripts draw; a series names its group and style by their numbers. */
  ObjectNode json() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("id", id);
    node.put("title", title);
    node.put("ordered", ordered);
    axis(node.putObject("x"), x);
    axis(node.putObject("y"), y);
    Map<String, Integer> groups = new LinkedHashMap<>();
    Map<Style, Integer> styles = new LinkedHashMap<>();
    ArrayNode viewNodes = JsonNodeFactory.instance.arrayNode();
    for (View view : views) {
      ObjectNode viewNode = viewNodes.addObject();
      viewNode.put("label", view.label());
      ArrayNode seriesNodes = viewNode.putArray("series");
      for (Series series : view.series()) {
        Style style = new Style(series.layer(), series.kind());
        ObjectNode seriesNode = seriesNodes.addObject();
        seriesNode.put("group", groups.computeIfAbsent(series.group(), key -> groups.size()));
        seriesNode.put("style", styles.computeIfAbsent(style, key -> styles.size()));
        json(seriesNode, series);
      }
    }
    ArrayNode groupNodes = node.putArray("groups");
    groups.keySet().forEach(groupNodes::add);
    ArrayNode styleNodes = node.putArray("styles");
    styles
        .keySet()
        .forEach(
            style ->
                styleNodes
                    .addObject()
                    .put("layer", style.layer())
                    .put("kind", style.kind().name()));
    node.set("views", viewNodes);
    return node;
  }

  /** Without points that have no place. */
  private static Series drawable(Series series) {
    List<Point> points = new ArrayList<>();
    for (Point point : series.points()) {
      boolean hasBand = Double.isFinite(point.high()) && !series.kind().isNarrow();
      if (Double.isFinite(point.x()) && (Double.isFinite(point.y()) || hasBand)) {
        points.add(point);
      }
    }
    return new Series(series.group(), series.layer(), series.kind(), points);
  }

  private static void axis(ObjectNode node, Axis axis) {
    node.put("name", axis.name());
    node.put("log", axis.logarithmic());
  }

  private static void json(ObjectNode node, Series series) {
    numbers(node.putArray("x"), series, Point::x);
    numbers(node.putArray("y"), series, Point::y);
    if (series.points().stream().anyMatch(Point::hasInterval)) {
      numbers(node.putArray("low"), series, Point::low);
      numbers(node.putArray("high"), series, Point::high);
    }
    if (series.points().stream().anyMatch(point -> !point.note().isEmpty())) {
      ArrayNode notes = node.putArray("note");
      series.points().forEach(point -> notes.add(point.note()));
    }
  }

  private static void numbers(ArrayNode array, Series series, ToDoubleFunction<Point> number) {
    IntStream.range(0, series.points().size())
        .mapToDouble(i -> number.applyAsDouble(series.points().get(i)))
        .forEach(
            value -> {
              if (Double.isFinite(value)) {
                array.add(new BigDecimal(value).round(DIGITS).doubleValue());
              } else {
                array.addNull();
              }
            });
  }
}
