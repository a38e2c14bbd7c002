package dev.promptlimit.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code submit/promptlimit} makes of its arguments and surroundings. The script runs in a
 * checkout of its own, with stand-ins for {@code java}, {@code mvn} and {@code spark-submit} that
 * print their arguments; Spark's launcher is played by echoing what it was asked to start.
 */
class LauncherTest {
  private static final String JAVA =
      """
      #!/usr/bin/env bash
      for ((i = 1; i <= $#; i++)); do
        if [[ ${!i} == org.apache.spark.launcher.Main ]]; then
          printf '\\0\\n'
          printf '%s\\0' "$0" opts="$SPARK_SUBMIT_OPTS" "${@:i+1}"
          exit
        fi
      done
      printf 'java: %s\\n' "$@"
      """;
  private static final String MAVEN =
      """
      #!/usr/bin/env bash
      printf 'mvn: %s\\n' "$*" >>"$MAVEN_LOG"
      mkdir -p jobs/target && echo jar >jobs/target/promptlimit.jar
      """;
  private static final String SPARK_SUBMIT =
      """
      #!/usr/bin/env bash
      printf 'spark-submit: %s\\n' "$@"
      """;

  @TempDir private Path folder;
  private Path checkout;
  private Path mavenLog;

  /** What a call printed and how it ended. */
  private record Outcome(int exit, List<String> out, String err) {}

  @BeforeEach
  void makeCheckout() throws IOException {
    checkout = folder.resolve("a checkout");
    mavenLog = folder.resolve("mvn.log");
    executable(folder.resolve("jdk/bin/java"), JAVA);
    executable(folder.resolve("bin/mvn"), MAVEN);
    executable(folder.resolve("spark home/bin/spark-submit"), SPARK_SUBMIT);
    executable(
        checkout.resolve("submit/promptlimit"),
        Files.readString(Path.of("..", "submit", "promptlimit")));
    for (String source : List.of("pom.xml", "lib/pom.xml", "jobs/pom.xml", "lib/src/main/A.java")) {
      write(checkout.resolve(source), "");
      Files.setLastModifiedTime(
          checkout.resolve(source), FileTime.from(Instant.parse("2026-01-01T00:00:00Z")));
    }
  }

