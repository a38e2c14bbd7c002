package dev.promptlimit.jobs.table;

import dev.promptlimit.jobs.config.FlowPlan;
import dev.promptlimit.regression.FlowComparison;
import dev.promptlimit.regression.FlowResult;
import dev.promptlimit.regression.HeadFlow;
import dev.promptlimit.regression.PopulationRisk;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.api.java.function.Function;

/** What a task does with a flow: compares it with that of infinite prompts. */
final class JudgeFlow implements Function<JudgeFlow.Task, FlowResult> {
  private static final long serialVersionUID = 1;

  private final long seed;
  private final FlowPlan plan;
  private final double alpha;

  /**
   * @param alpha error probability of one interval
   */
  JudgeFlow(long seed, FlowPlan plan, double alpha) {
    this.seed = seed;
    this.plan = plan;
    this.alpha = alpha;
  }

  /** A flow that has been followed. */
  record Task(long promptLength, List<HeadFlow.State> states) implements Serializable {}

  @Override
  public FlowResult call(Task task) {
    FlowComparison comparison = plan.comparison(alpha);
    return comparison.compare(
        comparison.follow(new PopulationRisk(plan.family())),
        task.states(),
        plan.judged(seed, task.promptLength()));
  }
}
