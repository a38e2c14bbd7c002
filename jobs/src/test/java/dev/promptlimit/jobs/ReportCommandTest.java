package dev.promptlimit.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.promptlimit.jobs.report.ReportPage;
import dev.promptlimit.jobs.table.ResultTables;
import dev.promptlimit.jobs.table.TestBlocks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code report}: the same page from the tables alone. */
class ReportCommandTest {
  private static final String BASE =
      """
      name = reported
      seed = 2
      tokens { measure = gaussian, dimension = 2, covariance { kind = identity } }
      queries { measure = gaussian, covariance { kind = identity } }
      heads = [{ name = only, query-key { kind = scaled-identity, scale = 0.4 }, value { kind = identity } }]
      prompt-lengths = [2, 8]
      metrics = [output]
      query-strata = never
      budget { prompts-per-cell = 4096 }
      claims { ids = [prop-3.1, control-student-t] }
      """;

  @TempDir private Path directory;
  private TestRuns runs;

  @BeforeEach
  void configure() {
    TestSpark.configure();
    runs = new TestRuns(directory);
  }

  private Path run() throws IOException {
    return runs.files().directory();
  }

  private Path page() throws IOException {
    return run().resolve("report/index.html");
  }

  private CommandResult report() throws IOException {
    return CommandResult.of("report", run().toString());
  }

  @Test
  void writesTheSamePageFromTheTablesAlone() throws IOException {
    runs.run(BASE).lines();
    String before = Files.readString(page());
    Files.delete(page());
    TestBlocks.delete(run().resolve("blocks/batch=0"));
    TestBlocks.delete(run().resolve("blocks"));
    assertThat(report().lines()).containsExactly(page().toString());
    assertThat(Files.readString(page())).isEqualTo(before);
    assertThat(run().resolve("_staging")).doesNotExist();
    assertThat(run().resolve("_lock")).doesNotExist();
  }

  @Test
  void withTrainingToo() throws IOException {
    runs.run(TestTraining.RUNS + TestTraining.FLOW).lines();
    String before = Files.readString(page());
    assertThat(report().lines()).containsExactly(page().toString());
    assertThat(Files.readString(page())).isEqualTo(before);
    assertThat(ReportPage.in(run()).figures()).contains("section-6", "flow-distance", "h2");
    TestBlocks.delete(run().resolve("flows.parquet"));
    TestBlocks.delete(run().resolve("trajectories.parquet"));
    report().lines();
    assertThat(ReportPage.in(run()).words().select("#report .notice").text())
        .isEqualTo(
            "Partial report: 0 of 8 training runs have ended; 0 of 2 gradient flows were followed.");
  }

  @Test
  void saysWhatIsNotThereYet() throws IOException {
    runs.run(BASE, "--prompts", "8192").lines();
    assertThat(ReportPage.in(run()).words().select("#report .notice").text())
        .startsWith("Partial report: the last call ended before all was simulated");
    double first = seconds("allSeconds");
    assertThat(first).isEqualTo(seconds("simulationSeconds")).isPositive();
    runs.run(BASE).lines(); // the rest
    assertThat(seconds("allSeconds")).isCloseTo(first + seconds("simulationSeconds"), within(1e-9));
    assertThat(ReportPage.in(run()).words().select("#report .notice")).isEmpty();
    TestBlocks.delete(run().resolve("claims.parquet"));
    Files.delete(run().resolve("summary.json"));
    report().lines();
    assertThat(ReportPage.in(run()).words().select("#report .notice").text())
        .startsWith("Partial report: no summary says when and by which program it was made; ")
        .contains("0 of 2 claims are judged");
  }

  private double seconds(String which) throws IOException {
    return runs.files().json().path("timing").path(which).doubleValue();
  }

  private static void replace(Path table, Dataset<Row> by) throws IOException {
    if (Files.exists(table)) {
      TestBlocks.delete(table);
    }
    by.coalesce(1).write().parquet(table.toString());
  }

  @Test
  void refusesWhatItCannotRead() throws IOException {
    runs.run(BASE).lines();
    String before = Files.readString(page());
    Path table = run().resolve("claims.parquet");
    Path part;
    try (var files = Files.list(table)) {
      part = files.filter(file -> file.toString().endsWith(".parquet")).findFirst().orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(part);
    Files.delete(part.resolveSibling("." + part.getFileName() + ".crc"));
    Files.write(part, Arrays.copyOf(bytes, bytes.length / 2));
    CommandResult truncated = report();
    assertThat(truncated.exitCode()).isEqualTo(3);
    assertThat(truncated.err().lines().toList().get(truncated.err().lines().toList().size() - 1))
        .startsWith("Cannot read file:" + table + ": ");
    assertThat(Files.readString(page())).isEqualTo(before);

    SparkSession spark = TestSpark.session();
    replace(table, spark.range(2).toDF("id"));
    assertThat(report().failure(2))
        .isEqualTo(
            "Cannot read file:"
                + table
                + ": it has no column id of type string; the command run writes it again in the"
                + " form of this version");
    StructType claims = ResultTables.CLAIMS;
    Row claim = RowFactory.create("prop-3.1", "SUPPORTED", "SUPPORTED", "reason", "{");
    replace(table, TestSpark.session().createDataFrame(List.of(claim), claims));
    assertThat(report().failure(2))
        .startsWith("Cannot read the evidence of claim prop-3.1: it is not JSON: Unexpected end");
    claim = RowFactory.create("prop-3.1", null, "SUPPORTED", "reason", "{}");
    replace(table, TestSpark.session().createDataFrame(List.of(claim), claims));
    assertThat(report().failure(2))
        .startsWith("Cannot read file:" + table + ": row 0 has no verdict; ");
    TestBlocks.delete(table);

    Path cells = run().resolve("cells.parquet");
    Dataset<Row> table0 = TestSpark.session().read().parquet(cells.toString());
    List<Row> rows = table0.withColumn("metric", functions.lit("speed")).collectAsList();
    replace(cells, TestSpark.session().createDataFrame(rows, ResultTables.CELLS));
    assertThat(report().failure(2)).isEqualTo("Cannot read cells: there is no metric 'speed'");

    TestBlocks.delete(cells);
    CommandResult none = report();
    assertThat(none.exitCode()).isEqualTo(2);
    assertThat(none.err())
        .contains(
            "Cannot read results of file:"
                + run()
                + ": it has no cells.parquet; the command run publishes it");
    assertThat(Files.readString(page())).isEqualTo(before);

    CommandResult elsewhere = CommandResult.of("report", directory.toString());
    assertThat(elsewhere.exitCode()).isEqualTo(2);
    assertThat(elsewhere.err())
        .contains("Cannot read run directory " + directory + ": it must have");
  }
}
