package dev.promptlimit.jobs;

import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.jobs.config.ExperimentReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Small experiments. */
public final class TestExperiments {
  private TestExperiments() {}

  /** The text of {@code small.conf}: six cells of one block each. */
  public static String small() {
    try (InputStream in = TestExperiments.class.getResourceAsStream("small.conf")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes an experiment file into a directory. */
  public static Path write(Path directory, String text) {
    try {
      return Files.writeString(directory.resolve("test.conf"), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads a text as an experiment file. */
  public static Experiment read(Path directory, String text, String... overrides) {
    return ExperimentReader.read(write(directory, text), List.of(overrides));
  }

  /** Reads {@link #small}. */
  public static Experiment small(Path directory, String... overrides) {
    return read(directory, small(), overrides);
  }
}
