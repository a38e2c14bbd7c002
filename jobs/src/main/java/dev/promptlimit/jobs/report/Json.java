package dev.promptlimit.jobs.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.io.NumberOutput;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.math.MathContext;

/** JSON of pages: the shortest digits of numbers, which the JDK gives from version 19 on only. */
final class Json {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder().enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER).build();

  private static final MathContext DIGITS = new MathContext(6);

  private Json() {}

  static String text(JsonNode node) {
    try {
      return MAPPER.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of numbers and strings can be written", e);
    }
  }

  static JsonNode parse(String text) throws JsonProcessingException {
    return MAPPER.readTree(text);
  }

  /** A number as JSON has it. */
  static String text(double x) {
    return NumberOutput.toString(x, true);
  }

  /** A text as it is, a number with six digits. */
  static String shortened(JsonNode value) {
    return value.isFloatingPointNumber()
        ? text(value.decimalValue().round(DIGITS).doubleValue())
        : value.asText();
  }

  /** A text as it is, a number as JSON has it. */
  static String words(JsonNode value) {
    return value.isFloatingPointNumber() ? text(value.doubleValue()) : value.asText();
  }
}
