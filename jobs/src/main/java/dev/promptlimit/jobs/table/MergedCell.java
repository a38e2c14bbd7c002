package dev.promptlimit.jobs.table;

import dev.promptlimit.attention.BlockSummary;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.stat.StratifiedDeviations;
import dev.promptlimit.stat.Weights;
import java.io.Serializable;
import java.util.List;

/**
 * Merged blocks of a cell: whole cycles of its strata.
 *
 * @param strata for each stratum of the queries what its prompts gave
 */
public record MergedCell(List<BlockSummary> strata) implements Serializable {
  /** A copy of the list is kept. */
  public MergedCell {
    strata = List.copyOf(strata);
  }

  /** Prompts simulated. */
  public long prompts() {
    return strata.stream().mapToLong(BlockSummary::prompts).sum();
  }

  /** Importance weights of all prompts. */
  public Weights weights() {
    return strata.stream().map(BlockSummary::weights).reduce(Weights::combine).orElseThrow();
  }

  /** The deviations of a metric, with the probabilities of the strata. */
  StratifiedDeviations deviations(Metric metric, double[] probabilities) {
    return new StratifiedDeviations(
        strata.stream().map(stratum -> stratum.deviations().get(metric)).toList(), probabilities);
  }
}
