package dev.promptlimit.jobs;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes few files of many. What needs Spark is in {@link CompactJob}. */
@Command(
    name = "compact",
    description =
        "Merges the blocks that the published results of a run directory rest on for good, and makes"
            + " one batch of many; results stay the same, bit for bit.",
    mixinStandardHelpOptions = true)
final class CompactCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "RUN_DIR", description = "A run directory, a path or Hadoop URI.")
  private String directory;

  @Override
  public Integer call() throws IOException {
    new CompactJob(directory, spec.commandLine().getOut()).run();
    return 0;
  }
}
