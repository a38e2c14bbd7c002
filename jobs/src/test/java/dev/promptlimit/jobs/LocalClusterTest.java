package dev.promptlimit.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code submit/local-cluster} does before it starts anything; ClusterTest has the rest. */
class LocalClusterTest {
  @TempDir private Path checkout;

  private Path script;

  /** A checkout whose launcher shows what it was called with. */
  @BeforeEach
  void makeCheckout() throws IOException {
    script = executable("local-cluster", Files.readString(Path.of("..", "submit/local-cluster")));
    Path unused = executable("promptlimit", "#!/bin/sh\nprintf 'launcher: %s\\n' \"$*\"\n");
    Files.createDirectories(checkout.resolve("conf"));
    Files.writeString(checkout.resolve("conf/spark-defaults.conf"), "");
  }

  private Path executable(String name, String text) throws IOException {
    Path file = checkout.resolve("submit").resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private CommandResult call(Map<String, String> settings, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(script.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(settings);
    Process process = builder.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    return new CommandResult(process.waitFor(), out, err);
  }

  @ParameterizedTest
  @CsvSource({
    "WORKERS, 0, 1 to 99",
    "WORKERS, two, 1 to 99",
    "WORKERS, '', 1 to 99",
    "WORKERS, 100, 1 to 99",
    "CORES, 0, 1 to 9999",
    "CORES, -1, 1 to 9999",
    "CORES, '', 1 to 9999",
    "MEMORY, 1, 'megabytes or gigabytes, as in 512m or 1g'",
    "MEMORY, 0g, 'megabytes or gigabytes, as in 512m or 1g'"
  })
  void settingsThatAreNone(String name, String value, String allowed) throws Exception {
    String setting = "LOCAL_CLUSTER_" + name;
    assertThat(call(Map.of(setting, value), "run", "x").failure(2))
        .isEqualTo(
            "local-cluster: Cannot start: %s is '%s', allowed: %s"
                .formatted(setting, value, allowed));
  }

  @Test
  void commandsWithoutSparkNeedNoCluster() throws Exception {
    assertThat(call(Map.of(), "plan", "my file.conf").lines())
        .containsExactly("launcher: plan my file.conf");
    assertThat(call(Map.of(), "--executor-cores", "1", "--", "claims").lines())
        .containsExactly("launcher: claims");
  }

  @Test
  void propertiesThatCannotBeRead() throws Exception {
    String gone = checkout.resolve("gone").toString();
    for (String[] options :
        List.of(
            new String[] {"--properties-file", gone, "--", "run", "x"},
            new String[] {"--properties-file=" + gone, "--", "run", "x"})) {
      assertThat(call(Map.of(), options).failure(2))
          .isEqualTo("local-cluster: Cannot read properties file " + gone);
    }
  }
}
