package dev.promptlimit.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.promptlimit.jobs.table.TestBlocks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;

/** What a run has left in its directory. */
final class RunFiles {
  private final Path directory;

  private RunFiles(Path directory) {
    this.directory = directory;
  }

  /** The only run directory below {@code runs}. */
  static RunFiles below(Path runs) throws IOException {
    try (Stream<Path> directories = Files.list(runs)) {
      List<Path> all = directories.toList();
      assertThat(all).hasSize(1);
      return new RunFiles(all.get(0));
    }
  }

  Path directory() {
    return directory;
  }

  /** summary.json without what depends on when and where it ran, as text: digit for digit. */
  String summary() throws IOException {
    String text = Files.readString(directory.resolve("summary.json"));
    String timing = text.replaceFirst("(?s),\n  \"timing\" : \\{.*\\}\n\\}\n$", "");
    assertThat(timing).as("timing comes last").hasSizeLessThan(text.length());
    return timing;
  }

  JsonNode json() throws IOException {
    return new ObjectMapper().readTree(directory.resolve("summary.json").toFile());
  }

  long simulatedBlocks() throws IOException {
    return json().get("timing").get("simulatedBlocks").longValue();
  }

  /** Descriptions of the kernels that ran. */
  List<String> kernels() throws IOException {
    List<String> kernels = new ArrayList<>();
    json().get("timing").get("kernels").forEach(name -> kernels.add(name.asText()));
    return kernels;
  }

  /** The cells of summary.json of these prompt lengths. */
  List<JsonNode> cells(long... promptLengths) throws IOException {
    List<JsonNode> cells = new ArrayList<>();
    for (JsonNode cell : json().get("cells")) {
      for (long length : promptLengths) {
        if (cell.get("promptLength").longValue() == length) {
          cells.add(cell);
        }
      }
    }
    return cells;
  }

  /** A cell's numbers without its intervals, which depend on how many cells share the error. */
  static JsonNode withoutIntervals(JsonNode cell) {
    ObjectNode copy = cell.deepCopy();
    copy.remove(List.of("meanSquareLow", "meanSquareHigh", "quantileIntervals"));
    copy.get("tail").forEach(point -> ((ObjectNode) point).remove(List.of("low", "high")));
    return copy;
  }

  /** The rows of a table as text; a double's text is the double. */
  List<String> rows(String table) {
    return TestSpark.session()
        .read()
        .parquet(directory.resolve(table).toString())
        .collectAsList()
        .stream()
        .map(Row::json)
        .toList();
  }

  /**
   * The bytes of the pages and indexes of a table of one file. The footer is left out: it lists the
   * encodings of a column as a set, whose order differs between JVMs.
   */
  String pages(String table) throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve(table))) {
      List<Path> parts = files.filter(file -> file.toString().endsWith(".parquet")).toList();
      assertThat(parts).hasSize(1);
      byte[] content = Files.readAllBytes(parts.get(0));
      return HexFormat.of().formatHex(content, 0, TestBlocks.footerStart(content));
    }
  }

  /** Names of the published batches. */
  List<String> batches() throws IOException {
    Path blocks = directory.resolve("blocks");
    try (Stream<Path> files = Files.list(blocks)) {
      return files.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }
}
