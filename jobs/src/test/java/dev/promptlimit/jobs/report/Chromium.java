package dev.promptlimit.jobs.report;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Where Debian's Chromium and its driver are. They are installed where they are not and the tests
 * run as root on a Debian system, as in a container.
 */
final class Chromium {
  private static final List<String> PACKAGES = List.of("chromium", "chromium-driver");
  private static final long PATIENCE_MINUTES = 6;

  /** Why pages cannot be looked at; empty if they can. */
  static final Optional<String> PROBLEM = prepare();

  private Chromium() {}

  static File browser() {
    return program("chromium").orElseThrow().toFile();
  }

  static File driver() {
    return program("chromedriver").orElseThrow().toFile();
  }

  private static boolean isThere() {
    return program("chromium").isPresent() && program("chromedriver").isPresent();
  }

  static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }

  private static Optional<String> prepare() {
    if (isThere()) {
      return Optional.empty();
    }
    String ask = "Debian's packages chromium and chromium-driver are not there";
    if (!isRoot() || program("apt-get").isEmpty()) {
      return Optional.of(ask + ", and only root can install them with apt-get");
    }
    try {
      Path log = Files.createTempFile("apt-get", ".log");
      System.err.println("Installing " + PACKAGES + " to look at reports with; see " + log);
      int code = run(log, "apt-get", "update");
      if (code == 0) {
        code =
            run(
                log,
                Stream.concat(
                        Stream.of("apt-get", "install", "--yes", "--no-install-recommends"),
                        PACKAGES.stream())
                    .toArray(String[]::new));
      }
      return isThere()
          ? Optional.empty()
          : Optional.of(ask + ", and apt-get ended with " + code + ": see " + log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of("interrupted");
    }
  }

  private static int run(Path log, String... command) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().put("DEBIAN_FRONTEND", "noninteractive");
    Process process = builder.start();
    process.getOutputStream().close();
    if (!process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES)) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      return -1;
    }
    return process.exitValue();
  }

  /** A program of the search path. */
  private static Optional<Path> program(String name) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
