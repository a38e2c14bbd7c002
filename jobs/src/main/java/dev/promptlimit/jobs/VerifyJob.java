package dev.promptlimit.jobs;

import dev.promptlimit.claim.Memo;
import dev.promptlimit.jobs.config.BadInputException;
import dev.promptlimit.jobs.config.Blocks;
import dev.promptlimit.jobs.config.Cell;
import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.jobs.config.ExperimentReader;
import dev.promptlimit.jobs.report.ConsoleReport;
import dev.promptlimit.jobs.report.HtmlReport;
import dev.promptlimit.jobs.run.Flows;
import dev.promptlimit.jobs.run.Plan;
import dev.promptlimit.jobs.run.Trainings;
import dev.promptlimit.jobs.table.CellResults;
import dev.promptlimit.jobs.table.ClaimResult;
import dev.promptlimit.jobs.table.Ledger;
import dev.promptlimit.jobs.table.MergedCell;
import dev.promptlimit.jobs.table.PublishedBlocks;
import dev.promptlimit.jobs.table.PublishedTables;
import dev.promptlimit.jobs.table.ResultTables;
import dev.promptlimit.jobs.table.Results;
import dev.promptlimit.jobs.table.RunDirectory;
import dev.promptlimit.jobs.table.Summary;
import dev.promptlimit.jobs.table.TrainingResults;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine;

/**
 * Compares what a run directory publishes with what its ledger gives; writes nothing.
 *
 * <p>Results rest on the blocks that were there when they were published; a later run that was
 * killed leaves more of them. So of each cell at most the prompts that {@code cells.parquet} says
 * it has are merged. These numbers need no trust: where one is changed, or the ledger has lost
 * blocks, the row of the cell differs, unless all of it is what an earlier ledger gave. A cell of
 * {@code experiment.conf} that the table lacks although the ledger has it is a difference too: a
 * run replaces that file when it publishes its results, not before. For the same reason the ledger
 * must have blocks of every cell. A ledger that cannot be read verifies nothing: a failed check, as
 * a difference is, not bad input as a directory of another experiment.
 */
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
    Experiment untrained =
        ExperimentReader.parse(directory.experimentText(), directory.path("experiment.conf") + "");
    directory.checkOwner(untrained);
    Ledger ledger = new Ledger(spark, directory);
    ResultTables tables = new ResultTables(spark, directory);
    Map<String, Long> prompts = tables.publishedPrompts();
    Map<String, MergedCell> merged;
    PublishedBlocks published;
    Optional<TrainingResults> training;
    Experiment experiment;
    List<Cell> cells;
    try {
      training =
          TrainingResults.of(
              spark,
              untrained,
              new Trainings(spark, untrained, directory).states(),
              new Flows(spark, untrained, directory).published());
      experiment =
          training
              .map(trained -> ExperimentReader.again(untrained, trained.heads()))
              .orElse(untrained);
      cells = Plan.of(experiment).cells();
      merged =
          ledger.merge(
              cells,
              cell ->
                  prompts.getOrDefault(cell.key(), Long.MAX_VALUE)
                      / Blocks.of(cell).promptsPerBlock());
      published = ledger.published();
    } catch (BadInputException e) {
      cannotVerify(directory, List.of(e.getMessage()));
      return Main.CHECK_FAILED;
    }
    Results results =
        Results.of(experiment, new CellResults(experiment).of(merged), training, new Memo());
    List<ClaimResult> verdicts = results.verdicts();

    List<String> differences = new ArrayList<>(tables.differences(results));
    differences.addAll(Summary.differences(Summary.tree(results), directory.read("summary.json")));
    String page = HtmlReport.page(PublishedTables.of(results, directory.read("summary.json")));
    difference(page, directory.read(HtmlReport.FILE)).ifPresent(differences::add);
    long missing = 0;
    long waiting = 0;
    for (Cell cell : cells) {
      long there = usable(cell, published);
      missing += there == 0 ? 1 : 0;
      waiting += there - used(cell, merged);
    }
    // what a call with limits has left is no difference
    if (Summary.isComplete(directory.read("summary.json"))) {
      if (missing > 0) {
        differences.add("the ledger lacks cells of experiment.conf: " + missing);
      }
      long unfinished = training.map(TrainingResults::unfinishedRuns).orElse(0L);
      if (unfinished > 0) {
        differences.add("the ledger lacks checkpoints of training runs: " + unfinished);
      }
      long unfollowed = training.map(TrainingResults::unfollowedFlows).orElse(0L);
      if (unfollowed > 0) {
        differences.add("the ledger lacks flows: " + unfollowed);
      }
    }
    say(results, waiting, differences);
    cannotVerify(directory, differences);
    if (!differences.isEmpty()) {
      directory
          .writer()
          .ifPresent(who -> err.println("It may be changing: it is in use by " + who));
      err.flush();
    }
    return differences.isEmpty() ? failOn.exitCode(verdicts) : Main.CHECK_FAILED;
  }

  private void cannotVerify(RunDirectory directory, List<String> reasons) {
    reasons.forEach(line -> err.println("Cannot verify " + directory.directory() + ": " + line));
    err.flush();
  }

  private void say(Results results, long waiting, List<String> differences) {
    ConsoleReport.verdicts(results.verdicts()).forEach(out::println);
    String trained =
        results
            .training()
            .map(
                training ->
                    training.trajectories().size()
                        + " training runs, "
                        + training.flows().size()
                        + " flows, ")
            .orElse("");
    out.println(
        differences.isEmpty()
            ? trained
                + results.cells().size()
                + " results and "
                + results.verdicts().size()
                + " verdicts as published"
            : "NOT as published");
    if (waiting > 0) {
      out.println(
          "the ledger holds "
              + waiting
              + (waiting == 1 ? " block" : " blocks")
              + " more than these results rest on; run it again to use them");
    }
    out.flush();
  }

  private static Optional<String> difference(String page, Optional<String> published) {
    if (published.isEmpty()) {
      return Optional.of(HtmlReport.FILE + " is not there");
    }
    return published.get().equals(page)
        ? Optional.empty()
        : Optional.of(HtmlReport.FILE + " differs from what the ledger gives");
  }

  /** Blocks of a cell that a run would merge. */
  private static long usable(Cell cell, PublishedBlocks published) {
    long prefix = published.prefix(cell.key());
    return prefix - prefix % Blocks.of(cell).cycle();
  }

  /** Blocks of a cell that are merged. */
  private static long used(Cell cell, Map<String, MergedCell> merged) {
    MergedCell blocks = merged.get(cell.key());
    return blocks == null ? 0 : blocks.prompts() / Blocks.of(cell).promptsPerBlock();
  }
}
