package dev.promptlimit.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.jobs.report.ReportPage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Runs on a standalone cluster of two workers, of which something is killed: they publish what an
 * undisturbed run on one thread does, byte for byte. Some fifteen minutes.
 */
@Tag("nightly")
class ClusterTest {
  private static final Path SUBMIT = Path.of("..", "submit").toAbsolutePath().normalize();
  private static final Path CONF = SUBMIT.resolveSibling("conf").resolve("quickstart.conf");
  private static final String SECRET = "not-for-the-eyes-of-others";
  private static final Pattern PROCESSES = Pattern.compile("processes (\\d+) (\\d+) (\\d+)\n");

  /** Far more than any of them takes. */
  private static final long TIMEOUT_SECONDS = 300;

  @TempDir private static Path undisturbed;

  @TempDir private Path directory;

  /** A call of a script. */
  private record Call(Process process, Path out, Path err) {
    static Call start(Path folder, Path script, List<String> arguments) throws IOException {
      List<String> command = new ArrayList<>(List.of(script.toString()));
      command.addAll(arguments);
      Path out = Files.createTempFile(folder, "call", ".out");
      Path err = Files.createTempFile(folder, "call", ".err");
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.environment().put("LOCAL_CLUSTER_LOGS", folder.resolve("logs").toString());
      return new Call(
          builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start(), out, err);
    }

