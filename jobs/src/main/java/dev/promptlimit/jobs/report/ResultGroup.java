package dev.promptlimit.jobs.report;

import dev.promptlimit.attention.Metric;
import dev.promptlimit.attention.Setting;
import dev.promptlimit.jobs.table.CellResult;
import dev.promptlimit.theory.QuerySpectrum;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Results that differ in prompt length only: what a table shows. */
record ResultGroup(String title, String theory, List<CellResult> results) {
  private record Key(String tokens, String queries, String head, Metric metric) {}

  /** Names of the columns of {@link #row}. */
  static final List<String> COLUMNS =
      List.of("L", "prompts", "mean square", "low", "high", "delta", "ratio", "median", "99.9 %");

  /** The groups, in the order in which they first appear. */
  static List<ResultGroup> of(List<CellResult> results) {
    Map<Key, List<CellResult>> groups = new LinkedHashMap<>();
    for (CellResult result : results) {
      Key key =
          new Key(
              result.cell().tokens(),
              result.cell().queries(),
              result.cell().head(),
              result.metric());
      groups.computeIfAbsent(key, unused -> new ArrayList<>()).add(result);
    }
    return groups.entrySet().stream().map(e -> of(e.getKey(), e.getValue())).toList();
  }

  private static ResultGroup of(Key key, List<CellResult> results) {
    Setting setting = results.get(0).cell().setting();
    QuerySpectrum spectrum = new QuerySpectrum(setting.tokens(), setting.head(), setting.queries());
    String title =
        String.format(
            Locale.ROOT,
            "head %s, %s (tokens %s, queries %s)",
            key.head(),
            key.metric().id(),
            key.tokens(),
            key.queries());
    String theory =
        String.format(
            Locale.ROOT,
            "H² = %.4g: for long prompts the mean square falls like L^-%.3f",
            spectrum.h2(),
            spectrum.sharpExponent());
    return new ResultGroup(title, theory, results);
  }

  /** The cells of a row, as text. */
  static List<String> row(CellResult result) {
    return List.of(
        Long.toString(result.cell().setting().promptLength()),
        Long.toString(result.summary().moments().n())
            + (result.summary().inadmissible() == 0
                ? ""
                : " + " + result.summary().inadmissible() + " inadmissible"),
        number(result.mean()),
        number(result.meanSquare().low()),
        number(result.meanSquare().high()),
        number(result.delta()),
        Double.isFinite(result.mean()) && Double.isFinite(result.delta()) && result.delta() > 0
            ? String.format(Locale.ROOT, "%.3f", result.mean() / result.delta())
            : "-",
        number(result.quantiles().get(0).value()),
        number(result.quantiles().get(3).value()));
  }

  private static String number(double x) {
    return Double.isFinite(x) ? String.format(Locale.ROOT, "%.4g", x) : "-";
  }
}
