package dev.promptlimit.jobs.run;

import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.jobs.config.FlowPlan;
import dev.promptlimit.jobs.table.FlowTable;
import dev.promptlimit.jobs.table.FollowedFlow;
import dev.promptlimit.jobs.table.RootCause;
import dev.promptlimit.jobs.table.RunDirectory;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * Follows the gradient flows of an experiment, one task a prompt length, each published once it is
 * done. A flow is a function of the seed, the plan and the prompt length. One that cannot be
 * followed, because it is too stiff or its risk overflows, is published with the reason; others go
 * on.
 */
public final class Flows {
  private static final int MOST_AT_ONCE = 64;

  private final SparkSession spark;
  private final Experiment experiment;
  private final FlowTable published;
  private final Optional<FlowPlan> plan;

  /** The flows of an experiment into a run directory. */
  public Flows(SparkSession spark, Experiment experiment, RunDirectory directory) {
    this.spark = spark;
    this.experiment = experiment;
    published = new FlowTable(spark, directory);
    plan = experiment.training().flatMap(training -> training.flow());
  }

  /** Follows what the ledger lacks, as far as is allowed. */
  public void follow(Allowance allowance) throws IOException {
    if (plan.isEmpty()) {
      return;
    }
    Map<Long, FollowedFlow> known = published.flows(plan.get());
    List<Long> missing =
        plan.get().promptLengths().stream().filter(length -> !known.containsKey(length)).toList();
    if (missing.isEmpty()) {
      return;
    }
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    int atOnce = Math.min(MOST_AT_ONCE, Math.min(missing.size(), context.defaultParallelism()));
    try (Batches batches = new Batches(context, Math.max(1, atOnce), experiment.name())) {
      for (long length : missing) {
        batches.awaitRoom();
        if (allowance.timeIsUp()) {
          break;
        }
        batches.start("flow L=" + length, () -> follow(context, length));
      }
      batches.awaitAll();
    }
  }

  private void follow(JavaSparkContext context, long length) throws IOException {
    FollowFlow follow = new FollowFlow(experiment.seed(), plan.orElseThrow());
    try {
      FollowedFlow flow = context.parallelize(List.of(length), 1).map(follow).collect().get(0);
      published.publish(plan.orElseThrow(), length, flow);
    } catch (Exception e) { // Spark's are checked, though not declared
      throw new IOException(
          "Cannot follow the flow at prompt length " + length + ": " + RootCause.line(e), e);
    }
  }

  /** Published flows, see {@link FlowTable#flows}. */
  public Map<Long, FollowedFlow> published() throws IOException {
    return plan.isPresent() ? published.flows(plan.get()) : Map.of();
  }
}
