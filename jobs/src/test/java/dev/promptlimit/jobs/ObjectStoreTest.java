package dev.promptlimit.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs into an object store, through Hadoop's S3 file system and a server that speaks S3 and checks
 * signatures: the bytes are those of a run on a disk.
 */
@Tag("nightly")
class ObjectStoreTest {
  private static final String SECRET = "not-for-the-eyes-of-others";

  @TempDir private static Path server;

  @TempDir private Path directory;

  private static TestServer s3;

  @BeforeAll
  static void startServer() throws Exception {
    s3 = TestServer.start("S3Server", "s3-server", server, "somebody", SECRET, "bucket");
  }

  @AfterAll
  static void stopServer() throws Exception {
    s3.close();
  }

  @BeforeEach
  void configure() {
    TestSpark.configure();
  }

  @AfterEach
  void forgetSettings() {
    TestSpark.stop();
  }

  private ChildJvm start(String mainClass, String... arguments) throws Exception {
    List<String> options = new ArrayList<>(ChildJvm.moduleOptions());
    String log = Path.of("..", "conf", "log4j2.properties").toUri().toString();
    options.addAll(
        List.of(
            "-Xmx1g",
            "-XX:+UseSerialGC",
            "-Xlog:disable", // the virtual machine's own warnings go to stdout otherwise
            "-Xlog:all=error:stderr",
            "-Dlog4j2.configurationFile=" + log,
            "-Dspark.master=local[2]",
            "-Dspark.ui.enabled=false",
            "-Dspark.driver.host=127.0.0.1",
            "-Dspark.promptlimit.batchSeconds=0.01",
            "-Dspark.hadoop.fs.s3a.endpoint=http://127.0.0.1:" + s3.ready(),
            "-Dspark.hadoop.fs.s3a.endpoint.region=us-east-1",
            "-Dspark.hadoop.fs.s3a.path.style.access=true",
            "-Dspark.hadoop.fs.s3a.access.key=somebody",
            "-Dspark.hadoop.fs.s3a.secret.key=" + SECRET,
            "-Dspark.hadoop.fs.s3a.attempts.maximum=2",
            "-Dspark.hadoop.fs.s3a.aws.credentials.provider="
                + "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider"));
    String classPath =
        System.getProperty("java.class.path")
            + File.pathSeparator
            + TestServer.jars("s3-client")
            + "/*";
    return ChildJvm.start(directory, classPath, mainClass, options, Arrays.asList(arguments));
  }

  private ChildJvm startRun(String runs, String text, String... more) throws Exception {
    List<String> arguments = new ArrayList<>();
    arguments.add("run");
    arguments.add(TestExperiments.write(directory, text).toString());
    arguments.addAll(List.of("--json", "--runs", "s3a://bucket/" + runs));
    arguments.addAll(Arrays.asList(more));
    return start(Main.class.getName(), arguments.toArray(String[]::new));
  }

  private static JsonNode json(CommandResult result) throws IOException {
    assertThat(result.out().lines()).as(result.err()).hasSize(1);
    assertThat(result.err()).doesNotContain(SECRET);
    return new ObjectMapper().readTree(result.out());
  }

  /** A copy of a run directory on a disk. */
  private RunFiles copy(String runs) throws Exception {
    Path copy = Files.createDirectories(directory.resolve("copy"));
    CommandResult copied =
        start(
                "dev.promptlimit.jobs.CopyFromStore",
                "s3a://bucket/" + runs,
                copy.resolve("runs").toString())
            .await();
    assertThat(copied.exitCode()).as(copied.err()).isZero();
    return RunFiles.below(copy.resolve("runs"));
  }

  private void assertSameOnDisk(RunFiles ours, String text) throws IOException {
    TestRuns disk = new TestRuns(Files.createDirectories(directory.resolve("disk")));
    assertThat(disk.run(text).exitCode()).isZero();
    assertThat(ours.summary()).isEqualTo(disk.files().summary());
    assertThat(ours.pages("cells.parquet")).isEqualTo(disk.files().pages("cells.parquet"));
    assertThat(ours.pages("claims.parquet")).isEqualTo(disk.files().pages("claims.parquet"));
    assertThat(ours.directory().resolve("_lock")).doesNotExist();
    assertThat(ours.directory().resolve("_staging")).doesNotExist();
  }

  private static String blocks(int eachCell) {
    return TestExperiments.small()
        .replace("prompts-per-cell = 8192", "prompts-per-cell = " + eachCell * 8192);
  }

  @Test
  void runVerifyCompactAndGoOn() throws Exception {
    String runs = "calls";
    JsonNode some = json(startRun(runs, blocks(20), "--prompts", "400000").await());
    assertThat(some.get("complete").booleanValue()).as(some.toString()).isFalse();
    String run = some.get("directory").textValue();
    assertThat(run).startsWith("s3a://bucket/calls/small-");
    for (String command : List.of("verify", "compact", "verify")) {
      CommandResult result = start(Main.class.getName(), command, run).await();
      assertThat(result.exitCode()).as(result.err()).isZero();
    }
    JsonNode rest = json(startRun(runs, blocks(20)).await());
    assertThat(rest.get("complete").booleanValue()).isTrue();
    assertThat(rest.get("addedBlocks").longValue() + some.get("addedBlocks").longValue())
        .isEqualTo(120);
    assertSameOnDisk(copy(runs), blocks(20));
  }

  /** Killed with data in place and no manifest, or anywhere else. */
  @Test
  void killedDrivers() throws Exception {
    Random random = new Random(20261130);
    for (int i = 0; i < 4; i++) {
      ChildJvm child = startRun("killed", blocks(60));
      Thread.sleep(9000 + random.nextInt(6000));
      if (child.isAlive()) {
        child.kill();
      }
    }
    JsonNode done = json(startRun("killed", blocks(60)).await());
    assertThat(done.get("complete").booleanValue()).as(done.toString()).isTrue();
    assertSameOnDisk(copy("killed"), blocks(60));
  }

  @Test
  void oneOfTwoWritersIsRefused() throws Exception {
    ChildJvm one = startRun("two", blocks(100));
    ChildJvm two = startRun("two", blocks(100));
    List<CommandResult> results = List.of(one.await(), two.await());
    long refused = results.stream().filter(result -> result.exitCode() == 3).count();
    assertThat(refused).as(results.toString()).isEqualTo(1);
    for (CommandResult result : results) {
      if (result.exitCode() == 3) {
        assertThat(json(result).get("error").textValue())
            .startsWith("Cannot write run directory s3a://bucket/two/small-")
            .contains(": it is in use by process ");
      } else {
        assertThat(json(result).get("complete").booleanValue()).isTrue();
      }
    }
  }
}
