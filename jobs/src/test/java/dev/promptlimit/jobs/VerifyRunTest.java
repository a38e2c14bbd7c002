package dev.promptlimit.jobs;

import static dev.promptlimit.jobs.VerdictsRunTest.BASE;
import static dev.promptlimit.jobs.VerdictsRunTest.CLAIMS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.jobs.table.TestBlocks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What verify says of whole runs, of changed ones and of interrupted ones. */
class VerifyRunTest {
  private static final String ONE_CYCLE = BASE + "budget { prompts-per-cell = 1 }\n";

  @TempDir private Path directory;
  private TestRuns runs;

  @BeforeEach
  void configure() {
    TestSpark.configure();
    runs = new TestRuns(directory);
  }

  @AfterEach
  void forgetSettings() {
    TestSpark.stop();
  }

  private Path file(String name) throws IOException {
    return runs.files().directory().resolve(name);
  }

  /** Publishes a table with other rows. */
  private void change(String table, UnaryOperator<Dataset<Row>> change) throws IOException {
    Path changed = directory.resolve("changed");
    change
        .apply(TestSpark.session().read().parquet(file(table).toString()))
        .coalesce(1)
        .write()
        .parquet(changed.toString());
    TestSpark.stop();
    TestSpark.configure();
    TestBlocks.delete(file(table));
    Files.move(changed, file(table));
  }

  @Test
  void findsWhatWasChanged() throws IOException {
    runs.run(BASE + CLAIMS).lines();
    Path summary = file("summary.json");
    SortedMap<String, String> before = TestBlocks.listing(runs.files().directory());
    assertThat(runs.verify().exitCode()).isZero();
    assertThat(TestBlocks.listing(runs.files().directory())).isEqualTo(before); // writes nothing

    String text = Files.readString(summary);
    Files.writeString(
        summary, text.replaceFirst("\"verdict\" : \"SUPPORTED\"", "\"verdict\" : \"REFUTED\""));
    CommandResult changed = runs.verify();
    assertThat(changed.exitCode()).isEqualTo(1);
    assertThat(changed.err().strip())
        .startsWith("Cannot verify ")
        .endsWith(": summary.json: claims differs from what the ledger gives");
    assertThat(changed.out()).contains("NOT as published");
    Files.writeString(summary, text);

    Path conf = file("experiment.conf"); // the report quotes it
    String experiment = Files.readString(conf);
    Files.writeString(conf, experiment.replaceFirst("prompts-per-cell=\\d+", "prompts-per-cell=5"));
    assertThat(Files.readString(conf)).isNotEqualTo(experiment);
    assertThat(runs.verify().err().strip())
        .endsWith(": report/index.html differs from what the ledger gives");
    Files.writeString(conf, experiment);

    Path page = file("report/index.html");
    Files.writeString(page, Files.readString(page).replace("<bdi>verdicts", "<bdi>Verdicts"));
    assertThat(runs.verify().err().strip())
        .endsWith(": report/index.html differs from what the ledger gives");
    Files.delete(page);
    TestBlocks.delete(file("claims.parquet"));
    Files.writeString(summary, "{");
    assertThat(runs.verify().err())
        .contains("claims.parquet is not there")
        .contains("report/index.html is not there")
        .contains("summary.json is not JSON");
    Files.delete(summary);
    assertThat(runs.verify().err()).contains("summary.json is not there");
  }

  /** A later run was killed: its blocks are no fault of the results that are published. */
  @Test
  void knowsAnEarlierStateOfTheLedger(@TempDir Path early) throws IOException {
    runs.run(ONE_CYCLE).lines();
    TestBlocks.copy(runs.files().directory(), early);
    // cells of one stratum get a second block; a cycle of the others is enough
    runs.run(BASE + "budget { prompts-per-cell = 10000 }").lines();
    assertThat(runs.verify().lines()).containsExactly("4 results and 0 verdicts as published");
    TestBlocks.delete(file("cells.parquet"));
    TestBlocks.copy(early.resolve("cells.parquet"), file("cells.parquet"));
    assertThat(runs.verify().err().lines()) // the others are of the later state
        .hasSize(2)
        .allMatch(line -> line.matches(".*(summary.json: cells|index.html) differs from .*"));
    for (String name : List.of("summary.json", "report/index.html", "experiment.conf")) {
      Files.copy(early.resolve(name), file(name), StandardCopyOption.REPLACE_EXISTING);
    }
    assertThat(runs.verify().lines())
        .containsExactly(
            "4 results and 0 verdicts as published",
            "the ledger holds 2 blocks more than these results rest on; run it again to use them");
    runs.run(ONE_CYCLE).lines();
    assertThat(runs.files().simulatedBlocks()).isZero();
    assertThat(runs.verify().lines()).containsExactly("4 results and 0 verdicts as published");
  }

