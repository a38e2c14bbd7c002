package dev.promptlimit.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The launcher with {@code --master yarn}, on YARN with one node: the numbers are those of a run in
 * this JVM. With Spark 4.2, as long as 4.1's YARN module is not everywhere to be had.
 */
@Tag("nightly")
class YarnTest {
  private static final Path LAUNCHER =
      Path.of("..", "submit", "promptlimit").toAbsolutePath().normalize();

  @TempDir private static Path yarn;

  @TempDir private Path directory;

  private static TestServer cluster;

  @BeforeAll
  static void startCluster() throws Exception {
    cluster = TestServer.start("MiniYarn", "yarn-cluster", yarn, yarn.toString());
  }

  @AfterAll
  static void stopCluster() throws Exception {
    cluster.close();
  }

  @AfterEach
  void forgetSettings() {
    TestSpark.stop();
  }

  /** What the launcher takes for an installed Spark. */
  private Path installedSpark() throws IOException, InterruptedException {
    Path spark = directory.resolve("spark");
    Files.createDirectories(spark.resolve("bin"));
    Files.createSymbolicLink(spark.resolve("jars"), TestServer.jars("yarn-spark"));
    Path submit =
        Files.writeString(
            spark.resolve("bin/spark-submit"),
            """
            #!/usr/bin/env bash
            export SPARK_SCALA_VERSION=2.13 SPARK_HOME=%s
            mapfile -d '' -t parts < <(
              "$JAVA_HOME/bin/java" -cp "$SPARK_HOME/jars/*" org.apache.spark.launcher.Main \\
                org.apache.spark.deploy.SparkSubmit "$@"
            )
            parts=("${parts[@]:1}")
            parts[0]=${parts[0]#$'\\n'}
            exec "${parts[@]}"
            """
                .formatted(spark));
    assertThat(submit.toFile().setExecutable(true)).isTrue();
    return spark;
  }

  @ParameterizedTest
  @ValueSource(strings = {"client", "cluster"})
  void run(String mode) throws Exception {
    Path conf = TestExperiments.write(directory, TestExperiments.small());
    Path jars = TestServer.jars("yarn-spark");
    List<String> command =
        List.of(
            LAUNCHER.toString(),
            "--master=yarn",
            "--deploy-mode=" + mode,
            "--driver-memory=512m",
            "--executor-memory=512m",
            "--num-executors=1",
            "--conf=spark.yarn.jars=local:" + jars + "/*",
            "--conf=spark.yarn.stagingDir=" + directory.resolve("staging").toUri(),
            "--conf=spark.yarn.am.memory=512m",
            "--conf=spark.ui.enabled=false",
            "--conf=spark.hadoop.fs.defaultFS=file:///",
            "--conf=spark.yarn.appMasterEnv.SPARK_LOCAL_IP=127.0.0.1",
            "--conf=spark.executorEnv.SPARK_LOCAL_IP=127.0.0.1",
            "--",
            "run",
            conf.toString(),
            "--runs",
            directory.resolve("runs").toUri().toString());
    ProcessBuilder builder = new ProcessBuilder(command);
    builder
        .environment()
        .putAll(
            Map.of(
                "SPARK_HOME", installedSpark().toString(),
                "HADOOP_CONF_DIR", yarn.toString(),
                "JAVA_HOME", System.getProperty("java.home"),
                "SPARK_LOCAL_IP", "127.0.0.1"));
    Path err = directory.resolve("err");
    Process process =
        builder
            .redirectError(err.toFile())
            .redirectOutput(directory.resolve("out").toFile())
            .start();
    assertThat(process.waitFor(300, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(err)).isZero();
    if (mode.equals("client")) {
      assertThat(Files.readString(directory.resolve("out"))).contains("report/index.html");
    }
    TestSpark.configure();
    TestRuns here = new TestRuns(Files.createDirectory(directory.resolve("here")));
    assertThat(here.run(TestExperiments.small()).exitCode()).isZero();
    RunFiles there = RunFiles.below(directory.resolve("runs"));
    assertThat(there.summary()).isEqualTo(here.files().summary());
    assertThat(there.simulatedBlocks()).isEqualTo(6); // in one attempt, not in a second one
    assertThat(there.directory().resolve("_lock")).doesNotExist();
  }
}
