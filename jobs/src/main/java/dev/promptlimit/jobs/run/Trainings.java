package dev.promptlimit.jobs.run;

import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.jobs.config.TrainingRun;
import dev.promptlimit.jobs.table.CheckpointTable;
import dev.promptlimit.jobs.table.Checkpoints;
import dev.promptlimit.jobs.table.RootCause;
import dev.promptlimit.jobs.table.RunDirectory;
import dev.promptlimit.regression.Trainer;
import dev.promptlimit.regression.Training;
import dev.promptlimit.regression.TrainingState;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;

/**
 * Brings the training runs of an experiment to their last checkpoints.
 *
 * <p>A run advances in segments of some twenty nominal seconds, whole numbers of checkpoints, each
 * one Spark task; its checkpoints are published before the next segment begins. So a killed driver
 * or executor costs a run at most one segment, and how runs are cut into segments has no influence
 * on them. As many runs advance at a time as there are cores; whenever a core is free the run with
 * the most work left goes on, so that no long one is left at the end.
 *
 * <p>A run whose batches are large is advanced by the driver instead, a checkpoint at a time: each
 * of its steps is a Spark job over the blocks of the batch, whose sums are added in block order.
 */
public final class Trainings {
  /** Spark setting: nominal core seconds of a segment. */
  static final String SEGMENT_SECONDS = "spark.promptlimit.segmentSeconds";

  private static final double SEGMENT_SECONDS_DEFAULT = 20;

  /** Spark setting: nominal core seconds of a step from which on its blocks are tasks. */
  static final String LARGE_STEP_SECONDS = "spark.promptlimit.largeStepSeconds";

  /** Nominal core nanoseconds of the tasks of a large step. */
  private static final double TASK_NANOS = 0x1p29;

  /** More threads of the driver have nothing to do but wait. */
  private static final int MOST_AT_ONCE = 256;

  private final SparkSession spark;
  private final Experiment experiment;
  private final RunDirectory directory;
  private final Checkpoints checkpoints;
  private final Collection<TrainingRun> runs;
  private final double segmentNanos;
  private final double largeStepSeconds;

  /**
   * The training of an experiment into a run directory.
   *
   * @throws dev.promptlimit.jobs.config.BadInputException if a Spark setting is not allowed
   */
  public Trainings(SparkSession spark, Experiment experiment, RunDirectory directory) {
    this.spark = spark;
    this.experiment = experiment;
    this.directory = directory;
    checkpoints = new Checkpoints(spark, directory);
    Map<String, TrainingRun> distinct = new LinkedHashMap<>();
    experiment
        .training()
        .ifPresent(plan -> plan.runs().forEach(run -> distinct.putIfAbsent(run.key(), run)));
    runs = distinct.values();
    segmentNanos = 1e9 * Settings.positive(spark, SEGMENT_SECONDS, SEGMENT_SECONDS_DEFAULT);
    largeStepSeconds = Settings.positive(spark, LARGE_STEP_SECONDS, TrainingRun.LARGE_STEP_SECONDS);
  }

  /** A run and where it is. */
  private record Position(TrainingRun run, TrainingState state) {
    boolean isAtEnd() {
      return state.checkpoint() >= run.training().lastCheckpoint();
    }

    /** Nominal cost of what is left, in core nanoseconds; next to nothing once it has diverged. */
    double nanosLeft() {
      return state.divergedAt().isPresent() ? 0 : checkpointsLeft() * run.nanosPerCheckpoint();
    }

    int checkpointsLeft() {
      return run.training().lastCheckpoint() - state.checkpoint();
    }
  }

