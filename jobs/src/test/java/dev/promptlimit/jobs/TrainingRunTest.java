package dev.promptlimit.jobs;

import static dev.promptlimit.jobs.TestTraining.FLOW;
import static dev.promptlimit.jobs.TestTraining.RUNS;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.promptlimit.jobs.table.TestBlocks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs that train and follow flows, and what {@code verify} says of them. */
class TrainingRunTest {
  /** Concentration of heads of one of the runs, on prompts of such tasks. */
  private static final String CELLS =
      """
      tokens {
        measure = regression, dimension = 2, covariance { kind = toeplitz, rho = 0.5 }
        task-variance = 0.5, noise-variance = 0.1
      }
      heads = [{ name = h, query-key { kind = trained, activation = linear, prompt-length = 5, steps = [0, 20] } }]
      prompt-lengths = [8]
      metrics = [output]
      budget { prompts-per-cell = 100 }
      """;

  /** Four runs of two checkpoints each, two flows, two cells. */
  private static final String ALL =
      RUNS.replace("replicates = 2", "replicates = 1").replace("steps = 40", "steps = 20")
          + FLOW
          + CELLS;

  /** A finished run, to compare with and to start from. */
  @TempDir private static Path finished;

  @TempDir private Path directory;
  private TestRuns runs;

  @BeforeAll
  static void runAll() {
    TestSpark.configure();
    assertThat(new TestRuns(finished).run(ALL).exitCode()).isZero();
    TestSpark.stop();
  }

  @BeforeEach
  void configure() {
    TestSpark.configure();
    runs = new TestRuns(directory);
  }

  @AfterEach
  void forgetSettings() {
    TestSpark.stop();
  }

  /** Starts from the finished run. */
  private void copyOfFinished() throws IOException {
    TestBlocks.copy(finished, directory);
  }

  private Path file(String name) throws IOException {
    return runs.files().directory().resolve(name);
  }

  private void assertSameAsFinished() throws IOException {
    RunFiles ours = runs.files();
    RunFiles theirs = new TestRuns(finished).files();
    assertThat(ours.summary()).isEqualTo(theirs.summary());
    for (String table : List.of("trajectories.parquet", "flows.parquet", "cells.parquet")) {
      assertThat(ours.pages(table)).as(table).isEqualTo(theirs.pages(table));
    }
  }

  private static List<Row> rows(Path table) {
    return TestSpark.session().read().parquet(table.toString()).collectAsList();
  }

  @Test
  void tablesAndSummarySayTheSame() throws IOException {
    RunFiles run = new TestRuns(finished).files();
    List<Row> rows = rows(run.directory().resolve("trajectories.parquet"));
    JsonNode training = run.json().get("training");
    assertThat(training).hasSize(4);
    JsonNode cells = run.json().get("cells");
    assertThat(cells).hasSize(2);
    assertThat(cells.get(0).get("head").textValue()).isEqualTo("h@0");
    assertThat(cells.get(1).get("head").textValue()).isEqualTo("h@20");
    // this one grows as it learns, sevenfold: the same head twice would have intervals that overlap
    assertThat(cells.get(0).get("meanSquareHigh").doubleValue())
        .isLessThan(cells.get(1).get("meanSquareLow").doubleValue());
    for (int i = 0; i < 4; i++) {
      JsonNode node = training.get(i);
      Row start = rows.get(3 * i);
      Row end = rows.get(3 * i + 2);
      assertThat(start.<Integer>getAs("checkpoint")).isZero();
      assertThat(start.<Double>getAs("trainingLoss")).isNull();
      assertThat(start.<Double>getAs("headToStart")).isZero();
      assertThat(end.<Long>getAs("step")).isEqualTo(20).isEqualTo(node.get("step").longValue());
      assertThat(end.<Long>getAs("divergedAt")).isNull();
      assertThat(end.<Double>getAs("headToStart")).isPositive();
      for (String text : List.of("trajectory", "activation")) {
        assertThat(end.<String>getAs(text)).isEqualTo(node.get(text).textValue());
      }
      for (String number :
          List.of(
              "trainingLoss",
              "testRisk",
              "testRiskLow",
              "testRiskHigh",
              "infiniteRisk",
              "ridgeRisk",
              "ridgeRiskLow",
              "ridgeRiskHigh",
              "mapToOptimum",
              "mapToPartner")) {
        assertThat(end.<Double>getAs(number)).isEqualTo(node.get(number).doubleValue());
      }
      assertThat(end.<Double>getAs("testRisk"))
          .isBetween(end.getAs("testRiskLow"), end.getAs("testRiskHigh"));
      assertThat(end.getList(end.fieldIndex("theta"))).hasSize(3 * 9 + 3);
      assertThat(end.getList(end.fieldIndex("u"))).hasSize(9);
      assertThat(end.getList(end.fieldIndex("v"))).hasSize(3);
      // shared weights: softmax and linear, short and long start alike
      assertThat(start.getList(start.fieldIndex("theta")))
          .isEqualTo(rows.get(0).getList(start.fieldIndex("theta")));
    }
    List<Row> flows = rows(run.directory().resolve("flows.parquet"));
    int times = flows.size() / 2;
    for (int i = 0; i < 2; i++) {
      JsonNode node = run.json().get("flows").get(i);
      Row end = flows.get(times * (i + 1) - 1);
      assertThat(flows.get(times * i).<Double>getAs("headDistance")).isZero();
      assertThat(end.<Long>getAs("promptLength")).isEqualTo(node.get("promptLength").longValue());
      assertThat(end.<Double>getAs("time"))
          .isEqualTo(3)
          .isEqualTo(node.get("horizon").doubleValue());
      for (String number : List.of("infiniteRisk", "gap", "gapLow", "gapHigh")) {
        assertThat(end.<Double>getAs(number)).isEqualTo(node.get(number).doubleValue());
      }
    }
  }

