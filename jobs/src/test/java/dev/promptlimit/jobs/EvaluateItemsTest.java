package dev.promptlimit.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.promptlimit.jobs.evaluate.Evaluation;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of single items, good and bad. */
class EvaluateItemsTest {
  private static final String HEAD =
      "{'Gamma': [[2, 0], [0, 1]], 'U': [[1, 0], [0, 1]], 'V': [[1, 1]], 'z': [0.5, 0], 'L': 3}";
  private static final String TASK =
      "{'Sigma': [[1]], 'U': [[1, 0], [0, 1]], 'v': [0, 1], 'task': [1], 'query': [2],"
          + " 'target': 2, 'L': 9, 'flow': {'alpha': 0.2, 'Theta': [[1]], 'times': [0, 1]}}";
  private static final String UNTILTED = "{'s': 0, 'L': 7}";

  /** Apostrophes stand for quotation marks. */
  private static Evaluation evaluate(String... items) {
    String text = "{'items': [" + String.join(",", items) + "]}";
    return Evaluation.of("a file", text.replace('\'', '"').getBytes(UTF_8));
  }

  private static JsonNode answers(Evaluation evaluation) {
    try {
      return new ObjectMapper().readTree(evaluation.json()).get("items");
    } catch (IOException e) {
      throw new AssertionError(evaluation.json(), e);
    }
  }

  private static JsonNode answer(String item) {
    Evaluation evaluation = evaluate(item);
    assertThat(evaluation.problems()).isEmpty();
    return answers(evaluation).get(0);
  }

