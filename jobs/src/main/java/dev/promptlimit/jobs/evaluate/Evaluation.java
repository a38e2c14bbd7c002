package dev.promptlimit.jobs.evaluate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.promptlimit.jobs.config.BadInputException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.hipparchus.exception.MathRuntimeException;

/**
 * Answers to the items of one file.
 *
 * @param json {@code {"items": [...]}}, one answer for each item in their order
 * @param problems one line for each item that cannot be answered
 */
public record Evaluation(String json, List<String> problems) {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          // NaN and infinities are no JSON, but common: so they concern their item, not the file.
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(
              StreamWriteFeature.USE_FAST_DOUBLE_WRITER) // the shortest digits, unlike the JDK's
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII) // whatever the encoding of stdout
          .build();

  private static final String SHAPES = "objects with Sigma, Gamma, measure, or s and L";

  /** An answer, or why there is none. */
  private record Outcome(ObjectNode answer, Optional<String> problem) {}

  /**
   * Evaluates all items.
   *
   * @param name of the text, for messages
   * @param text JSON in UTF-8
   * @throws BadInputException if it is not JSON or has no items
   */
  public static Evaluation of(String name, byte[] text) {
    JsonNode items = items(name, text);
    List<Outcome> outcomes =
        IntStream.range(0, items.size())
            .parallel()
            .mapToObj(i -> outcome(i, items.get(i)))
            .toList();
    ObjectNode root = JSON.createObjectNode();
    ArrayNode answers = root.putArray("items");
    outcomes.forEach(outcome -> answers.add(outcome.answer));
    List<String> problems = outcomes.stream().flatMap(o -> o.problem.stream()).toList();
    try {
      return new Evaluation(JSON.writeValueAsString(root) + "\n", problems);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of numbers and strings can be written", e);
    }
  }

  private static JsonNode items(String name, byte[] text) {
    JsonNode root;
    try {
      root = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw refusal(name, problem(e));
    } catch (IOException e) { // bytes that are no text
      throw refusal(name, e.getMessage());
    }
    if (root.isMissingNode()) {
      throw refusal(name, "it is empty");
    }
    JsonNode items = root.path("items");
    if (!items.isArray()) {
      String found = items.isMissingNode() ? "it has no items" : "its items are no array";
      throw refusal(name, found + ", allowed: {\"items\": [...]}");
    }
    return items;
  }

  private static BadInputException refusal(String name, String reason) {
    return new BadInputException("Cannot evaluate " + name + ": " + reason);
  }

  private static String problem(JsonProcessingException e) {
    String reason =
        e instanceof JsonEOFException ? "the text ends too early" : e.getOriginalMessage();
    String where =
        "line " + e.getLocation().getLineNr() + ", column " + e.getLocation().getColumnNr();
    return where + ": " + reason.replaceAll("\\s+", " ");
  }

  private static Outcome outcome(int index, JsonNode item) {
    try {
      return new Outcome(answer(item).node(), Optional.empty());
    } catch (IllegalArgumentException | ArithmeticException | MathRuntimeException e) {
      String problem = "Cannot evaluate items[" + index + "]: " + Field.reason(e);
      return new Outcome(new Answer().put("error", problem).node(), Optional.of(problem));
    }
  }

  private static Answer answer(JsonNode node) {
    Field item = new Field("", node);
    if (!node.isObject()) {
      throw new IllegalArgumentException("it is no object, allowed: " + SHAPES);
    }
    if (item.has("Sigma")) {
      return RegressionItem.answer(item);
    }
    if (item.has("Gamma")) {
      return HeadItem.answer(item);
    }
    if (item.has("measure")) {
      return MeasureItem.answer(item);
    }
    if (item.has("s") || item.has("L")) {
      return UniversalItem.answer(item);
    }
    throw new IllegalArgumentException("none of its fields tells what it is, allowed: " + SHAPES);
  }
}
