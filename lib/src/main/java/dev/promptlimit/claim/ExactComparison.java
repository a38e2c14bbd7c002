package dev.promptlimit.claim;

import dev.promptlimit.stat.Interval;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Simulated mean squares held against exact ones. The intervals hold together, so that one that
 * excludes its exact value is a contradiction without further error.
 *
 * <p>A cell some of whose prompts are inadmissible is not compared: its mean is one of the others
 * alone. Nor is one whose exact value is not known.
 *
 * @param rows the cells that were compared, in their order
 * @param unknown cells without an exact value
 * @param inadmissible cells with inadmissible prompts
 */
record ExactComparison(List<Row> rows, int unknown, int inadmissible) {
  /** An interval is precise if an error of this share of the exact value would have been seen. */
  static final double PRECISE = 0.25;

  /**
   * Exact values are rounded, and what is simulated need not be random: at L = 1 the derivative in
   * U at one query is the same for every prompt, and its interval has no width.
   */
  static final double ROUNDING = 1e-9;

  /**
   * One cell.
   *
   * @param isZero whether the exact value and all of the interval are 0 up to rounding
   */
  record Row(Observation cell, boolean isZero) {
    static Row of(Observation cell) {
      Interval interval = cell.meanSquare();
      double larger = Math.max(cell.exact(), interval.high()); // NaN where the interval is
      return new Row(cell, Cells.isRounding(cell, larger));
    }

    /** By how much the exact value lies outside the interval, relative; 0 if it lies inside. */
    double excess() {
      if (isZero) {
        return 0;
      }
      double exact = cell.exact();
      double beyond = Math.max(exact - cell.meanSquare().high(), cell.meanSquare().low() - exact);
      return beyond > ROUNDING * exact ? beyond / exact : 0;
    }

    /** Half the width over the exact value: the smallest error that cannot hide. */
    double halfWidth() {
      if (isZero) {
        return 0;
      }
      double half = 0.5 * (cell.meanSquare().high() - cell.meanSquare().low());
      return half == 0 ? 0 : half / cell.exact();
    }

    boolean wide() {
      return !(halfWidth() <= PRECISE); // NaN is wide
    }

    /** Simulated over exact, less 1. */
    double departure() {
      return isZero || cell.mean() == cell.exact() ? 0 : cell.mean() / cell.exact() - 1;
    }
  }

  static ExactComparison of(List<Observation> cells) {
    List<Row> rows = new ArrayList<>();
    int unknown = 0;
    int inadmissible = 0;
    for (Observation cell : cells) {
      if (cell.inadmissible() > 0) {
        inadmissible++;
      } else if (Double.isFinite(cell.exact())) {
        rows.add(Row.of(cell));
      } else {
        unknown++;
      }
    }
    return new ExactComparison(List.copyOf(rows), unknown, inadmissible);
  }

  /** SUPPORTED if every interval is precise and holds its value. */
  Verdict verdict() {
    if (furthest().isPresent()) {
      return Verdict.REFUTED;
    }
    boolean precise = !rows.isEmpty() && rows.stream().noneMatch(Row::wide);
    return precise ? Verdict.SUPPORTED : Verdict.UNDECIDED;
  }

  /** The excluded exact value that lies furthest outside its interval. */
  Optional<Row> furthest() {
    return rows.stream().filter(row -> row.excess() > 0).max(Comparator.comparing(Row::excess));
  }

  /** The widest interval; NaN counts as wider than any. */
  private Optional<Row> widest() {
    return rows.stream().max(Comparator.comparing(Row::halfWidth));
  }

  private Optional<Row> worst() {
    return rows.stream()
        .filter(row -> !Double.isNaN(row.departure()))
        .max(Comparator.comparing(row -> Math.abs(row.departure())));
  }

  /** Why the verdict is what it is. */
  String reason() {
    if (rows.isEmpty()) {
      return "no cell could be compared" + leftOut();
    }
    Row deciding = furthest().or(this::widest).orElseThrow();
    Observation cell = deciding.cell();
    return switch (verdict()) {
      case REFUTED ->
          String.format(
              Locale.ROOT,
              "%s: the exact value %s is outside [%s, %s]",
              Cells.name(cell),
              Cells.text(cell.exact()),
              Cells.text(cell.meanSquare().low()),
              Cells.text(cell.meanSquare().high()));
      case SUPPORTED ->
          String.format(
              Locale.ROOT,
              "%d intervals hold their exact values; the widest is ± %s (%s)%s",
              rows.size(),
              Cells.percent(deciding.halfWidth()),
              Cells.name(cell),
              leftOut());
      default ->
          String.format(
              Locale.ROOT,
              "%s: the interval is ± %s of the exact value, more than %s; more prompts are needed",
              Cells.name(cell),
              Cells.percent(deciding.halfWidth()),
              Cells.percent(PRECISE));
    };
  }

  private String leftOut() {
    return unknown + inadmissible == 0
        ? ""
        : "; not compared: "
            + unknown
            + " without an exact value, "
            + inadmissible
            + " with inadmissible prompts";
  }

  /** The numbers behind it. */
  Map<String, Object> evidence() {
    Map<String, Object> evidence = new LinkedHashMap<>();
    evidence.put("cellsCompared", rows.size());
    evidence.put("cellsWithoutExactValue", unknown);
    evidence.put("cellsWithInadmissiblePrompts", inadmissible);
    evidence.put("excluded", rows.stream().filter(row -> row.excess() > 0).count());
    evidence.put("tooWide", rows.stream().filter(Row::wide).count());
    worst()
        .ifPresent(
            row -> {
              evidence.put("largestDeparture", Math.abs(row.departure()));
              evidence.put("largestDepartureCell", Cells.name(row.cell()));
            });
    widest()
        .ifPresent(
            row -> {
              evidence.put("widestHalfWidth", row.halfWidth());
              evidence.put("widestCell", Cells.name(row.cell()));
            });
    furthest().ifPresent(row -> evidence.put("excludedCell", Cells.name(row.cell())));
    evidence.put(
        "cells", rows.stream().limit(Cells.MOST_ENTRIES).map(ExactComparison::entry).toList());
    return evidence;
  }

  private static Map<String, Object> entry(Row row) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("cell", Cells.name(row.cell()));
    entry.put("prompts", row.cell().prompts());
    entry.put("meanSquare", row.cell().mean());
    entry.put("meanSquareLow", row.cell().meanSquare().low());
    entry.put("meanSquareHigh", row.cell().meanSquare().high());
    entry.put("exact", row.cell().exact());
    return entry;
  }
}
