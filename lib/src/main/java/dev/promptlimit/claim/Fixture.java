package dev.promptlimit.claim;

import dev.promptlimit.attention.Metric;
import dev.promptlimit.attention.Setting;
import java.util.Set;

/**
 * A setting that a claim has simulated beside those of the experiment.
 *
 * <p>A name stands for its content for good: ledgers keep what was simulated under the claim's id,
 * this name, the prompt length and the metrics, so other content needs another name.
 *
 * @param name how results call its tokens, queries and head
 * @param setting what is simulated
 * @param metrics what is measured
 */
public record Fixture(String name, Setting setting, Set<Metric> metrics) {}
