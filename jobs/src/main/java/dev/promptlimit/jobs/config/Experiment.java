package dev.promptlimit.jobs.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigRenderOptions;
import dev.promptlimit.claim.Claim;
import dev.promptlimit.random.StreamKey;
import java.util.List;
import java.util.Optional;

/**
 * A checked experiment file.
 *
 * @param name the experiment's name
 * @param seed seed of all its streams
 * @param cells the product of tokens, queries, heads and prompt lengths, in that order, then the
 *     fixtures of the claims
 * @param budget how many prompts they get
 * @param training what is trained
 * @param claims statements to judge
 * @param familyError probability that any interval of the run misses what it is for
 * @param resolved the file with substitutions and overrides applied
 */
public record Experiment(
    String name,
    long seed,
    List<Cell> cells,
    Budget budget,
    Optional<TrainingPlan> training,
    List<Claim> claims,
    double familyError,
    Config resolved) {

  /**
   * Identity of the run directory: a hash of name, seed and the version of the random streams,
   * nothing else, so that extended experiments continue where they were.
   */
  public String hash() {
    return Hash.of(name + "\n" + seed + "\n" + StreamKey.STREAM_VERSION, 12);
  }

  /** Name of the run directory. */
  public String directoryName() {
    return name + "-" + hash();
  }

  /** The resolved file, which can be run again. */
  public String text() {
    return resolved
        .root()
        .render(
            ConfigRenderOptions.defaults()
                .setOriginComments(false)
                .setJson(false)
                .setComments(false));
  }
}
