package dev.promptlimit.jobs.report;

import dev.promptlimit.attention.Metric;
import dev.promptlimit.jobs.table.CellResult;
import dev.promptlimit.measure.SubGaussianProxy;
import dev.promptlimit.measure.TokenMeasure;
import dev.promptlimit.theory.QuerySpectrum;
import dev.promptlimit.theory.RandomTokens;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Results that differ in prompt length only: what a table shows. */
record ResultGroup(String title, List<String> notes, List<CellResult> results) {
  private record Key(String tokens, String queries, String head, Metric metric) {}

  /**
   * From this H² on the fourth power of the squared deviation, on which the coverage of intervals
   * for means rests, has no bound for long prompts: the k-th carries E e^{k s²}, finite for H² <
   * 1/(2k).
   */
  static final double HEAVY_TAILS = 1 / 8.0;

  static final String CAVEAT = "rare queries weigh heavily";

  /** Names of the columns of {@link #row}. */
  static final List<String> COLUMNS =
      List.of(
          "L",
          "prompts",
          "mean square",
          "low",
          "high",
          "exact",
          "delta",
          "ratio",
          "median",
          "99.9 %");

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
    String title =
        String.format(
            Locale.ROOT,
            "head %s, %s (tokens %s, queries %s)",
            key.head(),
            key.metric().id(),
            key.tokens(),
            key.queries());
    CellResult first = results.get(0);
    List<String> notes = new ArrayList<>();
    notes.add(
        first
            .spectrum()
            .map(ResultGroup::expectation)
            .orElseGet(() -> scale(first.cell().setting().tokens())));
    results.stream()
        .filter(result -> result.inadmissibleReason().isPresent())
        .findFirst()
        .ifPresent(
            result ->
                notes.add(
                    String.format(
                        Locale.ROOT,
                        "inadmissible prompts have no limit and are not averaged; one of L = %d: %s",
                        result.cell().setting().promptLength(),
                        result.inadmissibleReason().get())));
    return new ResultGroup(title, notes, results);
  }

  private static String expectation(QuerySpectrum spectrum) {
    return String.format(
        Locale.ROOT,
        "H² = %.4g: L^-%.3f, up to logarithms, is expected for long prompts (not proved)%s",
        spectrum.h2(),
        spectrum.sharpExponent(),
        spectrum.h2() < HEAVY_TAILS ? "" : "; " + CAVEAT);
  }

  private static String scale(TokenMeasure tokens) {
    if (tokens instanceof RandomTokens) {
      return "scores depend on what each prompt draws for itself: no rate is known";
    }
    SubGaussianProxy proxy = tokens.proxy();
    return proxy.variance() == Double.POSITIVE_INFINITY
        ? "tokens are not sub-Gaussian"
        : String.format(
            Locale.ROOT,
            "tokens are sub-Gaussian with σ² %s %.4g",
            proxy.exact() ? "=" : "≤",
            proxy.variance());
  }

  /** The cells of a row, as text. */
  static List<String> row(CellResult result) {
    return List.of(
        Long.toString(result.cell().setting().promptLength()),
        Long.toString(result.deviations().n())
            + (result.deviations().inadmissible() == 0
                ? ""
                : " + " + result.deviations().inadmissible() + " inadmissible"),
        number(result.mean()),
        number(result.meanSquare().low()),
        number(result.meanSquare().high()),
        number(result.exact()),
        number(result.delta()),
        ratio(result),
        quantile(result.quantiles().get(0)),
        quantile(result.quantiles().get(3)));
  }

  /** Measured over exact, or over the large-L value where that is all there is. */
  private static String ratio(CellResult result) {
    double theory = Double.isNaN(result.exact()) ? result.delta() : result.exact();
    return Double.isFinite(result.mean()) && Double.isFinite(theory) && theory > 0
        ? String.format(Locale.ROOT, "%.3f", result.mean() / theory)
        : "-";
  }

  private static String quantile(CellResult.Quantile quantile) {
    if (Double.isNaN(quantile.value())) {
      return "-";
    }
    return number(quantile.value())
        + " ["
        + number(quantile.interval().low())
        + ", "
        + number(quantile.interval().high())
        + "]";
  }

  private static String number(double x) {
    return Double.isFinite(x) ? String.format(Locale.ROOT, "%.4g", x) : "-";
  }
}
