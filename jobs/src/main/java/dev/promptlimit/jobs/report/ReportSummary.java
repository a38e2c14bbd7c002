package dev.promptlimit.jobs.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.jobs.config.TrainingPlan;
import dev.promptlimit.jobs.table.Published;
import dev.promptlimit.random.StreamKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jsoup.nodes.Element;

/** The top of a report: what was run, how much of it there is, and the verdicts. */
final class ReportSummary {
  private static final int MOST_NAMES = 6;

  private final Published published;
  private final Experiment experiment;
  private final List<CellRow> cells;
  private final List<ClaimRow> claims;

  ReportSummary(Published published, List<CellRow> cells, List<ClaimRow> claims) {
    this.published = published;
    experiment = published.experiment();
    this.cells = cells;
    this.claims = claims;
  }

  /** What a reader must know before anything else. */
  void notices(Element report) {
    List<String> lacking = lacking();
    if (!lacking.isEmpty()) {
      notice(report, "Partial report: " + String.join("; ", lacking) + ".");
    }
    if (cells.size() < published.cells().size()) {
      notice(
          report,
          String.format(
              Locale.ROOT,
              "This page shows the first %d of %d results; cells.parquet has all of them.",
              cells.size(),
              published.cells().size()));
    }
    List<String> controls =
        claims.stream()
            .filter(claim -> claim.isControl() && !claim.asExpected())
            .map(ClaimRow::id)
            .toList();
    if (!controls.isEmpty()) {
      notice(
          report,
          "Untrustworthy: controls did not come out as expected: " + String.join(", ", controls));
    }
  }

  private static void notice(Element report, String text) {
    report.appendElement("p").attr("class", "notice").attr("role", "alert").text(text);
  }

  List<String> lacking() {
    List<String> lacking = new ArrayList<>();
    JsonNode timing = published.provenance().path("timing");
    if (timing.isMissingNode()) {
      lacking.add("no summary says when and by which program it was made");
    } else if (!timing.path("complete").asBoolean(true)) {
      lacking.add("the last call ended before all was simulated");
    }
    int planned = experiment.cells().stream().mapToInt(cell -> cell.metrics().size()).sum();
    int there = published.cells().size();
    if (there < planned) {
      lacking.add(there + " of " + planned + " results are there");
    }
    if (claims.size() < experiment.claims().size()) {
      lacking.add(claims.size() + " of " + experiment.claims().size() + " claims are judged");
    }
    if (experiment.training().isPresent()) {
      trained(experiment.training().get(), lacking);
    }
    return lacking;
  }

  private void trained(TrainingPlan plan, List<String> lacking) {
    Map<String, Integer> reached = new HashMap<>();
    published
        .trajectories()
        .ifPresent(
            rows ->
                rows.forEach(
                    row ->
                        reached.merge(
                            row.getAs("trajectory"), row.getAs("checkpoint"), Math::max)));
    long ended =
        plan.runs().stream()
            .filter(run -> reached.getOrDefault(run.key(), -1) >= run.training().lastCheckpoint())
            .count();
    if (ended < plan.runs().size()) {
      lacking.add(ended + " of " + plan.runs().size() + " training runs have ended");
    }
    Set<Long> followed = new HashSet<>();
    published
        .flows()
        .ifPresent(rows -> rows.forEach(row -> followed.add(row.getAs("promptLength"))));
    int flows = plan.flow().map(flow -> flow.promptLengths().size()).orElse(0);
    if (followed.size() < flows) {
      lacking.add(followed.size() + " of " + flows + " gradient flows were followed");
    }
  }

  /** What was run and how much. */
  void totals(Element report) {
    Element list = report.appendElement("dl").attr("class", "totals");
    if (!published.cells().isEmpty()) {
      Map<String, Double> totals = ReportTables.totals(published.cells());
      total(list, "prompts", count(totals.get("prompts")));
      total(list, "tokens", count(totals.get("tokens")));
    }
    JsonNode timing = published.provenance().path("timing");
    if (timing.path("allSeconds").isNumber()) {
      total(list, "time", duration(timing.path("allSeconds").doubleValue())).attr("id", "time");
    }
    if (!published.cells().isEmpty()) {
      total(list, "results", Integer.toString(published.cells().size()));
    }
    total(list, "seed", Long.toString(experiment.seed()));
    total(list, "hash", experiment.hash());
    List<CellRow> own = cells.stream().filter(CellRow::isOwn).toList();
    if (!own.isEmpty()) {
      Element what = report.appendElement("p").attr("class", "what");
      names(what, "Heads", own.stream().map(CellRow::head).toList());
      names(what, "tokens", own.stream().map(CellRow::tokens).toList());
      names(what, "queries", own.stream().map(CellRow::queries).toList());
      names(what, "metrics", own.stream().map(row -> row.metric().id()).toList());
      what.appendText(
          "prompts of "
              + own.stream().mapToLong(CellRow::promptLength).min().orElse(0)
              + " to "
              + own.stream().mapToLong(CellRow::promptLength).max().orElse(0)
              + " tokens. Intervals hold together but for an error of "
              + Json.text(experiment.familyError())
              + ".");
    }
    experiment
        .training()
        .filter(training -> !training.runs().isEmpty())
        .ifPresent(
            training ->
                report
                    .appendElement("p")
                    .attr("class", "what")
                    .text(
                        String.format(
                            Locale.ROOT,
                            "Training: in-context regression, d = %d, noise variance %.4g, %d runs.",
                            training.family().dimension(),
                            training.family().noiseVariance(),
                            training.runs().size())));
  }

