package dev.promptlimit.jobs;

import dev.promptlimit.attention.Setting;
import dev.promptlimit.jobs.config.BadInputException;
import dev.promptlimit.jobs.config.Blocks;
import dev.promptlimit.jobs.config.Cell;
import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.jobs.report.ConsoleReport;
import dev.promptlimit.jobs.run.Plan;
import dev.promptlimit.measure.Vocabulary;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Tells what a run would do, as if its ledger were empty, at most where the budget is adaptive;
 * starts no Spark. The time is the nominal cost of simulation and training on cores that do nothing
 * else: neither Spark's start nor risks of checkpoints nor claims are in it, and it is no bound.
 */
@Command(
    name = "plan",
    description = "Tells what a run would do: cells, blocks, training, tokens, time and memory.",
    mixinStandardHelpOptions = true)
final class PlanCommand implements Callable<Integer> {
  /** What a run of conf/quickstart.conf takes in local mode, nearly all of it Spark's; measured. */
  private static final double SPARK_MIB = 570;

  private static final double MIB = 1 << 20;

  /** More than any cluster has. */
  private static final int MAX_CORES = 1_000_000;

  @Spec private CommandSpec spec;
  @Mixin private ExperimentOptions options;

  @Option(
      names = "--cores",
      description = "Cores that will run it; those of this machine if left out.")
  private int cores = Runtime.getRuntime().availableProcessors();

  @Override
  public Integer call() {
    if (cores < 1 || cores > MAX_CORES) {
      throw new BadInputException(
          "Cannot use --cores " + cores + ": allowed: whole numbers from 1 to " + MAX_CORES);
    }
    Experiment experiment = options.read();
    Plan plan = Plan.of(experiment);
    PrintWriter out = spec.commandLine().getOut();
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("tokens", "queries", "head", "L", "prompts", "blocks", "tokens", "core s"));
    Plan.Size total = Plan.Size.NONE;
    double taskBytes = 0;
    for (Cell cell : plan.cells()) {
      Plan.Size size = Plan.Size.NONE.plus(cell, plan.blocks(cell));
      total = total.plus(cell, plan.blocks(cell));
      taskBytes = Math.max(taskBytes, bytes(cell));
      rows.add(
          List.of(
              cell.tokens(),
              cell.queries(),
              cell.head(),
              Long.toString(cell.setting().promptLength()),
              Long.toString(size.prompts()),
              Long.toString(size.blocks()),
              Long.toString(size.tokens()),
              seconds(size.nanos())));
    }
    Optional<PlannedTraining> training = experiment.training().map(PlannedTraining::new);
    training.ifPresent(each -> each.tables().forEach(out::println));
    boolean simulated = !plan.cells().isEmpty() || training.isEmpty();
    if (simulated) {
      ConsoleReport.align(rows).forEach(out::println);
      out.println();
    }
    training.ifPresent(each -> out.println(each.total()));
    if (simulated) {
      out.printf(
          Locale.ROOT,
          "%d cells, %s%d blocks, %d prompts, %d tokens%n",
          plan.cells().size(),
          experiment.budget().isAdaptive() ? "at most " : "",
          total.blocks(),
          total.prompts(),
          total.tokens());
      if (training.isPresent() && plan.cells().stream().anyMatch(PlanCommand::isUntrained)) {
        out.println("heads that are not trained yet may need strata of queries, and more blocks");
      }
    }
    String what = simulated ? "simulation" : "training";
    out.printf(
        Locale.ROOT,
        "all of it: about %s s of %s on %d idle %s, about %.0f MiB of memory%n",
        seconds(total.nanos() / cores + training.map(each -> each.nanos(cores)).orElse(0.0)),
        simulated && training.isPresent() ? "training and simulation" : what,
        cores,
        cores == 1 ? "core" : "cores",
        SPARK_MIB + (cores * taskBytes + tableBytes(plan)) / MIB);
    out.flush();
    return 0;
  }

  /** A stand-in: without scores there are no strata. */
  private static boolean isUntrained(Cell cell) {
    return cell.setting().head().u().getNorm1() == 0;
  }

  static String seconds(double nanos) {
    return String.format(Locale.ROOT, "%.3g", nanos / 1e9);
  }

  /**
   * Vocabularies, each held three times: as read, on its way to the executors, and by these. Cells
   * that have one in common have the same object.
   */
  private static double tableBytes(Plan plan) {
    return plan.cells().stream()
        .map(cell -> cell.setting().tokens())
        .filter(Vocabulary.class::isInstance)
        .distinct()
        .mapToDouble(
            tokens -> 3.0 * Double.BYTES * ((Vocabulary) tokens).size() * tokens.dimension())
        .sum();
  }

  /**
   * What one task holds: a block's deviations, a chunk of tokens, moments, matrices of the head.
   */
  private static double bytes(Cell cell) {
    Setting setting = cell.setting();
    double d = setting.dimension();
    double prompts = Blocks.of(cell).promptsPerBlock();
    double chunk = 512 * 2 * (d + 4);
    return Double.BYTES * (6 * prompts + chunk + 6 * d * d);
  }
}
