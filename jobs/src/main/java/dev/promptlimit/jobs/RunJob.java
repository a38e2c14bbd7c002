package dev.promptlimit.jobs;

import dev.promptlimit.claim.Memo;
import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.jobs.config.ExperimentReader;
import dev.promptlimit.jobs.report.HtmlReport;
import dev.promptlimit.jobs.run.Allowance;
import dev.promptlimit.jobs.run.Flows;
import dev.promptlimit.jobs.run.Plan;
import dev.promptlimit.jobs.run.Simulation;
import dev.promptlimit.jobs.run.Trainings;
import dev.promptlimit.jobs.table.CellResults;
import dev.promptlimit.jobs.table.ClaimResult;
import dev.promptlimit.jobs.table.MergedCell;
import dev.promptlimit.jobs.table.PublishedTables;
import dev.promptlimit.jobs.table.ResultTables;
import dev.promptlimit.jobs.table.Results;
import dev.promptlimit.jobs.table.RunDirectory;
import dev.promptlimit.jobs.table.Summary;
import dev.promptlimit.jobs.table.TrainingResults;
import java.io.IOException;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** A run from the experiment to the report, in a Spark session of its own. */
final class RunJob {
  /** Set by the launcher where stderr is a terminal. */
  private static final String TERMINAL = "promptlimit.terminal";

  private static final String SUMMARY = "summary.json";

  private static final Logger LOG = LoggerFactory.getLogger(RunJob.class);

  private final Experiment untrained;
  private final String runs;
  private final RunLimits limits;

  /**
   * @param runs where run directories are
   * @param limits how much this call may add
   */
  RunJob(Experiment experiment, String runs, RunLimits limits) {
    untrained = experiment;
    this.runs = runs;
    this.limits = limits;
  }

  /** Returns what was done and found. */
  RunOutcome run() throws IOException {
    return Sessions.call("promptlimit " + untrained.name(), this::run);
  }

  private RunOutcome run(SparkSession spark) throws IOException {
    try (RunDirectory directory =
        RunDirectory.open(runs, untrained, spark.sparkContext().hadoopConfiguration())) {
      return run(spark, directory);
    }
  }

  private RunOutcome run(SparkSession spark, RunDirectory directory) throws IOException {
    MDC.put("experiment", untrained.name());
    long start = System.nanoTime();
    Allowance allowance = limits.begin();
    Optional<PrintStream> terminal =
        Boolean.getBoolean(TERMINAL) ? Optional.of(System.err) : Optional.empty();
    Set<String> kernels = new TreeSet<>();
    Optional<TrainingResults> training = train(spark, directory, terminal, kernels, allowance);
    double trained = seconds(start);
    Experiment experiment =
        training.map(known -> ExperimentReader.again(untrained, known.heads())).orElse(untrained);
    Simulation simulation = new Simulation(spark, experiment, directory, allowance);
    CellResults cells = new CellResults(experiment);
    Memo memo = new Memo();
    boolean allTrained = training.map(TrainingResults::isComplete).orElse(true);
    Simulation.Done done = Simulation.Done.NOTHING;
    if (allTrained) { // else some heads are not known yet, and the time is up
      done =
          experiment.budget().isAdaptive()
              ? simulation.simulateRounds(
                  terminal, merged -> needMore(experiment, cells, training, memo, merged))
              : simulation.simulateMissing(terminal);
    }
    kernels.addAll(done.kernels());
    Plan.Size simulated = done.size();
    double seconds = seconds(start) - trained;
    if (allowance.timeIsUp() && simulated.blocks() == 0 && kernels.isEmpty()) {
      LOG.warn("Nothing was added: {} was over before anything could begin", limits);
    }

    boolean complete = allTrained && done.left().blocks() == 0;

    Results results = Results.of(experiment, cells.of(simulation.merge()), training, memo);
    directory.writeExperiment(experiment);
    new ResultTables(spark, directory).write(results);
    Map<String, Object> timing = new LinkedHashMap<>();
    if (training.isPresent()) {
      timing.put("trainingSeconds", trained);
    }
    timing.put("simulatedBlocks", simulated.blocks());
    timing.put("simulatedPrompts", simulated.prompts());
    timing.put("simulatedTokens", simulated.tokens());
    timing.put("simulationSeconds", seconds);
    timing.put("blockSeconds", done.blockSeconds());
    timing.put("tokensPerSecond", simulated.tokens() / seconds);
    double own = training.isPresent() ? trained + seconds : seconds;
    timing.put("allSeconds", Summary.allSeconds(directory.read(SUMMARY)) + own);
    timing.put("complete", complete);
    timing.put("kernels", kernels);
    timing.put("master", spark.sparkContext().master());
    timing.put("spark", spark.version());
    timing.put("java", System.getProperty("java.version"));
    String summary = Summary.json(results, Build.properties(), timing);
    directory.write(SUMMARY, summary);
    directory.write(
        HtmlReport.FILE, HtmlReport.page(PublishedTables.of(results, Optional.of(summary))));
    directory.cleanUp();
    return new RunOutcome(
        results,
        shown(directory.directory()),
        shown(directory.path(HtmlReport.FILE)),
        complete,
        simulated,
        done.left(),
        seconds(start));
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private Optional<TrainingResults> train(
      SparkSession spark,
      RunDirectory directory,
      Optional<PrintStream> terminal,
      Set<String> kernels,
      Allowance allowance)
      throws IOException {
    if (untrained.training().isEmpty()) {
      return Optional.empty();
    }
    Trainings trainings = new Trainings(spark, untrained, directory);
    kernels.addAll(trainings.train(terminal, allowance));
    Flows flows = new Flows(spark, untrained, directory);
    flows.follow(allowance);
    return TrainingResults.of(spark, untrained, trainings.states(), flows.published());
  }

  /** Those cells that are not precise enough; none once all claims are decided. */
  private static Set<String> needMore(
      Experiment experiment,
      CellResults cells,
      Optional<TrainingResults> training,
      Memo memo,
      Map<String, MergedCell> merged) {
    Set<String> imprecise = cells.imprecise(merged);
    return imprecise.isEmpty()
            || ClaimResult.allDecided(experiment, cells.of(merged), training, memo)
        ? Set.of()
        : imprecise;
  }

  /** A local path without its scheme, which a terminal or browser opens; others as they are. */
  static String shown(Path path) {
    return path.toUri().getScheme().equals("file") ? path.toUri().getPath() : path.toString();
  }
}
