package dev.promptlimit.jobs.config;

import dev.promptlimit.attention.Head;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.hipparchus.linear.MatrixUtils;

/**
 * Heads of an experiment's own training, as far as they are known: an experiment is read once
 * before it trains, to be checked, and once more when it has.
 *
 * @param plan what it trains; empty if nothing, or if that is in trouble
 * @param known heads by {@link #name}
 */
public record TrainedHeads(Optional<TrainingPlan> plan, Map<String, Trained> known) {
  /**
   * A head of a run.
   *
   * @param divergedAt the step at which the run had diverged, of which it is the last head then
   */
  public record Trained(Head head, OptionalLong divergedAt) {}

  /** What a head is known by. */
  public static String name(TrainingRun run, long step) {
    return run.key() + " step " + step;
  }

  /** A head; before it is trained one of the same shape. */
  Trained at(TrainingRun run, long step) {
    int dimension = run.training().family().dimension() + 1;
    return known.getOrDefault(
        name(run, step),
        new Trained(
            new Head(
                MatrixUtils.createRealMatrix(dimension, dimension),
                MatrixUtils.createRealMatrix(1, dimension)),
            OptionalLong.empty()));
  }
}
