package dev.promptlimit.jobs;

import dev.promptlimit.jobs.report.ConsoleReport;
import java.io.PrintWriter;
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

  @Mixin private RunLimits limits;

  @Option(
      names = "--json",
      description =
          "Print one line of JSON in place of the tables: exit code, verdicts, what was added, what"
              + " is left, where the report is; or the error.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    try {
      RunOutcome outcome = new RunJob(options.read(), runs, limits).run();
      int exitCode = failOn.exitCode(outcome.results().verdicts(), outcome.complete());
      if (json) {
        out.println(outcome.json(exitCode));
      } else {
        ConsoleReport.lines(outcome.results()).forEach(out::println);
        if (!outcome.complete()) {
          out.println("not all of the experiment yet: the same command goes on");
        }
        out.println(outcome.report());
      }
      return exitCode;
    } catch (Exception e) {
      if (json) {
        out.println(RunOutcome.failure(Main.exitCode(e), Main.message(e)));
      }
      throw e;
    } finally {
      out.flush();
    }
  }
}