  @Test
  void findsThatBlocksAreLost() throws IOException {
    runs.run(ONE_CYCLE).lines();
    runs.run(BASE + "budget { prompts-per-cell = 10000 }").lines();
    TestBlocks.delete(file("blocks/batch=1"));
    CommandResult result = runs.verify();
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.err().lines().filter(line -> line.contains("cells.parquet: row")))
        .hasSize(2)
        .allMatch(line -> line.contains(" head flat, promptLength "));
    assertThat(result.out()).isEqualTo("NOT as published\n");
  }

  /** A failed check, and its remedy: without its batch a run simulates the blocks again. */
  @Test
  void reportsADamagedLedger() throws IOException {
    runs.run(ONE_CYCLE).lines();
    String before = runs.files().summary();
    long blocks = runs.files().simulatedBlocks();
    Path batch = file("blocks/batch=0");
    Path table;
    try (Stream<Path> files = Files.list(batch)) {
      table = files.filter(file -> file.toString().endsWith(".parquet")).findFirst().orElseThrow();
    }
    byte[] good = Files.readAllBytes(table);
    byte[] flipped = good.clone();
    flipped[good.length / 3] ^= 1;
    for (byte[] bad : List.of(new byte[0], Arrays.copyOf(good, good.length / 2), flipped)) {
      Files.write(table, bad);
      assertThat(runs.verify().failure(1))
          .startsWith("Cannot verify file:" + runs.files().directory() + ": Cannot read ledger ")
          .contains("batch=0");
    }
    TestBlocks.delete(batch);
    assertThat(runs.verify().exitCode()).isEqualTo(1);
    runs.run(ONE_CYCLE).lines();
    assertThat(runs.files().simulatedBlocks()).isEqualTo(blocks).isPositive();
    assertThat(runs.files().summary()).isEqualTo(before);
    assertThat(runs.verify().exitCode()).isZero();
  }

  /** The prompts of a cell are believed only with all its numbers. */
  @Test
  void findsChangedPrompts() throws IOException {
    runs.run(BASE + "budget { prompts-per-cell = 30000 }").lines();
    for (long prompts : new long[] {24576, Long.MAX_VALUE}) {
      change("cells.parquet", table -> table.withColumn("prompts", functions.lit(prompts)));
      CommandResult result = runs.verify();
      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.err()).contains("Cannot verify ", ": cells.parquet");
    }
  }

  /** Cells of the experiment whose blocks are there, and no row of them. */
  @Test
  void findsWhatIsLeftOut() throws IOException {
    runs.run(ONE_CYCLE).lines();
    change("cells.parquet", table -> table.where("promptLength = 2"));
    assertThat(runs.verify().err().strip())
        .endsWith(": cells.parquet has 2 rows, the ledger gives 4");
    Path conf = file("experiment.conf");
    Files.writeString(conf, Files.readString(conf) + "\nprompt-lengths = [2, 8, 9]\n");
    assertThat(runs.verify().err()).contains(": the ledger lacks cells of experiment.conf: 2\n");
  }

  @Test
  void refusesWhatIsNoRunDirectory() {
    assertThat(CommandResult.of("verify", directory.toString()).failure(2))
        .isEqualTo(
            "Cannot read run directory "
                + directory
                + ": it must have experiment.conf, and blocks or cells.parquet");
  }

  /** A directory that was renamed is not the one its experiment makes. */
  @Test
  void refusesAnothersDirectory() throws IOException {
    runs.run(ONE_CYCLE).lines();
    Path there = runs.files().directory();
    String hash = there.getFileName().toString().replaceFirst(".*-", "");
    for (String name : List.of("verdicts-0123456789ab", "renamed")) {
      Path moved = Files.move(there, directory.resolve(name));
      assertThat(CommandResult.of("verify", moved.toString()).failure(2))
          .isEqualTo(
              "Cannot use run directory file:"
                  + moved
                  + ": its name must end in -"
                  + hash
                  + ", the hash of its experiment.conf");
      there = moved;
    }
  }
}
