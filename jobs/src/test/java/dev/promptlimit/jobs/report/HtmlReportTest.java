package dev.promptlimit.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.promptlimit.attention.BlockSummary;
import dev.promptlimit.claim.Claim;
import dev.promptlimit.claim.Claims;
import dev.promptlimit.claim.Memo;
import dev.promptlimit.jobs.TestExperiments;
import dev.promptlimit.jobs.config.Cell;
import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.jobs.table.CellResult;
import dev.promptlimit.jobs.table.Published;
import dev.promptlimit.jobs.table.PublishedTables;
import dev.promptlimit.jobs.table.ResultTables;
import dev.promptlimit.jobs.table.Results;
import dev.promptlimit.jobs.table.TestBlocks;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.GenericRowWithSchema;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HtmlReportTest {
  private static final String SUMMARY =
      """
      {"build": {"version": "1.2", "commit": "0123abc"},
       "timing": {"complete": true, "allSeconds": 90.5, "simulatedPrompts": 49152}}
      """;

  @TempDir private Path directory;

  private static Results results(Experiment experiment) {
    Map<String, BlockSummary> merged = new HashMap<>();
    experiment
        .cells()
        .forEach(cell -> merged.put(cell.key(), TestBlocks.simulate(cell, experiment.seed(), 0)));
    Cell last = experiment.cells().get(experiment.cells().size() - 1);
    merged.put(last.key(), TestBlocks.inadmissible(last));
    List<CellResult> cells = TestBlocks.results(experiment, merged);
    return Results.of(experiment, cells, Optional.empty(), new Memo());
  }

  private static Published published(Experiment experiment) {
    return PublishedTables.of(results(experiment), Optional.of(SUMMARY));
  }

  private static Published small; // once, as it takes a second

  private Published small() {
    if (small == null) {
      small = published(TestExperiments.small(directory));
    }
    return small;
  }

  private static ReportPage page(Published published) {
    return ReportPage.of(HtmlReport.page(published));
  }

  private static List<String> texts(ReportPage page, String selector) {
    return page.words().select(selector).eachText();
  }

  private static Published with(
      Published published, List<Row> cells, Optional<List<Row>> claims, String summary) {
    return new Published(
        published.experiment(),
        cells,
        claims,
        published.trajectories(),
        published.flows(),
        Browser.tree(summary));
  }

  @Test
  void theTopSaysWhatWasRun() {
    ReportPage page = page(small());
    assertThat(page.text()).startsWith("<!doctype html><html lang=\"en\">");
    assertThat(texts(page, "h1").get(0)).isEqualTo("small");
    assertThat(texts(page, ".totals div"))
        .containsExactly(
            "prompts 40,963", // five cells of 8192 prompts, one of 3 that are inadmissible
            "tokens 213,040",
            "time 90.5 s",
            "results 18",
            "seed 7",
            "hash daa7efd8f11a");
    assertThat(texts(page, ".what"))
        .containsExactly(
            "Heads row, square; tokens gaussian; queries gaussian; metrics output, jacobian-v,"
                + " jacobian-u; prompts of 1 to 16 tokens. Intervals hold together but for an error"
                + " of 0.001.");
    assertThat(texts(page, ".command"))
        .containsExactly(
            "git checkout 0123abc\nsubmit/promptlimit run experiment.conf   # hash daa7efd8f11a, seed 7");
    assertThat(page.words().getElementById("experiment-file").wholeText())
        .isEqualTo(small().experiment().text());
    assertThat(texts(page, ".notice")).hasSize(1); // the one for pages without scripts
  }

  @Test
  void everyClaimHasACardAndAPage() {
    Published small = small();
    List<Row> rows = new ArrayList<>();
    for (Claim claim : Claims.all()) {
      Object[] values = {
        claim.id(), claim.expected().name(), claim.expected().name(), "because", "{\"cells\": 3}"
      };
      rows.add(new GenericRowWithSchema(values, ResultTables.CLAIMS));
    }
    ReportPage page = page(with(small, small.cells(), Optional.of(rows), SUMMARY));
    assertThat(texts(page, ".columns h3"))
        .containsExactly("Claims", "Controls, which must come out as expected");
    assertThat(texts(page, ".columns > div:last-child a"))
        .containsExactly(
            "control-rademacher", "control-covariance", "control-student-t", "control-training");
    for (Claim claim : Claims.all()) {
      Element article = page.words().getElementById("claim-" + claim.id());
      assertThat(article.text())
          .contains(claim.contract().statement().strip())
          .contains(claim.contract().source())
          .contains(claim.contract().assumptions().strip())
          .contains(claim.contract().refutedBy().strip());
      assertThat(page.table("evidence-" + claim.id() + "-1").path("rows").toString())
          .isEqualTo("[[\"cells\",3]]");
      assertThat(page.words().select(".cards a[href=#claim-" + claim.id() + "]")).hasSize(1);
    }
  }

  /** Colour and word; an unexpected control makes all of it untrustworthy. */
  @Test
  void verdictsAreWordsToo() {
    Published small = small();
    List<Row> rows = new ArrayList<>();
    String[][] verdicts = {
      {"prop-3.1", "SUPPORTED", "SUPPORTED"},
      {"exact-law", "UNDECIDED", "SUPPORTED"},
      {"prop-3.4-v", "REFUTED", "SUPPORTED"},
      {"control-covariance", "SUPPORTED", "REFUTED"},
    };
    for (String[] verdict : verdicts) {
      Object[] values = {verdict[0], verdict[1], verdict[2], "reason", "{}"};
      rows.add(new GenericRowWithSchema(values, ResultTables.CLAIMS));
    }
    ReportPage page = page(with(small, small.cells(), Optional.of(rows), SUMMARY));
    assertThat(texts(page, ".cards .badge"))
        .containsExactly(
            "✓ SUPPORTED, as expected",
            "? UNDECIDED, expected SUPPORTED",
            "✗ REFUTED, expected SUPPORTED",
            "✗ SUPPORTED, expected REFUTED");
    assertThat(page.words().select(".cards .badge").eachAttr("class"))
        .containsExactly("badge good", "badge open", "badge bad", "badge bad");
    assertThat(texts(page, "#report .notice"))
        .containsExactly(
            "Untrustworthy: controls did not come out as expected: control-covariance");
  }

  @Test
  void everyResultIsInTheTable() {
    Published published = small();
    ReportPage page = page(published);
    assertThat(page.table("cells").path("rows")).hasSize(18);
    List<JsonNode> means = page.column("cells", "mean square");
    List<JsonNode> lows = page.column("cells", "low");
    List<JsonNode> exact = page.column("cells", "exact");
    for (int i = 0; i < 18; i++) {
      Row row = published.cells().get(i);
      assertThat(number(means.get(i))).isEqualTo((Double) CellRow.number(row, "meanSquare"));
      assertThat(number(lows.get(i))).isEqualTo((Double) CellRow.number(row, "meanSquareLow"));
      assertThat(number(exact.get(i))).isEqualTo((Double) CellRow.number(row, "exact"));
    }
    assertThat(page.column("cells", "inadmissible").stream().mapToLong(JsonNode::longValue).sum())
        .isEqualTo(3 * 3);
    assertThat(page.column("heads", "remark").get(3).textValue())
        .endsWith(
            "inadmissible prompts have no limit and are not averaged; one of L = 16: the deviation"
                + " is not a finite number");
  }

  private static double number(JsonNode node) {
    return node.isNull() ? Double.NaN : node.doubleValue();
  }

  @Test
  void namesAreOnlyText() {
    String name = "</script><script>alert('é & \"x\"')</script>]]>&lt;😀<!--";
    String quoted = name.replace("\"", "\\\"");
    ReportPage page =
        page(
            published(
                TestExperiments.small(
                    directory,
                    "tokens.name = \"" + quoted + "\"",
                    "queries.name = \"" + quoted + "\"",
                    "heads = { name = \""
                        + quoted
                        + "\", query-key { kind = random, seed = 1 },"
                        + " value { kind = identity } }")));
    assertThat(page.words().select("script")).hasSize(1 + ReportFiles.SCRIPTS.size());
    assertThat(page.words().getElementById("data").data()).doesNotContain("<");
    assertThat(page.column("cells", "head").get(0).textValue()).isEqualTo(name);
    assertThat(texts(page, ".what bdi")).contains(name);
    assertThat(page.figure("error").path("groups").path(0).textValue()).isEqualTo(name);
  }

  @Test
  void longNamesAreCutAndStayDifferent() {
    Names names = new Names();
    String one = "a".repeat(5000) + "😀".repeat(5000);
    String other = "a".repeat(4000) + "😀".repeat(6000);
    assertThat(names.shown(one)).isEqualTo("a".repeat(64) + "…" + "😀".repeat(16));
    assertThat(names.shown(other)).isEqualTo("a".repeat(64) + "…" + "😀".repeat(16) + " #2");
    assertThat(names.shown(one)).isEqualTo(names.shown(one));
    assertThat(names.shown("short")).isEqualTo("short");
  }

  /** Only its own scripts run, and nothing comes from elsewhere. */
  @Test
  void needsNothingElse() throws NoSuchAlgorithmException {
    ReportPage page = page(small());
    String policy = page.words().select("meta[http-equiv=Content-Security-Policy]").attr("content");
    assertThat(policy).startsWith("default-src 'none'; base-uri 'none'; form-action 'none'; ");
    String scripts = policy.substring(policy.indexOf("script-src"));
    assertThat(scripts).doesNotContain("unsafe", "http", "*");
    for (Element script : page.words().select("script:not([type])")) {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(script.data().getBytes(StandardCharsets.UTF_8));
      assertThat(scripts).contains("'sha256-" + Base64.getEncoder().encodeToString(hash) + "'");
    }
    assertThat(page.words().select("[src], link, iframe, object, embed, img, form, base"))
        .isEmpty();
    assertThat(page.words().select("a").eachAttr("href")).allMatch(link -> link.startsWith("#"));
    for (Element element : page.words().getAllElements()) {
      element
          .attributes()
          .forEach(attribute -> assertThat(attribute.getKey()).doesNotStartWith("on"));
    }
  }

  @Test
  void saysWhatIsLacking() {
    Published whole = small();
    ReportPage page =
        page(
            with(
                whole,
                whole.cells().subList(0, 5),
                Optional.empty(),
                "{\"timing\": {\"complete\": false}}"));
    assertThat(texts(page, "#report .notice"))
        .containsExactly(
            "Partial report: the last call ended before all was simulated; 5 of 18 results are"
                + " there; 0 of 2 claims are judged.");
    assertThat(page.words().getElementById("verdicts")).isNull();
    assertThat(page.figures()).contains("error");
    assertThat(texts(page(with(whole, whole.cells(), whole.claims(), "{}")), "#report .notice"))
        .containsExactly("Partial report: no summary says when and by which program it was made.");
    assertThat(texts(page(whole), "#report .notice")).isEmpty();
  }

  @Test
  void withoutClaimsAndResultsThereIsStillAPage() {
    Experiment experiment = TestExperiments.small(directory, "claims = null");
    Published none =
        PublishedTables.of(
            new Results(experiment, List.of(), Optional.empty(), List.of()), Optional.of(SUMMARY));
    ReportPage page = page(none);
    assertThat(texts(page, "h1")).containsExactly("small");
    assertThat(page.figures()).isEmpty();
    assertThat(texts(page, "#report .notice"))
        .containsExactly("Partial report: 0 of 18 results are there.");
  }

  @Test
  void bytesDoNotDependOnTheLanguage() {
    Published published = small();
    String page = HtmlReport.page(published);
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("tr-TR"));
      assertThat(HtmlReport.page(published)).isEqualTo(page);
    } finally {
      Locale.setDefault(before);
    }
  }

  /** Ten thousand results in less than 10 MiB: tails are thinned, tables are not. */
  @Test
  void staysSmall() {
    Published small = small();
    ReportPage page = page(TestReports.repeated(small, 10_000));
    assertThat(page.text().getBytes(StandardCharsets.UTF_8).length).isLessThan(10 << 20);
    assertThat(page.table("cells").path("rows")).hasSize(10_000);
    int points = 0;
    for (JsonNode view : page.figure("error").path("views")) {
      for (JsonNode series : view.path("series")) {
        if (page.layer("error", series).equals("simulated")) {
          points += series.path("x").size();
        }
      }
    }
    // one of six has no admissible prompt, and no mark
    assertThat(points).isBetween(10_000 * 5 / 6 - 3, 10_000 * 5 / 6 + 3);
  }

  /** More than a page can hold are in the tables only, and it says so. */
  @Tag("nightly")
  @Test
  void saysThatItShowsSome() {
    Published all = TestReports.repeated(small(), 20_001);
    ReportPage page = page(all);
    assertThat(texts(page, "#report .notice"))
        .containsExactly(
            "This page shows the first 20000 of 20001 results; cells.parquet has all of them.");
    assertThat(page.table("cells").path("rows")).hasSize(20_000);
    assertThat(texts(page, ".totals div")).contains("results 20001");
  }
}
