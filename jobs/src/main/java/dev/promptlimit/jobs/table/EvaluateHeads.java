package dev.promptlimit.jobs.table;

import dev.promptlimit.attention.Head;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.regression.InputLaw;
import dev.promptlimit.regression.MapDistance;
import dev.promptlimit.regression.PopulationRisk;
import dev.promptlimit.regression.RegressionTokens;
import dev.promptlimit.regression.TaskFamily;
import dev.promptlimit.regression.TestRisk;
import dev.promptlimit.regression.Training;
import dev.promptlimit.regression.TrainingState;
import dev.promptlimit.stat.Interval;
import dev.promptlimit.stat.Moments;
import dev.promptlimit.theory.QuerySpectrum;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.function.Function;

/** What a task does with checkpoints: computes the risks of their heads. */
final class EvaluateHeads implements Function<EvaluateHeads.Task, List<CheckpointResult>> {
  private static final long serialVersionUID = 1;

  private final int prompts;
  private final long seed;
  private final double alpha;

  /**
   * @param prompts tasks and queries in the sample over which risks are averaged
   * @param seed the experiment's seed, of which the sample is a function
   * @param alpha error probability of the interval of one risk
   */
  EvaluateHeads(int prompts, long seed, double alpha) {
    this.prompts = prompts;
    this.seed = seed;
    this.alpha = alpha;
  }

  /**
   * Some checkpoints of a run.
   *
   * @param run which run it is
   */
  record Task(int run, Training training, List<TrainingState> states) implements Serializable {}

  @Override
  public List<CheckpointResult> call(Task task) {
    Training training = task.training();
    TestRisk risk =
        new TestRisk(
            training.family(),
            training.law(),
            training.activation(),
            training.promptLength(),
            prompts,
            StreamKey.ofBlock(seed, "test prompts", 0));
    boolean known = training.law() == InputLaw.GAUSSIAN;
    List<CheckpointResult> results = new ArrayList<>();
    for (TrainingState state : task.states()) {
      int dimension = training.family().dimension() + 1;
      Head head = training.parametrisation().head(state.theta(), dimension);
      if (state.divergedAt().isPresent()) { // nothing is to be said of where it was last
        Interval unknown = new Interval(Double.NaN, Double.NaN);
        results.add(
            new CheckpointResult(
                state, head, Double.NaN, unknown, Double.NaN, Double.NaN, Double.NaN));
        continue;
      }
      Moments moments = risk.moments(head);
      results.add(
          new CheckpointResult(
              state,
              head,
              moments.mean(),
              risk.interval(moments, alpha),
              known ? PopulationRisk.value(training.family(), head) : Double.NaN,
              known ? h2(training.family(), head) : Double.NaN,
              known ? MapDistance.toOptimum(training.family(), head) : Double.NaN));
    }
    return results;
  }

  private static double h2(TaskFamily family, Head head) {
    RegressionTokens tokens = new RegressionTokens(family);
    return new QuerySpectrum(tokens.average(), head, tokens.queries()).h2();
  }
}
