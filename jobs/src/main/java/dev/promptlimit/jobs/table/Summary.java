package dev.promptlimit.jobs.table;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.regression.FlowResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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

  /** What depends on the program and on when and where it ran. */
  private static final Set<String> ELSEWHERE = Set.of("build", "timing");

  private Summary() {}

  /**
   * The text of the file.
   *
   * @param build version and commit of the program
   * @param timing what depends on when and where it ran
   */
  public static String json(
      Results results, Map<String, String> build, Map<String, Object> timing) {
    ObjectNode summary = tree(results);
    ObjectNode buildNode = summary.putObject("build");
    build.forEach(buildNode::put);
    timing.forEach(summary.withObjectProperty("timing")::putPOJO);
    try {
      return JSON.writeValueAsString(summary) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of numbers and strings can be written", e);
    }
  }

  /** All of it but {@link #ELSEWHERE}. */
  public static ObjectNode tree(Results results) {
    Experiment experiment = results.experiment();
    ObjectNode summary = JSON.createObjectNode();
    summary.put("name", experiment.name());
    summary.put("hash", experiment.hash());
    summary.put("seed", experiment.seed());
    summary.put("streamVersion", StreamKey.STREAM_VERSION);
    summary.put("familyError", experiment.familyError());
    ArrayNode cells = summary.putArray("cells");
    results.cells().forEach(result -> cell(cells.addObject(), result));
    results
        .training()
        .ifPresent(
            training -> {
              training(summary.putArray("training"), training);
              flows(summary.putArray("flows"), training);
            });
    ArrayNode claims = summary.putArray("claims");
    for (ClaimResult result : results.verdicts()) {
      ObjectNode node = claims.addObject();
      node.put("id", result.claim().id());
      node.put("verdict", result.verdict().name());
      node.put("expected", result.claim().expected().name());
      node.put("reason", result.judgement().reason());
      node.set("evidence", tree(result.judgement().evidence()));
    }
    summary.put("trustworthy", ClaimResult.trustworthy(results.verdicts()));
    return summary;
  }

  /** Whether the call that published a summary left nothing to do; so if it does not say. */
  public static boolean isComplete(Optional<String> published) {
    try {
      return published.isEmpty()
          || JSON.readTree(published.get()).path("timing").path("complete").asBoolean(true);
    } catch (JsonProcessingException e) {
      return true;
    }
  }

  /** Seconds that all calls together have taken to train and simulate; 0 where none is known. */
  public static double allSeconds(Optional<String> published) {
    JsonNode timing = provenance(published).path("timing");
    return timing.path("allSeconds").asDouble(timing.path("simulationSeconds").asDouble());
  }

  /** Which program made published results, when and where; empty where they do not say. */
  static ObjectNode provenance(Optional<String> published) {
    ObjectNode provenance = JSON.createObjectNode();
    try {
      JsonNode summary = JSON.readTree(published.orElse("{}"));
      ELSEWHERE.stream()
          .filter(part -> summary.path(part).isObject())
          .forEach(part -> provenance.set(part, summary.path(part)));
    } catch (JsonProcessingException e) {
      return JSON.createObjectNode();
    }
    return provenance;
  }

  /** How a published summary differs from a tree, one line each; none where it does not. */
  public static List<String> differences(ObjectNode ours, Optional<String> published) {
    if (published.isEmpty()) {
      return List.of("summary.json is not there");
    }
    JsonNode theirs;
    try {
      theirs = JSON.readTree(published.get());
      // written and read again, so that numbers have the types of a file
      ours = (ObjectNode) JSON.readTree(JSON.writeValueAsString(ours));
    } catch (JsonProcessingException e) {
      return List.of("summary.json is not JSON: " + e.getOriginalMessage());
    }
    if (!theirs.isObject()) {
      return List.of("summary.json is not a JSON object");
    }
    List<String> lines = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : ours.properties()) {
      if (!entry.getValue().equals(theirs.path(entry.getKey()))) {
        lines.add("summary.json: " + entry.getKey() + " differs from what the ledger gives");
      }
    }
    for (Map.Entry<String, JsonNode> entry : theirs.properties()) {
      if (!ours.has(entry.getKey()) && !ELSEWHERE.contains(entry.getKey())) {
        lines.add("summary.json: " + entry.getKey() + " is nothing that the ledger gives");
      }
    }
    return lines;
  }

  /** Evidence as JSON in one line. */
  static String json(Map<String, Object> evidence) {
    try {
      return JSON.writer()
          .without(SerializationFeature.INDENT_OUTPUT)
          .writeValueAsString(tree(evidence));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of numbers and strings can be written", e);
    }
  }

  /** Maps, lists, texts, booleans and numbers; what is not finite is null. */
  private static JsonNode tree(Object value) {
    if (value instanceof Map<?, ?> map) {
      ObjectNode node = JSON.createObjectNode();
      map.forEach((key, item) -> node.set(key.toString(), tree(item)));
      return node;
    }
    if (value instanceof List<?> list) {
      ArrayNode node = JSON.createArrayNode();
      list.forEach(item -> node.add(tree(item)));
      return node;
    }
    if (value instanceof Number number && !Double.isFinite(number.doubleValue())) {
      return JSON.nullNode();
    }
    return JSON.valueToTree(value);
  }

  private static void cell(ObjectNode node, CellResult result) {
    node.put("cell", result.cell().key());
    if (!result.cell().isOwn()) {
      node.put("claim", result.cell().claim());
    }
    node.put("tokens", result.cell().tokens());
    node.put("queries", result.cell().queries());
    node.put("head", result.cell().head());
    node.put("promptLength", result.cell().setting().promptLength());
    node.put("metric", result.metric().id());
    node.put("prompts", result.prompts());
    put(node, "effectivePrompts", result.effectivePrompts());
    node.put("inadmissible", result.deviations().inadmissible());
    result.inadmissibleReason().ifPresent(reason -> node.put("inadmissibleReason", reason));
    put(node, "meanSquare", result.mean());
    put(node, "meanSquareLow", result.meanSquare().low());
    put(node, "meanSquareHigh", result.meanSquare().high());
    node.put("guaranteed", result.guaranteed());
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
      entry.put("estimate", point.estimate());
      entry.put("low", point.probability().low());
      entry.put("high", point.probability().high());
    }
  }

  /** The end of every training run; their ways are in {@code trajectories.parquet}. */
  private static void training(ArrayNode array, TrainingResults training) {
    for (TrajectoryResult trajectory : training.trajectories()) {
      CheckpointResult last = trajectory.last();
      ObjectNode node = array.addObject();
      node.put("trajectory", trajectory.run().key());
      node.put("activation", trajectory.run().activation().id());
      node.put("promptLength", trajectory.run().promptLength());
      node.put("replicate", trajectory.run().replicate());
      node.put("step", last.state().step());
      node.put("steps", trajectory.run().training().steps());
      last.state().divergedAt().ifPresent(step -> node.put("divergedAt", step));
      put(node, "trainingLoss", TrajectoryTable.trainingLoss(last.state()));
      put(node, "testRisk", last.risk());
      put(node, "testRiskLow", last.riskInterval().low());
      put(node, "testRiskHigh", last.riskInterval().high());
      put(node, "infiniteRisk", last.infiniteRisk());
      TrainingResults.Ridge ridge = training.ridge().get(trajectory.run().promptLength());
      put(node, "ridgeRisk", ridge == null ? Double.NaN : ridge.risk());
      put(node, "ridgeRiskLow", ridge == null ? Double.NaN : ridge.interval().low());
      put(node, "ridgeRiskHigh", ridge == null ? Double.NaN : ridge.interval().high());
      put(node, "h2", last.h2());
      put(node, "mapToOptimum", last.toOptimum());
      put(node, "mapToPartner", training.mapToPartner(trajectory, last));
    }
  }

  /** The end of every flow; their ways are in {@code flows.parquet}. */
  private static void flows(ArrayNode array, TrainingResults training) {
    training
        .flowProblems()
        .forEach(
            (length, problem) ->
                array.addObject().put("promptLength", length).put("problem", problem));
    for (FlowResult flow : training.flows()) {
      ObjectNode node = array.addObject();
      node.put("activation", flow.activation().id());
      node.put("promptLength", flow.promptLength());
      put(node, "horizon", flow.last().time());
      put(node, "risk", flow.limit());
      put(node, "riskLow", flow.limitInterval().low());
      put(node, "riskHigh", flow.limitInterval().high());
      put(node, "settling", flow.settling());
      put(node, "infiniteRisk", flow.last().limitRisk());
      put(node, "gap", flow.last().gap());
      put(node, "gapLow", flow.last().gapInterval().low());
      put(node, "gapHigh", flow.last().gapInterval().high());
      put(node, "largestHeadDistance", flow.largestDistance());
      put(node, "largestMapDistance", flow.largestMapDistance());
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
