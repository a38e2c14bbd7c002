package dev.promptlimit.jobs.table;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.promptlimit.attention.BlockSummary;
import dev.promptlimit.jobs.TestExperiments;
import dev.promptlimit.jobs.TestSpark;
import dev.promptlimit.jobs.config.BadInputException;
import dev.promptlimit.jobs.config.Cell;
import dev.promptlimit.jobs.config.Experiment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What does not belong in a ledger is named and refused, and nothing is changed. */
class DamagedLedgerTest {
  /** From one damaged byte to the next. */
  private static final int STEP = 307;

  @TempDir private static Path original;
  @TempDir private Path directory;

  private SparkSession spark;
  private Cell cell;
  private RunDirectory run;
  private Ledger ledger;
  private Path batch;
  private Path table;

  @BeforeAll
  static void publishTwoBatches() throws IOException {
    Experiment experiment = TestExperiments.small(original);
    Cell cell = experiment.cells().get(2);
    RunDirectory run = TestBlocks.open(original, experiment);
    for (long block = 0; block < 2; block++) {
      BlockSummary summary = TestBlocks.simulate(cell, 7, block);
      Row row = BlockTable.row(run.hash(), cell.key(), 0, block, summary);
      new Ledger(TestSpark.session(), run).publish(TestBlocks.rdd(List.of(row)));
    }
  }

  /** A copy of that ledger; {@code table} is the Parquet file of its first batch. */
  @BeforeEach
  void copy() throws IOException {
    TestBlocks.copy(original, directory);
    spark = TestSpark.session();
    Experiment experiment = TestExperiments.small(directory);
    cell = experiment.cells().get(2);
    run = TestBlocks.open(directory, experiment);
    ledger = new Ledger(spark, run);
    batch = directory.resolve(run.directory().getName()).resolve("blocks/batch=0");
    try (Stream<Path> files = Files.list(batch)) {
      table = files.filter(file -> file.toString().endsWith(".parquet")).findFirst().orElseThrow();
    }
  }

  private void publish(Row row) throws IOException {
    ledger.publish(TestBlocks.rdd(List.of(row)));
  }

  private Row good(long block) {
    return BlockTable.row(run.hash(), cell.key(), 0, block, TestBlocks.simulate(cell, 7, block));
  }

  /** The good row of block 2 with another value in one column. */
  private Row spoilt(String column, Object value) {
    Object[] values = new Object[BlockTable.SCHEMA.size()];
    Arrays.setAll(values, good(2)::get);
    values[BlockTable.SCHEMA.fieldIndex(column)] = value;
    return RowFactory.create(values);
  }

  private void assertRefused(String... parts) {
    SortedMap<String, String> before = TestBlocks.listing(directory);
    for (boolean merge : new boolean[] {false, true}) {
      assertThatThrownBy(
              () -> {
                if (merge) {
                  TestBlocks.merge(ledger, Set.of(cell));
                } else {
                  ledger.published();
                }
              })
          .isInstanceOf(BadInputException.class)
          .hasMessageContainingAll(parts)
          .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
    }
    assertThat(TestBlocks.listing(directory)).isEqualTo(before);
  }

  private static String named(Path file) {
    return "Cannot read ledger file file:" + file + ": ";
  }