    CommandResult await() throws IOException, InterruptedException {
      assertThat(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)).as("it ended").isTrue();
      return new CommandResult(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    /** The processes of the workers. */
    List<ProcessHandle> workers() throws IOException {
      Matcher found = PROCESSES.matcher(Files.readString(err));
      return found.find()
          ? Stream.of(found.group(2), found.group(3))
              .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid)).stream())
              .toList()
          : List.of();
    }
  }

  private Call last;

  @BeforeAll
  static void runUndisturbed() throws Exception {
    Call call =
        Call.start(
            undisturbed,
            SUBMIT.resolve("promptlimit"),
            Stream.concat(Stream.of("--master", "local[1]", "--"), run(undisturbed)).toList());
    CommandResult result = call.await();
    assertThat(result.exitCode()).as(result.err()).isZero();
  }

  /** Nothing that a failed test has started goes on. */
  @AfterEach
  void end() throws Exception {
    if (last != null && last.process.isAlive()) {
      last.process.destroy();
      last.process.waitFor();
    }
  }

  private static Stream<String> run(Path folder) {
    return Stream.of(
        "run",
        CONF.toString(),
        "--runs",
        folder.resolve("runs").toString(),
        "--set",
        "budget.prompts-per-cell=30000");
  }

  private void start(String... options) throws IOException {
    List<String> arguments = new ArrayList<>(Arrays.asList(options));
    arguments.addAll(
        List.of(
            "--conf",
            "spark.promptlimit.batchSeconds=0.3",
            "--conf",
            "spark.hadoop.fs.s3a.secret.key=" + SECRET,
            "--"));
    run(directory).forEach(arguments::add);
    last = Call.start(directory, SUBMIT.resolve("local-cluster"), arguments);
  }

  private static Optional<ProcessHandle> child(Stream<ProcessHandle> parents, String mainClass) {
    return parents
        .flatMap(ProcessHandle::descendants)
        .filter(
            process -> {
              try {
                Path line = Path.of("/proc/" + process.pid() + "/cmdline");
                return Files.readString(line, StandardCharsets.ISO_8859_1).contains(mainClass);
              } catch (IOException e) {
                return false; // it has just ended
              }
            })
        .findFirst();
  }

  private ProcessHandle victim(String what) throws IOException {
    return switch (what) {
      case "worker" -> last.workers().get(0);
      case "executor" ->
          child(last.workers().stream(), "CoarseGrainedExecutorBackend").orElseThrow();
      case "driver" -> child(Stream.of(last.process.toHandle()), "SparkSubmit").orElseThrow();
      case "supervised" -> child(last.workers().stream(), "DriverWrapper").orElseThrow();
      default -> throw new IllegalArgumentException(what);
    };
  }

  /** Whether it has published something, and in case is writing the next. */
  private boolean isAt(String moment) {
    try (Stream<Path> paths = Files.walk(directory.resolve("runs"))) {
      List<Path> there = paths.toList();
      boolean published =
          there.stream().anyMatch(path -> path.toString().matches(".*/blocks/batch=\\d+"));
      boolean writing =
          there.stream().anyMatch(path -> path.toString().matches(".*/_staging/.*[.]parquet"));
      return published && (moment.equals("simulating") || writing);
    } catch (IOException | java.io.UncheckedIOException e) {
      return false; // not there yet, or moved meanwhile
    }
  }

  private void kill(String what, String moment) throws Exception {
    while (last.process.isAlive() && !isAt(moment)) {
      Thread.sleep(2);
    }
    assertThat(last.process.isAlive()).as(Files.readString(last.err)).isTrue();
    assertThat(victim(what).destroyForcibly()).isTrue();
  }

  private void assertSame(CommandResult result) throws IOException {
    assertThat(result.exitCode()).as(result.err()).isZero();
    RunFiles ours = RunFiles.below(directory.resolve("runs"));
    RunFiles theirs = RunFiles.below(undisturbed.resolve("runs"));
    assertThat(ours.summary()).isEqualTo(theirs.summary());
    for (String table : List.of("cells.parquet", "claims.parquet")) {
      assertThat(ours.pages(table)).isEqualTo(theirs.pages(table));
    }
    assertThat(ReportPage.in(ours.directory()).withoutProvenance())
        .isEqualTo(ReportPage.in(theirs.directory()).withoutProvenance());
    assertThat(ours.directory().resolve("_staging")).doesNotExist();
    assertThat(ours.directory().resolve("_lock")).doesNotExist();
    TestSpark.configure();
    var blocks = TestSpark.session().read().parquet(ours.directory().resolve("blocks").toString());
    assertThat(blocks.count()).isEqualTo(blocks.select("cell", "block").distinct().count());
    TestSpark.stop();
  }

  /** Settings that nobody is to read are in no log, table or page. */
  private void assertNoSecrets() throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
            .as(file.toString())
            .doesNotContain(SECRET);
      }
    }
  }

  @Test
  void undisturbedItPrintsWhatOneThreadDoes() throws Exception {
    start("--conf", "spark.logConf=true");
    CommandResult result = last.await();
    assertSame(result);
    assertThat(result.out().replace(directory.toString(), undisturbed.toString()))
        .isEqualTo(Files.readString(printed()));
    assertNoSecrets();
    assertThat(directory.resolve("logs/work")).isNotEmptyDirectory();
    assertThat(last.workers()).isEmpty();
  }

  /** Of Spark and what it brings there is nothing in it, nor another version of it. */
  @Test
  void theApplicationJarHasNoClassOfSparks() throws IOException {
    Path target = SUBMIT.resolveSibling("jobs").resolve("target");
    Set<String> ours = classes(target.resolve("launcher/promptlimit.jar"));
    assertThat(ours).contains("dev/promptlimit/jobs/Main.class");
    try (Stream<Path> jars = Files.list(target.resolve("spark/jars"))) {
      for (Path jar : jars.toList()) {
        Set<String> both = classes(jar);
        both.retainAll(ours);
        assertThat(both).as(jar.toString()).isEmpty();
      }
    }
  }

  private static Set<String> classes(Path jar) throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      return file.stream()
          .map(JarEntry::getName)
          .filter(name -> name.endsWith(".class") && !name.endsWith("module-info.class"))
          .collect(Collectors.toCollection(HashSet::new));
    }
  }

  private static Path printed() throws IOException {
    try (Stream<Path> files = Files.list(undisturbed)) {
      return files.filter(file -> file.toString().endsWith(".out")).findFirst().orElseThrow();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "executor, simulating",
    "executor, publishing",
    "worker, simulating",
    "worker, publishing"
  })
  void executorOrWorkerKilled(String what, String moment) throws Exception {
    start();
    kill(what, moment);
    assertSame(last.await());
  }

  @ParameterizedTest
  @CsvSource({"simulating", "publishing"})
  void driverKilledAndStartedAgain(String moment) throws Exception {
    start();
    kill("driver", moment);
    assertThat(last.await().exitCode()).isEqualTo(128 + 9);
    start();
    assertSame(last.await());
  }

  @ParameterizedTest
  @CsvSource({"simulating", "publishing"})
  void driverKilledAndSupervised(String moment) throws Exception {
    start("--deploy-mode", "cluster", "--supervise");
    kill("supervised", moment);
    assertSame(last.await());
    assertNoSecrets();
  }
}
