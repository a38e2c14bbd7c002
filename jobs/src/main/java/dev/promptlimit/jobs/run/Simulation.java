package dev.promptlimit.jobs.run;

import dev.promptlimit.jobs.config.Blocks;
import dev.promptlimit.jobs.config.Cell;
import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.jobs.table.BlockTable;
import dev.promptlimit.jobs.table.Ledger;
import dev.promptlimit.jobs.table.MergedCell;
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
   * Spark setting: nominal seconds of all cores that go into a batch. A killed driver loses two
   * batches at most, and each costs about half a second of Spark's own time.
   */
  static final String BATCH_SECONDS = "spark.promptlimit.batchSeconds";

  private static final double BATCH_SECONDS_DEFAULT = 5;

  private static final String PARALLELISM = "spark.default.parallelism";

  private final SparkSession spark;
  private final Experiment experiment;
  private final Plan plan;
  private final RunDirectory run;
  private final Ledger ledger;

  /** A simulation of an experiment into a run directory. */
  public Simulation(SparkSession spark, Experiment experiment, RunDirectory run) {
    this.spark = spark;
    this.experiment = experiment;
    this.run = run;
    plan = Plan.of(experiment);
    ledger = new Ledger(spark, run);
  }

  /**
   * What a call has simulated.
   *
   * @param size how much
   * @param kernels descriptions of the kernels that ran, none if there was nothing to do
   */
  public record Done(Plan.Size size, Set<String> kernels) {
    private Done plus(Done more) {
      Set<String> all = new TreeSet<>(kernels);
      all.addAll(more.kernels);
      return new Done(size.plus(more.size), all);
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
    Done done = new Done(Plan.Size.NONE, Set.of());
    while (true) {
      done = done.plus(simulate(terminal, cell -> wanted.get(cell.key())));
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
   * Simulates what the ledger lacks.
   *
   * @param terminal where a progress line may be shown, empty if nowhere
   * @param wanted how many blocks a cell shall have
   * @return what was simulated
   */
  private Done simulate(Optional<PrintStream> terminal, ToLongFunction<Cell> wanted)
      throws IOException {
    KernelLog.say();
    double batchSeconds = Settings.positive(spark, BATCH_SECONDS, BATCH_SECONDS_DEFAULT);
    Plan.Work work = plan.missing(ledger.published(), wanted);
    ProgressCounters counters = new ProgressCounters(spark.sparkContext());
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    Broadcast<List<Cell>> cells = context.broadcast(plan.cells());
    SimulateBlocks simulate = new SimulateBlocks(run.hash(), experiment.seed(), cells, counters);
    Optional<Progress> progress =
        terminal
            .filter(there -> work.size().blocks() > 0)
            .map(
                there ->
                    Progress.start(
                        counters, "blocks", work.size().blocks(), work.size().nanos(), there));
    try (Batches batches = new Batches(context, 2)) {
      for (int batch = 1; ; batch++) {
        batches.awaitRoom();
        // asked anew each time: on a cluster executors are still arriving at first
        int cores = context.defaultParallelism();
        List<BlockTask> tasks = work.nextBatch(batchSeconds * 1e9 * cores);
        if (tasks.isEmpty()) {
          break;
        }
        String what = experiment.name() + ", batch " + batch + " of this call";
        batches.start(
            what,
            () -> {
              int slices = slices(context, tasks);
              JavaRDD<Row> rows = context.parallelize(tasks, slices).flatMap(simulate);
              ledger.publish(spark.createDataFrame(rows, BlockTable.SCHEMA));
            });
      }
      batches.awaitAll();
    } finally {
      progress.ifPresent(Progress::close);
      cells.destroy();
    }
    return new Done(work.size(), counters.kernels());
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
