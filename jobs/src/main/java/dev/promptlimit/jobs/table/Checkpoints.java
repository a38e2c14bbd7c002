package dev.promptlimit.jobs.table;

import dev.promptlimit.jobs.config.TrainingRun;
import dev.promptlimit.regression.Parametrisation;
import dev.promptlimit.regression.TrainingState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The published checkpoints of training runs: {@code checkpoints/batch=<k>/}, Parquet, kept as
 * {@link LedgerFiles} tells.
 */
public final class Checkpoints {
  private static final RowCheck.Format FORMAT =
      new RowCheck.Format(
          "checkpoints",
          CheckpointTable.SCHEMA,
          CheckpointTable.FORMAT_VERSION,
          "trajectory",
          "checkpoint");

  private final SparkSession spark;
  private final LedgerFiles files;

  /** Those of a run directory. */
  public Checkpoints(SparkSession spark, RunDirectory run) {
    this.spark = spark;
    files = new LedgerFiles(spark, run, run.path("checkpoints"), FORMAT);
  }

  /** Publishes rows of {@link CheckpointTable} as the next batch. */
  public void publish(List<Row> rows) throws IOException {
    files.publish(spark.createDataFrame(rows, CheckpointTable.SCHEMA));
  }

  /** Makes one batch of all; nothing else changes. */
  public Compaction compact() throws IOException {
    return files.compact();
  }

  /**
   * The states of each run at the longest published sequence of its checkpoints 1, 2, 3, …, by key;
   * runs without any are left out.
   *
   * @throws dev.promptlimit.jobs.config.BadInputException if a file is truncated, foreign or of
   *     another format, or a row makes no sense
   */
  public Map<String, List<TrainingState>> states(Collection<TrainingRun> runs) throws IOException {
    Map<String, TrainingRun> wanted = new HashMap<>();
    runs.forEach(run -> wanted.put(run.key(), run));
    Map<String, List<TrainingState>> states = new HashMap<>();
    files.each(
        row -> {
          TrainingRun run = wanted.get(row.<String>getAs("trajectory"));
          if (run == null) {
            return;
          }
          List<TrainingState> known = states.computeIfAbsent(run.key(), key -> new ArrayList<>());
          int checkpoint = row.<Integer>getAs("checkpoint");
          if (checkpoint == known.size() + 1 && checkpoint <= run.training().lastCheckpoint()) {
            known.add(state(row, run));
          }
        });
    states.values().removeIf(List::isEmpty);
    return states;
  }

  private TrainingState state(Row row, TrainingRun run) {
    TrainingState state;
    try {
      state = CheckpointTable.state(row);
    } catch (RuntimeException e) { // nulls
      throw files.check().nonsense(row, e.toString());
    }
    Parametrisation parametrisation = run.training().parametrisation();
    int weights = parametrisation.size(run.training().family().dimension() + 1);
    if (state.theta().length != weights
        || state.memory().length != run.training().optimiser().memory(weights)
        || state.step() != run.training().stepsAt(state.checkpoint())) {
      throw files
          .check()
          .nonsense(
              row, "its step or the number of its weights is not that of the run it belongs to");
    }
    return state;
  }
}
