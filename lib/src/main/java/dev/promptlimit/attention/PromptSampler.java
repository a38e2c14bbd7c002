package dev.promptlimit.attention;

import dev.promptlimit.random.StreamKey;
import java.util.Map;
import java.util.Set;

/**
 * Draws independent prompts with their queries and measures how far each is from its
 * infinite-prompt limit. Implementations must agree in law.
 */
public interface PromptSampler {
  /** Substream of a block from which tokens are drawn. */
  long TOKENS = 0;

  /** Substream of a block from which everything is drawn that is drawn once a prompt. */
  long PROMPTS = 1;

  /** Substream of a block that decides which queries are taken, where not all are. */
  long QUERIES = 2;

  /** The metrics this sampler measures. */
  Set<Metric> metrics();

  /**
   * Simulates prompts 0..n−1 of a block.
   *
   * @param block the block's key; its substreams are used
   * @param n number of prompts, ≥ 0
   * @param squared for each of the sampler's metrics an array whose item i receives the squared
   *     deviation of prompt i
   */
  void simulate(StreamKey block, int n, Map<Metric, double[]> squared);
}
