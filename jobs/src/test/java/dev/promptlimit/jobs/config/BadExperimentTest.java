package dev.promptlimit.jobs.config;

import static dev.promptlimit.jobs.config.SpoiltFile.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.promptlimit.jobs.TestExperiments;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a file may not say. A problem is one line with key, value, file, line and what is allowed.
 */
class BadExperimentTest {
  private static final String EVERY_LONG =
      "whole numbers from -9223372036854775808 to 9223372036854775807";
  private static final String LENGTHS =
      "{ from, to, factor }, or a list of 1 to 1000 different whole numbers from 1 to 1000000000000";

  @TempDir private Path directory;

  private List<String> problems(String text, String... overrides) {
    return SpoiltFile.problems(directory, text, overrides);
  }

  @Test
  void theGoodFileIsGood() {
    assertThat(TestExperiments.read(directory, with("seed = 1")).cells()).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"absent.conf", ".", "test.conf/below"})
  void missingFile(String name) {
    TestExperiments.write(directory, "name = x");
    Path file = directory.resolve(name);
    assertThatThrownBy(() -> ExperimentReader.read(file, List.of()))
        .isInstanceOf(BadInputException.class)
        .hasMessage("Cannot read experiment " + file + ": there is no such readable file");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "name = x { | FILE: 1",
        "name = x\\n\\nheads = [ | FILE: 3",
        "a = ${b} | ${b}",
        "a = ${HOME} | ${HOME}", // the environment is no part of an experiment
        "include required(\"absent.conf\") | absent.conf",
        "name = \"x | FILE: 1",
      })
  void syntaxErrorIsOneLineWithFileAndLine(String text, String part) {
    assertThat(problems(text.replace("\\n", "\n")))
        .singleElement()
        .asString()
        .startsWith("Cannot read experiment FILE: ")
        .contains(part);
  }

  @Test
  void nestedTooDeeply() {
    assertThat(problems("a = " + "[".repeat(100_000)))
        .containsExactly("Cannot read experiment FILE: it is nested too deeply");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // wrong types
        "seed = one | seed = \"one\" (FILE:2) | whole",
        "seed = [1] | seed = [1] (FILE:2) | whole",
        "seed = 1.5 | seed = 1.5 (FILE:2) | whole",
        "seed = true | seed = true (FILE:2) | whole",
        "seed = NaN | seed = \"NaN\" (FILE:2) | whole",
        "seed = 9223372036854775808 | seed = \"9223372036854775808\" (FILE:2) | whole",
        "seed = 1e99999999999 | seed = (FILE:2) | whole",
        "name = [x] | name = [\"x\"] (FILE:1) | name",
        "budget = 5 | budget = 5 (FILE:15) | { prompts-per-cell }",
        "heads = 5 | heads = 5 (FILE:11) | a list of named heads, at least one",
        "heads = [] | heads = [] (FILE:11) | a list of named heads, at least one",
        "tokens = [1] | tokens = [1] (FILE:12) | a measure, or a list of named measures",
        "metrics = output | metrics = \"output\" (FILE:16) | metrics",
        "metrics = [output, output] | metrics = [\"output\",\"output\"] (FILE:16) | metrics",
        "metrics = [output, foo] | metrics = [\"output\",\"foo\"] (FILE:16) | metrics",
        "metrics = [] | metrics = [] (FILE:16) | at least one of a list of output",
        "sampler = fast | sampler = \"fast\" (FILE:16) | auto, exact-reduced, brute-force",
        "stream-version = 1 | stream-version = 1 (FILE:16) | whole numbers from 2 to 2",
        "claims { ids = [prop-9] } | claims.ids = [\"prop-9\"] (FILE:16) | a list of lemma-2.1",
        // zero, negative, infinite, not a number
        "tokens.dimension = 0 | tokens.dimension = 0 (FILE:4) | whole numbers from 1 to 1024",
        "tokens.dimension = 1025 | tokens.dimension = 1025 (FILE:4) | whole numbers from 1 to 1024",
        "budget.prompts-per-cell = 0 | budget.prompts-per-cell = 0 (FILE:15) | prompts",
        "budget.prompts-per-cell = -1 | budget.prompts-per-cell = -1 (FILE:15) | prompts",
        "budget.prompts-per-cell = Infinity | budget.prompts-per-cell = \"Infinity\" (FILE:15) |"
            + " prompts",
        "budget.prompts-per-cell = 9223372036854775808 |"
            + " budget.prompts-per-cell = \"9223372036854775808\" (FILE:15) | prompts",
        "prompt-lengths = [0] | prompt-lengths = 0 (FILE:14) | lengths",
        "prompt-lengths = [4, -1] | prompt-lengths = -1 (FILE:14) | lengths",
        "prompt-lengths = [1000000000001] | prompt-lengths = 1000000000001 (FILE:14) | lengths",
        "prompt-lengths = [1.5] | prompt-lengths = 1.5 (FILE:14) | lengths",
        "prompt-lengths = [2, 2.0] | prompt-lengths = [2,2] (FILE:14) | lengths",
        "prompt-lengths = [] | prompt-lengths = [] (FILE:14) | lengths",
        "prompt-lengths = 7 | prompt-lengths = 7 (FILE:14) | lengths",
        "prompt-lengths { from = 0, to = 4 } | prompt-lengths.from = 0 (FILE:14) | length",
        "prompt-lengths { from = 4, to = 2 } | prompt-lengths.to = 2 (FILE:14) | at least from = 4",
        "prompt-lengths { from = 1, to = 4, factor = 1 } | prompt-lengths.factor = 1 (FILE:14) |"
            + " numbers from 1.01 to 1000000",
        "prompt-lengths { from = 1, to = 4, factor = NaN } |"
            + " prompt-lengths.factor = \"NaN\" (FILE:14) | numbers from 1.01 to 1000000",
        "prompt-lengths { from = 1, to = 4, factor = Infinity } |"
            + " prompt-lengths.factor = \"Infinity\" (FILE:14) | numbers from 1.01 to 1000000",
        "claims { family-error = 0 } | claims.family-error = 0 (FILE:16) |"
            + " numbers from 1e-12 to 0.5",
        "claims { family-error = NaN } | claims.family-error = \"NaN\" (FILE:16) |"
            + " numbers from 1e-12 to 0.5",
        "heads.value.vector = [1, NaN] | heads.value.vector = [1,\"NaN\"] (FILE:13) |"
            + " a list of finite numbers",
        "heads.value.vector = [1, 1e999] | heads.value.vector = [1, (FILE:13) |"
            + " a list of finite numbers",
        "heads.value.vector = [1, [0]] | heads.value.vector = [1,[0]] (FILE:13) |"
            + " a list of finite numbers",
        "heads.query-key.rows = [[1, 0], [0, -Infinity]] |"
            + " heads.query-key.rows = [[1,0],[0,\"-Infinity\"]] (FILE:11) |"
            + " a list of rows of equally many finite numbers",
      })
  void valueOutOfRange(String line, String keyValueAndPlace, String allowed) {
    String text =
        switch (allowed) {
          case "whole" -> EVERY_LONG;
          case "name" ->
              "1 to 64 letters, digits, dots, dashes and underscores, a letter or digit first";
          case "prompts" -> "whole numbers from 1 to 9007199254740992";
          case "lengths" -> LENGTHS;
          case "length" -> "whole numbers from 1 to 1000000000000";
          case "metrics" -> "a list of output, jacobian-v, jacobian-u, each at most once";
          default -> allowed;
        };
    int place = keyValueAndPlace.indexOf(" (FILE");
    assertThat(problems(with(line)))
        .anySatisfy(
            problem ->
                assertThat(problem)
                    .startsWith("Cannot use " + keyValueAndPlace.substring(0, place))
                    .contains(keyValueAndPlace.substring(place) + ": allowed: " + text));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // heads against tokens of dimension 2
        "heads.value.vector = [1, 2, 3] | heads.value.vector = [1,2,3] (FILE:13):"
            + " it has 3 entries, the tokens have dimension 2",
        "heads.value { kind = matrix, rows = [[1, 2], [3]] } |"
            + " heads.value.rows = [[1,2],[3]] (FILE:14):"
            + " a row has 1 entries, the tokens have dimension 2",
        "heads.query-key.rows = [[1, 0]] | heads.query-key = {\"kind\":\"matrix\",\"rows\":[[1,0]]}"
            + " (FILE:10): it has 1 rows, the tokens have dimension 2: U must be square",
        "heads.query-key.rows = [[1, 0], [0, 1], [1, 1]] | heads.query-key = "
            + "{\"kind\":\"matrix\",\"rows\":[[1,0],[0,1],[1,1]]} (FILE:10):"
            + " it has 3 rows, the tokens have dimension 2: U must be square",
        "heads.query-key.rows = [[1, 0, 0], [0, 1, 0]] |"
            + " heads.query-key.rows = [[1,0,0],[0,1,0]] (FILE:11):"
            + " a row has 3 entries, the tokens have dimension 2",
        "queries { measure = fixed, vector = [1] } | queries.vector = [1] (FILE:14):"
            + " it has 1 entries, the tokens have dimension 2",
        "queries.dimension = 3 | queries.dimension = 3 (FILE:16): the tokens have dimension 2",
        "queries.mean = [1, 2, 3] | queries.mean = [1,2,3] (FILE:16):"
            + " it has 3 entries, the tokens have dimension 2",
        // covariances
        "tokens.covariance.rows = [[1, 0]] | tokens.covariance = "
            + "{\"kind\":\"matrix\",\"rows\":[[1,0]]} (FILE:5):"
            + " it is not square: row 0 has 2 entries, not 1",
        "tokens.covariance.rows = [[1, 0.5], [0.25, 1]] | tokens.covariance = "
            + "{\"kind\":\"matrix\",\"rows\":[[1,0.5],[0.25,1]]} (FILE:5):"
            + " it is not symmetric: entry (0, 1) is 0.5, entry (1, 0) is 0.25",
        "tokens.covariance.rows = [[1, 2], [2, 1]] | tokens.covariance = "
            + "{\"kind\":\"matrix\",\"rows\":[[1,2],[2,1]]} (FILE:5):"
            + " it is not positive semidefinite: its smallest eigenvalue is -1",
        "tokens.covariance { kind = diagonal, diagonal = [1, -1] } | tokens.covariance = "
            + "{\"diagonal\":[1,-1],\"kind\":\"diagonal\"} (FILE:15):"
            + " variance 1 is -1.0, allowed: finite and ≥ 0",
        "tokens.covariance { kind = toeplitz, rho = 1.5 } |"
            + " tokens.covariance.rho = 1.5 (FILE:14): allowed: numbers from -1 to 1",
        "tokens.covariance { kind = identity, variance = -1 } |"
            + " tokens.covariance.variance = -1 (FILE:14): allowed: finite numbers ≥ 0",
      })
  void shapesThatDoNotFit(String line, String problem) {
    String text = with(line);
    assertThat(problems(text))
        .anySatisfy(
            found ->
                assertThat(found.replaceFirst("-0\\.99\\d+|-1\\.00\\d+", "-1"))
                    .matches(
                        "Cannot use "
                            + Pattern.quote(problem)
                                .replaceFirst("FILE:\\d+", "FILE:\\\\E\\\\d+\\\\Q")
                            + ".*"));
  }

  @Test
  void tokensOfARunFitInto63Bits() {
    String most = "prompt-lengths = [1000000000000]\nbudget.prompts-per-cell = ";
    // 2 cells of 1 prompt blocks would do; this is one prompt above 2^63 - 1 tokens
    assertThat(
            problems(
                with("prompt-lengths = [1]")
                    .replace("prompt-lengths = [1]", most + 9_223_373)
                    .replace("\nbudget.prompts-per-cell = 1\n", "\n")))
        .containsExactly(
            "Cannot use budget.prompts-per-cell = 9223373 (FILE:15): 1 cells at these prompt"
                + " lengths need more than 2^63 - 1 tokens in all");
    assertThat(
            TestExperiments.read(
                    directory,
                    with("prompt-lengths = [1000000000000]"),
                    "budget.prompts-per-cell = 9223372",
                    "query-strata = never")
                .cells())
        .hasSize(1);
  }

  /** Entries near the largest double: no stack trace, whatever the matrix is worth. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "tokens.covariance { kind = toeplitz, rho = 0.5, variance = 1e308 }",
        "tokens.covariance { kind = identity, variance = 1.7e308 }",
        "tokens.covariance.rows = [[1e308, 0], [0, 1e308]]",
        "tokens.covariance.rows = [[1e308, 1e308], [1e308, 1e308]]",
        "tokens.covariance.rows = [[1e308, -1e308], [1e308, 1e308]]",
        "heads.query-key { kind = random, norm = 1e308, seed = 1 }",
        "heads.query-key { kind = scaled-identity, scale = 1.7e308 }",
        "tokens.covariance { kind = toeplitz, rho = 1e-300, variance = 1e-300 }",
      })
  void extremeNumbersAreReadOrRefused(String line) {
    try {
      TestExperiments.read(directory, with(line));
    } catch (BadInputException e) {
      assertThat(e).hasMessageStartingWith("Cannot use ").hasMessageContaining("test.conf:");
    }
  }
}
