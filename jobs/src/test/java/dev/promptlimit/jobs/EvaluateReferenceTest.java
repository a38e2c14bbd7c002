package dev.promptlimit.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.promptlimit.jobs.evaluate.Evaluation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code evaluate} against reference numbers, whose origin is told beside them. */
class EvaluateReferenceTest {
  private static final Path FOLDER = Path.of("..", "lib", "src", "test", "resources", "reference");

  /** How far a number may be from its reference: relatively or absolutely. */
  private record Tolerance(double relative, double absolute) {
    double used(double expected, double actual) {
      double allowed = Math.max(relative * Math.abs(expected), absolute);
      return Math.abs(actual - expected) / allowed;
    }
  }

  /** The fields of a reference item that are answers, found in the answer by their names. */
  private static final class Comparison {
    private final Set<String> inputs;
    private final TreeMap<String, Double> deviations = new TreeMap<>(); // in tolerances
    private Tolerance tolerance;

    Comparison(String... inputs) {
      this.inputs = Set.of(inputs);
    }

    void compare(JsonNode expected, JsonNode actual, Tolerance standard) {
      assertThat(actual.has("error")).as(actual.toString()).isFalse();
      for (String name : (Iterable<String>) expected::fieldNames) {
        if (!inputs.contains(name)) {
          tolerance =
              switch (name) {
                case "population_gradient_U", "population_gradient_v" -> new Tolerance(0, 1e-8);
                case "flow" -> new Tolerance(1e-6, 1e-6);
                default -> standard;
              };
          compareNodes(name, expected.get(name), actual.path(name));
        }
      }
    }

    private void compareNodes(String name, JsonNode expected, JsonNode actual) {
      if (expected.isNumber()) {
        assertThat(actual.isNumber()).as(name).isTrue();
        double used = tolerance.used(expected.doubleValue(), actual.doubleValue());
        assertThat(used).as("%s: %s for %s", name, actual, expected).isLessThanOrEqualTo(1);
        deviations.merge(name, used, Math::max);
      } else if (expected.isObject()) {
        for (String field : (Iterable<String>) expected::fieldNames) {
          if (!inputs.contains(field)) {
            compareNodes(name + "." + field, expected.get(field), actual.path(field));
          }
        }
      } else if (expected.isArray()) {
        assertThat(actual).as(name).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
          compareNodes(name, expected.get(i), actual.get(i));
        }
      } else {
        assertThat(actual).as(name).isEqualTo(expected);
      }
    }
  }

  private static JsonNode items(JsonNode file) {
    return file.get("items");
  }

  private static void agrees(String file, Tolerance tolerance, Comparison comparison)
      throws IOException {
    ObjectMapper json = new ObjectMapper();
    Path input = FOLDER.resolve(file);
    JsonNode expected = items(json.readTree(input.toFile()));
    String out =
        String.join("\n", CommandResult.of("evaluate", "--input", input.toString()).lines());
    JsonNode actual = items(json.readTree(out));
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      comparison.compare(expected.get(i), actual.get(i), tolerance);
    }
    System.out.println(file + ", worst deviations in tolerances: " + comparison.deviations);
  }

  @Test
  void universalFunctions() throws IOException {
    agrees(
        "universal.json",
        new Tolerance(1e-9, 1e-15),
        new Comparison("relative_change_between_two_grids"));
  }

  @Test
  void heads() throws IOException {
    agrees(
        "gaussian_heads.json",
        new Tolerance(1e-8, 0),
        new Comparison("d", "p", "Gamma", "U", "V", "z"));
  }

  @Test
  void measures() throws IOException {
    agrees("measures.json", new Tolerance(1e-10, 1e-14), new Comparison("parameters", "a"));
  }

  @Test
  void regression() throws IOException {
    agrees(
        "regression.json",
        new Tolerance(1e-8, 0),
        new Comparison(
            "d",
            "Sigma",
            "U",
            "v",
            "task_variance",
            "noise_variance",
            "gradient_accuracy",
            "task",
            "query",
            "target",
            "alpha",
            "Theta",
            "times"));
  }

  /** An answer depends on its item alone. */
  @ParameterizedTest
  @ValueSource(
      strings = {"universal.json", "gaussian_heads.json", "measures.json", "regression.json"})
  void answersAreTheSameAloneAndAmongOthers(String file) throws IOException {
    ObjectMapper json = new ObjectMapper();
    JsonNode items = items(json.readTree(FOLDER.resolve(file).toFile()));
    JsonNode together = answers(items);
    for (int i = items.size() - 1; i >= 0; i--) {
      ObjectNode alone = json.createObjectNode();
      JsonNode answer = answers(alone.putArray("items").add(items.get(i))).get(0);
      assertThat(answer).isEqualTo(together.get(i));
    }
  }

  private static JsonNode answers(JsonNode items) throws IOException {
    byte[] text = ("{\"items\": " + items + "}").getBytes(UTF_8);
    String answers = Evaluation.of("a file", text).json();
    return items(new ObjectMapper().readTree(answers));
  }
}
