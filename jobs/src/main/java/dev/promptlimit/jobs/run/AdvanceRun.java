package dev.promptlimit.jobs.run;

import dev.promptlimit.jobs.config.TrainingRun;
import dev.promptlimit.kernel.Kernels;
import dev.promptlimit.regression.Trainer;
import dev.promptlimit.regression.Training;
import dev.promptlimit.regression.TrainingState;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.function.Function;

/** What a task of training does: takes a run from a checkpoint through some more. */
final class AdvanceRun implements Function<TrainingState, List<TrainingState>> {
  private static final long serialVersionUID = 1;

  private final long seed;
  private final String key;
  private final Training training;
  private final long tokens; // of a checkpoint
  private final double nanos;
  private final int checkpoints;
  private final ProgressCounters counters;

  AdvanceRun(long seed, TrainingRun run, int checkpoints, ProgressCounters counters) {
    this.seed = seed;
    key = run.key();
    training = run.training();
    tokens = run.tokensPerCheckpoint();
    nanos = run.nanosPerCheckpoint();
    this.checkpoints = checkpoints;
    this.counters = counters;
  }

  @Override
  public List<TrainingState> call(TrainingState from) {
    KernelLog.say();
    counters.uses(Kernels.description());
    Trainer trainer = training.trainer();
    List<TrainingState> states = new ArrayList<>();
    TrainingState state = from;
    for (int i = 0; i < checkpoints; i++) {
      state = trainer.next(state, seed, key);
      states.add(state);
      counters.add(tokens, nanos);
    }
    return states;
  }
}
