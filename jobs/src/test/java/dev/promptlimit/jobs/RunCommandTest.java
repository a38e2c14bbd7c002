package dev.promptlimit.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.promptlimit.jobs.report.ReportPage;
import dev.promptlimit.jobs.table.FullFileSystem;
import dev.promptlimit.jobs.table.TestBlocks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole runs in this JVM. */
class RunCommandTest {
  /** A finished run of small.conf, to compare with and to start from. */
  @TempDir private static Path finished;

  @TempDir private Path directory;

  @BeforeAll
  static void runSmall() {
    TestSpark.configure();
    assertThat(run(finished).exitCode()).isZero();
  }

  @BeforeEach
  void configure() {
    TestSpark.configure();
  }

  @AfterEach
  void forgetSettings() {
    TestSpark.stop();
    FullFileSystem.leave(Long.MAX_VALUE);
  }

  private static CommandResult run(Path directory, String... overrides) {
    return new TestRuns(directory)
        .run(
            TestExperiments.small(),
            Arrays.stream(overrides)
                .flatMap(override -> Stream.of("--set", override))
                .toArray(String[]::new));
  }

  private static RunFiles files(Path directory) throws IOException {
    return new TestRuns(directory).files();
  }

  /** Starts from the finished run. */
  private RunFiles copyOfFinished() throws IOException {
    TestBlocks.copy(finished, directory);
    return files(directory);
  }

  private static void assertSameResults(RunFiles ours, RunFiles theirs) throws IOException {
    assertThat(ours.summary()).isEqualTo(theirs.summary());
    assertThat(ours.rows("cells.parquet")).isEqualTo(theirs.rows("cells.parquet"));
    assertThat(ours.pages("cells.parquet")).isEqualTo(theirs.pages("cells.parquet"));
    assertThat(ours.pages("claims.parquet")).isEqualTo(theirs.pages("claims.parquet"));
  }

  @Test
  void writesAllThatARunDirectoryHolds() throws IOException {
    RunFiles run = files(finished);
    assertThat(run.directory().toFile().list((parent, name) -> !name.endsWith(".crc")))
        .containsExactlyInAnyOrder(
            "experiment.conf",
            "blocks",
            "cells.parquet",
            "claims.parquet",
            "summary.json",
            "report");
    assertThat(run.batches()).containsExactly("batch=0");
    assertThat(run.simulatedBlocks()).isEqualTo(6);
    assertThat(run.json().get("cells")).hasSize(18);
    assertThat(run.rows("cells.parquet")).hasSize(18);
    assertThat(run.rows("claims.parquet")).hasSize(2).allMatch(row -> row.contains("SUPPORTED"));
    assertThat(run.json().get("timing").get("master").textValue()).isEqualTo("local[2]");
    assertThat(ReportPage.in(run.directory()).words().select("h1").first().text())
        .isEqualTo("small");
  }

  @Test
  void tableAndSummarySayTheSame() throws IOException {
    RunFiles run = files(finished);
    List<Row> rows =
        TestSpark.session()
            .read()
            .parquet(run.directory().resolve("cells.parquet").toString())
            .collectAsList();
    for (int i = 0; i < 18; i++) {
      JsonNode cell = run.json().get("cells").get(i);
      Row row = rows.get(i);
      for (String text : List.of("cell", "tokens", "queries", "head", "metric")) {
        assertThat(row.<String>getAs(text)).isEqualTo(cell.get(text).textValue());
      }
      for (String number :
          List.of("meanSquare", "meanSquareLow", "meanSquareHigh", "exact", "delta")) {
        assertThat(row.<Double>getAs(number)).isEqualTo(cell.get(number).doubleValue());
      }
      assertThat(row.<Long>getAs("promptLength")).isEqualTo(cell.get("promptLength").longValue());
      assertThat(row.getList(row.fieldIndex("tail"))).hasSize(cell.get("tail").size());
      assertThat(row.<Double>getAs("exact"))
          .isBetween(row.getAs("meanSquareLow"), row.getAs("meanSquareHigh"));
    }
  }

  @Test
  void againSimulatesNothingAndSaysTheSame() throws IOException {
    RunFiles run = copyOfFinished();
    SortedMap<String, String> blocks = TestBlocks.listing(run.directory().resolve("blocks"));
    List<String> lines = run(directory).lines();
    assertThat(lines.get(0)).startsWith("head row, output");
    assertThat(lines.get(lines.size() - 1))
        .isEqualTo(run.directory().resolve("report/index.html").toString());
    assertThat(run.simulatedBlocks()).isZero();
    assertThat(TestBlocks.listing(run.directory().resolve("blocks"))).isEqualTo(blocks);
    assertSameResults(run, files(finished));
  }

