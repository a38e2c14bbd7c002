package dev.promptlimit.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.Gauge;
import dev.promptlimit.jobs.TestExperiments;
import dev.promptlimit.jobs.TestSpark;
import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.jobs.table.RunDirectory;
import dev.promptlimit.jobs.table.TestBlocks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.apache.spark.SparkEnv;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What those see of a simulation who watch Spark. */
class SimulationTest {
  /** Laplace tokens, some queries of which have no limit. */
  private static final String TEXT =
      """
      name = watched
      seed = 3
      tokens { measure = laplace, dimension = 2, scale = 0.5 }
      queries { measure = gaussian, covariance { kind = identity } }
      heads = [
        { name = one, query-key { kind = scaled-identity, scale = 1 }, value { kind = identity } }
      ]
      prompt-lengths = [2, 4]
      metrics = [output]
      budget { prompts-per-cell = 16384 }
      """;

  @TempDir private Path directory;

  private static double metric(String name) {
    Object source =
        SparkEnv.get().metricsSystem().getSourcesByName("promptlimit").iterator().next();
    Gauge<?> gauge = (Gauge<?>) ((RunMetrics) source).metricRegistry().getGauges().get(name);
    return ((Number) gauge.getValue()).doubleValue();
  }

  @Test
  void metricsAndJobGroups() throws IOException, TimeoutException {
    TestSpark.stop(); // metrics are those of a session
    SparkSession spark = TestSpark.session();
    Experiment experiment = TestExperiments.read(directory, TEXT);
    RunDirectory run = TestBlocks.open(directory, experiment);
    Plan.Size done =
        new Simulation(spark, experiment, run, Allowance.all())
            .simulateMissing(Optional.empty())
            .size();
    spark.sparkContext().listenerBus().waitUntilEmpty(); // it brings jobs and ends of tasks
    assertThat(metric("items")).isEqualTo((double) done.blocks()).isPositive();
    assertThat(metric("tokens")).isEqualTo((double) done.tokens());
    assertThat(metric("tokensPerSecond")).isPositive().isLessThanOrEqualTo((double) done.tokens());
    assertThat(metric("inadmissible")).isBetween(100.0, done.prompts() - 100.0);
    assertThat(metric("batches")).isEqualTo(1);
    assertThat(metric("retries")).isZero();
    String group = "laplace/gaussian/one L=2 and 1 more";
    assertThat(spark.sparkContext().statusTracker().getJobIdsForGroup(group)).isNotEmpty();
    TestSpark.stop();
  }
}