  @Test
  void anotherMasterOtherPartitionsAndManySegments() throws IOException {
    TestSpark.restartWith(
        Map.of(
            "spark.master", "local[1]",
            "spark.default.parallelism", "7",
            "spark.promptlimit.segmentSeconds", "1e-5")); // one or two checkpoints
    assertThat(runs.run(ALL).exitCode()).isZero();
    assertSameAsFinished();
  }

  /**
   * No cells, fewer steps, lengths and flows first, then a lost batch: published bytes are the
   * same.
   */
  @Test
  void aRunThatGoesOnIsTheSame() throws IOException {
    String[] less =
        TestTraining.with(
            "runs.steps = 10", "runs.prompt-lengths = [20]", "flow.prompt-lengths = [200]");
    assertThat(runs.run(ALL.replace(CELLS, ""), less).exitCode()).isZero();
    TestBlocks.delete(file("checkpoints/batch=1"));
    assertThat(runs.run(ALL).exitCode()).isZero();
    assertSameAsFinished();
    // one batch is left of two, then one run goes on and three begin
    assertThat(file("checkpoints").toFile().list()).hasSize(1 + 4);
    assertThat(file("flows").toFile().list()).containsExactlyInAnyOrder("batch=0", "batch=1");
    assertThat(runs.verify().lines())
        .containsExactly("4 training runs, 2 flows, 2 results and 0 verdicts as published");
  }

  @Test
  void verifyFindsWhatIsChangedOrLost() throws IOException {
    copyOfFinished();
    assertThat(runs.verify().lines())
        .containsExactly("4 training runs, 2 flows, 2 results and 0 verdicts as published");
    Path summary = file("summary.json");
    String text = Files.readString(summary);
    Files.writeString(summary, text.replaceFirst("\"testRisk\" : 0", "\"testRisk\" : 1"));
    TestBlocks.delete(file("flows.parquet"));
    TestBlocks.delete(file("checkpoints/batch=2"));
    CommandResult result = runs.verify();
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.out()).isEqualTo("NOT as published\n");
    assertThat(result.err())
        .contains(
            ": summary.json: training differs from what the ledger gives",
            ": flows.parquet is not there",
            ": trajectories.parquet has 12 rows, the ledger gives 10",
            ": the ledger lacks checkpoints of training runs: 1\n");
  }

  /** One line, and the directory is as before. */
  @Test
  void damagedLedgersAreRefused() throws IOException {
    copyOfFinished();
    for (String ledger : List.of("checkpoints", "flows")) {
      Path table = parquet(file(ledger + "/batch=0"));
      byte[] good = Files.readAllBytes(table);
      Files.write(table, Arrays.copyOf(good, good.length / 2));
      String problem = "Cannot read ledger file file:" + table + ": truncated or no Parquet file: ";
      assertThat(runs.verify().failure(1)).contains(": " + problem);
      assertThat(runs.run(ALL).failure(2)).startsWith(problem);
      Files.write(table, Files.readAllBytes(parquet(file("trajectories.parquet"))));
      Files.delete(table.resolveSibling("." + table.getFileName() + ".crc"));
      assertThat(runs.verify().failure(1)).endsWith(": its columns are not those of " + ledger);
      Files.write(table, good);
    }
  }

  private static Path parquet(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".parquet")).findFirst().orElseThrow();
    }
  }

  /** Much too fast; and inputs of which no closed form is known. */
  @Test
  void divergenceIsAResult() throws IOException {
    String[] options =
        TestTraining.with(
            "runs.replicates = 1",
            "runs.activations = [linear]",
            "runs.optimiser = { kind = sgd, rate = 30 }",
            "runs.parametrisation = merged",
            "task.inputs = rademacher");
    CommandResult result = runs.run(RUNS + CELLS, options);
    assertThat(result.exitCode()).isZero();
    assertThat(result.out())
        .contains("diverged at ")
        .containsPattern("h@20 \\(diverged at \\d+\\)");
    for (Row row : rows(file("trajectories.parquet"))) {
      int checkpoint = row.getAs("checkpoint");
      assertThat(row.<Long>getAs("step")).isEqualTo(10L * checkpoint);
      assertThat(row.<Double>getAs("ridgeRisk")).isNull();
      assertThat(row.<Double>getAs("infiniteRisk")).isNull();
      if (checkpoint > 0) {
        assertThat(row.<Long>getAs("divergedAt")).isBetween(1L, 40L);
      }
    }
    assertThat(runs.files().json().get("training").get(0).get("divergedAt").longValue())
        .isPositive();
    assertThat(runs.verify().lines())
        .containsExactly("2 training runs, 0 flows, 2 results and 0 verdicts as published");
  }
}
