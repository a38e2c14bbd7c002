package dev.promptlimit.jobs.table;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.promptlimit.attention.BlockSummary;
import dev.promptlimit.claim.Memo;
import dev.promptlimit.jobs.TestExperiments;
import dev.promptlimit.jobs.config.Cell;
import dev.promptlimit.jobs.config.Experiment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SummaryTest {
  private static final Map<String, String> BUILD = Map.of("version", "1.2", "commit", "abc");
  private static final Map<String, Object> TIMING =
      Map.of("simulatedBlocks", 6L, "simulationSeconds", 0.25, "master", "local[2]");

  @TempDir private Path directory;

  private Experiment experiment;
  private List<CellResult> results;
  private List<ClaimResult> verdicts;

  /** Two cells of three metrics: the first simulated, the second with nothing admissible. */
  @BeforeEach
  void simulate() {
    experiment =
        TestExperiments.small(directory, "prompt-lengths = [4]", "seed = -9007199254740993");
    Map<String, BlockSummary> merged = new HashMap<>();
    Cell good = experiment.cells().get(0);
    Cell bad = experiment.cells().get(1);
    merged.put(good.key(), TestBlocks.simulate(good, experiment.seed(), 0));
    merged.put(bad.key(), TestBlocks.inadmissible(bad));
    results = TestBlocks.results(experiment, merged);
    verdicts = ClaimResult.of(experiment, results, Optional.empty(), new Memo());
  }

  private static JsonNode parse(String text) {
    try {
      return new ObjectMapper().readTree(text);
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  private Results all() {
    return new Results(experiment, results, Optional.empty(), verdicts);
  }

  private JsonNode summary() {
    return parse(Summary.json(all(), BUILD, TIMING));
  }

  private static List<String> fields(JsonNode node) {
    List<String> names = new ArrayList<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  @Test
  void topLevel() {
    JsonNode summary = summary();
    assertThat(fields(summary))
        .containsExactly(
            "name",
            "hash",
            "seed",
            "streamVersion",
            "familyError",
            "cells",
            "claims",
            "trustworthy",
            "build",
            "timing");
    assertThat(summary.get("name").textValue()).isEqualTo("small");
    assertThat(summary.get("hash").textValue()).isEqualTo(experiment.hash());
    assertThat(summary.get("seed").longValue()).isEqualTo(-9007199254740993L);
    assertThat(summary.get("familyError").doubleValue()).isEqualTo(1e-3);
    assertThat(summary.get("build")).isEqualTo(parse("{\"commit\":\"abc\",\"version\":\"1.2\"}"));
    assertThat(summary.get("timing"))
        .isEqualTo(
            parse("{\"simulatedBlocks\":6,\"simulationSeconds\":0.25,\"master\":\"local[2]\"}"));
  }

  @Test
  void cells() {
    JsonNode cells = summary().get("cells");
    assertThat(cells).hasSize(6);
    for (int i = 0; i < 6; i++) {
      JsonNode cell = cells.get(i);
      CellResult result = results.get(i);
      List<String> fields = new ArrayList<>(fields(cell));
      assertThat(fields.remove("inadmissibleReason")).isEqualTo(i >= 3);
      assertThat(fields)
          .containsExactly(
              "cell",
              "tokens",
              "queries",
              "head",
              "promptLength",
              "metric",
              "prompts",
              "effectivePrompts",
              "inadmissible",
              "meanSquare",
              "meanSquareLow",
              "meanSquareHigh",
              "guaranteed",
              "exact",
              "delta",
              "quantiles",
              "quantileIntervals",
              "tail");
      assertThat(cell.get("cell").textValue()).isEqualTo(result.cell().key());
      assertThat(cell.get("tokens").textValue()).isEqualTo("gaussian");
      assertThat(cell.get("queries").textValue()).isEqualTo("gaussian");
      assertThat(cell.get("head").textValue()).isEqualTo(i < 3 ? "row" : "square");
      assertThat(cell.get("promptLength").longValue()).isEqualTo(4);
      assertThat(cell.get("metric").textValue()).isEqualTo(result.metric().id());
      assertThat(cell.get("prompts").longValue()).isEqualTo(i < 3 ? 8192 : 3);
      assertThat(cell.get("inadmissible").longValue()).isEqualTo(i < 3 ? 0 : 3);
      assertThat(cell.get("exact").doubleValue()).isEqualTo(result.exact()).isPositive();
      assertThat(cell.get("delta").doubleValue()).isEqualTo(result.delta());
      for (String quantiles : List.of("quantiles", "quantileIntervals")) {
        assertThat(fields(cell.get(quantiles)))
            .containsExactly("0.5", "0.9", "0.99", "0.999", "0.9999");
      }
    }
  }

  /** Digits are those that give the same double again. */
  @Test
  void numbersRoundTrip() {
    JsonNode cells = summary().get("cells");
    for (int i = 0; i < 3; i++) {
      JsonNode cell = cells.get(i);
      CellResult result = results.get(i);
      assertThat(cell.get("meanSquare").doubleValue()).isEqualTo(result.mean());
      assertThat(cell.get("meanSquareLow").doubleValue()).isEqualTo(result.meanSquare().low());
      assertThat(cell.get("meanSquareHigh").doubleValue()).isEqualTo(result.meanSquare().high());
      for (CellResult.Quantile quantile : result.quantiles()) {
        assertThat(cell.get("quantiles").get(quantile.level()).doubleValue())
            .isEqualTo(quantile.value());
        JsonNode interval = cell.get("quantileIntervals").get(quantile.level());
        assertThat(interval.get("low").doubleValue()).isEqualTo(quantile.interval().low());
        assertThat(interval.get("high").isNull())
            .isEqualTo(quantile.interval().high() == Double.POSITIVE_INFINITY);
      }
      assertThat(cell.get("tail")).hasSameSizeAs(result.tail());
      for (int k = 0; k < result.tail().size(); k++) {
        JsonNode point = cell.get("tail").get(k);
        CellResult.TailPoint expected = result.tail().get(k);
        assertThat(fields(point)).containsExactly("deviation", "count", "estimate", "low", "high");
        assertThat(point.get("deviation").doubleValue()).isEqualTo(expected.deviation());
        assertThat(point.get("count").longValue()).isEqualTo(expected.count());
        assertThat(point.get("low").doubleValue()).isEqualTo(expected.probability().low());
        assertThat(point.get("high").doubleValue()).isEqualTo(expected.probability().high());
      }
    }
  }

  @Test
  void whatIsUnknownOrInfiniteIsNull() {
    JsonNode bad = summary().get("cells").get(4);
    assertThat(bad.get("meanSquare").isNull()).isTrue();
    assertThat(bad.get("meanSquareLow").doubleValue()).isZero();
    assertThat(bad.get("meanSquareHigh").isNull()).isTrue();
    assertThat(bad.get("quantiles")).allSatisfy(q -> assertThat(q.isNull()).isTrue());
    assertThat(bad.get("quantileIntervals"))
        .allSatisfy(interval -> assertThat(interval.get("high").isNull()).isTrue());
    assertThat(bad.get("tail")).isEmpty();
    assertThat(Summary.json(all(), BUILD, TIMING)).doesNotContain("NaN", "Infinity");
  }

  @Test
  void claimsHaveVerdictsAndEvidence() {
    JsonNode claims = summary().get("claims");
    assertThat(claims).hasSize(2);
    assertThat(claims.get(0).get("id").textValue()).isEqualTo("prop-3.1");
    assertThat(claims.get(1).get("id").textValue()).isEqualTo("delta-method");
    for (int i = 0; i < 2; i++) {
      JsonNode claim = claims.get(i);
      assertThat(fields(claim)).containsExactly("id", "verdict", "expected", "reason", "evidence");
      assertThat(claim.get("verdict").textValue()).isEqualTo(verdicts.get(i).verdict().name());
      assertThat(claim.get("expected").textValue()).isEqualTo("SUPPORTED");
      assertThat(claim.get("reason").textValue())
          .isEqualTo(verdicts.get(i).judgement().reason())
          .isNotBlank();
      assertThat(claim.get("evidence").isObject()).isTrue();
    }
    assertThat(summary().get("trustworthy").booleanValue()).isTrue();
    experiment = TestExperiments.small(directory, "claims = null");
    assertThat(
            Summary.json(
                new Results(experiment, List.of(), Optional.empty(), List.of()), BUILD, TIMING))
        .contains("\"cells\" : [ ],\n  \"claims\" : [ ],");
  }

  @Test
  void evidenceIsWrittenAsItIs() {
    Map<String, Object> evidence = new LinkedHashMap<>();
    evidence.put("number", 0.1);
    evidence.put("count", 1L << 60);
    evidence.put("unknown", Double.NaN);
    evidence.put("list", List.of(1, "a\"b", Map.of("c", Double.POSITIVE_INFINITY)));
    evidence.put("yes", true);
    assertThat(Summary.json(evidence))
        .isEqualTo(
            "{\"number\":0.1,\"count\":1152921504606846976,\"unknown\":null,"
                + "\"list\":[1,\"a\\\"b\",{\"c\":null}],\"yes\":true}");
  }

  @Test
  void textsAreEscaped() {
    experiment =
        TestExperiments.small(
            directory,
            "prompt-lengths = [4]",
            "tokens.name = \"\\\"<b>é\\\\\"",
            "seed = -9007199254740993");
    Cell cell = experiment.cells().get(0);
    results = TestBlocks.results(experiment, Map.of(cell.key(), TestBlocks.inadmissible(cell)));
    assertThat(summary().get("cells").get(0).get("tokens").textValue()).isEqualTo("\"<b>é\\");
  }

  @Test
  void differencesAreFoundByKey() {
    ObjectNode ours = Summary.tree(all());
    ObjectNode theirs = summary().deepCopy();
    assertThat(Summary.differences(ours, Optional.of(theirs.toString()))).isEmpty();
    theirs.put("seed", 1).put("note", "better").remove("trustworthy");
    assertThat(Summary.differences(ours, Optional.of(theirs.toString())))
        .containsExactly(
            "summary.json: seed differs from what the ledger gives",
            "summary.json: trustworthy differs from what the ledger gives",
            "summary.json: note is nothing that the ledger gives");
    for (String noObject : List.of("", " \n", "[]", "null", "7")) {
      assertThat(Summary.differences(ours, Optional.of(noObject)))
          .containsExactly("summary.json is not a JSON object");
    }
  }
}
