package dev.promptlimit.jobs.table;

import dev.promptlimit.claim.Memo;
import dev.promptlimit.jobs.config.Experiment;
import java.util.List;
import java.util.Optional;

/**
 * All that a run publishes: a function of the experiment and its ledger.
 *
 * @param experiment the experiment
 * @param cells results of its cells, one a metric, in its order
 * @param training results of its training, if it has any
 * @param verdicts on its claims
 */
public record Results(
    Experiment experiment,
    List<CellResult> cells,
    Optional<TrainingResults> training,
    List<ClaimResult> verdicts) {
  /**
   * Judges the claims.
   *
   * @param memo what claims keep from one time to the next
   */
  public static Results of(
      Experiment experiment,
      List<CellResult> cells,
      Optional<TrainingResults> training,
      Memo memo) {
    return new Results(
        experiment, cells, training, ClaimResult.of(experiment, cells, training, memo));
  }
}
