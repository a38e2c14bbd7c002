package dev.promptlimit.claim;

import java.util.List;
import java.util.Optional;

/**
 * What a claim is judged by.
 *
 * @param cells observations of the experiment's own cells, in the order of the experiment
 * @param fixtures observations of the claim's fixtures, in their order
 * @param trained what the run has trained
 * @param testError error probability of whatever else the claim tests, all its tests together
 * @param seed seed of whatever else the claim draws
 * @param memo what claims have computed that does not depend on prompts; lives as long as a run
 */
public record Measured(
    List<Observation> cells,
    List<Observation> fixtures,
    Optional<Trained> trained,
    double testError,
    long seed,
    Memo memo) {
  /** Where nothing has been trained. */
  public Measured(
      List<Observation> cells, List<Observation> fixtures, double testError, long seed, Memo memo) {
    this(cells, fixtures, Optional.empty(), testError, seed, memo);
  }
}
