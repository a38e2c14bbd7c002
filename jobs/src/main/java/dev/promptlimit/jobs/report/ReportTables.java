package dev.promptlimit.jobs.report;

import static dev.promptlimit.jobs.report.CellRow.number;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.hipparchus.util.FastMath;

/** The tables of a report. */
final class ReportTables {
  /** An error this near its delta-method value, and all of longer prompts: the linear regime. */
  private static final double LINEAR = 0.1;

  /** About so many checkpoints of all runs together are shown. */
  private static final int CHECKPOINTS = 10_000;

  private ReportTables() {}

  /** One row a head with its tokens and queries. */
  static DataTable heads(List<CellRow> cells) {
    List<List<Object>> rows = new ArrayList<>();
    CellRow.by(row -> List.of(row.group(), row.metric()), cells)
        .values()
        .forEach(
            all -> {
              List<CellRow> same = ErrorFigures.ascending(all);
              CellRow first = same.get(0);
              rows.add(
                  Arrays.asList(
                      first.head(),
                      first.tokens(),
                      first.queries(),
                      first.metric().id(),
                      first.tokenVariance(),
                      first.h2(),
                      first.sharpExponent(),
                      FastMath.sqrt(first.scoreVariance()),
                      FastMath.exp(first.scoreVariance() / 2),
                      linearFrom(same),
                      remark(same)));
            });
    return new DataTable(
        "heads",
        "Heads",
        "σ²: sub-Gaussian variance of the tokens, or a bound of it; H²: how strongly queries tilt"
            + " tokens; c: errors fall like L^−c, up to logarithms (expected for long prompts, not"
            + " proved); s: root mean square of scores; freezes below: e^(s²/2); linear from: the"
            + " shortest simulated prompts from which on all errors are within 10 % of the"
            + " delta-method value, exact where that is known, else simulated.",
        List.of(
            "head",
            "tokens",
            "queries",
            "metric",
            "σ²",
            "H²",
            "c",
            "s",
            "freezes below L",
            "linear from L",
            "remark"),
        rows);
  }

  private static Long linearFrom(List<CellRow> ascending) {
    Long from = null;
    for (CellRow row : ascending) {
      double error = Double.isNaN(row.exact()) ? row.mean() : row.exact();
      boolean near = row.delta() > 0 && Math.abs(error / row.delta() - 1) <= LINEAR;
      from = !near ? null : from == null ? (Long) row.promptLength() : from;
    }
    return from;
  }

  private static String remark(List<CellRow> same) {
    List<String> remarks = new ArrayList<>();
    if (same.get(0).h2() >= ResultGroup.HEAVY_TAILS) {
      remarks.add(ResultGroup.CAVEAT);
    }
    same.stream()
        .filter(row -> row.inadmissibleReason().isPresent())
        .findFirst()
        .ifPresent(
            row ->
                remarks.add(
                    "inadmissible prompts have no limit and are not averaged; one of L = "
                        + row.promptLength()
                        + ": "
                        + row.inadmissibleReason().get()));
    return String.join("; ", remarks);
  }

  /** One row a result. */
  static DataTable cells(List<CellRow> cells, double familyError) {
    boolean fixtures = cells.stream().anyMatch(row -> !row.isOwn());
    List<String> columns =
        new ArrayList<>(
            List.of(
                "head",
                "tokens",
                "queries",
                "metric",
                "L",
                "prompts",
                "inadmissible",
                "mean square",
                "low",
                "high",
                "guaranteed",
                "exact",
                "delta",
                "ratio",
                "median",
                "99.9 %"));
    if (fixtures) {
      columns.add("claim");
    }
    List<List<Object>> rows = new ArrayList<>();
    for (CellRow row : cells) {
      List<Object> values =
          new ArrayList<>(
              Arrays.asList(
                  row.head(),
                  row.tokens(),
                  row.queries(),
                  row.metric().id(),
                  row.promptLength(),
                  row.prompts() - row.inadmissible(),
                  row.inadmissible(),
                  row.mean(),
                  row.low(),
                  row.high(),
                  row.guaranteed() ? "yes" : "no",
                  row.exact(),
                  row.delta(),
                  row.ratio(),
                  row.quantile(0.5),
                  row.quantile(0.999)));
      if (fixtures) {
        values.add(row.claim().orElse(""));
      }
      rows.add(values);
    }
    return new DataTable(
        "cells",
        "Results",
        "mean square: of the deviation from the infinite-prompt limit, with its interval (low,"
            + " high); exact: what theory says it is; delta: its large-L value; ratio: mean square"
            + " over exact, or over delta where exact is not known; median and 99.9 %: quantiles of"
            + " the deviation. Intervals are simultaneous, family error "
            + Json.text(familyError)
            + ", and hold at any time; those of mean squares are asymptotic where they are not"
            + " guaranteed.",
        columns,
        rows);
  }

