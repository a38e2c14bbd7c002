package dev.promptlimit.jobs;

import dev.promptlimit.jobs.config.Experiment;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Simulates what the ledger lacks, merges, judges, reports. What needs Spark is in {@link RunJob}:
 * picocli looks at the methods of every command, whichever is called.
 */
@Command(
    name = "run",
    description = "Simulates what the run directory lacks, merges, judges and reports.",
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ExperimentOptions options;
  @Mixin private FailOn failOn;

  @Option(
      names = "--runs",
      paramLabel = "DIR",
      description = "Where run directories are, a path or Hadoop URI; default: ${DEFAULT-VALUE}.")
  private String runs = "runs";

  @Override
  public Integer call() throws IOException {
    Experiment experiment = options.read();
    return failOn.exitCode(new RunJob(experiment, runs, spec.commandLine().getOut()).run());
  }
}
