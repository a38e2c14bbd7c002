package dev.promptlimit.jobs.run;

import dev.promptlimit.jobs.config.FlowPlan;
import dev.promptlimit.regression.HeadFlow;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.function.Function;

/** What a task of flows does: follows the flow of one prompt length. */
final class FollowFlow implements Function<Long, List<HeadFlow.State>> {
  private static final long serialVersionUID = 1;

  private final long seed;
  private final FlowPlan plan;

  FollowFlow(long seed, FlowPlan plan) {
    this.seed = seed;
    this.plan = plan;
  }

  @Override
  public List<HeadFlow.State> call(Long promptLength) {
    // intervals come later, when it is known how many there are: any error probability does
    return new ArrayList<>(plan.comparison(0.5).follow(plan.followed(seed, promptLength)));
  }
}
