package dev.promptlimit.jobs.run;

import dev.promptlimit.jobs.config.Blocks;
import dev.promptlimit.jobs.config.Cell;
import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.jobs.table.Ledger;
import dev.promptlimit.jobs.table.MergedCell;
import dev.promptlimit.jobs.table.PublishedBlocks;
import dev.promptlimit.jobs.table.RunDirectory;
import java.io.IOException;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToLongFunction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Brings a ledger up to what an experiment asks for, in these steps:
 *
 * <ol>
 *   <li>read which blocks are published, refuse a damaged ledger;
 *   <li>cut the missing blocks into batches of about five seconds of all cores;
 *   <li>for each batch let Spark simulate the blocks and write their rows, then publish it, while
 *       the next one already keeps the cores busy ({@link Batches});
 *   <li>merge each cell's blocks from the ledger.
 * </ol>
 */
public final class Simulation {
  /**
   * Spark setting: nominal seconds of all cores that go into a batch, until these are little of
   * what is done ({@link Pace}). A killed driver loses two batches at most, and each costs a few
   * tenths of a second of Spark's own time.
   */
  static final String BATCH_SECONDS = "spark.promptlimit.batchSeconds";

  private static final double BATCH_SECONDS_DEFAULT = 5;

  private static final String PARALLELISM = "spark.default.parallelism";

  private final SparkSession spark;
  private final Experiment experiment;
  private final Plan plan;
  private final RunDirectory run;
  private final Ledger ledger;
  private final Allowance allowance;
  private final double batchSeconds;

  /**
   * A simulation of an experiment into a run directory.
   *
   * @param allowance how much may be added
   * @throws dev.promptlimit.jobs.config.BadInputException if a Spark setting is not allowed
   */
  public Simulation(
      SparkSession spark, Experiment experiment, RunDirectory run, Allowance allowance) {
    this.spark = spark;
    this.experiment = experiment;
    this.run = run;
    this.allowance = allowance;
    batchSeconds = Settings.positive(spark, BATCH_SECONDS, BATCH_SECONDS_DEFAULT);
    plan = Plan.of(experiment);
    ledger = new Ledger(spark, run);
  }

  /**
   * What a call has simulated.
   *
   * @param size how much
   * @param left what it was not allowed to do; of an adaptive budget what is known to be needed
   * @param blockSeconds what blocks took, summed over cores; the rest is Spark's and the ledger's
   * @param kernels descriptions of the kernels that ran, none if there was nothing to do
   */
  public record Done(Plan.Size size, Plan.Size left, double blockSeconds, Set<String> kernels) {
    /** Nothing, where nothing may be begun. */
    public static final Done NOTHING = new Done(Plan.Size.NONE, Plan.Size.NONE, 0, Set.of());

    private Done then(Done more) {
      Set<String> all = new TreeSet<>(kernels);
      all.addAll(more.kernels);
      return new Done(size.plus(more.size), more.left, blockSeconds + more.blockSeconds, all);
    }
  }

  /** Tells which cells need more prompts. */
  @FunctionalInterface
  public interface Demand {
    /** Keys of the cells that need more than they have, none if enough is known. */
    Set<String> needMore(Map<String, MergedCell> merged);
  }

  /** Simulates what the ledger lacks until every cell has all its blocks. */
  public Done simulateMissing(Optional<PrintStream> terminal) throws IOException {
    return simulate(terminal, plan::blocks);
  }

