package dev.promptlimit.jobs;

import dev.promptlimit.claim.Memo;
import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.jobs.config.ExperimentReader;
import dev.promptlimit.jobs.report.ConsoleReport;
import dev.promptlimit.jobs.report.HtmlReport;
import dev.promptlimit.jobs.run.Flows;
import dev.promptlimit.jobs.run.Plan;
import dev.promptlimit.jobs.run.Simulation;
import dev.promptlimit.jobs.run.Trainings;
import dev.promptlimit.jobs.table.CellResults;
import dev.promptlimit.jobs.table.ClaimResult;
import dev.promptlimit.jobs.table.MergedCell;
import dev.promptlimit.jobs.table.ResultTables;
import dev.promptlimit.jobs.table.Results;
import dev.promptlimit.jobs.table.RunDirectory;
import dev.promptlimit.jobs.table.Summary;
import dev.promptlimit.jobs.table.TrainingResults;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/** A run from the experiment to the report, in a Spark session of its own. */
final class RunJob {
  /** Set by the launcher where stderr is a terminal. */
  private static final String TERMINAL = "promptlimit.terminal";

  private final Experiment untrained;
  private final String runs;
  private final PrintWriter out;

  /**
   * @param runs where run directories are
   * @param out where results are printed
   */
  RunJob(Experiment experiment, String runs, PrintWriter out) {
    untrained = experiment;
    this.runs = runs;
    this.out = out;
  }

  /** Returns the verdicts. */
  List<ClaimResult> run() throws IOException {
    return Sessions.call("promptlimit " + untrained.name(), this::run);
  }

  private List<ClaimResult> run(SparkSession spark) throws IOException {
    long start = System.nanoTime();
    RunDirectory directory =
        RunDirectory.open(runs, untrained, spark.sparkContext().hadoopConfiguration());
    Optional<PrintStream> terminal =
        Boolean.getBoolean(TERMINAL) ? Optional.of(System.err) : Optional.empty();
    Set<String> kernels = new TreeSet<>();
    Optional<TrainingResults> training = train(spark, directory, terminal, kernels);
    double trained = (System.nanoTime() - start) / 1e9;
    Experiment experiment =
        training.map(known -> ExperimentReader.again(untrained, known.heads())).orElse(untrained);
    Simulation simulation = new Simulation(spark, experiment, directory);
    CellResults cells = new CellResults(experiment);
    Memo memo = new Memo();
    Simulation.Done done =
        experiment.budget().isAdaptive()
            ? simulation.simulateRounds(
                terminal, merged -> needMore(experiment, cells, training, memo, merged))
            : simulation.simulateMissing(terminal);
    Plan.Size simulated = done.size();
    kernels.addAll(done.kernels());
    double seconds = (System.nanoTime() - start) / 1e9 - trained;

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
    timing.put("tokensPerSecond", simulated.tokens() / seconds);
    timing.put("kernels", kernels);
    timing.put("master", spark.sparkContext().master());
    timing.put("spark", spark.version());
    timing.put("java", System.getProperty("java.version"));
    directory.write("summary.json", Summary.json(results, Build.properties(), timing));
    directory.write("report/index.html", HtmlReport.page(results));
    directory.cleanUp();

    ConsoleReport.lines(results).forEach(out::println);
    out.println(shown(directory.path("report/index.html")));
    out.flush();
    return results.verdicts();
  }

  private Optional<TrainingResults> train(
      SparkSession spark,
      RunDirectory directory,
      Optional<PrintStream> terminal,
      Set<String> kernels)
      throws IOException {
    if (untrained.training().isEmpty()) {
      return Optional.empty();
    }
    Trainings trainings = new Trainings(spark, untrained, directory);
    kernels.addAll(trainings.train(terminal));
    Flows flows = new Flows(spark, untrained, directory);
    flows.follow();
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
  private static String shown(Path path) {
    return path.toUri().getScheme().equals("file") ? path.toUri().getPath() : path.toString();
  }
}