  /** The item between two good ones; what is wrong with it, without its place. */
  private static String problem(String item) {
    Evaluation evaluation = evaluate(UNTILTED, item, UNTILTED);
    JsonNode answers = answers(evaluation);
    assertThat(answers).hasSize(3);
    assertThat(answers.get(0).get("G").doubleValue()).isEqualTo(1.0 / 7);
    assertThat(answers.get(2)).isEqualTo(answers.get(0));
    assertThat(evaluation.problems()).hasSize(1);
    String problem = evaluation.problems().get(0);
    assertThat(problem).startsWith("Cannot evaluate items[1]: ").doesNotContain("\n");
    assertThat(answers.get(1)).hasSize(1);
    assertThat(answers.get(1).get("error").textValue()).isEqualTo(problem);
    return problem.substring("Cannot evaluate items[1]: ".length());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {'s': -1, 'L': 3}       | s is -1, allowed: a number from 0 to 1000.0
          {'s': 1000.5, 'L': 3}   | s is 1000.5, allowed: a number from 0 to 1000.0
          {'s': NaN, 'L': 3}      | s is NaN, allowed: a number from 0 to 1000.0
          {'s': -Infinity, 'L': 3}| s is -Infinity, allowed: a number from 0 to 1000.0
          {'s': 1e999, 'L': 3}    | s is Infinity, allowed: a number from 0 to 1000.0
          {'s': '1', 'L': 3}      | s is "1", allowed: a number from 0 to 1000.0
          {'s': [], 'L': 3}       | s is [], allowed: a number from 0 to 1000.0
          {'s': true, 'L': 3}     | s is true, allowed: a number from 0 to 1000.0
          {'L': 3}                | s is missing, allowed: a number from 0 to 1000.0
          {'s': null, 'L': 3}     | s is missing, allowed: a number from 0 to 1000.0
          {'s': 1}                | L is missing, allowed: a whole number from 1 to 1.0E40
          {'s': 1, 'L': 0}        | L is 0, allowed: a whole number from 1 to 1.0E40
          {'s': 1, 'L': -4}       | L is -4, allowed: a whole number from 1 to 1.0E40
          {'s': 1, 'L': 2.5}      | L is 2.5, allowed: a whole number from 1 to 1.0E40
          {'s': 1, 'L': 1e41}     | L is 1.0E41, allowed: a whole number from 1 to 1.0E40
          {'s': 1, 'L': '10'}     | L is "10", allowed: a whole number from 1 to 1.0E40
          """)
  void wrongUniversalItems(String item, String problem) {
    assertThat(problem(item)).isEqualTo(problem);
  }

  @ParameterizedTest
  @ValueSource(strings = {"5", "null", "[1, 2]", "'s'", "NaN"})
  void itemsThatAreNoObjects(String item) {
    assertThat(problem(item))
        .isEqualTo("it is no object, allowed: objects with Sigma, Gamma, measure, or s and L");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{'sigma': 1}", "{'U': [[1]], 'V': [[1]]}", "{'Gamma': null}"})
  void itemsOfNoShape(String item) {
    assertThat(problem(item))
        .isEqualTo(
            "none of its fields tells what it is, allowed: objects with Sigma, Gamma, measure, or"
                + " s and L");
  }

  /** Part of a good head replaced. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          [[2, 0], [0, 1]] | [[1, 0], [0]]     | Gamma[1] has length 1, allowed: 2
          [[2, 0], [0, 1]] | []                | Gamma is [], allowed: an array of length 1 or more
          [[2, 0], [0, 1]] | [[]]              | Gamma[0] is [], allowed: an array of length 1
          [[2, 0], [0, 1]] | [[1, 2, 3]]       | Gamma[0] has length 3, allowed: 1
          [[2, 0], [0, 1]] | 5                 | Gamma is 5, allowed: an array of length 1 or more
          [[2, 0], [0, 1]] | [1, 0]            | Gamma[0] is 1, allowed: an array of length 2
          [[2, 0], [0, 1]] | [[1, 'x'], [0, 1]]| Gamma[0][1] is "x", allowed: a finite number
          [[2, 0], [0, 1]] | [[1, 2], [2, 1]]  | Gamma: it is not positive semidefinite: its smallest eigenvalue is -1.0
          [[2, 0], [0, 1]] | [[1, 0], [0.5, 1]]| Gamma: it is not symmetric: entry (0, 1) is 0.0, entry (1, 0) is 0.5
          [[1, 0], [0, 1]] | [[1, 0]]          | U has length 1, allowed: 2
          [[1, 0], [0, 1]] | [[1, 0], [0]]     | U[1] has length 1, allowed: 2
          [[1, 0], [0, 1]] | null              | U is missing, allowed: an array of length 2
          [[1, 1]]         | [[1, 0, 0]]       | V[0] has length 3, allowed: 2
          [[1, 1]]         | [[NaN, 0]]        | V[0][0] is NaN, allowed: a finite number
          [[1, 1]]         | [[1, 0], [1]]     | V[1] has length 1, allowed: 2
          [0.5, 0]         | [1]               | z has length 1, allowed: 2
          [0.5, 0]         | [1, Infinity]     | z[1] is Infinity, allowed: a finite number
          [0.5, 0]         | [1, null]         | z[1] is missing, allowed: a finite number
          [0.5, 0]         | [0, 2000]         | z: the score standard deviation is 2000.0, allowed: 0 to 1000.0
          [0.5, 0]         | [1e200, 1]        | z: the score variance is Infinity, allowed: finite
          [0.5, 0]         | [4, 0], 'mean': [1e308, 0] | z: the log-MGF at this tilt overflows
          'z'              | 'mean': [1], 'z'  | mean has length 1, allowed: 2
          'L': 3           | 'L': 0            | L is 0, allowed: a whole number from 1 to 1.0E40
          , 'L': 3         | ` `               | L is missing, allowed: a whole number from 1 to 1.0E40
          """)
  void wrongHeads(String good, String bad, String problem) {
    assertThat(HEAD).contains(good);
    assertThat(problem(HEAD.replace(good, bad))).isEqualTo(problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          'cauchy'     | {}                              | measure is "cauchy", allowed: gaussian, rademacher, uniform-cube, uniform-sphere, gaussian-mixture, vocabulary, laplace, student-t
          7            | {}                              | measure is 7, allowed: gaussian, rademacher, uniform-cube, uniform-sphere, gaussian-mixture, vocabulary, laplace, student-t
          'laplace'    | {}                              | parameters.scale is missing, allowed: a finite number > 0
          'laplace'    | null                            | parameters is missing, allowed: an object
          'laplace'    | [1]                             | parameters is [1], allowed: an object
          'rademacher' | {'scale': -1}                   | parameters.scale is -1, allowed: a finite number > 0
          'uniform-cube' | {'half_width': 0}             | parameters.half_width is 0, allowed: a finite number > 0
          'uniform-sphere' | {'radius': 1, 'd': 3}       | parameters.d is 3, allowed: 2, the number of entries of a
          'student-t'  | {'degrees_of_freedom': '3'}     | parameters.degrees_of_freedom is "3", allowed: a finite number > 0
          'gaussian'   | {'covariance': [[1]]}           | parameters.covariance has length 1, allowed: 2
          'gaussian'   | {'mean': [1], 'covariance': [[1, 0], [0, 1]]} | parameters.mean has length 1, allowed: 2
          'gaussian'   | {'covariance': [[1, 0], [0, -1]]} | parameters.covariance: it is not positive semidefinite: its smallest eigenvalue is -1.0
          'gaussian-mixture' | {'weights': [], 'means': [], 'covariances': []} | parameters.weights is [], allowed: an array of length 1 or more
          'gaussian-mixture' | {'weights': [1, 0]}       | parameters.means is missing, allowed: an array of length 2
          'gaussian-mixture' | {'weights': [0], 'means': [[1, 2]], 'covariances': [[[1, 0], [0, 1]]]} | parameters.weights[0] is 0, allowed: a finite number > 0
          'gaussian-mixture' | {'weights': [1], 'means': [[1, 2]], 'covariances': [[[1, 0], [1, 1]]]} | parameters.covariances[0]: it is not symmetric: entry (0, 1) is 0.0, entry (1, 0) is 1.0
          'vocabulary' | {'probabilities': [1], 'embeddings': [[1, 2], [3, 4]]} | parameters.embeddings has length 2, allowed: 1
          'vocabulary' | {'probabilities': [1, -1], 'embeddings': [[1, 2], [3, 4]]} | parameters.probabilities[1] is -1, allowed: a finite number >= 0
          'vocabulary' | {'probabilities': [1, 1], 'embeddings': [[1, 2], [3]]} | parameters.embeddings[1] has length 1, allowed: 2
          'vocabulary' | {'probabilities': [0], 'embeddings': [[1, 2]]} | parameters: the sum of the probabilities is 0.0, allowed: finite and > 0
          """)
  void wrongMeasures(String measure, String parameters, String problem) {
    assertThat(problem(measure(measure, parameters, "[0.5, 0]"))).isEqualTo(problem);
  }

  @Test
  void wrongTilts() {
    String scale = "{'scale': 1}";
    assertThat(problem(measure("'laplace'", scale, "[]")))
        .isEqualTo("a is [], allowed: an array of length 1 or more");
    assertThat(problem(measure("'laplace'", scale, "[1, NaN]")))
        .isEqualTo("a[1] is NaN, allowed: a finite number");
    assertThat(problem(measure("'laplace'", scale, Collections.nCopies(1025, 0).toString())))
        .isEqualTo("a has length 1025, allowed: 1 to 1024");
  }

  private static String measure(String name, String parameters, String a) {
    return "{'measure': " + name + ", 'parameters': " + parameters + ", 'a': " + a + "}";
  }

  /** Part of a good item replaced. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          [[1]], 'U'     | [[-1]], 'U'    | Sigma: it is not positive semidefinite: its smallest eigenvalue is -1.0
          'v': [0, 1]    | 'w': 0         | v is missing, allowed: an array of length 2
          'v': [0, 1]    | 'v': [0]       | v has length 1, allowed: 2
          'U': [[1, 0], [0, 1]], | ` `    | U is missing, allowed: an array of length 2
          [0, 1]]        | [0, 1, 2]]     | U[1] has length 3, allowed: 2
          'query': [2],  | ` `            | query is missing, allowed: an array of length 1
          'task': [1],   | ` `            | task is missing, allowed: an array of length 1
          'task': [1]    | 'task': [1, 2] | task has length 2, allowed: 1
          'target': 2,   | ` `            | target is missing, allowed: a finite number
          'L': 9,        | ` `            | L is missing, allowed: a whole number from 1 to 1.0E40
          'L': 9         | 'L': 9.5       | L is 9.5, allowed: a whole number from 1 to 1.0E40
          'query': [2]   | 'query': [1e9] | query: the score standard deviation is 1.0E9, allowed: 0 to 1000.0
          'L'            | 'task_variance': -1, 'L' | task_variance is -1, allowed: a finite number >= 0
          'L'            | 'noise_variance': '0', 'L' | noise_variance is "0", allowed: a finite number >= 0
          'alpha': 0.2,  | ` `            | flow.alpha is missing, allowed: a finite number > 0
          'alpha': 0.2   | 'alpha': 1e200 | flow: alpha is 1.0E200, allowed: 1e-100 to 1e100
          'Theta': [[1]] | 'Theta': [[0]] | flow: the largest entry of Theta is 0.0, allowed: finite and > 0
          'Theta': [[1]] | 'Theta': [[1], [2]] | flow.Theta has length 2, allowed: 1
          'times': [0, 1] | 'times': []   | flow.times is [], allowed: an array of length 1 or more
          'times': [0, 1] | 'times': [1, 0] | flow: a time is 0.0, allowed: finite and >= 1.0, the time before
          'flow': {'alpha': 0.2, 'Theta': [[1]], 'times': [0, 1]} | 'flow': 5 | flow is 5, allowed: an object
          """)
  void wrongRegressionItems(String good, String bad, String problem) {
    assertThat(TASK).contains(good);
    assertThat(problem(TASK.replace(good, bad))).isEqualTo(problem);
  }

  @Test
  void regressionItemsInPart() {
    JsonNode whole = answer(TASK);
    assertThat(whole.fieldNames())
        .toIterable()
        .containsExactly(
            "L",
            "population_risk",
            "population_gradient_U",
            "population_gradient_v",
            "softmax_conditional_squared_error",
            "linear_conditional_squared_error",
            "flow",
            "limit_b");
    // Γ_w is singular and all ones; c = s² = 4·... by hand: a = (2, 0), v = (0, 1), c = 2 = y, q =
    // 1
    assertThat(whole.get("linear_conditional_squared_error").doubleValue())
        .isCloseTo((4 + 4) / 9.0, within(1e-14));
    JsonNode sigma = answer("{'Sigma': [[1, 0], [0, 2]]}");
    assertThat(sigma).hasSize(1);
    assertThat(sigma.get("limit_b").doubleValue())
        .isCloseTo(Math.sqrt(Math.sqrt(1.25)), within(1e-15));
    for (String singular : List.of("[[0]]", "[[1, 0], [0, 0]]", "[[1, 1], [1, 1]]")) {
      assertThat(answer("{'Sigma': " + singular + "}").get("limit_b").isNull()).isTrue();
    }
    assertThat(problem("{'Sigma': [[1e300]]}")).startsWith("Sigma: ");
    JsonNode flow =
        answer("{'Sigma': [[1]], 'L': 5, 'flow': {'alpha': 2, 'Theta': [[3]], 'times': [0, 1e9]}}");
    assertThat(flow.toString())
        .isEqualTo("{\"flow\":{\"A\":[[[2.0]],[[1.0]]],\"b\":[2.0,1.0]},\"limit_b\":1.0}");
    assertThat(answer("{'Sigma': [[1]], 'U': [[0, 0], [0, 0]], 'v': [0, 0]}").toString())
        .isEqualTo(
            "{\"population_risk\":0.5,\"population_gradient_U\":[[0.0,0.0],[0.0,0.0]],"
                + "\"population_gradient_v\":[0.0,0.0],\"limit_b\":1.0}");
  }

  /** Whatever else an item has does not matter, be it an answer or nonsense. */
  @Test
  void theMostSpecificShapeCounts() {
    String rest = "'s': 'x', 'note': {'a': []}, 'about': 1e999";
    String measure = "'measure': 'rademacher', 'parameters': {'scale': 1}, 'a': [0]";
    assertThat(answer("{" + measure + ", " + rest + "}")).isEqualTo(answer("{" + measure + "}"));
    assertThat(answer(HEAD.replace("}", ", 'measure': 5, " + rest + "}"))).isEqualTo(answer(HEAD));
    assertThat(answer(TASK.replace("'L'", "'Gamma': 7, 'measure': 8, " + rest + ", 'L'")))
        .isEqualTo(answer(TASK));
  }

  /** As it was written where it is repeated, and whatever its size. */
  @Test
  void promptLengths() {
    JsonNode one = answer("{'s': 1, 'L': 50}");
    for (String same : List.of("50.0", "5e1", "500E-1")) {
      JsonNode answer = answer("{'s': 1, 'L': " + same + "}");
      assertThat(answer.get("F")).isEqualTo(one.get("F"));
    }
    for (String length : List.of("1", "1" + "0".repeat(40), "12345678901234567890")) {
      Evaluation evaluation = evaluate("{'s': 1, 'L': " + length + "}");
      assertThat(evaluation.problems()).isEmpty();
      assertThat(evaluation.json()).contains("\"L\" : " + length + ",");
    }
  }

  @Test
  void universalItemsCarryEstimatesOfTheirErrors() {
    JsonNode answer = answer("{'s': 2, 'L': 10}");
    JsonNode errors = answer.get("estimated_error");
    assertThat(errors).hasSize(10);
    for (String name : (Iterable<String>) errors::fieldNames) {
      double value = Math.abs(answer.get(name).doubleValue());
      assertThat(errors.get(name).doubleValue()).isBetween(1e-15 * value, 1e-11 * value);
    }
  }

  @Test
  void zerosHaveNoSign() {
    assertThat(evaluate(UNTILTED, HEAD.replace("0.5", "0")).json())
        .doesNotContainPattern("-0\\.0\\b");
  }

  @Test
  void whatIsInfiniteIsNull() {
    JsonNode answer = answer(HEAD.replace("0.5", "50"));
    for (String name :
        List.of(
            "delta_output",
            "delta_jac_v",
            "delta_jac_u",
            "freezing_length",
            "query_averaged_output_constant")) {
      assertThat(answer.path(name).isNull()).as(name).isTrue();
    }
    assertThat(answer.get("bohbot_exponent").doubleValue()).isCloseTo(1 / 3.0, within(1e-15));
  }

  @Test
  void theMeanOfTheTokensMovesTheLimitOnly() {
    JsonNode centred = answer(HEAD);
    JsonNode moved = answer(HEAD.replace("}", ", 'mean': [1, 2]}"));
    assertThat(centred.get("infinite_output").get(0).doubleValue()).isEqualTo(1);
    assertThat(moved.get("infinite_output").get(0).doubleValue()).isEqualTo(4);
    for (String name : (Iterable<String>) centred::fieldNames) {
      if (!name.equals("infinite_output")) {
        assertThat(moved.get(name)).as(name).isEqualTo(centred.get(name));
      }
    }
  }

  @Test
  void measuresWithoutReferenceNumbers() {
    JsonNode gaussian =
        answer(measure("'gaussian'", "{'mean': [1, 2], 'covariance': [[1, 0], [0, 2]]}", "[0, 1]"));
    assertThat(gaussian.toString())
        .isEqualTo(
            "{\"measure\":\"gaussian\",\"log_mgf\":3.0,\"tilted_mean\":[1.0,4.0],"
                + "\"tilted_covariance\":[[1.0,0.0],[0.0,2.0]]}");
    JsonNode student = answer(measure("'student-t'", "{'degrees_of_freedom': 3}", "[0]"));
    assertThat(student.toString())
        .isEqualTo(
            "{\"measure\":\"student-t\",\"log_mgf\":0.0,\"tilted_mean\":[0.0],"
                + "\"tilted_covariance\":[[3.0]]}");
    assertThat(answer(measure("'uniform-sphere'", "{'radius': 1}", "[0, 0]")).get("tilted_mean"))
        .hasSize(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          'laplace'   | {'scale': 2}              | [0, -0.5] | coordinate 1 of the tilt is -0.5
          'student-t' | {'degrees_of_freedom': 9} | [0, 1e-9] | the log-MGF of Student-t tokens is infinite
          'student-t' | {'degrees_of_freedom': 2} | [0, 0]    | Student-t tokens of 2.0 degrees of freedom have no
          'gaussian'  | {'covariance': [[1]]}     | [1e300]   | the log-MGF at this tilt overflows
          """)
  void tiltsOutsideTheDomain(String name, String parameters, String a, String reason) {
    JsonNode answer = answer(measure(name, parameters, a));
    assertThat(answer.path("tilted_mean").isNull()).isTrue();
    assertThat(answer.path("tilted_covariance").isNull()).isTrue();
    assertThat(answer.get("inadmissible").textValue()).startsWith(reason);
  }
}
