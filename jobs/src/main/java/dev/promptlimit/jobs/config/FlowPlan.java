package dev.promptlimit.jobs.config;

import dev.promptlimit.attention.Head;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.regression.Activation;
import dev.promptlimit.regression.FiniteRisk;
import dev.promptlimit.regression.FlowComparison;
import dev.promptlimit.regression.RiskSample;
import dev.promptlimit.regression.TaskFamily;
import java.io.Serializable;
import java.util.List;

/**
 * Gradient flows of the exact risks of finite prompts, each from the same head.
 *
 * @param key hash of the content, prompt lengths and accuracies left out
 * @param family tasks, inputs and queries
 * @param activation of the head
 * @param start the balanced head the flows start from
 * @param promptLengths prompt lengths L, ascending
 * @param horizon time until which flows are followed
 * @param prompts tasks and queries over which the risk is averaged
 * @param accuracies excesses ε for which L(ε) is wanted
 * @param note why the theorem does not speak of this start; empty if it does
 */
public record FlowPlan(
    String key,
    TaskFamily family,
    Activation activation,
    Head start,
    List<Long> promptLengths,
    double horizon,
    int prompts,
    List<Double> accuracies,
    String note)
    implements Serializable {
  /** From the first time looked at to the horizon. */
  private static final int OCTAVES = 12;

  /** Of one evaluation of the risk's gradient. */
  private static final double NANOS_PER_PROMPT = 500;

  /** What the solver makes of them, typically. */
  private static final double EVALUATIONS = 4000;

  /** Flows are judged on so many tasks and queries at least. */
  private static final int JUDGED = 16384;

  /**
   * How flows are followed and compared with that of infinite prompts.
   *
   * @param alpha error probability of each interval
   */
  public FlowComparison comparison(double alpha) {
    return new FlowComparison(family, start, horizon, OCTAVES, alpha);
  }

  /** The risk that a flow descends. */
  public FiniteRisk followed(long seed, long promptLength) {
    return risk(seed, "flow prompts", prompts, promptLength);
  }

  /** The same risk, averaged over others. */
  public FiniteRisk judged(long seed, long promptLength) {
    return risk(seed, "flow test prompts", Math.max(JUDGED, prompts), promptLength);
  }

  private FiniteRisk risk(long seed, String sample, int size, long promptLength) {
    RiskSample drawn = RiskSample.of(family, size, StreamKey.ofBlock(seed, sample, 0));
    return new FiniteRisk(family, activation, promptLength, drawn);
  }

  /** Nominal cost of following one flow in core nanoseconds, within a factor of a few. */
  public double nanos() {
    return prompts * NANOS_PER_PROMPT * EVALUATIONS;
  }

  /** How many intervals of risks the results of a flow have: two at each time. */
  public static int means() {
    return 2 * (2 * OCTAVES + 2);
  }
}