  /**
   * Simulates in rounds. In the first one every cell gets the blocks of its first look; after each
   * the number of blocks doubles in cells that need more, up to what the budget allows. What a
   * round does depends on the blocks of the rounds before it alone, also where the ledger holds
   * more, so that an interrupted run goes the same way again.
   */
  public Done simulateRounds(Optional<PrintStream> terminal, Demand demand) throws IOException {
    Map<String, Long> wanted = new HashMap<>();
    for (Cell cell : plan.cells()) {
      wanted.put(cell.key(), Math.min(Blocks.of(cell).firstBlocks(), plan.blocks(cell)));
    }
    Done done = Done.NOTHING;
    while (true) {
      done = done.then(simulate(terminal, cell -> wanted.get(cell.key())));
      if (done.left().blocks() > 0) {
        return done; // the next call goes on with this round
      }
      Set<String> needy =
          demand.needMore(ledger.merge(plan.cells(), cell -> wanted.get(cell.key())));
      boolean grown = false;
      for (Cell cell : plan.cells()) {
        long have = wanted.get(cell.key());
        long next = have > plan.blocks(cell) / 2 ? plan.blocks(cell) : 2 * have;
        if (needy.contains(cell.key()) && next > have) {
          wanted.put(cell.key(), next);
          grown = true;
        }
      }
      if (!grown) {
        return done;
      }
    }
  }

  /**
   * Simulates what the ledger lacks, as far as is allowed.
   *
   * @param terminal where a progress line may be shown, empty if nowhere
   * @param wanted how many blocks a cell shall have
   * @return what was simulated
   */
  private Done simulate(Optional<PrintStream> terminal, ToLongFunction<Cell> wanted)
      throws IOException {
    KernelLog.say();
    PublishedBlocks published = ledger.published();
    Plan.Work work =
        allowance.isLimited()
            ? plan.missingEvenly(published, wanted)
            : plan.missing(published, wanted);
    if (!work.isDone()) {
      allowance.requireRoomFor(work.next());
    }
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    ProgressCounters counters = new ProgressCounters(spark.sparkContext());
    Broadcast<List<Cell>> cells = context.broadcast(plan.cells());
    SimulateBlocks simulate = new SimulateBlocks(run.hash(), experiment.seed(), cells, counters);
    Optional<Progress> progress =
        terminal
            .filter(there -> work.size().blocks() > 0)
            .map(
                there ->
                    Progress.start(
                        counters, "blocks", work.size().blocks(), work.size().nanos(), there));
    try (Batches batches = new Batches(context, 2, experiment.name())) {
      Pace pace = new Pace(counters);
      while (true) {
        batches.awaitRoom();
        // asked anew each time: on a cluster executors are still arriving at first
        int cores = context.defaultParallelism();
        double nanos = pace.nanos(cores, batchSeconds, allowance.secondsLeft(), work.handedOut());
        Plan.Size before = work.handedOut();
        List<BlockTask> tasks = work.nextBatch(nanos, allowance.promptsLeft());
        if (tasks.isEmpty()) {
          break;
        }
        allowance.take(work.handedOut().prompts() - before.prompts());
        start(batches, context, tasks, simulate);
      }
      batches.awaitAll();
    } finally {
      progress.ifPresent(Progress::close);
      cells.destroy();
    }
    return new Done(
        work.handedOut(),
        work.size().minus(work.handedOut()),
        counters.seconds(),
        counters.kernels());
  }

  private void start(
      Batches batches, JavaSparkContext context, List<BlockTask> tasks, SimulateBlocks simulate) {
    batches.start(
        names(tasks),
        () -> {
          JavaRDD<Row> rows = context.parallelize(tasks, slices(context, tasks)).flatMap(simulate);
          ledger.publish(rows);
          RunMetrics.of(spark.sparkContext()).batchPublished();
        });
  }

  /** The first cell of a batch and how many others there are. */
  private String names(List<BlockTask> tasks) {
    List<Integer> cells =
        tasks.stream()
            .flatMap(task -> task.spans().stream())
            .map(BlockSpan::cell)
            .distinct()
            .toList();
    String first = plan.cells().get(cells.get(0)).label();
    return cells.size() == 1 ? first : first + " and " + (cells.size() - 1) + " more";
  }

  /** One slice a task, unless the user has fixed the number of partitions. */
  private static int slices(JavaSparkContext context, List<BlockTask> tasks) {
    return context.getConf().contains(PARALLELISM) ? context.defaultParallelism() : tasks.size();
  }

  /** All that the ledger holds of each cell, by key. */
  public Map<String, MergedCell> merge() throws IOException {
    return ledger.merge(plan.cells(), cell -> Long.MAX_VALUE);
  }
}
