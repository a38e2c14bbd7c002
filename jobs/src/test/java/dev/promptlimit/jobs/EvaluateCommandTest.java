package dev.promptlimit.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that {@code evaluate} reads and writes. */
class EvaluateCommandTest {
  private static final String GOOD = "{\"items\": [{\"s\": 0, \"L\": 4}]}";
  private static final String HALF = "{\"items\": [{\"s\": 0, \"L\": 4}, {\"s\": 1, \"L\": 0}]}";
  private static final String PROBLEM =
      "Cannot evaluate items[1]: L is 0, allowed: a whole number from 1 to 1.0E40";

  @TempDir private Path folder;

  private Path input(String text) throws IOException {
    return Files.writeString(folder.resolve("in.json"), text, UTF_8);
  }

  private CommandResult evaluate(String text, Path output) throws IOException {
    return CommandResult.of(
        "evaluate", "--input", input(text).toString(), "--output", output.toString());
  }

  private CommandResult evaluate(String text) throws IOException {
    return CommandResult.of("evaluate", "--input", input(text).toString());
  }

  private void isAllThereIs(String... names) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder(names);
    }
  }

  @Test
  void theFileIsWhatStdoutWouldBe() throws IOException {
    String expected = evaluate(GOOD).out();
    assertThat(expected).startsWith("{\n").endsWith("}\n").contains("\"G\" : 0.25,");
    Path output = folder.resolve("out.json");
    for (int i = 0; i < 2; i++) { // the second time it replaces itself
      CommandResult result = evaluate(GOOD, output);
      assertThat(result).isEqualTo(new CommandResult(0, "", ""));
      assertThat(output).hasContent(expected);
    }
    isAllThereIs("in.json", "out.json");
  }

  @Test
  void goodItemsAreAnsweredBesideBadOnes() throws IOException {
    CommandResult shown = evaluate(HALF);
    assertThat(shown.exitCode()).isEqualTo(2);
    assertThat(shown.err().lines()).containsExactly(PROBLEM);
    assertThat(shown.out()).contains("\"G\" : 0.25,").contains("\"error\" : \"" + PROBLEM + "\"");
    Path output = folder.resolve("out.json");
    CommandResult written = evaluate(HALF, output);
    assertThat(written.failure(2)).isEqualTo(PROBLEM);
    assertThat(output).hasContent(shown.out());
  }

  @Test
  void noItemsHaveNoAnswers() throws IOException {
    assertThat(String.join("", evaluate("{\"about\": 1, \"items\": []}").lines()))
        .isEqualTo("{  \"items\" : [ ]}");
  }

  /** With what Jackson says where it is no JSON. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ``                                 | it is empty
          hello                              | line 1, column 6: Unrecognized token 'hello'
          {"items": [{"s": 1, "L": 2}        | line 1, column 28: the text ends too early
          {"items": [{"s": "abc              | line 1, column 22: the text ends too early
          {"items": [{"s": 1, "s": 1}]}      | line 1, column 24: Duplicate field 's'
          {"items": [{"s": 1 "L": 2}]}       | line 1, column 20: Unexpected character ('"'
          {"items": []} {}                   | line 1, column
          {}                                 | it has no items, allowed: {"items": [...]}
          {"Items": []}                      | it has no items, allowed: {"items": [...]}
          []                                 | it has no items, allowed: {"items": [...]}
          {"items": {"s": 1, "L": 2}}        | its items are no array, allowed: {"items": [...]}
          {"items": null}                    | its items are no array, allowed: {"items": [...]}
          """)
  void filesThatCannotBeRead(String text, String reason) throws IOException {
    Path output = Files.writeString(folder.resolve("out.json"), "before");
    assertThat(evaluate(text, output).failure(2))
        .startsWith("Cannot evaluate " + folder.resolve("in.json") + ": " + reason);
    assertThat(output).hasContent("before");
    isAllThereIs("in.json", "out.json");
  }

  @Test
  void bytesThatAreNoText() throws IOException {
    Path file = Files.write(folder.resolve("in.json"), new byte[] {'{', '"', -1, -61, '"'});
    assertThat(CommandResult.of("evaluate", "--input", file.toString()).failure(2))
        .startsWith("Cannot evaluate " + file + ": line 1, column ");
  }

  @Test
  void filesThatAreNotThere() throws IOException {
    for (Path absent : new Path[] {folder.resolve("absent.json"), folder}) {
      assertThat(CommandResult.of("evaluate", "--input", absent.toString()).failure(2))
          .isEqualTo("Cannot evaluate " + absent + ": there is no such readable file");
    }
    Path output = folder.resolve("absent").resolve("out.json");
    assertThat(evaluate(GOOD, output).failure(2))
        .isEqualTo("Cannot write " + output + ": there is no folder " + output.getParent());
    assertThat(evaluate(GOOD, folder).failure(2))
        .isEqualTo("Cannot write " + folder + ": it is a folder");
    isAllThereIs("in.json");
  }

  /** Where a link leads; a device stays one. */
  @Test
  void linksAndDevices() throws IOException {
    Path target = Files.writeString(folder.resolve("target.json"), "before");
    Path link = Files.createSymbolicLink(folder.resolve("link.json"), target);
    assertThat(evaluate(GOOD, link).exitCode()).isZero();
    assertThat(link).isSymbolicLink();
    assertThat(Files.readString(target)).contains("\"G\" : 0.25,");
    assertThat(evaluate(GOOD, Path.of("/dev/null"))).isEqualTo(new CommandResult(0, "", ""));
    assertThat(Files.isRegularFile(Path.of("/dev/null"))).isFalse();
  }

  /** No space left; a folder in which no files can be made. */
  @ParameterizedTest
  @ValueSource(strings = {"/dev/full", "/proc/out.json"})
  void filesThatCannotBeWritten(String output) throws IOException {
    assertThat(evaluate(GOOD, Path.of(output)).failure(3))
        .startsWith("Cannot write " + output + ": ");
  }

  @Test
  void theInputIsNeeded() {
    CommandResult result = CommandResult.of("evaluate");
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains("--input").contains("Usage: promptlimit evaluate");
  }
}
