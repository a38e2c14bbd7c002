package dev.promptlimit.jobs.report;

import dev.promptlimit.jobs.table.ClaimResult;
import dev.promptlimit.jobs.table.Results;
import dev.promptlimit.jobs.table.TrainingResults;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The results of a run as text. */
public final class ConsoleReport {
  private ConsoleReport() {}

  /** The lines of the tables of cells and claims. */
  public static List<String> lines(Results results) {
    List<String> lines = new ArrayList<>();
    for (ResultGroup group : ResultGroup.of(results.cells())) {
      lines.add(group.title());
      group.notes().forEach(note -> lines.add("  " + note));
      List<List<String>> rows = new ArrayList<>();
      rows.add(ResultGroup.COLUMNS);
      group.results().forEach(result -> rows.add(ResultGroup.row(result)));
      lines.addAll(align(rows));
      lines.add("");
    }
    if (!results.cells().isEmpty()) {
      lines.add(
          "mean square: of the deviation from the infinite-prompt limit, in [low, high];"
              + " exact: what theory says it is; delta: its large-L value;");
      lines.add(
          "ratio: mean square / exact, or / delta where exact is not known; median and 99.9 %: quantiles of the deviation. Intervals are"
              + " simultaneous, family error "
              + results.experiment().familyError()
              + ", and hold at any time; those of mean squares are asymptotic.");
    }
    results.training().ifPresent(training -> trained(training, lines));
    lines.addAll(verdicts(results.verdicts()));
    return lines;
  }

  private static void trained(TrainingResults training, List<String> lines) {
    if (!training.trajectories().isEmpty()) {
      lines.add("");
      lines.add(TrainingGroup.title(training));
      List<List<String>> rows = new ArrayList<>();
      rows.add(TrainingGroup.COLUMNS);
      rows.addAll(TrainingGroup.rows(training));
      lines.addAll(align(rows));
      lines.add(TrainingGroup.legend(training));
    }
    if (training.plan().flow().isPresent()) {
      lines.add("");
      lines.add(TrainingGroup.flowTitle(training));
      List<List<String>> rows = new ArrayList<>();
      rows.add(TrainingGroup.FLOW_COLUMNS);
      rows.addAll(TrainingGroup.flows(training));
      lines.addAll(align(rows));
      lines.addAll(TrainingGroup.flowNotes(training));
    }
    lines.add("");
  }

  /** The lines on the claims. */
  public static List<String> verdicts(List<ClaimResult> verdicts) {
    List<String> lines = new ArrayList<>();
    for (ClaimResult result : verdicts) {
      lines.add(
          String.format(
              Locale.ROOT,
              "claim %-18s  %s%s: %s",
              result.claim().id(),
              result.verdict(),
              result.asExpected() ? "" : " (expected: " + result.claim().expected() + ")",
              result.judgement().reason()));
    }
    List<String> failed = ClaimResult.untrustworthy(verdicts);
    if (!failed.isEmpty()) {
      lines.add("UNTRUSTWORTHY: not as expected: " + String.join(", ", failed));
    }
    return lines;
  }

  /** Right-aligned columns, each as wide as its widest cell. */
  public static List<String> align(List<List<String>> rows) {
    int columns = rows.get(0).size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        line.append("  ").append(" ".repeat(widths[i] - row.get(i).length())).append(row.get(i));
      }
      lines.add(line.toString());
    }
    return lines;
  }
}
