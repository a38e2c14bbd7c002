package dev.promptlimit.jobs.run;

import dev.promptlimit.jobs.config.FlowPlan;
import dev.promptlimit.jobs.table.FollowedFlow;
import org.apache.spark.api.java.function.Function;

/** What a task of flows does: follows the flow of one prompt length. */
final class FollowFlow implements Function<Long, FollowedFlow> {
  private static final long serialVersionUID = 1;

  private final long seed;
  private final FlowPlan plan;

  FollowFlow(long seed, FlowPlan plan) {
    this.seed = seed;
    this.plan = plan;
  }

  @Override
  public FollowedFlow call(Long promptLength) {
    try {
      // intervals come later, when it is known how many there are: any error probability does
      return FollowedFlow.of(plan.comparison(0.5).follow(plan.followed(seed, promptLength)));
    } catch (ArithmeticException e) {
      return FollowedFlow.failed(e.getMessage().replaceFirst("^Cannot [^:]*: ", ""));
    }
  }
}
