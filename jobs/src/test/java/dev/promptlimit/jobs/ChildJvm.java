package dev.promptlimit.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The program in a JVM of its own. */
final class ChildJvm {
  /** Far more than any of them takes. */
  private static final long TIMEOUT_SECONDS = 900;

  private final Process process;
  private final Path out;
  private final Path err;

  private ChildJvm(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /**
   * Starts the program.
   *
   * @param output where its output goes
   * @param jars which of this JVM's class path it gets
   * @param options JVM options
   * @param arguments its arguments
   */
  static ChildJvm start(
      Path output, Predicate<String> jars, List<String> options, List<String> arguments)
      throws IOException {
    String classPath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
            .filter(jars)
            .collect(Collectors.joining(File.pathSeparator));
    return start(output, classPath, Main.class.getName(), options, arguments);
  }

  /** Starts any program, with such a class path. */
  static ChildJvm start(
      Path output, String classPath, String mainClass, List<String> options, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.add("-cp");
    command.add(classPath);
    command.add(mainClass);
    command.addAll(arguments);
    Path out = Files.createTempFile(output, "child", ".out");
    Path err = Files.createTempFile(output, "child", ".err");
    return new ChildJvm(
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start(),
        out,
        err);
  }

  /** What Spark needs of its JVM: the module options of this one. */
  static List<String> moduleOptions() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> option.matches("(-XX:|--|-Djdk[.]|-Dio[.]netty).*"))
        .toList();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** What it has written to stderr so far. */
  String err() throws IOException {
    return Files.readString(err);
  }

  /** SIGKILL. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    assertThat(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(128 + 9);
  }

  /** Waits for its end. */
  CommandResult await() throws IOException, InterruptedException {
    try {
      assertThat(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)).as("it ended").isTrue();
      return new CommandResult(process.exitValue(), Files.readString(out), Files.readString(err));
    } finally {
      process.destroyForcibly();
    }
  }
}