  /** One row a checkpoint, of all or of some that are equally far apart. */
  static DataTable training(List<Row> trajectories) {
    Map<String, List<Row>> runs = new LinkedHashMap<>();
    for (Row row : trajectories) {
      runs.computeIfAbsent(row.getAs("trajectory"), key -> new ArrayList<>()).add(row);
    }
    int checkpoints = Math.max(2, CHECKPOINTS / Math.max(1, runs.size()));
    List<Row> some =
        runs.values().stream().flatMap(run -> Figure.thin(run, checkpoints).stream()).toList();
    List<List<Object>> rows = new ArrayList<>();
    for (Row row : some) {
      rows.add(
          Arrays.asList(
              row.getAs("activation"),
              row.<Object>getAs("promptLength"),
              row.<Object>getAs("replicate"),
              row.<Object>getAs("step"),
              number(row, "trainingLoss"),
              number(row, "trainingLossError"),
              number(row, "testRisk"),
              number(row, "testRiskLow"),
              number(row, "testRiskHigh"),
              number(row, "ridgeRisk"),
              number(row, "infiniteRisk"),
              number(row, "h2"),
              number(row, "mapToOptimum"),
              number(row, "mapToPartner"),
              row.<Object>getAs("divergedAt")));
    }
    return new DataTable(
        "training",
        "Training",
        "One row a checkpoint"
            + (some.size() < trajectories.size()
                ? ", "
                    + some.size()
                    + " of "
                    + trajectories.size()
                    + "; trajectories.parquet has all"
                : "")
            + ". Risks and losses: halves of squared errors; training loss: mean over"
            + " the batches since the checkpoint before, with its standard error; test risk: on"
            + " prompts of length L; ridge: of the best predictor; infinite prompts: of the same"
            + " head on these; distances: of the maps of infinite prompts, root mean square over"
            + " tasks.",
        List.of(
            "activation",
            "L",
            "replicate",
            "step",
            "training loss",
            "its error",
            "test risk",
            "low",
            "high",
            "ridge",
            "infinite prompts",
            "H²",
            "map to optimum",
            "softmax to linear",
            "diverged at step"),
        rows);
  }

  /** One row a time of a flow. */
  static DataTable flows(List<Row> flows) {
    List<List<Object>> rows = new ArrayList<>();
    for (Row row : flows) {
      rows.add(
          Arrays.asList(
              row.getAs("activation"),
              row.<Object>getAs("promptLength"),
              number(row, "time"),
              number(row, "headDistance"),
              number(row, "mapDistance"),
              number(row, "fittedRisk"),
              number(row, "infiniteRisk"),
              number(row, "gap"),
              number(row, "gapLow"),
              number(row, "gapHigh")));
    }
    return new DataTable(
        "flows",
        "Gradient flows",
        "θ_L and θ_∞ follow the gradient of the risks of prompts of length L and of infinite ones"
            + " from the same start. Distances: of the heads (U, v), and of their maps; gap:"
            + " R_L(θ_L) − R_∞(θ_∞), with its interval over tasks and queries.",
        List.of(
            "activation",
            "L",
            "time",
            "heads",
            "maps",
            "R_L(θ_L), fitted",
            "R_∞(θ_∞)",
            "gap",
            "low",
            "high"),
        rows);
  }

  /** Prompts and tokens of all cells, each once whatever its metrics. */
  static Map<String, Double> totals(List<Row> cells) {
    Set<String> counted = new HashSet<>();
    double prompts = 0;
    double tokens = 0;
    for (Row row : cells) {
      if (counted.add(row.getAs("cell"))) {
        double own = (double) row.<Long>getAs("prompts");
        prompts += own;
        tokens += own * row.<Long>getAs("promptLength");
      }
    }
    return Map.of("prompts", prompts, "tokens", tokens);
  }
}
