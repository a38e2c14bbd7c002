package dev.promptlimit.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.kernel.Kernels;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same experiment in this JVM on two threads with 64 partitions, and in JVMs of their own with
 * plain kernels: on two threads in drivers that are killed again and again, then on one. Both
 * publish the same bits, and little work is done twice.
 */
class ChildJvmTest {
  @TempDir private Path directory;

  private ChildJvm start(String runs, int blocks, String... settings) throws IOException {
    List<String> options = new ArrayList<>(ChildJvm.moduleOptions());
    String log = Path.of("..", "conf", "log4j2.properties").toUri().toString();
    options.addAll(
        List.of(
            "-Xmx1g",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1", // starts faster, and plain kernels give the same bits
            "-Dlog4j2.configurationFile=" + log,
            "-Dpromptlimit.log.level=trace",
            "-Dspark.ui.enabled=false",
            "-Dspark.driver.host=127.0.0.1"));
    options.addAll(List.of(settings));
    return ChildJvm.start(directory, jar -> true, options, List.of(arguments(runs, blocks)));
  }

  private String[] arguments(String runs, int blocks) {
    return new String[] {
      "run",
      TestExperiments.write(directory, TestExperiments.small()).toString(),
      "--runs",
      directory.resolve(runs).toString(),
      "--set",
      "budget.prompts-per-cell = " + blocks / 6 * 8192,
      "--set",
      "metrics = [output]"
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
  void threadsPartitionsKernelsAndKilledDriversDoNotMatter() throws Exception {
    killAndCompare(5, 720);
  }

  /** Half an hour. */
  @Test
  @Tag("nightly")
  void fiftyKilledDrivers() throws Exception {
    killAndCompare(50, 7200);
  }

  /**
   * @param kills how many drivers are killed, each of which loses two batches at most
   * @param blocks of the experiment, in batches of about 10
   */
  private void killAndCompare(int kills, int blocks) throws Exception {
    TestSpark.restartWith(Map.of("spark.default.parallelism", "64"));
    RunFiles undisturbed = finished("here", CommandResult.of(arguments("here", blocks)));
    TestSpark.stop();
    assertThat(undisturbed.simulatedBlocks()).isEqualTo(blocks);
    assertThat(undisturbed.kernels()).containsExactly(Kernels.description());

    Random random = new Random(20261130);
    long simulated = 0;
    for (int i = 0; i < kills; i++) {
      long enough = published() + random.nextInt(12);
      ChildJvm child =
          start(
              "killed",
              blocks,
              "-Dspark.master=local[2]",
              "-Dspark.promptlimit.batchSeconds=0.012",
              "-Dspark.sql.codegen.wholeStage=false",
              "-Dspark.sql.codegen.factoryMode=NO_CODEGEN");
      while (child.isAlive() && published() <= enough) {
        Thread.sleep(10);
      }
      Thread.sleep(random.nextInt(400)); // anywhere: while it simulates, or while it publishes
      child.kill();
      simulated += simulated(child.err());
    }
    RunFiles files = RunFiles.below(directory.resolve("killed"));
    assertThat(files.directory().resolve("summary.json")).doesNotExist();
    assertThat(files.directory().resolve("_lock")).exists();

    ChildJvm last = start("killed", blocks, "-Dspark.master=local[1]");
    CommandResult plain = last.await();
    RunFiles resumed = finished("killed", plain);
    simulated += simulated(plain.err());
    assertThat(simulated).isBetween((long) blocks, blocks * 115L / 100);
    assertThat(resumed.simulatedBlocks()).isLessThan(blocks);
    assertThat(resumed.directory().resolve("_staging")).doesNotExist();
    assertThat(resumed.directory().resolve("_lock")).doesNotExist();
    assertThat(resumed.kernels()).containsExactly("plain Java");
    assertThat(plain.err().lines().filter(line -> line.contains("Kernels: plain Java")))
        .singleElement()
        .asString()
        .contains("WARN", "--add-modules=jdk.incubator.vector");
    assertSameResults(resumed, undisturbed);
  }

  /** Blocks that a program says it has simulated, whether they were published or not. */
  private static long simulated(String log) {
    return log.lines().filter(line -> line.matches(".* block \\d+ done")).count();
  }

  /** Batches of the run that is killed. */
  private long published() throws IOException {
    Path runs = directory.resolve("killed");
    if (!Files.exists(runs)) {
      return 0;
    }
    File[] ledgers = runs.toFile().listFiles();
    String[] batches =
        ledgers.length == 0 ? null : ledgers[0].toPath().resolve("blocks").toFile().list();
    return batches == null ? 0 : batches.length;
  }
}
