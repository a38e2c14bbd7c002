package dev.promptlimit.jobs.table;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.promptlimit.claim.Claim;
import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.random.StreamKey;
import java.util.List;
import java.util.Map;

/**
 * {@code summary.json}. Everything but the object {@code timing} is a function of the experiment
 * and the program; what is infinite or unknown is null.
 */
public final class Summary {
  // The fast writer gives the shortest digits on every JDK, so that bytes do not depend on it.
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
          .build();

  private Summary() {}

  /**
   * The text of the file.
   *
   * @param build version and commit of the program
   * @param timing what depends on when and where it ran
   */
  public static String json(
      Experiment experiment,
      List<CellResult> results,
      Map<String, String> build,
      Map<String, Object> timing) {
    ObjectNode summary = JSON.createObjectNode();
    summary.put("name", experiment.name());
    summary.put("hash", experiment.hash());
    summary.put("seed", experiment.seed());
    summary.put("streamVersion", StreamKey.STREAM_VERSION);
    summary.put("familyError", experiment.familyError());
    ObjectNode buildNode = summary.putObject("build");
    build.forEach(buildNode::put);
    ArrayNode cells = summary.putArray("cells");
    results.forEach(result -> cell(cells.addObject(), result));
    ArrayNode claims = summary.putArray("claims");
    for (Claim claim : experiment.claims()) {
      ObjectNode node = claims.addObject();
      node.put("id", claim.id());
      node.put("verdict", Verdicts.NOT_JUDGED);
      node.put("reason", Verdicts.REASON);
      node.putObject("evidence");
    }
    timing.forEach(summary.withObjectProperty("timing")::putPOJO);
    try {
      return JSON.writeValueAsString(summary) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of numbers and strings can be written", e);
    }
  }

  private static void cell(ObjectNode node, CellResult result) {
    node.put("cell", result.cell().key());
    node.put("tokens", result.cell().tokens());
    node.put("queries", result.cell().queries());
    node.put("head", result.cell().head());
    node.put("promptLength", result.cell().setting().promptLength());
    node.put("metric", result.metric().id());
    node.put("prompts", result.prompts());
    node.put("inadmissible", result.summary().inadmissible());
    result.inadmissibleReason().ifPresent(reason -> node.put("inadmissibleReason", reason));
    put(node, "meanSquare", result.mean());
    put(node, "meanSquareLow", result.meanSquare().low());
    put(node, "meanSquareHigh", result.meanSquare().high());
    put(node, "exact", result.exact());
    put(node, "delta", result.delta());
    ObjectNode quantiles = node.putObject("quantiles");
    result.quantiles().forEach(q -> put(quantiles, q.level(), q.value()));
    ObjectNode intervals = node.putObject("quantileIntervals");
    for (CellResult.Quantile quantile : result.quantiles()) {
      ObjectNode interval = intervals.putObject(quantile.level());
      put(interval, "low", quantile.interval().low());
      put(interval, "high", quantile.interval().high());
    }
    ArrayNode tail = node.putArray("tail");
    for (CellResult.TailPoint point : result.tail()) {
      ObjectNode entry = tail.addObject();
      entry.put("deviation", point.deviation());
      entry.put("count", point.count());
      entry.put("low", point.probability().low());
      entry.put("high", point.probability().high());
    }
  }

  private static void put(ObjectNode node, String name, double x) {
    if (Double.isFinite(x)) {
      node.put(name, x);
    } else {
      node.putNull(name);
    }
  }
}
