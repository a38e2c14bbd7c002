package dev.promptlimit.jobs;

import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.jobs.report.ConsoleReport;
import dev.promptlimit.jobs.report.HtmlReport;
import dev.promptlimit.jobs.run.Plan;
import dev.promptlimit.jobs.run.Simulation;
import dev.promptlimit.jobs.table.CellResult;
import dev.promptlimit.jobs.table.CellResults;
import dev.promptlimit.jobs.table.ResultTables;
import dev.promptlimit.jobs.table.RootCause;
import dev.promptlimit.jobs.table.RunDirectory;
import dev.promptlimit.jobs.table.Summary;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.SparkSession;

/** A run from the experiment to the report, in a Spark session of its own. */
final class RunJob {
  /** Set by the launcher where stderr is a terminal. */
  private static final String TERMINAL = "promptlimit.terminal";

  private final Experiment experiment;
  private final String runs;
  private final PrintWriter out;

  /**
   * @param runs where run directories are
   * @param out where results are printed
   */
  RunJob(Experiment experiment, String runs, PrintWriter out) {
    this.experiment = experiment;
    this.runs = runs;
    this.out = out;
  }

  void run() throws IOException {
    try (SparkSession spark = session()) {
      run(spark);
    } catch (Exception e) {
      if (e instanceof SparkThrowable) { // checked or not, and never declared
        throw new IOException("Cannot run Spark: " + RootCause.line(e), e);
      }
      throw e;
    }
  }

  private SparkSession session() {
    SparkConf conf = new SparkConf();
    conf.setIfMissing("spark.master", "local[*]");
    conf.setIfMissing("spark.scheduler.mode", "FAIR"); // batches overlap
    conf.setAppName("promptlimit " + experiment.name());
    return SparkSession.builder().config(conf).getOrCreate();
  }

  private void run(SparkSession spark) throws IOException {
    long start = System.nanoTime();
    RunDirectory directory =
        RunDirectory.open(runs, experiment, spark.sparkContext().hadoopConfiguration());
    Simulation simulation = new Simulation(spark, experiment, directory);
    Optional<PrintStream> terminal =
        Boolean.getBoolean(TERMINAL) ? Optional.of(System.err) : Optional.empty();
    Simulation.Done done = simulation.simulateMissing(terminal);
    Plan.Size simulated = done.size();
    double seconds = (System.nanoTime() - start) / 1e9;

    List<CellResult> results = CellResults.of(experiment, simulation.merge());
    directory.writeExperiment(experiment);
    ResultTables tables = new ResultTables(spark, directory);
    tables.writeCells(results);
    tables.writeClaims(experiment.claims());
    Map<String, Object> timing = new LinkedHashMap<>();
    timing.put("simulatedBlocks", simulated.blocks());
    timing.put("simulatedPrompts", simulated.prompts());
    timing.put("simulatedTokens", simulated.tokens());
    timing.put("simulationSeconds", seconds);
    timing.put("tokensPerSecond", simulated.tokens() / seconds);
    timing.put("kernels", done.kernels());
    timing.put("master", spark.sparkContext().master());
    timing.put("spark", spark.version());
    timing.put("java", System.getProperty("java.version"));
    directory.write("summary.json", Summary.json(experiment, results, Build.properties(), timing));
    directory.write("report/index.html", HtmlReport.page(experiment, results));
    directory.cleanUp();

    ConsoleReport.lines(experiment, results).forEach(out::println);
    out.println(shown(directory.path("report/index.html")));
    out.flush();
  }

  /** A local path without its scheme, which a terminal or browser opens; others as they are. */
  private static String shown(Path path) {
    return path.toUri().getScheme().equals("file") ? path.toUri().getPath() : path.toString();
  }
}
