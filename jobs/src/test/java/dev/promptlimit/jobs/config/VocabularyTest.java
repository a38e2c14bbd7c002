package dev.promptlimit.jobs.config;

import static dev.promptlimit.jobs.config.SpoiltFile.problems;
import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.jobs.TestExperiments;
import dev.promptlimit.measure.Vocabulary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Vocabularies from Parquet files. */
class VocabularyTest {
  private static final String STANDARD =
      "message m { optional group embedding (LIST) { repeated group list"
          + " { optional float element; } } optional %s count; }";

  private static final String REST =
      """
      name = words
      seed = 1, query-strata = never
      queries { measure = gaussian, covariance { kind = identity } }
      heads = { name = h, query-key { kind = scaled-identity, scale = 0.5 }, value { kind = identity } }
      prompt-lengths = [4]
      budget { prompts-per-cell = 1 }
      """;

  @TempDir private Path directory;

  // Writing

  /** One row: what it adds to a group. */
  private interface Row extends Consumer<Group> {}

  private Path write(String name, String schema, Row... rows) {
    Path file = directory.resolve(name);
    MessageType type = MessageTypeParser.parseMessageType(schema);
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new LocalOutputFile(file))
            .withConf(new PlainParquetConfiguration())
            .withType(type)
            .withWriteMode(ParquetFileWriter.Mode.OVERWRITE)
            .build()) {
      for (Row row : rows) {
        Group group = new SimpleGroup(type);
        row.accept(group);
        writer.write(group);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file;
  }

  private static Row standard(float... numbers) {
    return group -> {
      Group list = group.addGroup("embedding");
      for (float x : numbers) {
        list.addGroup("list").append("element", x);
      }
    };
  }

  private static Row counted(int count, float... numbers) {
    return group -> {
      standard(numbers).accept(group);
      group.append("count", count);
    };
  }

  private Path table() {
    return write("v.parquet", STANDARD.formatted("int32"), counted(3, 1, 2), counted(1, -1, 0));
  }

  // Reading

  private static String tokens(String keys) {
    return REST + "tokens { measure = vocabulary, " + keys + " }";
  }

  private Vocabulary read(String keys) {
    return (Vocabulary) cell(keys).setting().tokens();
  }

  private Cell cell(String keys) {
    return TestExperiments.read(directory, tokens(keys)).cells().get(0);
  }

  private String refusal(String keys) {
    List<String> problems = problems(directory, tokens(keys));
    assertThat(problems).hasSize(1);
    return problems.get(0).replace(directory.toString(), "DIR");
  }

  private String refusalOf(String schema, Row... rows) {
    write("v.parquet", schema, rows);
    return refusal("file = v.parquet");
  }

  private static double[] mean(Vocabulary vocabulary) {
    return vocabulary.tiltedMean(new double[vocabulary.dimension()]);
  }

  @Test
  void frequenciesAreProbabilities() {
    table();
    Vocabulary vocabulary = read("file = v.parquet, frequency = count");
    assertThat(vocabulary.size()).isEqualTo(2);
    assertThat(mean(vocabulary)).containsExactly(0.5, 1.5);
  }

  @Test
  void allAreEqualWithoutFrequencies() {
    table();
    assertThat(mean(read("file = v.parquet"))).containsExactly(0, 1);
  }

  /** The three forms in which lists have been written. */
  @Test
  void listsOfAllGenerations() {
    write(
        "legacy.parquet",
        "message m { required group e (LIST) { repeated double array; } }",
        group -> group.addGroup("e").append("array", 1.0).append("array", 2.0),
        group -> group.addGroup("e").append("array", -1.0).append("array", 0.0));
    write(
        "bare.parquet",
        "message m { required int64 id; repeated float e; }",
        group -> group.append("id", 1L).append("e", 1f).append("e", 2f),
        group -> group.append("id", 2L).append("e", -1f).append("e", 0f));
    table();
    String key = cell("file = v.parquet").key();
    for (String file : List.of("legacy", "bare")) {
      Cell cell = cell("file = " + file + ".parquet, embedding = e");
      assertThat(mean((Vocabulary) cell.setting().tokens())).containsExactly(0, 1);
      assertThat(cell.key()).as("same content, same key").isEqualTo(key);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"int64", "float", "double"})
  void frequenciesOfEveryType(String type) {
    write(
        "v.parquet",
        STANDARD.formatted(type),
        group -> {
          standard(1, 2).accept(group);
          switch (type) {
            case "int64" -> group.append("count", 3L);
            case "float" -> group.append("count", 3f);
            default -> group.append("count", 3.0);
          }
        });
    assertThat(mean(read("file = v.parquet, frequency = count"))).containsExactly(1, 2);
  }

  @Test
  void aFolderIsReadInTheOrderOfNames() throws IOException {
    Path folder = Files.createDirectory(directory.resolve("v"));
    write("v/part-1", STANDARD.formatted("int32"), counted(1, -1, 0));
    write("v/part-0", STANDARD.formatted("int32"), counted(3, 1, 2));
    Files.writeString(folder.resolve("_SUCCESS"), "");
    Files.writeString(folder.resolve(".part-0.crc"), "x");
    table();
    assertThat(cell("file = v, frequency = count").key())
        .isEqualTo(cell("file = v.parquet, frequency = count").key());
  }

  @Test
  void rowsOfFrequencyZeroAreNeverDrawn() {
    write("v.parquet", STANDARD.formatted("int32"), counted(0, 5, 5), counted(2, 1, 2));
    Vocabulary vocabulary = read("file = v.parquet, frequency = count");
    assertThat(vocabulary.size()).isEqualTo(1);
    assertThat(mean(vocabulary)).containsExactly(1, 2);
  }

  @Test
  void theKeyIsThatOfTheContent() throws IOException {
    Path file = table();
    String key = cell("file = v.parquet, frequency = count").key();
    assertThat(key).isEqualTo("992a720e5fb50136d4a03654d61dbda2");
    Files.copy(file, directory.resolve("copy.parquet"));
    assertThat(cell("file = copy.parquet, frequency = count, dimension = 2").key()).isEqualTo(key);
    assertThat(cell("file = v.parquet").key()).isNotEqualTo(key);
    write("v.parquet", STANDARD.formatted("int32"), counted(3, 1, 2), counted(1, -1, 0.5f));
    assertThat(cell("file = v.parquet, frequency = count").key()).isNotEqualTo(key);
    write("v.parquet", STANDARD.formatted("int32"), counted(2, 1, 2), counted(1, -1, 0));
    assertThat(cell("file = v.parquet, frequency = count").key()).isNotEqualTo(key);
  }

  /** The copy in a run directory names the file by its absolute path. */
  @Test
  void theResolvedExperimentCanBeReadFromElsewhere() throws IOException {
    table();
    Experiment experiment =
        TestExperiments.read(
            directory,
            REST
                + "tokens = [{ name = a, measure = vocabulary, file = v.parquet },"
                + " { name = b, measure = rademacher, dimension = 2 }]");
    Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
    Experiment again = TestExperiments.read(elsewhere, experiment.text());
    assertThat(again.cells().get(0).key()).isEqualTo(experiment.cells().get(0).key());
    assertThat(again.text()).isEqualTo(experiment.text());
  }

  @Test
  void dimensionMustAgree() {
    table();
    assertThat(refusal("file = v.parquet, dimension = 3"))
        .isEqualTo(
            "Cannot use tokens.dimension = 3 (FILE:7): the embeddings of the file have 2 entries");
  }

  // Refusals

  private static final String FILE = "Cannot use tokens.file = \"DIR/";

  @Test
  void missingFile() {
    assertThat(refusal("file = none.parquet"))
        .isEqualTo(FILE + "none.parquet\" (FILE:7): there is no such readable file");
  }

  @Test
  void fileMustBeGiven() {
    assertThat(refusal("dimension = 2"))
        .isEqualTo("Cannot find tokens.file (FILE:7): it must be given, allowed: a path");
  }

  @Test
  void notParquet() throws IOException {
    Files.writeString(directory.resolve("v.parquet"), "word,count\nthe,1000000\n");
    assertThat(refusal("file = v.parquet"))
        .startsWith(FILE + "v.parquet\" (FILE:7): it cannot be read as Parquet: ")
        .contains("is not a Parquet file");
    Files.writeString(directory.resolve("v.parquet"), "");
    assertThat(refusal("file = v.parquet")).contains("it cannot be read as Parquet: ");
  }

  /** At every length. */
  @Test
  void truncated() throws IOException {
    byte[] content = Files.readAllBytes(table());
    for (int length = 0; length < content.length; length += 7) {
      Files.write(directory.resolve("v.parquet"), Arrays.copyOf(content, length));
      assertThat(refusal("file = v.parquet")).contains("it cannot be read as Parquet: ");
    }
  }

  /** Pages that are damaged: whatever the reader says, it is one line. */
  @Test
  void damaged() throws IOException {
    byte[] content = Files.readAllBytes(table());
    for (int i = 4; i < 60; i++) {
      content[i] = (byte) 0xff;
    }
    Files.write(directory.resolve("v.parquet"), content);
    assertThat(refusal("file = v.parquet")).contains("it cannot be read as Parquet: ");
  }

  @Test
  void emptyFolderAndFoldersInside() throws IOException {
    Files.createDirectories(directory.resolve("v"));
    assertThat(refusal("file = v")).isEqualTo(FILE + "v\" (FILE:7): the folder holds no file");
    Files.createDirectory(directory.resolve("v/year=2026"));
    assertThat(refusal("file = v"))
        .isEqualTo(FILE + "v\" (FILE:7): the folder holds year=2026, allowed: Parquet files only");
  }

  @Test
  void aPartIsNamed() throws IOException {
    Files.createDirectory(directory.resolve("v"));
    write("v/part-0", STANDARD.formatted("int32"), counted(3, 1, 2));
    write("v/part-1", STANDARD.formatted("int32"), counted(3, 1, 2, 3));
    assertThat(refusal("file = v"))
        .endsWith("part-1: row 1 of column embedding has 3 entries, row 0 has 2");
  }

  @Test
  void missingColumns() {
    table();
    assertThat(refusal("file = v.parquet, embedding = vector"))
        .isEqualTo(
            "Cannot use tokens.embedding = \"vector\" (FILE:7): the file has no column vector, its"
                + " columns: embedding, count");
    assertThat(refusal("file = v.parquet, frequency = freq"))
        .isEqualTo(
            "Cannot use tokens.frequency = \"freq\" (FILE:7): the file has no column freq, its"
                + " columns: embedding, count");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "optional binary embedding (STRING) | optional binary embedding (STRING)",
        "optional float embedding | optional float embedding",
        "optional group embedding (LIST) { repeated group list { optional int32 element; } }"
            + " | optional int32 element",
        "optional group embedding (LIST) { repeated group list { optional group element (LIST)"
            + " { repeated group list { optional float element; } } } } | optional float element",
        "optional group embedding { optional float x; optional float y; } | optional float y",
      })
  void embeddingsOfOtherTypes(String column, String said) {
    assertThat(refusalOf("message m { " + column + (column.endsWith("}") ? " }" : "; }")))
        .startsWith("Cannot use tokens = ")
        .contains(": the column is ", said)
        .endsWith(", allowed: a list of float or double");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"binary count (STRING)", "int32 count (DATE)", "int64 count (DECIMAL(9,2))"})
  void frequenciesOfOtherTypes(String column) {
    write(
        "v.parquet",
        "message m { repeated float embedding; optional " + column + "; }",
        group -> group.append("embedding", 1f));
    assertThat(refusal("file = v.parquet, frequency = count"))
        .startsWith("Cannot use tokens.frequency = \"count\" (FILE:7): the column is optional ")
        .endsWith(", allowed: integer, long, float or double");
  }

  @Test
  void theSameColumnTwice() {
    table();
    assertThat(refusal("file = v.parquet, frequency = embedding"))
        .endsWith(", allowed: integer, long, float or double");
  }

  @Test
  void nullsAndEmptyLists() {
    String schema = STANDARD.formatted("int32");
    assertThat(refusalOf(schema, standard(1, 2), group -> {}))
        .endsWith("row 1 of column embedding is null");
    assertThat(refusalOf(schema, standard(1, 2), standard()))
        .endsWith("row 1 of column embedding is empty, allowed: 1 or more entries");
    assertThat(refusalOf(schema, group -> group.addGroup("embedding").addGroup("list")))
        .endsWith("row 0 of column embedding has an entry that is null");
    write("v.parquet", schema, counted(1, 1, 2), standard(1, 2));
    assertThat(refusal("file = v.parquet, frequency = count"))
        .isEqualTo(
            "Cannot use tokens.frequency = \"count\" (FILE:7): row 1 of column count is null");
  }

  @Test
  void raggedRows() {
    assertThat(refusalOf(STANDARD.formatted("int32"), standard(1, 2), standard(1)))
        .endsWith("row 1 of column embedding has 1 entries, row 0 has 2");
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void entriesThatAreNotFinite(float x) {
    assertThat(refusalOf(STANDARD.formatted("int32"), standard(1, x)))
        .endsWith("row 0 of column embedding has the entry " + x + ", allowed: finite numbers");
  }

  @Test
  void noRows() {
    assertThat(refusalOf(STANDARD.formatted("int32"))).endsWith(": it has no rows");
  }

  @Test
  void tooManyEntries() {
    assertThat(refusalOf(STANDARD.formatted("int32"), standard(new float[1025])))
        .endsWith("row 0 of column embedding has more than 1024 entries, allowed: 1 to 1024");
  }

  @Test
  void tooLarge() {
    Row[] rows = new Row[(1 << 16) + 1];
    Arrays.fill(rows, standard(new float[1024]));
    assertThat(refusalOf(STANDARD.formatted("int32"), rows))
        .endsWith(": it has 65537 rows of 1024 numbers, allowed: 67108864 numbers");
  }

  @ParameterizedTest
  @CsvSource({"-1, -1.0", "NaN, NaN", "Infinity, Infinity"})
  void frequenciesThatAreNone(double count, String said) {
    write(
        "v.parquet",
        STANDARD.formatted("double"),
        group -> {
          standard(1, 2).accept(group);
          group.append("count", count);
        });
    assertThat(refusal("file = v.parquet, frequency = count"))
        .endsWith("row 0 of column count is " + said + ", allowed: finite numbers ≥ 0");
  }

  @Test
  void frequenciesThatAreAllZero() {
    write("v.parquet", STANDARD.formatted("int32"), counted(0, 1, 2), counted(0, 2, 3));
    assertThat(refusal("file = v.parquet, frequency = count"))
        .endsWith("the sum of column count is 0.0, allowed: finite numbers > 0");
  }
}