  @Test
  void moreLengthsSimulateOnlyTheNewOnes() throws IOException {
    RunFiles run = copyOfFinished();
    assertThat(run(directory, "prompt-lengths = [1, 2, 4, 16]").exitCode()).isZero();
    assertThat(run.simulatedBlocks()).isEqualTo(2);
    assertThat(run.batches()).containsExactly("batch=0", "batch=1");
    assertThat(run.cells(1, 4, 16).stream().map(RunFiles::withoutIntervals))
        .isEqualTo(
            files(finished).cells(1, 4, 16).stream().map(RunFiles::withoutIntervals).toList());
    assertThat(run.cells(2)).hasSize(6);
    assertThat(Files.readString(run.directory().resolve("experiment.conf")))
        .containsPattern("1,\\s*2,\\s*4,\\s*16");
  }

  /** A longer prefix: the same as if all had been simulated at once. */
  @Test
  void aLargerBudgetSimulatesOnlyTheNewBlocks(@TempDir Path atOnce) throws IOException {
    RunFiles run = copyOfFinished();
    assertThat(run(directory, "budget.prompts-per-cell = 20000").exitCode()).isZero();
    assertThat(run.simulatedBlocks()).isEqualTo(6 * 2);
    assertThat(run.cells(4).get(0).get("prompts").longValue()).isEqualTo(3 * 8192);
    assertThat(run(atOnce, "budget.prompts-per-cell = 20000").exitCode()).isZero();
    assertThat(files(atOnce).simulatedBlocks()).isEqualTo(6 * 3);
    assertSameResults(run, files(atOnce));
    // a smaller budget later takes nothing away
    assertThat(run(directory).exitCode()).isZero();
    assertThat(run.simulatedBlocks()).isZero();
    assertSameResults(run, files(atOnce));
  }

  @ParameterizedTest
  @CsvSource({"local[1],", "local[2],1", "local[2],64"})
  void threadsAndPartitionsDoNotMatter(String master, String parallelism) throws IOException {
    TestSpark.restartWith(
        parallelism == null
            ? Map.of("spark.master", master)
            : Map.of("spark.master", master, "spark.default.parallelism", parallelism));
    assertThat(run(directory).exitCode()).isZero();
    assertThat(files(directory).json().get("timing").get("master").textValue()).isEqualTo(master);
    assertThat(files(directory).simulatedBlocks()).isEqualTo(6);
    assertSameResults(files(directory), files(finished));
  }

  @Test
  void manyBatchesAreOne() throws IOException {
    TestSpark.restartWith(Map.of("spark.promptlimit.batchSeconds", "0.01"));
    assertThat(run(directory).exitCode()).isZero();
    assertThat(files(directory).batches()).hasSizeBetween(2, 6);
    assertSameResults(files(directory), files(finished));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "NaN", "soon", ""})
  void batchesTakeTime(String seconds) {
    TestSpark.restartWith(Map.of("spark.promptlimit.batchSeconds", seconds));
    assertThat(run(directory).failure(2))
        .isEqualTo(
            "Cannot use spark.promptlimit.batchSeconds = " + seconds + ": allowed: numbers > 0");
  }

  @Test
  void fewerMetricsAndTheOtherSampler() throws IOException {
    assertThat(
            run(
                    directory,
                    "metrics = [jacobian-v]",
                    "sampler = brute-force",
                    "heads = null",
                    "heads = { name = h, query-key { kind = scaled-identity, scale = 0.4 },"
                        + " value { kind = row, vector = [1, -0.5, 0.25] } }")
                .exitCode())
        .isZero();
    RunFiles run = files(directory);
    assertThat(run.json().get("cells")).hasSize(3);
    for (int i = 0; i < 3; i++) {
      JsonNode brute = run.json().get("cells").get(i);
      assertThat(brute.get("metric").textValue()).isEqualTo("jacobian-v");
      // the same law from other numbers: the two intervals overlap (each misses with < 1e-3)
      JsonNode reduced = files(finished).json().get("cells").get(3 * i + 1);
      assertThat(reduced.get("metric").textValue()).isEqualTo("jacobian-v");
      assertThat(brute.get("cell")).isNotEqualTo(reduced.get("cell"));
      assertThat(brute.get("meanSquareLow").doubleValue())
          .isLessThan(reduced.get("meanSquareHigh").doubleValue());
      assertThat(reduced.get("meanSquareLow").doubleValue())
          .isLessThan(brute.get("meanSquareHigh").doubleValue());
    }
  }

  @Test
  void anotherSeedIsAnotherRun() throws IOException {
    copyOfFinished();
    assertThat(run(directory, "seed = 8").exitCode()).isZero();
    assertThat(directory.resolve("runs").toFile().list()).hasSize(2);
  }
}
