package dev.promptlimit.jobs;

import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.jobs.config.ExperimentReader;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The arguments that name an experiment. */
final class ExperimentOptions {
  @Parameters(paramLabel = "CONF", description = "Experiment file (HOCON).")
  private Path file;

  @Option(
      names = "--set",
      paramLabel = "key=value",
      description = "Replaces a value of the file, e.g. --set budget.prompts-per-cell=8192.")
  private List<String> overrides = List.of();

  Experiment read() {
    return ExperimentReader.read(file, overrides);
  }
}
