package dev.promptlimit.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.kernel.Kernels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same experiment in this JVM on two threads with 64 partitions, and in JVMs of their own with
 * plain kernels: on two threads until the driver is killed, then on one. Both publish the same
 * bits.
 */
class ChildJvmTest {
  /** Five blocks for each of six cells. */
  private static final int BLOCKS = 30;

  @TempDir private Path directory;

  private ChildJvm start(String runs, String... settings) throws IOException {
    List<String> options = new ArrayList<>(ChildJvm.moduleOptions());
    options.addAll(
        List.of(
            "-Xmx1g",
            "-XX:TieredStopAtLevel=1", // starts faster, and plain kernels give the same bits
            "-Dspark.ui.enabled=false",
            "-Dspark.driver.host=127.0.0.1"));
    options.addAll(List.of(settings));
    return ChildJvm.start(directory, jar -> true, options, List.of(arguments(runs)));
  }

  private String[] arguments(String runs) {
    return new String[] {
      "run",
      TestExperiments.write(directory, TestExperiments.small()).toString(),
      "--runs",
      directory.resolve(runs).toString(),
      "--set",
      "budget.prompts-per-cell = " + BLOCKS / 6 * 8192
    };
  }

  private RunFiles finished(String runs, CommandResult result) throws IOException {
    assertThat(result.exitCode()).as(result.err()).isZero();
    RunFiles files = RunFiles.below(directory.resolve(runs));
    assertThat(result.out().lines().reduce((first, last) -> last))
        .contains(files.directory().resolve("report/index.html").toString());
    return files;
  }

  private static void assertSameResults(RunFiles ours, RunFiles theirs) throws IOException {
    assertThat(ours.summary()).isEqualTo(theirs.summary());
    assertThat(ours.rows("cells.parquet")).isEqualTo(theirs.rows("cells.parquet"));
    assertThat(ours.pages("cells.parquet")).isEqualTo(theirs.pages("cells.parquet"));
  }

  @Test
  void threadsPartitionsKernelsAndAKilledDriverDoNotMatter() throws Exception {
    TestSpark.restartWith(Map.of("spark.default.parallelism", "64"));
    RunFiles undisturbed = finished("here", CommandResult.of(arguments("here")));
    TestSpark.stop();
    assertThat(undisturbed.simulatedBlocks()).isEqualTo(BLOCKS);
    assertThat(undisturbed.kernels()).containsExactly(Kernels.description());

    // one block a batch, so that there is time to kill it between the first and the last
    ChildJvm killed =
        start("killed", "-Dspark.master=local[2]", "-Dspark.promptlimit.batchSeconds=0.001");
    while (killed.isAlive() && published() < 2) {
      Thread.sleep(10);
    }
    killed.kill();
    RunFiles files = RunFiles.below(directory.resolve("killed"));
    int published = files.batches().size();
    assertThat(published).isBetween(2, BLOCKS - 1);
    assertThat(files.directory().resolve("summary.json")).doesNotExist();

    String log = Path.of("..", "conf", "log4j2.properties").toUri().toString();
    CommandResult plain =
        start("killed", "-Dspark.master=local[1]", "-Dlog4j2.configurationFile=" + log).await();
    RunFiles resumed = finished("killed", plain);
    assertThat(resumed.simulatedBlocks()).isEqualTo(BLOCKS - published);
    assertThat(resumed.directory().resolve("_staging")).doesNotExist();
    assertThat(resumed.kernels()).containsExactly("plain Java");
    assertThat(plain.err().lines().filter(line -> line.contains("Kernels: plain Java")))
        .singleElement()
        .asString()
        .contains("WARN", "--add-modules=jdk.incubator.vector");
    assertSameResults(resumed, undisturbed);
  }

  /** Batches of the run that will be killed. */
  private long published() throws IOException {
    Path runs = directory.resolve("killed");
    if (!Files.exists(runs)) {
      return 0;
    }
    try (Stream<Path> paths = Files.walk(runs, 3)) {
      return paths.filter(path -> path.getFileName().toString().startsWith("batch=")).count();
    }
  }
}
