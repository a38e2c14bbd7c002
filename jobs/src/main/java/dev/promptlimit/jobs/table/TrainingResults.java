package dev.promptlimit.jobs.table;

import dev.promptlimit.attention.Head;
import dev.promptlimit.claim.Trained;
import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.jobs.config.FlowPlan;
import dev.promptlimit.jobs.config.TrainedHeads;
import dev.promptlimit.jobs.config.TrainingPlan;
import dev.promptlimit.jobs.config.TrainingRun;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.regression.BayesRisk;
import dev.promptlimit.regression.FlowResult;
import dev.promptlimit.regression.InputLaw;
import dev.promptlimit.regression.MapDistance;
import dev.promptlimit.regression.TrainingState;
import dev.promptlimit.stat.ErrorBudget;
import dev.promptlimit.stat.Interval;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * What a run says of its training.
 *
 * <p>The intervals of all risks hold together, and together with those of the cells' means, with
 * the family's confidence, over samples of tasks and queries; they are asymptotic.
 *
 * @param plan what was asked for
 * @param trajectories of each run that has a checkpoint, in the order of the plan
 * @param flows of each prompt length whose flow has been followed, ascending
 * @param flowProblems by prompt length why a flow could not be followed
 * @param ridge risk of the best predictor, ridge regression, by prompt length; none where it is not
 *     known
 */
