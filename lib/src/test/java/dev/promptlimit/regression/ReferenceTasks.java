package dev.promptlimit.regression;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.promptlimit.attention.Head;
import dev.promptlimit.measure.Covariance;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.StreamSupport;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;

/** The items of {@code reference/regression.json}, exact values computed elsewhere. */
final class ReferenceTasks {
  private ReferenceTasks() {}

  /** One item. */
  record Item(JsonNode json) {
    TaskFamily family() {
      return new TaskFamily(
          Covariance.of(rows(json.get("Sigma"))),
          number("task_variance"),
          number("noise_variance"));
    }

    Head head() {
      return new Head(
          matrix(json.get("U")), MatrixUtils.createRowRealMatrix(numbers(json.get("v"))));
    }

    ConditionalError conditionalError() {
      return new ConditionalError(
          family(),
          head(),
          numbers(json.get("task")),
          numbers(json.get("query")),
          number("target"));
    }

    double number(String field) {
      return json.required(field).asDouble();
    }

    @Override
    public String toString() {
      return "d = " + json.get("d");
    }
  }

  static List<Item> items() {
    try (InputStream file =
        ReferenceTasks.class.getResourceAsStream("/reference/regression.json")) {
      JsonNode items = new ObjectMapper().readTree(file).get("items");
      return StreamSupport.stream(items.spliterator(), false).map(Item::new).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static double[] numbers(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false)
        .mapToDouble(JsonNode::asDouble)
        .toArray();
  }

  static RealMatrix matrix(JsonNode rows) {
    return new Array2DRowRealMatrix(rows(rows));
  }

  private static double[][] rows(JsonNode rows) {
    return StreamSupport.stream(rows.spliterator(), false)
        .map(ReferenceTasks::numbers)
        .toArray(double[][]::new);
  }
}