  /**
   * Trains what the ledger lacks, as far as is allowed.
   *
   * @param terminal where a progress line may be shown, empty if nowhere
   * @return descriptions of the kernels that ran, none if there was nothing to do
   */
  public Set<String> train(Optional<PrintStream> terminal, Allowance allowance) throws IOException {
    PriorityQueue<Position> waiting =
        new PriorityQueue<>(Comparator.comparingDouble(Position::nanosLeft).reversed());
    Map<String, List<TrainingState>> published = checkpoints.states(runs);
    long items = 0;
    double nanos = 0;
    for (TrainingRun run : runs) {
      List<TrainingState> states = published.getOrDefault(run.key(), List.of());
      TrainingState last =
          states.isEmpty() ? run.begin(experiment.seed()) : states.get(states.size() - 1);
      Position position = new Position(run, last);
      if (!position.isAtEnd()) {
        waiting.add(position);
        items += position.checkpointsLeft();
        nanos += position.nanosLeft();
      }
    }
    if (waiting.isEmpty()) {
      return Set.of();
    }
    KernelLog.say();
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    ProgressCounters counters = new ProgressCounters(spark.sparkContext());
    long all = items;
    double cost = Math.max(1, nanos);
    Optional<Progress> progress =
        terminal.map(there -> Progress.start(counters, "checkpoints", all, cost, there));
    int atOnce = Math.min(MOST_AT_ONCE, Math.min(waiting.size(), context.defaultParallelism()));
    try (Batches batches = new Batches(context, Math.max(1, atOnce), experiment.name())) {
      while (true) {
        batches.awaitRoom();
        Position next = allowance.timeIsUp() ? null : poll(waiting);
        if (next != null) {
          batches.start(
              "training " + next.run().label(),
              () -> put(waiting, advance(context, next, counters, allowance)));
        } else if (!batches.awaitOne()) {
          break;
        }
      }
    } finally {
      progress.ifPresent(Progress::close);
    }
    return counters.kernels();
  }

  /** The states of each run at its published checkpoints, see {@link Checkpoints#states}. */
  public Map<String, List<TrainingState>> states() throws IOException {
    return checkpoints.states(runs);
  }

  private static Position poll(PriorityQueue<Position> waiting) {
    synchronized (waiting) {
      return waiting.poll();
    }
  }

  private static void put(PriorityQueue<Position> waiting, Position position) {
    synchronized (waiting) {
      if (!position.isAtEnd()) {
        waiting.add(position);
      }
    }
  }

  /** Advances a run by a segment and publishes its checkpoints. */
  private Position advance(
      JavaSparkContext context, Position from, ProgressCounters counters, Allowance allowance)
      throws IOException {
    TrainingRun run = from.run();
    boolean large = run.isLarge(largeStepSeconds);
    List<TrainingState> states;
    try {
      states =
          large
              ? List.of(advanceByJobs(context, run, from.state(), counters))
              : advanceByTask(context, from, counters, segment(from, allowance));
    } catch (Exception e) { // Spark's are checked, though not declared
      throw new IOException(
          "Cannot train at prompt length " + run.promptLength() + ": " + RootCause.line(e), e);
    }
    checkpoints.publish(
        states.stream()
            .map(state -> CheckpointTable.row(directory.hash(), run.key(), state))
            .toList());
    return new Position(run, states.get(states.size() - 1));
  }

  private List<TrainingState> advanceByTask(
      JavaSparkContext context, Position from, ProgressCounters counters, int segment) {
    AdvanceRun advance = new AdvanceRun(experiment.seed(), from.run(), segment, counters);
    return context.parallelize(List.of(from.state()), 1).map(advance).collect().get(0);
  }

  /** Checkpoints of a segment. */
  private int segment(Position position, Allowance allowance) {
    double nanos = Math.min(segmentNanos, 1e9 * allowance.secondsLeft());
    double count = Math.max(1, nanos / position.run().nanosPerCheckpoint());
    return position.state().divergedAt().isPresent()
        ? position.checkpointsLeft()
        : (int) Math.min(position.checkpointsLeft(), count);
  }

  private TrainingState advanceByJobs(
      JavaSparkContext context, TrainingRun run, TrainingState from, ProgressCounters counters) {
    int blocks = Trainer.blocks(run.training());
    // tasks of half a second or more, and no fewer than there are cores
    double tasks = Math.max(context.defaultParallelism(), run.nanosPerStep() / TASK_NANOS);
    int slices = (int) Math.min(blocks, tasks);
    List<Integer> numbers = IntStream.range(0, blocks).boxed().toList();
    Broadcast<Training> shipped = context.broadcast(run.training());
    try {
      TrainingState state =
          run.training()
              .trainer()
              .next(
                  from,
                  experiment.seed(),
                  run.key(),
                  (theta, step) -> {
                    SumBlocks sum =
                        new SumBlocks(experiment.seed(), run.key(), shipped, theta, step);
                    // collected in the order of the partitions, which is that of the blocks
                    return new ArrayList<>(
                        context.parallelize(numbers, slices).mapPartitions(sum).collect());
                  });
      counters.add(run.tokensPerCheckpoint(), run.nanosPerCheckpoint());
      return state;
    } finally {
      shipped.destroy();
    }
  }
}