public record TrainingResults(
    TrainingPlan plan,
    List<TrajectoryResult> trajectories,
    List<FlowResult> flows,
    Map<Long, String> flowProblems,
    Map<Long, Ridge> ridge) {
  /** States that one task evaluates. */
  private static final int STATES = 32;

  /**
   * A risk of ridge regression.
   *
   * @param risk the estimate
   * @param interval its interval
   */
  public record Ridge(double risk, Interval interval) {}

  /** Means whose intervals a training adds to the family: of checkpoints, ridge and flows. */
  static int means(Experiment experiment) {
    return experiment
        .training()
        .map(
            plan ->
                Math.toIntExact(
                    plan.runs().stream()
                            .mapToLong(run -> run.training().lastCheckpoint() + 2L)
                            .sum()
                        + plan.flow()
                            .map(flow -> (long) flow.promptLengths().size() * FlowPlan.means())
                            .orElse(0L)))
        .orElse(0);
  }

  /**
   * Evaluates what an experiment has trained; empty if it trains nothing.
   *
   * @param states of its runs, by key
   * @param flows its flows, by prompt length
   */
  public static Optional<TrainingResults> of(
      SparkSession spark,
      Experiment experiment,
      Map<String, List<TrainingState>> states,
      Map<Long, FollowedFlow> flows) {
    double alpha = new ErrorBudget(experiment.familyError()).mean(CellResults.means(experiment));
    return experiment
        .training()
        .map(
            plan ->
                new TrainingResults(
                    plan,
                    trajectories(spark, experiment, plan, states, alpha),
                    plan.flow()
                        .map(flow -> flows(spark, experiment.seed(), flow, flows, alpha))
                        .orElse(List.of()),
                    problems(flows),
                    ridge(experiment, plan, alpha)));
  }

  private static Map<Long, String> problems(Map<Long, FollowedFlow> flows) {
    Map<Long, String> problems = new TreeMap<>();
    flows.forEach(
        (length, flow) -> {
          if (!flow.problem().isEmpty()) {
            problems.put(length, flow.problem());
          }
        });
    return problems;
  }

  private static List<FlowResult> flows(
      SparkSession spark, long seed, FlowPlan plan, Map<Long, FollowedFlow> flows, double alpha) {
    List<JudgeFlow.Task> tasks =
        plan.promptLengths().stream()
            .filter(length -> flows.containsKey(length) && !flows.get(length).states().isEmpty())
            .map(length -> new JudgeFlow.Task(length, flows.get(length).states()))
            .toList();
    return tasks.isEmpty()
        ? List.of()
        : JavaSparkContext.fromSparkContext(spark.sparkContext())
            .parallelize(tasks, tasks.size())
            .map(new JudgeFlow(seed, plan, alpha))
            .collect();
  }

  private static List<TrajectoryResult> trajectories(
      SparkSession spark,
      Experiment experiment,
      TrainingPlan plan,
      Map<String, List<TrainingState>> states,
      double alpha) {
    List<EvaluateHeads.Task> tasks = new ArrayList<>();
    for (int i = 0; i < plan.runs().size(); i++) {
      TrainingRun run = plan.runs().get(i);
      List<TrainingState> all = new ArrayList<>(List.of(run.begin(experiment.seed())));
      all.addAll(states.getOrDefault(run.key(), List.of()));
      for (int from = 0; from < all.size(); from += STATES) {
        List<TrainingState> some = all.subList(from, Math.min(all.size(), from + STATES));
        tasks.add(new EvaluateHeads.Task(i, run.training(), List.copyOf(some)));
      }
    }
    List<List<CheckpointResult>> evaluated =
        IntStream.range(0, plan.runs().size())
            .<List<CheckpointResult>>mapToObj(i -> new ArrayList<>())
            .toList();
    if (!tasks.isEmpty()) {
      JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
      EvaluateHeads evaluate = new EvaluateHeads(plan.testPrompts(), experiment.seed(), alpha);
      List<List<CheckpointResult>> results =
          context.parallelize(tasks, tasks.size()).map(evaluate).collect();
      for (int i = 0; i < tasks.size(); i++) {
        evaluated.get(tasks.get(i).run()).addAll(results.get(i));
      }
    }
    List<TrajectoryResult> trajectories = new ArrayList<>();
    for (int i = 0; i < evaluated.size(); i++) {
      trajectories.add(new TrajectoryResult(plan.runs().get(i), evaluated.get(i)));
    }
    return trajectories;
  }

  private static Map<Long, Ridge> ridge(Experiment experiment, TrainingPlan plan, double alpha) {
    Map<Long, Ridge> ridge = new TreeMap<>();
    if (plan.law() != InputLaw.GAUSSIAN) {
      return ridge; // its best predictor is another one
    }
    for (TrainingRun run : plan.runs()) {
      long length = run.promptLength();
      StreamKey key = StreamKey.ofBlock(experiment.seed(), "ridge regression", length);
      ridge.computeIfAbsent(
          length,
          unused -> {
            BayesRisk risk = BayesRisk.of(plan.family(), length, plan.testPrompts(), key);
            return new Ridge(risk.mean(), risk.interval(alpha));
          });
    }
    return ridge;
  }

  /**
   * The run with the other activation, of the same prompt length and replicate; empty if there is
   * none.
   */
  private Optional<TrajectoryResult> partner(TrajectoryResult of) {
    return trajectories.stream()
        .filter(
            other ->
                other.run().activation() != of.run().activation()
                    && other.run().promptLength() == of.run().promptLength()
                    && other.run().replicate() == of.run().replicate())
        .findFirst();
  }

  /**
   * Distance of the map of a checkpoint's head from that of the partner's at the same checkpoint;
   * NaN where there is none or it is not known.
   */
  public double mapToPartner(TrajectoryResult trajectory, CheckpointResult at) {
    return plan.law() == InputLaw.GAUSSIAN
        ? partner(trajectory, at)
            .map(other -> MapDistance.between(plan.family(), at.head(), other))
            .orElse(Double.NaN)
        : Double.NaN;
  }

  /** The same of the heads as vectors (U, v). */
  public double headToPartner(TrajectoryResult trajectory, CheckpointResult at) {
    return partner(trajectory, at).map(other -> headDistance(at.head(), other)).orElse(Double.NaN);
  }

  private Optional<Head> partner(TrajectoryResult trajectory, CheckpointResult at) {
    int checkpoint = at.state().checkpoint();
    return partner(trajectory)
        .filter(other -> other.checkpoints().size() > checkpoint)
        .map(other -> other.checkpoints().get(checkpoint))
        .filter(other -> other.state().divergedAt().isEmpty())
        .filter(other -> at.state().divergedAt().isEmpty())
        .map(CheckpointResult::head);
  }

  /** Distance of two heads as vectors (U, v). */
  static double headDistance(Head one, Head other) {
    double u = one.u().subtract(other.u()).getFrobeniusNorm();
    double v = one.v().subtract(other.v()).getFrobeniusNorm();
    return Math.sqrt(u * u + v * v);
  }

  /** All heads, by {@link TrainedHeads#name}. */
  public Map<String, TrainedHeads.Trained> heads() {
    Map<String, TrainedHeads.Trained> heads = new HashMap<>();
    for (TrajectoryResult trajectory : trajectories) {
      trajectory.checkpoints().forEach(at -> putHead(heads, trajectory.run(), at.state()));
    }
    return heads;
  }

  /** The same where nothing else is to be known of them; empty if an experiment trains nothing. */
  public static Optional<Map<String, TrainedHeads.Trained>> heads(
      Experiment experiment, Map<String, List<TrainingState>> states) {
    return experiment
        .training()
        .map(
            plan -> {
              Map<String, TrainedHeads.Trained> heads = new HashMap<>();
              for (TrainingRun run : plan.runs()) {
                putHead(heads, run, run.begin(experiment.seed()));
                states.getOrDefault(run.key(), List.of()).forEach(at -> putHead(heads, run, at));
              }
              return heads;
            });
  }

  private static void putHead(
      Map<String, TrainedHeads.Trained> heads, TrainingRun run, TrainingState at) {
    int dimension = run.training().family().dimension() + 1;
    Head head = run.training().parametrisation().head(at.theta(), dimension);
    heads.put(TrainedHeads.name(run, at.step()), new TrainedHeads.Trained(head, at.divergedAt()));
  }

  /** Runs that have not got to their last checkpoint. */
  public long unfinishedRuns() {
    return plan.runs().size() - trajectories.stream().filter(TrajectoryResult::isComplete).count();
  }

  /** Flows that have not been followed. */
  public long unfollowedFlows() {
    long planned = plan.flow().map(flow -> flow.promptLengths().size()).orElse(0);
    return planned - flows.size() - flowProblems.size();
  }

  /** Whether nothing is left to train. */
  public boolean isComplete() {
    return unfinishedRuns() == 0 && unfollowedFlows() == 0;
  }

  /** What claims are judged by. */
  Trained trained() {
    List<Trained.Run> runs =
        trajectories.stream()
            .map(
                trajectory ->
                    new Trained.Run(
                        trajectory.run().activation(),
                        trajectory.run().promptLength(),
                        trajectory.run().replicate(),
                        trajectory.isComplete(),
                        trajectory.last().state().divergedAt(),
                        trajectory.last().head(),
                        trajectory.last().risk(),
                        trajectory.last().riskInterval()))
            .toList();
    List<Trained.Ridge> best =
        ridge.entrySet().stream()
            .map(e -> new Trained.Ridge(e.getKey(), e.getValue().risk(), e.getValue().interval()))
            .toList();
    List<Trained.Flow> followed =
        plan.flow().stream()
            .flatMap(
                flow ->
                    flows.stream()
                        .map(one -> new Trained.Flow(one, flow.note(), flow.accuracies())))
            .toList();
    return new Trained(plan.family(), plan.law() == InputLaw.GAUSSIAN, runs, best, followed);
  }
}
