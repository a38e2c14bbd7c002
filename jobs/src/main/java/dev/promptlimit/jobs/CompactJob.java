package dev.promptlimit.jobs;

import dev.promptlimit.jobs.config.Blocks;
import dev.promptlimit.jobs.config.Cell;
import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.jobs.config.ExperimentReader;
import dev.promptlimit.jobs.run.Plan;
import dev.promptlimit.jobs.run.Trainings;
import dev.promptlimit.jobs.table.Checkpoints;
import dev.promptlimit.jobs.table.Compaction;
import dev.promptlimit.jobs.table.FlowTable;
import dev.promptlimit.jobs.table.Ledger;
import dev.promptlimit.jobs.table.ResultTables;
import dev.promptlimit.jobs.table.RunDirectory;
import dev.promptlimit.jobs.table.TrainingResults;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;

/**
 * Compacts the ledgers of a run directory. Only blocks that the published results rest on are
 * merged, so that {@code verify} can still tell these results from those that later blocks give.
 */
final class CompactJob {
  private final String path;
  private final PrintWriter out;

  CompactJob(String path, PrintWriter out) {
    this.path = path;
    this.out = out;
  }

  void run() throws IOException {
    Compaction done = Sessions.call("promptlimit compact", this::run);
    out.printf(
        Locale.ROOT,
        "%s: %d batches, %d files, %d bytes; now %d batches, %d files, %d bytes%n",
        path,
        done.before().batches(),
        done.before().files(),
        done.before().bytes(),
        done.after().batches(),
        done.after().files(),
        done.after().bytes());
    out.flush();
  }

  private Compaction run(SparkSession spark) throws IOException {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    String text = RunDirectory.existing(path, hadoop).experimentText();
    Experiment untrained = ExperimentReader.parse(text, path + "/experiment.conf");
    try (RunDirectory run = RunDirectory.existingToWrite(path, untrained, hadoop)) {
      Experiment experiment =
          TrainingResults.heads(untrained, new Trainings(spark, untrained, run).states())
              .map(heads -> ExperimentReader.again(untrained, heads))
              .orElse(untrained);
      List<Cell> cells = Plan.of(experiment).cells();
      Map<String, Long> prompts = new ResultTables(spark, run).publishedPrompts();
      Compaction blocks =
          new Ledger(spark, run)
              .compact(
                  cells,
                  cell -> prompts.getOrDefault(cell.key(), 0L) / Blocks.of(cell).promptsPerBlock());
      Compaction all =
          blocks
              .plus(new Checkpoints(spark, run).compact())
              .plus(new FlowTable(spark, run).compact());
      run.cleanUp();
      return all;
    }
  }
}
