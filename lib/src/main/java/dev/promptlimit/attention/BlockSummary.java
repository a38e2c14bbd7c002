package dev.promptlimit.attention;

import dev.promptlimit.random.StreamKey;
import dev.promptlimit.stat.DeviationSummary;
import dev.promptlimit.stat.Weights;
import java.io.Serializable;
import java.util.EnumMap;
import java.util.Map;

/**
 * What is kept of the prompts of one block, or of several merged in block order.
 *
 * @param prompts number of prompts
 * @param weights their importance weights
 * @param deviations for each metric the summary of its deviations
 */
public record BlockSummary(long prompts, Weights weights, Map<Metric, DeviationSummary> deviations)
    implements Serializable {
  /** Simulates prompts of weight 1. */
  public static BlockSummary simulate(PromptSampler sampler, StreamKey block, int n) {
    return simulate(sampler, block, n, 1);
  }

  /**
   * Simulates prompts 0..n−1 of a block and summarises them: a pure function of its arguments.
   *
   * @param weight what each of them counts for
   */
  public static BlockSummary simulate(
      PromptSampler sampler, StreamKey block, int n, double weight) {
    Map<Metric, double[]> squared = new EnumMap<>(Metric.class);
    sampler.metrics().forEach(metric -> squared.put(metric, new double[n]));
    sampler.simulate(block, n, squared);
    Map<Metric, DeviationSummary> deviations = new EnumMap<>(Metric.class);
    squared.forEach((metric, values) -> deviations.put(metric, DeviationSummary.of(values, n)));
    return new BlockSummary(n, Weights.equal(n, weight), deviations);
  }

  /** This block followed by {@code next}, which has the same metrics. */
  public BlockSummary combine(BlockSummary next) {
    if (!deviations.keySet().equals(next.deviations.keySet())) {
      throw new IllegalArgumentException(
          "Cannot merge blocks: one has the metrics "
              + deviations.keySet()
              + ", the next "
              + next.deviations.keySet());
    }
    Map<Metric, DeviationSummary> merged = new EnumMap<>(Metric.class);
    deviations.forEach(
        (metric, summary) -> merged.put(metric, summary.combine(next.deviations.get(metric))));
    return new BlockSummary(
        Math.addExact(prompts, next.prompts), weights.combine(next.weights), merged);
  }
}