  private static void names(Element what, String kind, List<String> all) {
    List<String> different = List.copyOf(new LinkedHashSet<>(all));
    what.appendText(kind + " ");
    for (int i = 0; i < Math.min(MOST_NAMES, different.size()); i++) {
      what.appendText(i == 0 ? "" : ", ");
      what.appendElement("bdi").text(different.get(i));
    }
    int more = different.size() - MOST_NAMES;
    what.appendText(more > 0 ? " and " + more + " more; " : "; ");
  }

  private static Element total(Element list, String name, String value) {
    Element item = list.appendElement("div");
    item.appendElement("dt").text(name);
    item.appendElement("dd").text(value);
    return item;
  }

  /** 15,007,744 or 2.54e+10. */
  private static String count(double n) {
    return String.format(Locale.ROOT, n < 1e9 ? "%,.0f" : "%.3g", n);
  }

  private static String duration(double seconds) {
    if (seconds < 120) {
      return String.format(Locale.ROOT, "%.1f s", seconds);
    }
    return seconds < 7200
        ? String.format(Locale.ROOT, "%.1f min", seconds / 60)
        : String.format(Locale.ROOT, "%.1f h", seconds / 3600);
  }

  /** The verdicts at a glance, controls beside claims. */
  void verdicts(Element report) {
    if (claims.isEmpty()) {
      if (experiment.claims().isEmpty()) {
        report
            .appendElement("p")
            .attr("class", "what")
            .text("This run was not asked to judge a claim: its experiment file names none.");
      }
      return;
    }
    Element section =
        report
            .appendElement("section")
            .attr("id", "verdicts")
            .attr("aria-labelledby", "verdicts-title");
    section.appendElement("h2").attr("id", "verdicts-title").text("Verdicts");
    Element columns = section.appendElement("div").attr("class", "columns");
    cards(columns, "Claims", claims.stream().filter(claim -> !claim.isControl()).toList());
    cards(
        columns,
        "Controls, which must come out as expected",
        claims.stream().filter(ClaimRow::isControl).toList());
  }

  private static void cards(Element columns, String title, List<ClaimRow> claims) {
    if (claims.isEmpty()) {
      return;
    }
    Element column = columns.appendElement("div");
    column.appendElement("h3").text(title);
    Element list = column.appendElement("ul").attr("class", "cards");
    for (ClaimRow claim : claims) {
      Element card = list.appendElement("li");
      card.appendElement("a").attr("href", "#claim-" + claim.id()).text(claim.id());
      card.appendText(" ");
      badge(card, claim);
      card.appendElement("p").text(HtmlReport.shortened(Names.visible(claim.reason())));
    }
  }

  /** A verdict in words; its colour says whether it is the expected one. */
  static void badge(Element parent, ClaimRow claim) {
    String mood = claim.asExpected() ? "good" : claim.isOpen() ? "open" : "bad";
    String sign = claim.asExpected() ? "✓ " : claim.isOpen() ? "? " : "✗ ";
    parent
        .appendElement("span")
        .attr("class", "badge " + mood)
        .text(
            sign
                + claim.verdict()
                + (claim.asExpected() ? ", as expected" : ", expected " + claim.expected()));
  }

  /** Which program made the results, when and where. */
  static void provenance(Element section, JsonNode provenance) {
    Element list = section.appendElement("dl").attr("class", "provenance").attr("id", "provenance");
    item(list, "version", provenance.path("build").path("version"));
    item(list, "commit", provenance.path("build").path("commit"));
    list.appendElement("dt").text("random streams");
    list.appendElement("dd").text("version " + StreamKey.STREAM_VERSION);
    JsonNode timing = provenance.path("timing");
    item(list, "Spark", timing.path("spark"));
    item(list, "Java", timing.path("java"));
    item(list, "master", timing.path("master"));
    item(list, "kernels", timing.path("kernels"));
    item(list, "prompts of the last call", timing.path("simulatedPrompts"));
    item(list, "seconds of the last call's simulation", timing.path("simulationSeconds"));
    item(list, "tokens per second", timing.path("tokensPerSecond"));
  }

  private static void item(Element list, String name, JsonNode value) {
    String text;
    if (value.isArray()) {
      List<String> parts = new ArrayList<>();
      value.forEach(part -> parts.add(part.asText()));
      text = String.join(", ", parts);
    } else if (value.isFloatingPointNumber()) {
      text = String.format(Locale.ROOT, "%.4g", value.doubleValue());
    } else {
      text = value.asText();
    }
    if (!text.isEmpty()) {
      list.appendElement("dt").text(name);
      list.appendElement("dd").text(text);
    }
  }
}
