package dev.promptlimit.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.attention.BlockSummary;
import dev.promptlimit.claim.Memo;
import dev.promptlimit.jobs.TestExperiments;
import dev.promptlimit.jobs.config.Cell;
import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.jobs.table.CellResult;
import dev.promptlimit.jobs.table.Results;
import dev.promptlimit.jobs.table.TestBlocks;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

class HtmlReportTest {
  private static final String HOSTILE = "</td><script>alert('é & \"x\"')</script>]]>&lt;😀";

  @TempDir private Path directory;

  private String page(Experiment experiment) {
    Map<String, BlockSummary> merged = new HashMap<>();
    experiment
        .cells()
        .forEach(cell -> merged.put(cell.key(), TestBlocks.simulate(cell, experiment.seed(), 0)));
    Cell last = experiment.cells().get(experiment.cells().size() - 1);
    merged.put(last.key(), TestBlocks.inadmissible(last));
    List<CellResult> results = TestBlocks.results(experiment, merged);
    return HtmlReport.page(Results.of(experiment, results, Optional.empty(), new Memo()));
  }

  /** The page as XML: it is well-formed. */
  private static Document parse(String page) {
    try {
      return DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(new InputSource(new StringReader(page)));
    } catch (SAXException | IOException | ParserConfigurationException e) {
      throw new AssertionError("not well-formed", e);
    }
  }

  private static List<String> texts(Document page, String element) {
    NodeList nodes = page.getElementsByTagName(element);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      texts.add(nodes.item(i).getTextContent());
    }
    return texts;
  }

  @Test
  void showsEveryGroupWithItsTableAndTheory() {
    String text = page(TestExperiments.small(directory));
    Document page = parse(text);
    assertThat(text).startsWith("<!DOCTYPE html>\n<html lang=\"en\">");
    assertThat(texts(page, "h1")).containsExactly("small");
    assertThat(texts(page, "h2"))
        .containsExactly(
            "head row, output (tokens gaussian, queries gaussian)",
            "head row, jacobian-v (tokens gaussian, queries gaussian)",
            "head row, jacobian-u (tokens gaussian, queries gaussian)",
            "head square, output (tokens gaussian, queries gaussian)",
            "head square, jacobian-v (tokens gaussian, queries gaussian)",
            "head square, jacobian-u (tokens gaussian, queries gaussian)",
            "Claims");
    assertThat(texts(page, "table")).hasSize(2 * 6 + 1); // cells and tails of a group; claims
    assertThat(texts(page, "th"))
        .startsWith(
            "L",
            "prompts",
            "mean square",
            "low",
            "high",
            "exact",
            "delta",
            "ratio",
            "median",
            "99.9 %")
        .endsWith("claim", "verdict", "expected", "reason");
    assertThat(texts(page, "td"))
        .startsWith("1", "8192")
        .contains("0 + 3 inadmissible", "prop-3.1", "SUPPORTED")
        .hasSizeGreaterThan(6 * 3 * 10 + 2 * 3);
    assertThat(texts(page, "p").get(0)).contains("Seed 7, run daa7efd8f11a", "error 0.001");
    assertThat(texts(page, "p").get(1))
        .startsWith("H² = 0.")
        .contains(": L^-1.000, up to logarithms, is expected for long prompts (not proved)");
    assertThat(texts(page, "summary"))
        .hasSize(6)
        .containsOnly("Tail probabilities of the deviation");
  }

  @Test
  void namesAreOnlyText() {
    String hostile = HOSTILE.replace("\"", "\\\"");
    String page =
        page(
            TestExperiments.small(
                directory,
                "tokens.name = \"" + hostile + "\"",
                "queries.name = \"" + hostile + "\"",
                "heads = { name = \""
                    + hostile
                    + "\", query-key { kind = random, seed = 1 },"
                    + " value { kind = identity } }"));
    assertThat(page).doesNotContain("<script", "</td><s");
    assertThat(texts(parse(page), "h2"))
        .contains("head " + HOSTILE + ", output (tokens " + HOSTILE + ", queries " + HOSTILE + ")");
  }

  /** No script, no network, nothing but its own style. */
  @Test
  void needsNothingElse() {
    String page = page(TestExperiments.small(directory));
    assertThat(page)
        .contains("content=\"default-src 'none'; style-src 'unsafe-inline'\"")
        .contains("<meta charset=\"utf-8\"")
        .doesNotContain("<script", "http://", "https://", "src=", "href=");
  }

  @Test
  void withoutClaimsAndResultsThereIsStillAPage() {
    Experiment experiment = TestExperiments.small(directory, "claims = null");
    Document page =
        parse(HtmlReport.page(new Results(experiment, List.of(), Optional.empty(), List.of())));
    assertThat(texts(page, "h2")).isEmpty();
    assertThat(texts(page, "h1")).containsExactly("small");
  }
}
