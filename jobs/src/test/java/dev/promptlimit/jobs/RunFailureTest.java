package dev.promptlimit.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.jobs.table.FullFileSystem;
import dev.promptlimit.jobs.table.RunDirectory;
import dev.promptlimit.jobs.table.TestBlocks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs that cannot go on: one clear line, the right exit code, nothing half-written. */
class RunFailureTest {
  /** A finished run of small.conf on a disk with space. */
  @TempDir private static Path undisturbed;

  @TempDir private Path directory;

  @BeforeAll
  static void runUndisturbed() {
    TestSpark.configure();
    assertThat(new TestRuns(undisturbed).run(TestExperiments.small()).exitCode()).isZero();
  }

  @BeforeEach
  void configure() {
    TestSpark.stop();
    FullFileSystem.register();
    TestSpark.configure();
  }

  @AfterEach
  void forgetSettings() {
    TestSpark.stop();
    FullFileSystem.leave(Long.MAX_VALUE);
    FullFileSystem.readOnly(false);
  }

  private CommandResult run(String runs) {
    return new TestRuns(directory).runInto(runs, TestExperiments.small());
  }

  private Path runs() {
    return directory.resolve("runs");
  }

  /**
   * Space for so many bytes, then for everything: the same results as on an empty disk. Batches are
   * published by a rename, or by a manifest.
   */
  @ParameterizedTest
  @CsvSource({"3000, none", "25_000, full", "25_000, none", "50_000, full"})
  void fullDisk(String space, String atomicRenames) throws IOException {
    TestSpark.restartWith(Map.of("spark.hadoop.promptlimit.atomic-renames", atomicRenames));
    FullFileSystem.register();
    long bytes = Long.parseLong(space.replace("_", ""));
    FullFileSystem.leave(bytes);
    String refusal = run("full:" + runs()).failure(3);
    assertThat(refusal).startsWith("Cannot ").endsWith(": No space left on device");
    assertThat(refusal).contains(RunFiles.below(runs()).directory().toString());
    Path blocks = RunFiles.below(runs()).directory().resolve("blocks");
    SortedMap<String, String> found = TestBlocks.listing(blocks);
    boolean published = found.containsKey("batch=0/_manifest.json");

    FullFileSystem.leave(Long.MAX_VALUE);
    assertThat(run("full:" + runs()).exitCode()).isZero();
    if (published) {
      assertThat(TestBlocks.listing(blocks)).isEqualTo(found);
    }
    RunFiles run = RunFiles.below(runs());
    // either no batch at all was published or the whole one
    assertThat(run.batches()).containsExactly("batch=0");
    assertThat(run.simulatedBlocks()).isEqualTo(published ? 0 : 6);
    RunFiles other = RunFiles.below(undisturbed.resolve("runs"));
    assertThat(run.summary()).isEqualTo(other.summary());
    assertThat(run.pages("cells.parquet")).isEqualTo(other.pages("cells.parquet"));
  }

  @Test
  void placeThatCannotBeWritten() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "no directory");
    assertThat(run(file + "/runs").failure(3))
        .startsWith("Cannot write run directory file:" + file);
    assertThat(run("nosuch:///runs").failure(2)).startsWith("Cannot use --runs nosuch:///runs: ");
  }

  /** Nothing can be added, and what is there can be verified. */
  @Test
  void readOnlyDirectory() throws IOException {
    assertThat(run("full:" + runs()).exitCode()).isZero();
    SortedMap<String, String> before = TestBlocks.listing(runs());
    FullFileSystem.register();
    TestSpark.configure();
    FullFileSystem.readOnly(true);
    Path directory = RunFiles.below(runs()).directory();
    assertThat(run("full:" + runs()).failure(3))
        .isEqualTo("Cannot write run directory full:" + directory + ": Read-only file system");
    FullFileSystem.register();
    TestSpark.configure();
    CommandResult verified = CommandResult.of("verify", "full:" + directory);
    assertThat(verified.exitCode()).as(verified.err()).isZero();
    assertThat(TestBlocks.listing(runs())).isEqualTo(before);
  }

  /** The second one is told who has it, and changes nothing; then it is its turn. */
  @Test
  void twoWriters() throws IOException {
    Experiment experiment = TestExperiments.small(directory);
    try (RunDirectory held =
        RunDirectory.open(runs().toString(), experiment, new Configuration())) {
      SortedMap<String, String> before = TestBlocks.listing(runs());
      long pid = ProcessHandle.current().pid();
      assertThat(run(runs().toString()).failure(3))
          .startsWith(
              "Cannot write run directory " + held.directory() + ": it is in use by process ")
          .contains(" process " + pid + " of ");
      assertThat(TestBlocks.listing(runs())).isEqualTo(before);
    }
    assertThat(run(runs().toString()).exitCode()).isZero();
  }

  /** It would be in logs and results. */
  @Test
  void passwordInTheUri() {
    String refused = run("ftp://me:hush@host/runs").failure(2);
    assertThat(refused).startsWith("Cannot use --runs: ").doesNotContain("hush");
    CommandResult verified = CommandResult.of("verify", "ftp://me:hush@host/runs/small-0");
    assertThat(verified.failure(2)).doesNotContain("hush");
  }

  @Test
  void directoryOfAnotherExperiment() throws IOException {
    assertThat(run(runs().toString()).exitCode()).isZero();
    Path conf = RunFiles.below(runs()).directory().resolve("experiment.conf");
    Files.writeString(conf, Files.readString(conf).replace("seed=7", "seed=8"));
    SortedMap<String, String> before = TestBlocks.listing(runs());
    assertThat(run(runs().toString()).failure(2))
        .startsWith("Cannot use run directory file:" + runs())
        .endsWith("it belongs to another experiment, with seed = 8 and not 7");
    assertThat(TestBlocks.listing(runs())).isEqualTo(before);
  }

  /** Refused before anything is simulated or written, by an extended experiment too. */
  @Test
  void damagedLedger() throws IOException {
    assertThat(run(runs().toString()).exitCode()).isZero();
    Path batch = RunFiles.below(runs()).directory().resolve("blocks/batch=0");
    Path table;
    try (Stream<Path> files = Files.list(batch)) {
      table = files.filter(file -> file.toString().endsWith(".parquet")).findFirst().orElseThrow();
    }
    byte[] content = Files.readAllBytes(table);
    Files.write(table, Arrays.copyOf(content, content.length / 2));
    SortedMap<String, String> before = TestBlocks.listing(runs());
    for (String lengths : List.of("[1, 4, 16]", "[1, 2, 4, 16]")) {
      String conf = TestExperiments.write(directory, TestExperiments.small()).toString();
      assertThat(
              CommandResult.of(
                      "run",
                      conf,
                      "--runs",
                      runs().toString(),
                      "--set",
                      "prompt-lengths = " + lengths)
                  .failure(2))
          .startsWith("Cannot read ledger file file:" + table + ": truncated or no Parquet file");
    }
    assertThat(TestBlocks.listing(runs())).isEqualTo(before);
  }

  @Test
  void sparkThatDoesNotStart() {
    TestSpark.restartWith(Map.of("spark.master", "nonsense"));
    assertThat(run(runs().toString()).failure(3))
        .isEqualTo("Cannot run Spark: Could not parse Master URL: 'nonsense'");
    assertThat(runs()).doesNotExist();
  }
}
