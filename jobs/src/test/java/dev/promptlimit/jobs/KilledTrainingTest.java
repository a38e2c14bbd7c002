package dev.promptlimit.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A driver that is killed while it trains, and goes on: the bytes are those of one run. */
class KilledTrainingTest {
  @TempDir private Path directory;

  @BeforeEach
  void configure() {
    TestSpark.configure();
  }

  @AfterEach
  void forgetSettings() {
    TestSpark.stop();
  }

  private Path runs() {
    return directory.resolve("runs");
  }

  /** Starts the run in a JVM of its own, a batch for every checkpoint or two. */
  private ChildJvm start(String text) throws IOException {
    List<String> options = new ArrayList<>(ChildJvm.moduleOptions());
    options.addAll(
        List.of(
            "-Xmx1g",
            "-XX:TieredStopAtLevel=1", // starts faster, and plain kernels give the same bits
            "-Dspark.master=local[2]",
            "-Dspark.ui.enabled=false",
            "-Dspark.driver.host=127.0.0.1",
            "-Dspark.promptlimit.segmentSeconds=1e-9"));
    String conf = TestExperiments.write(directory, text).toString();
    return ChildJvm.start(
        directory, jar -> true, options, List.of("run", conf, "--runs", runs().toString()));
  }

  private long published() throws IOException {
    if (!Files.exists(runs())) {
      return 0;
    }
    try (Stream<Path> paths = Files.walk(runs(), 3)) {
      return paths
          .filter(path -> path.getParent().endsWith("checkpoints"))
          .filter(path -> path.getFileName().toString().startsWith("batch="))
          .count();
    }
  }

  /** Kills a run once it has published so many batches more. */
  private void killAfter(String text, int batches) throws Exception {
    long before = published();
    ChildJvm child = start(text);
    while (child.isAlive() && published() < before + batches) {
      Thread.sleep(10);
    }
    child.kill();
    assertThat(published()).isGreaterThanOrEqualTo(before + batches);
    assertThat(RunFiles.below(runs()).directory().resolve("summary.json")).doesNotExist();
  }

  private void assertSame(String text) throws Exception {
    TestRuns resumed = new TestRuns(directory);
    assertThat(resumed.run(text).exitCode()).isZero();
    assertThat(resumed.files().directory().resolve("_staging")).doesNotExist();
    TestRuns undisturbed = new TestRuns(Files.createDirectory(directory.resolve("undisturbed")));
    assertThat(undisturbed.run(text).exitCode()).isZero();
    assertThat(resumed.files().summary()).isEqualTo(undisturbed.files().summary());
    assertThat(resumed.files().pages("trajectories.parquet"))
        .isEqualTo(undisturbed.files().pages("trajectories.parquet"));
  }

  /** Half a minute; that lost batches are made up for is tested in the default build too. */
  @Test
  @Tag("nightly")
  void aKilledRunGoesOn() throws Exception {
    String text = TestTraining.RUNS.replace("replicates = 2", "replicates = 1");
    killAfter(text, 2); // of 16
    assertSame(text);
  }

  @Test
  @Tag("nightly")
  void aRunKilledAgainAndAgainGoesOn() throws Exception {
    String text = TestTraining.RUNS.replace("steps = 40", "steps = 120"); // 96 checkpoints
    for (int batches : List.of(1, 9, 2, 17, 5)) {
      killAfter(text, batches);
    }
    assertSame(text);
  }
}
