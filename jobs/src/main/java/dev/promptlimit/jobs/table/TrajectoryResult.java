package dev.promptlimit.jobs.table;

import dev.promptlimit.jobs.config.TrainingRun;
import java.util.List;

/**
 * What a run says of one training run.
 *
 * @param run the training run
 * @param checkpoints those that are published, the start first
 */
public record TrajectoryResult(TrainingRun run, List<CheckpointResult> checkpoints) {
  /** The last checkpoint. */
  public CheckpointResult last() {
    return checkpoints.get(checkpoints.size() - 1);
  }

  /** Whether it has all its checkpoints. */
  public boolean isComplete() {
    return last().state().checkpoint() == run.training().lastCheckpoint();
  }
}
