package dev.promptlimit.jobs;

import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.jobs.config.ExperimentReader;
import dev.promptlimit.jobs.report.ConsoleReport;
import dev.promptlimit.jobs.run.Simulation;
import dev.promptlimit.jobs.table.CellResult;
import dev.promptlimit.jobs.table.CellResults;
import dev.promptlimit.jobs.table.ClaimResult;
import dev.promptlimit.jobs.table.ResultTables;
import dev.promptlimit.jobs.table.RunDirectory;
import dev.promptlimit.jobs.table.Summary;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine;

/** Compares what a run directory publishes with what its ledger gives; writes nothing. */
final class VerifyJob {
  private final String path;
  private final FailOn failOn;
  private final PrintWriter out;
  private final PrintWriter err;

  VerifyJob(String path, FailOn failOn, CommandLine command) {
    this.path = path;
    this.failOn = failOn;
    out = command.getOut();
    err = command.getErr();
  }

  /** Returns the exit code. */
  int run() throws IOException {
    return Sessions.call("promptlimit verify", this::run);
  }

  private int run(SparkSession spark) throws IOException {
    RunDirectory directory =
        RunDirectory.existing(path, spark.sparkContext().hadoopConfiguration());
    Experiment experiment =
        ExperimentReader.parse(directory.experimentText(), directory.path("experiment.conf") + "");
    directory.checkOwner(experiment);
    Simulation simulation = new Simulation(spark, experiment, directory);
    List<CellResult> results = new CellResults(experiment).of(simulation.merge());
    List<ClaimResult> verdicts = ClaimResult.of(experiment, results);

    List<String> differences =
        new ArrayList<>(new ResultTables(spark, directory).differences(results, verdicts));
    differences.addAll(
        Summary.differences(
            Summary.tree(experiment, results, verdicts), directory.read("summary.json")));
    ConsoleReport.verdicts(verdicts).forEach(out::println);
    out.println(
        differences.isEmpty()
            ? results.size() + " results and " + verdicts.size() + " verdicts as published"
            : "NOT as published");
    out.flush();
    differences.forEach(
        line -> err.println("Cannot verify " + directory.directory() + ": " + line));
    err.flush();
    return differences.isEmpty() ? failOn.exitCode(verdicts) : Main.CHECK_FAILED;
  }
}
