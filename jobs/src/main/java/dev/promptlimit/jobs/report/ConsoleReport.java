package dev.promptlimit.jobs.report;

import dev.promptlimit.claim.Claim;
import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.jobs.table.CellResult;
import dev.promptlimit.jobs.table.Verdicts;
import java.util.ArrayList;
import java.util.List;

/** The results of a run as text. */
public final class ConsoleReport {
  private ConsoleReport() {}

  /** The lines of the tables of cells and claims. */
  public static List<String> lines(Experiment experiment, List<CellResult> results) {
    List<String> lines = new ArrayList<>();
    for (ResultGroup group : ResultGroup.of(results)) {
      lines.add(group.title());
      group.notes().forEach(note -> lines.add("  " + note));
      List<List<String>> rows = new ArrayList<>();
      rows.add(ResultGroup.COLUMNS);
      group.results().forEach(result -> rows.add(ResultGroup.row(result)));
      lines.addAll(align(rows));
      lines.add("");
    }
    lines.add(
        "mean square: of the deviation from the infinite-prompt limit, in [low, high];"
            + " exact: what theory says it is; delta: its large-L value;");
    lines.add(
        "ratio: mean square / exact, or / delta where exact is not known; median and 99.9 %: quantiles of the deviation. Intervals are"
            + " simultaneous, family error "
            + experiment.familyError()
            + "; those of mean squares are asymptotic.");
    for (Claim claim : experiment.claims()) {
      lines.add("claim " + claim.id() + ": " + Verdicts.NOT_JUDGED + ", " + Verdicts.REASON);
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
