package dev.promptlimit.claim;

import dev.promptlimit.attention.Head;
import dev.promptlimit.regression.Activation;
import dev.promptlimit.regression.FlowResult;
import dev.promptlimit.regression.TaskFamily;
import dev.promptlimit.stat.Interval;
import java.util.List;
import java.util.OptionalLong;

/**
 * What a run has trained, for claims. Risks are ½ E(prediction − y_q)²; their intervals, of runs,
 * ridge and flows, hold together with those of the observations at the family error, over samples
 * of tasks and queries.
 *
 * @param family tasks, inputs and queries
 * @param gaussian whether inputs are Gaussian, so that exact risks and maps are known
 * @param runs ends of stochastic training
 * @param ridge the best risk at each of their prompt lengths, ascending; empty where it is not
 *     known
 * @param flow what gradient flows from a balanced start gave, none if there were none
 */
public record Trained(
    TaskFamily family, boolean gaussian, List<Run> runs, List<Ridge> ridge, List<Flow> flow) {
  /**
   * The end of one run of stochastic training.
   *
   * @param activation of the head
   * @param promptLength L
   * @param replicate number of the run among those that differ in their random numbers only
   * @param complete whether all its steps have been made
   * @param divergedAt the step at which it diverged
   * @param head the trained head
   * @param risk on prompts of length L that were not trained on
   * @param riskInterval its interval
   */
  public record Run(
      Activation activation,
      long promptLength,
      int replicate,
      boolean complete,
      OptionalLong divergedAt,
      Head head,
      double risk,
      Interval riskInterval) {}

  /**
   * The risk of the best predictor.
   *
   * @param promptLength L
   * @param risk the estimate
   * @param interval its interval
   */
  public record Ridge(long promptLength, double risk, Interval interval) {}

  /**
   * A gradient flow of the risk of finite prompts.
   *
   * @param result what it gave
   * @param note why the theorem does not speak of its start; empty if it does
   * @param accuracies excesses ε for which L(ε) is wanted
   */
  public record Flow(FlowResult result, String note, List<Double> accuracies) {}
}
