package dev.promptlimit.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A server of {@code src/test/servers} in a JVM of its own, with libraries of its own. */
final class TestServer implements AutoCloseable {
  private static final Path SOURCES = Path.of("src", "test", "servers").toAbsolutePath();

  private final Process process;
  private final String ready;

  private TestServer(Process process, String ready) {
    this.process = process;
    this.ready = ready;
  }

  /**
   * The folder of the jars that one of its poms names, which Maven resolves the first time.
   *
   * @param name of the pom, without its ending
   */
  static Path jars(String name) throws IOException, InterruptedException {
    Path folder = Path.of("target", "servers", name).toAbsolutePath();
    Path complete = folder.resolve("complete");
    if (!Files.exists(complete)) {
      Path log = Files.createDirectories(folder).resolve("maven.log");
      int code =
          new ProcessBuilder(
                  "mvn",
                  "-B",
                  "-ntp",
                  "-f",
                  SOURCES.resolve(name + ".xml").toString(),
                  "org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy-dependencies",
                  "-DincludeScope=runtime",
                  "-DoutputDirectory=" + folder)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start()
              .waitFor();
      assertThat(code).as(Files.readString(log)).isZero();
      Files.writeString(complete, "");
    }
    return folder;
  }

  /**
   * Starts a server.
   *
   * @param source its source file
   * @param jars the pom of its libraries
   * @param folder where it works, and where its log goes
   */
  static TestServer start(String source, String jars, Path folder, String... arguments)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "-Dlogback.configurationFile=" + SOURCES.resolve("logback.xml"),
                "-cp",
                jars(jars) + "/*",
                SOURCES.resolve(source + ".java").toString()));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectError(folder.resolve("server.err").toFile())
            .start();
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith("READY")) {
        return new TestServer(process, line.substring("READY".length()).strip());
      }
    }
    throw new IOException(Files.readString(folder.resolve("server.err")));
  }

  /** What it said when it was ready. */
  String ready() {
    return ready;
  }

  @Override
  public void close() throws IOException {
    process.outputWriter(StandardCharsets.UTF_8).close();
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