  private void forgetChecksum() throws IOException {
    Files.delete(table.resolveSibling("." + table.getFileName() + ".crc"));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 3, 4, 11, 12, 0.3, 0.5, 0.9, -1, -4, -8, -9})
  void truncatedFile(double length) throws IOException {
    byte[] content = Files.readAllBytes(table);
    int kept = (int) (length < 0 ? content.length + length : length);
    if (length > 0 && length < 1) {
      kept = (int) (length * content.length);
    }
    Files.write(table, Arrays.copyOf(content, kept));
    assertRefused(named(table), "truncated or no Parquet file");
    forgetChecksum();
    assertRefused(named(table), "truncated or no Parquet file");
  }

  @Test
  void textAsParquetFile() throws IOException {
    forgetChecksum();
    Files.writeString(table, "PAR1 is only how it begins".repeat(10));
    assertRefused(named(table), "truncated or no Parquet file");
  }

  /** The manifest of a batch says which files it has, and how large they are. */
  @Test
  void filesThatAreNotThoseOfTheManifest() throws IOException {
    Path manifest = batch.resolve("_manifest.json");
    String text = Files.readString(manifest);
    assertThat(text).contains("\"name\" : \"" + table.getFileName() + "\"");

    Path other = Files.copy(table, table.resolveSibling("part-9.parquet"));
    assertRefused(named(other) + "it is not in the manifest of its batch");
    Files.delete(other);

    Path gone = Files.move(table, directory.resolve("elsewhere"));
    assertRefused(named(table) + "it is not there, but in the manifest of its batch");
    Files.move(gone, table);

    Files.delete(manifest.resolveSibling("._manifest.json.crc"));
    Files.writeString(manifest, text.replaceFirst("\"bytes\" : ", "\"bytes\" : 1"));
    assertRefused(named(table) + "it has " + Files.size(table), "the manifest of its batch says 1");
    for (String nonsense :
        List.of(
            "",
            "{",
            "[]",
            "{}",
            "{\"files\": 7}",
            "{\"files\": null}",
            "{\"files\": [null]}",
            "PAR1",
            text + "{}",
            text.replace("\"bytes\"", "\"size\""),
            text.replace("\"bytes\"", "\"more\": 1, \"bytes\""),
            text.replace("\"bytes\"", "\"bytes\": 1, \"bytes\""),
            text.replaceFirst("\"bytes\" : \\d+", "\"bytes\" : 1.5"),
            text.replaceFirst("\"bytes\" : \\d+", "\"bytes\" : -1"),
            text.replaceFirst("\"bytes\" : \\d+", "\"bytes\" : \"12\""),
            text.replaceFirst("\"name\" : \"", "\"name\" : \"../"),
            text.replaceFirst("\"name\" : \"[^\"]*", "\"name\" : \""),
            text.replaceFirst("(?s)(\\{[^{}]*\\}) \\]", "$1, $1]"))) {
      assertThat(nonsense).isNotEqualTo(text);
      Files.writeString(manifest, nonsense);
      assertRefused(named(manifest) + "it is no manifest: ");
    }
    Files.writeString(manifest, "{\"files\": []}");
    assertRefused(named(table) + "it is not in the manifest of its batch");

    // what an older program has written
    Files.delete(manifest);
    assertThat(ledger.published().count(cell.key(), 9)).isEqualTo(2);
  }

  @Test
  void otherFilesBesideTables() throws IOException {
    Path notes = Files.writeString(batch.resolve("notes.txt"), "hello");
    assertRefused(named(notes) + "it is not a Parquet file");
    Files.delete(notes);
    Path subdirectory = Files.createDirectory(batch.resolve("batch=7"));
    assertRefused(named(subdirectory) + "it is not a Parquet file");
  }

  @ParameterizedTest
  @ValueSource(strings = {"notes.txt", "part-0.parquet", "batch=", "batch=x", "batch=-1", "0"})
  void otherThingsBesideBatches(String name) throws IOException {
    Path other = Files.createDirectory(batch.resolveSibling(name));
    String refusal = named(other) + "only directories batch=<number> belong there";
    assertRefused(refusal);
    Files.delete(other);
    Files.writeString(other, "hello");
    assertRefused(refusal);
  }

  @Test
  void batchThatIsAFileOrEmpty() throws IOException {
    Path other = Files.writeString(batch.resolveSibling("batch=2"), "hello");
    assertRefused(named(other) + "only directories batch=<number> belong there");
    Files.delete(other);
    Files.createDirectory(other);
    assertRefused(named(other) + "it holds no Parquet file");
  }

  @Test
  void parquetFileOfOtherColumns() throws IOException {
    Path foreign = batch.resolveSibling("batch=2");
    spark.range(3).coalesce(1).write().parquet(foreign.toString());
    assertRefused(
        "Cannot read ledger file ", "batch=2/part-", "its columns are not those of blocks");
  }

  @Test
  void parquetFileOfTheSameColumnsAndOtherTypes() throws IOException {
    Path foreign = batch.resolveSibling("batch=2");
    spark
        .createDataFrame(List.of(good(2)), BlockTable.SCHEMA)
        .withColumn("block", col("block").cast("int"))
        .coalesce(1)
        .write()
        .parquet(foreign.toString());
    assertRefused(
        "Cannot read ledger file ", "batch=2/part-", "its columns are not those of blocks");
  }

  @Test
  void otherFormatVersion() throws IOException {
    publish(spoilt("formatVersion", 2));
    assertRefused("Cannot read ledger file:", "a row has format version 2, this program reads 1");
  }

  @Test
  void rowOfAnotherRun() throws IOException {
    publish(spoilt("run", "0123456789ab"));
    assertRefused(
        "Cannot read ledger file:",
        "block 2 of cell "
            + cell.key()
            + " belongs to run 0123456789ab, this is run "
            + run.hash());
  }

  @ParameterizedTest
  @ValueSource(strings = {"formatVersion", "run", "cell", "block"})
  void rowWithoutIdentity(String column) throws IOException {
    publish(spoilt(column, null));
    assertRefused("Cannot read ledger file:");
  }

  @Test
  void negativeBlock() throws IOException {
    publish(spoilt("block", -1L));
    assertRefused("Cannot read ledger file:", "a row is block -1 of cell " + cell.key());
  }

  /** Found when rows are merged, not when blocks are listed. */
  @Test
  void rowThatMakesNoSense() throws IOException {
    Row unknownMetric =
        RowFactory.create("entropy", 0L, 1L, 1.0, 0.0, 0.0, 0.0, new int[] {960}, new long[] {1});
    publish(spoilt("metrics", new Object[] {unknownMetric}));
    assertThatThrownBy(() -> TestBlocks.merge(ledger, Set.of(cell)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContainingAll(
            "Cannot read ledger file:", "block 2 of cell " + cell.key() + " makes no sense");
  }

  @Test
  void blockOfAnotherStratum() throws IOException {
    publish(spoilt("stratum", 1));
    assertThatThrownBy(() -> TestBlocks.merge(ledger, Set.of(cell)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContainingAll(
            "Cannot read ledger file:",
            "block 2 of cell " + cell.key() + " makes no sense (it is of stratum 1, not 0)");
  }

  @Test
  void oneBlockWithTwoContents() throws IOException {
    publish(BlockTable.row(run.hash(), cell.key(), 0, 1, TestBlocks.simulate(cell, 7, 5)));
    assertThatThrownBy(() -> TestBlocks.merge(ledger, Set.of(cell)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContainingAll(
            "Cannot read ledger file:",
            "block 1 of cell " + cell.key() + " is there twice with different content");
  }

  /**
   * With Hadoop's checksum file and without it, as a copy by other tools would be. Of the bytes
   * that are not pages of columns (indexes, statistics) some are never read: then nothing changes.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void bitFlipInADataPage(boolean checksumFile) throws IOException {
    byte[] good = Files.readAllBytes(table);
    Map<String, BlockSummary> undamaged = TestBlocks.merge(ledger, Set.of(cell));
    if (!checksumFile) {
      forgetChecksum();
    }
    int refused = 0;
    for (int position = 4; position < TestBlocks.footerStart(good); position += STEP) {
      byte[] bad = good.clone();
      bad[position] = (byte) (bad[position] ^ (1 << (position % 8)));
      Files.write(table, bad);
      try {
        assertThat(TestBlocks.merge(ledger, Set.of(cell))).isEqualTo(undamaged);
      } catch (BadInputException e) {
        refused++;
        assertThat(e).hasMessageStartingWith("Cannot read ledger").hasMessageContaining("batch=0");
        assertThat(e.getMessage().lines()).hasSize(1);
      }
    }
    assertThat(refused).isGreaterThan(5);
  }
}
