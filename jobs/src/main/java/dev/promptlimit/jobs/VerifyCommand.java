package dev.promptlimit.jobs;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Recomputes results and verdicts from the ledger alone. What needs Spark is in {@link VerifyJob}.
 */
@Command(
    name = "verify",
    description =
        "Recomputes cells and claims from the ledger of a run directory, compares tables, summary and"
            + " report with them, prints the verdicts; exits with 1 on a difference and where the"
            + " ledger cannot be read.",
    mixinStandardHelpOptions = true)
final class VerifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private FailOn failOn;

  @Parameters(paramLabel = "RUN_DIR", description = "A run directory, a path or Hadoop URI.")
  private String directory;

  @Override
  public Integer call() throws IOException {
    return new VerifyJob(directory, failOn, spec.commandLine()).run();
  }
}