  private static void executable(Path file, String text) throws IOException {
    write(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private Outcome call(Map<String, String> environment, Path script, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("bash", script.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("SPARK_"));
    builder.environment().put("JAVA_HOME", folder.resolve("jdk").toString());
    builder.environment().put("MAVEN_LOG", mavenLog.toString());
    builder
        .environment()
        .merge("PATH", folder.resolve("bin").toString(), (old, own) -> own + ":" + old);
    builder.environment().putAll(environment);
    Path err = folder.resolve("stderr");
    builder.redirectError(err.toFile());
    Process process = builder.start();
    List<String> out = process.inputReader().lines().toList();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Outcome(process.exitValue(), out, Files.readString(err));
  }

  private Outcome call(String... arguments) throws IOException, InterruptedException {
    return call(Map.of(), checkout.resolve("submit/promptlimit"), arguments);
  }

  private long builds() throws IOException {
    return Files.exists(mavenLog) ? Files.readAllLines(mavenLog).size() : 0;
  }

  @Test
  void buildsOnceAndAgainWhenASourceIsNewer() throws Exception {
    Outcome first = call("--version");
    assertThat(first.err()).contains("promptlimit: building").contains("promptlimit: built");
    assertThat(first.out()).allMatch(line -> line.startsWith("java: "));
    assertThat(builds()).isEqualTo(1);
    assertThat(call("--version").err()).isEmpty();
    assertThat(builds()).isEqualTo(1);

    Files.setLastModifiedTime(
        checkout.resolve("lib/src/main/A.java"), FileTime.from(Instant.now().plusSeconds(60)));
    assertThat(call("--version").err()).contains("promptlimit: building");
    assertThat(builds()).isEqualTo(2);
  }

  @Test
  void aDeletedSourceCountsAsAChange() throws Exception {
    call("--version");
    Files.delete(checkout.resolve("lib/src/main/A.java"));
    Files.setLastModifiedTime(
        checkout.resolve("lib/src/main"), FileTime.from(Instant.now().plusSeconds(60)));
    call("--version");
    assertThat(builds()).isEqualTo(2);
  }

  @Test
  void commandsWithoutSparkStartTheProgramItself() throws Exception {
    for (String command : List.of("plan", "claims", "--help")) {
      assertThat(call(command, "an argument").out())
          .contains("java: dev.promptlimit.jobs.Main", "java: " + command, "java: an argument")
          .noneMatch(line -> line.contains("SparkSubmit"));
    }
    assertThat(call("run", "--help").out()).noneMatch(line -> line.contains("SparkSubmit"));
  }

  /** What starts fast does so with half the compiler; what is measured runs as it does in Spark. */
  @Test
  void benchHasTheWholeCompilerAndVectors() throws Exception {
    call("--version");
    String archive = "-XX:SharedArchiveFile=" + checkout + "/jobs/target/launcher/plain.jsa";
    write(checkout.resolve("jobs/target/launcher/plain.jsa"), "");
    assertThat(call("bench", "--json").out())
        .containsExactly(
            "java: -Xlog:disable",
            "java: -Xlog:all=error:stderr",
            "java: --add-modules=jdk.incubator.vector",
            "java: -cp",
            "java: " + classPath(),
            "java: dev.promptlimit.jobs.Main",
            "java: bench",
            "java: --json");
    for (String command : List.of("plan", "run", "bench")) {
      assertThat(call(command, "--help").out())
          .containsExactly(
              "java: -XX:TieredStopAtLevel=1",
              "java: -XX:+UseSerialGC",
              "java: -Xlog:disable",
              "java: -Xlog:all=error:stderr",
              "java: " + archive,
              "java: -cp",
              "java: " + classPath(),
              "java: dev.promptlimit.jobs.Main",
              "java: " + command,
              "java: --help");
    }
  }

  private String classPath() {
    Path target = checkout.resolve("jobs/target");
    return target.resolve("launcher/promptlimit.jar") + ":" + target.resolve("spark/jars") + "/*";
  }

  @Test
  void runGoesThroughSparksLauncherWithOurDefaults() throws Exception {
    List<String> out = call("run", "my file.conf", "--set", "a=b c").out();
    String options = out.get(0);
    assertThat(options)
        .startsWith("java: opts=")
        .contains("-Djava.io.tmpdir='" + checkout + "/jobs/target/tmp-")
        .contains("-Dlog4j2.configurationFile=file://" + folder + "/a%20checkout/conf/log4j2")
        .contains("-Dpromptlimit.terminal=false");
    assertThat(out.subList(1, out.size()))
        .containsExactly(
            "java: org.apache.spark.deploy.SparkSubmit",
            "java: --properties-file",
            "java: " + checkout + "/conf/spark-defaults.conf",
            "java: --class",
            "java: dev.promptlimit.jobs.Main",
            "java: " + checkout + "/jobs/target/launcher/promptlimit.jar",
            "java: run",
            "java: my file.conf",
            "java: --set",
            "java: a=b c");
  }

  @Test
  void argumentsBeforeTheFirstDashesGoToSpark() throws Exception {
    assertThat(
            call("--master", "local[3]", "--properties-file", "my own", "--", "run", "--", "x")
                .out())
        .containsSubsequence(
            "java: org.apache.spark.deploy.SparkSubmit",
            "java: --master",
            "java: local[3]",
            "java: --properties-file",
            "java: my own",
            "java: --class",
            "java: run",
            "java: --",
            "java: x")
        .noneMatch(line -> line.endsWith("spark-defaults.conf"));
    // only if the first argument starts with a dash
    assertThat(call("plan", "--", "x").out())
        .containsSubsequence("java: plan", "java: --", "java: x");
  }

  @Test
  void anInstallationIsUsedWhereThereIsOne() throws Exception {
    Map<String, String> environment = Map.of("SPARK_HOME", folder.resolve("spark home").toString());
    Path script = checkout.resolve("submit/promptlimit");
    assertThat(call(environment, script, "--master", "yarn", "--", "run", "my file.conf").out())
        .containsExactly(
            "spark-submit: --master",
            "spark-submit: yarn",
            "spark-submit: --class",
            "spark-submit: dev.promptlimit.jobs.Main",
            "spark-submit: " + checkout + "/jobs/target/launcher/promptlimit.jar",
            "spark-submit: run",
            "spark-submit: my file.conf");
  }

  @Test
  void theProgramMayBeThatOfAnImage() throws Exception {
    Map<String, String> environment =
        Map.of(
            "SPARK_HOME",
            folder.resolve("spark home").toString(),
            "PROMPTLIMIT_JAR",
            "local:///opt/program.jar");
    Path script = checkout.resolve("submit/promptlimit");
    assertThat(call(environment, script, "--master", "k8s://host", "--", "run", "x").out())
        .contains("spark-submit: local:///opt/program.jar")
        .noneMatch(line -> line.contains("/launcher/promptlimit.jar"));
  }

  /** The environment as an executor elsewhere would need it. */
  @Test
  void onlyLocalRunsStayOnTheLoopback() throws Exception {
    executable(
        folder.resolve("jdk/bin/java"),
        JAVA.replace("printf 'java: %s\\n' \"$@\"", "echo \"ip: ${SPARK_LOCAL_IP-none}\""));
    assertThat(call("run", "x").out()).containsExactly("ip: 127.0.0.1");
    assertThat(call("--master", "local[2]", "--", "run", "x").out())
        .containsExactly("ip: 127.0.0.1");
    assertThat(call("--master", "spark://host:7077", "--", "run", "x").out())
        .containsExactly("ip: none");
    assertThat(call("--conf", "spark.master=yarn", "--", "run", "x").out())
        .containsExactly("ip: none");
  }

  @Test
  void temporaryFilesOfTheDeadAreRemovedThoseOfTheLivingStay() throws Exception {
    call("run", "x");
    Path own = checkout.resolve("jobs/target/tmp-" + userId());
    String host = hostName();
    Path dead = Files.createDirectory(own.resolve(host + "-999999999"));
    Path living = Files.createDirectory(own.resolve(host + "-" + ProcessHandle.current().pid()));
    Path elsewhere = Files.createDirectory(own.resolve("another-host-999999999"));
    call("run", "x");
    assertThat(dead).doesNotExist();
    assertThat(living).exists();
    assertThat(elsewhere).exists();
  }

  private static String userId() throws IOException {
    Process process = new ProcessBuilder("id", "-u").start();
    return new String(process.getInputStream().readAllBytes(), UTF_8).strip();
  }

  private static String hostName() throws IOException {
    Process process = new ProcessBuilder("bash", "-c", "printf %s \"$HOSTNAME\"").start();
    return new String(process.getInputStream().readAllBytes(), UTF_8);
  }

  @Test
  void pathsThatSparkDoesNotTakeAreRefused() throws Exception {
    Path odd = folder.resolve("it's");
    Files.move(checkout, odd);
    Outcome refused = call(Map.of(), odd.resolve("submit/promptlimit"), "plan");
    assertThat(refused.exit()).isEqualTo(Main.BAD_INPUT);
    assertThat(refused.err())
        .startsWith("Cannot start from " + odd + ": Spark does not take paths")
        .hasLineCount(1);
  }

  @Test
  void worksThroughRelativeAndAbsoluteLinks() throws Exception {
    Path absolute = folder.resolve("absolute");
    Path relative = folder.resolve("relative");
    Files.createSymbolicLink(absolute, checkout.resolve("submit/promptlimit"));
    Files.createSymbolicLink(relative, Path.of("absolute"));
    assertThat(call(Map.of(), relative, "plan").out())
        .anyMatch(line -> line.contains(checkout + "/jobs/target/launcher/promptlimit.jar:"));
  }

  @Test
  void whatIsMissingIsSaidInOneLine() throws Exception {
    Path script = checkout.resolve("submit/promptlimit");
    Outcome noJava = call(Map.of("JAVA_HOME", folder.resolve("none").toString()), script, "plan");
    assertThat(noJava.exit()).isEqualTo(Main.FAILURE);
    assertThat(noJava.err()).startsWith("Cannot start: no java").hasLineCount(1);

    executable(folder.resolve("bin/mvn"), "#!/bin/sh\necho '[ERROR] no good'; exit 1\n");
    Outcome noBuild = call("plan");
    assertThat(noBuild.exit()).isEqualTo(Main.FAILURE);
    assertThat(noBuild.err()).contains("[ERROR] no good").contains("Cannot build: Maven failed");
  }
}
