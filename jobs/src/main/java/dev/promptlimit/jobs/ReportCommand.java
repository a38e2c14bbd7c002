package dev.promptlimit.jobs;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes the HTML report again. What needs Spark is in {@link ReportJob}. */
@Command(
    name = "report",
    description =
        "Writes the HTML report of a run directory again, from its tables alone, and prints its path;"
            + " where they lack something, the report says so.",
    mixinStandardHelpOptions = true)
final class ReportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "RUN_DIR", description = "A run directory, a path or Hadoop URI.")
  private String directory;

  @Override
  public Integer call() throws IOException {
    new ReportJob(directory, spec.commandLine().getOut()).run();
    return 0;
  }
}
