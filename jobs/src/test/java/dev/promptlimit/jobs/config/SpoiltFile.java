package dev.promptlimit.jobs.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.promptlimit.jobs.TestExperiments;
import java.nio.file.Path;
import java.util.List;

/** A good experiment file to be spoilt, and what is said of the spoilt one. */
final class SpoiltFile {
  /** One key a line, so that the line number of a problem is that of its key. */
  private static final List<String> GOOD =
      List.of(
          "name = good",
          "seed = 1",
          "tokens.measure = gaussian",
          "tokens.dimension = 2",
          "tokens.covariance.kind = matrix",
          "tokens.covariance.rows = [[1, 0], [0, 1]]",
          "queries.measure = gaussian",
          "queries.covariance.kind = identity",
          "heads.name = h",
          "heads.query-key.kind = matrix",
          "heads.query-key.rows = [[1, 0], [0, 1]]",
          "heads.value.kind = row",
          "heads.value.vector = [1, 0]",
          "prompt-lengths = [1, 2]",
          "budget.prompts-per-cell = 1");

  private SpoiltFile() {}

  /** The good file with one line replaced, or added if there is none of that key. */
  static String with(String line) {
    String key = line.replaceFirst(" *[={].*", "");
    List<String> lines =
        GOOD.stream()
            .map(good -> good.startsWith(key + " ") ? line : good)
            .filter(good -> good.equals(line) || !good.startsWith(key + "."))
            .toList();
    String text = String.join("\n", lines) + "\n";
    return lines.contains(line) ? text : text + line + "\n";
  }

  /** The lines that refuse a text, its path replaced by FILE. */
  static List<String> problems(Path directory, String text, String... overrides) {
    Path file = TestExperiments.write(directory, text);
    BadInputException e =
        catchThrowableOfType(
            BadInputException.class, () -> ExperimentReader.read(file, List.of(overrides)));
    assertThat(e).as("refusal of%n%s", text).isNotNull();
    return e.getMessage().lines().map(line -> line.replace(file.toString(), "FILE")).toList();
  }
}
