package dev.promptlimit.jobs.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.jobs.TestExperiments;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A cell's key names its random streams: equal content, equal key, and nothing else matters. */
class CellTest {
  private static final String BASE =
      """
      name = base
      seed = 1
      tokens { measure = gaussian, dimension = 2, covariance { kind = matrix, rows = [[1, 0.5], [0.5, 1]] } }
      queries { measure = gaussian, mean = [0, 1], covariance { kind = identity } }
      heads = { name = h, query-key { kind = scaled-identity, scale = 1 }, value { kind = row, vector = [1, 0] } }
      prompt-lengths = [4]
      budget { prompts-per-cell = 1 }
      query-strata = never
      """;

  @TempDir private Path directory;

  private List<Cell> cells(String... overrides) {
    return TestExperiments.read(directory, BASE, overrides).cells();
  }

  /**
   * The key of the first cell; a section that is set replaces the old one instead of joining it.
   */
  private String key(String... overrides) {
    return cells(
            Arrays.stream(overrides)
                .flatMap(set -> Stream.of(set.replaceFirst("= \\{.*", "= null"), set))
                .toArray(String[]::new))
        .get(0)
        .key();
  }

  /** Keys are on disk in every ledger: if this fails, no older ledger can be continued. */
  @Test
  void keyIsThatOfTheFirstStreamsOfThisVersion() {
    assertThat(key()).isEqualTo("5a0eca6468614bec7a43bcc603b2a979");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tokens.covariance.rows = [[1, 0.25], [0.25, 1]]",
        "tokens.covariance = { kind = toeplitz, rho = 0.5 }", // another root, other streams
        "tokens.covariance = { kind = identity }",
        "tokens.covariance = { kind = identity, variance = 2 }",
        "tokens.covariance = { kind = diagonal, diagonal = [1, 1] }",
        "tokens.mean = [0, 1e-300]",
        "queries.mean = [1, 0]",
        "queries.covariance.variance = 2",
        "queries = { measure = fixed, vector = [0, 1] }",
        "heads.query-key.scale = 1.0000000000000002", // the next double
        "heads.query-key = { kind = matrix, rows = [[1, 0], [0, 1]] }",
        "heads.query-key = { kind = random, seed = 1 }",
        "heads.query-key = { kind = random, seed = 2 }",
        "heads.query-key = { kind = random, seed = 1, norm = 2 }",
        "heads.value.vector = [0, 1]",
        "heads.value = { kind = identity }",
        "heads.value = { kind = random, outputs = 1, seed = 1 }",
        "heads.value = { kind = random, outputs = 2, seed = 1 }",
        "prompt-lengths = [5]",
        "sampler = exact-reduced",
        "metrics = [output]",
        "metrics = [output, jacobian-u]",
      })
  void keyChangesWithContent(String change) {
    assertThat(key(change)).isNotEqualTo(key());
  }

  @Test
  void differentContentHasDifferentKeys() {
    assertThat(
            List.of(
                key("heads.query-key = { kind = random, seed = 1 }"),
                key("heads.query-key = { kind = random, seed = 2 }"),
                key("heads.query-key = { kind = random, seed = 1, norm = 2 }"),
                key("heads.value = { kind = random, outputs = 1, seed = 1 }"),
                key("heads.value = { kind = random, outputs = 2, seed = 1 }"),
                key("metrics = [output]"),
                key("metrics = [jacobian-v]"),
                key("metrics = [output, jacobian-v]")))
        .doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "name = other",
        "seed = 2", // beside the key in the stream's name, not in it
        "tokens.name = t",
        "queries.name = q",
        "heads.name = g",
        "budget.prompts-per-cell = 1000000",
        "claims = { ids = [prop-3.1], family-error = 0.1 }",
        "prompt-lengths = [4, 8, 16]",
        "prompt-lengths = { from = 4, to = 64 }",
        // equal content in another spelling
        "tokens.covariance.rows = [[1.0, 5e-1], [0.5, 1.00]]",
        "tokens.mean = [0, 0]",
        "tokens.mean = [-0.0, 0.0]",
        "queries.mean = [-0.0, 1.0]",
        "queries.dimension = 2",
        "queries.covariance.variance = 1.0",
        "heads.query-key.scale = 1.0",
        "heads.query-key.scale = 1.00000000000000001", // the same double
        "heads.value.vector = [1.0, -0.0]",
        "prompt-lengths = [4.0]",
        "sampler = auto",
        "sampler = brute-force", // where all coordinates matter anyway
        "metrics = [jacobian-u, output, jacobian-v]",
      })
  void keyDoesNotChangeWithAnythingElse(String change) {
    assertThat(key(change)).isEqualTo(key());
  }

  @Test
  void keyDoesNotDependOnTheListsACellStandsIn() {
    String other =
        "{ name = other, measure = gaussian, dimension = 2, covariance { kind = identity } }";
    List<Cell> grid =
        cells(
            "tokens = ["
                + other
                + ", "
                + BASE.lines().toList().get(2).substring(7).replace("{ m", "{ name = t, m")
                + "]",
            "prompt-lengths = [2, 4]",
            "budget.prompts-per-cell = 7");
    assertThat(grid).hasSize(4);
    assertThat(grid.get(3).key()).isEqualTo(key());
    assertThat(grid.get(3).tokens()).isEqualTo("t");
  }

  @Test
  void minusZeroIsZero() {
    assertThat(key("heads.query-key.scale = -0.0"))
        .isEqualTo(key("heads.query-key.scale = 0"))
        .isNotEqualTo(key());
  }
}
