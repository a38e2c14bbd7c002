package dev.promptlimit.jobs;

import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.jobs.report.ConsoleReport;
import dev.promptlimit.jobs.report.HtmlReport;
import dev.promptlimit.jobs.run.Plan;
import dev.promptlimit.jobs.run.Simulation;
import dev.promptlimit.jobs.table.CellResult;
import dev.promptlimit.jobs.table.CellResults;
import dev.promptlimit.jobs.table.ResultTables;
import dev.promptlimit.jobs.table.RunDirectory;
import dev.promptlimit.jobs.table.Summary;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Simulates what the ledger lacks, merges, reports. */
@Command(
    name = "run",
    description = "Simulates what the run directory lacks, merges and reports.",
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  /** Set by the launcher where stderr is a terminal. */
  private static final String TERMINAL = "promptlimit.terminal";

  @Spec private CommandSpec spec;
  @Mixin private ExperimentOptions options;

  @Option(
      names = "--runs",
      paramLabel = "DIR",
      description = "Where run directories are, a path or Hadoop URI; default: ${DEFAULT-VALUE}.")
  private String runs = "runs";

  @Override
  public Integer call() throws IOException {
    Experiment experiment = options.read();
    try (SparkSession spark = session(experiment)) {
      run(experiment, spark);
    }
    return 0;
  }

  private static SparkSession session(Experiment experiment) {
    SparkConf conf = new SparkConf();
    conf.setIfMissing("spark.master", "local[*]");
    conf.setAppName("promptlimit " + experiment.name());
    return SparkSession.builder().config(conf).getOrCreate();
  }

  /** A local path without its scheme, which a terminal or browser opens; others as they are. */
  private static String shown(Path path) {
    return path.toUri().getScheme().equals("file") ? path.toUri().getPath() : path.toString();
  }

  private void run(Experiment experiment, SparkSession spark) throws IOException {
    long start = System.nanoTime();
    RunDirectory directory =
        RunDirectory.open(runs, experiment, spark.sparkContext().hadoopConfiguration());
    Simulation simulation = new Simulation(spark, experiment, directory);
    Optional<PrintStream> terminal =
        Boolean.getBoolean(TERMINAL) ? Optional.of(System.err) : Optional.empty();
    Plan.Size simulated = simulation.simulateMissing(terminal);
    double seconds = (System.nanoTime() - start) / 1e9;

    List<CellResult> results = CellResults.of(experiment, simulation.merge());
    ResultTables tables = new ResultTables(spark, directory);
    tables.writeCells(results);
    tables.writeClaims(experiment.claims());
    Map<String, Object> timing = new LinkedHashMap<>();
    timing.put("simulatedBlocks", simulated.blocks());
    timing.put("simulatedPrompts", simulated.prompts());
    timing.put("simulatedTokens", simulated.tokens());
    timing.put("simulationSeconds", seconds);
    timing.put("tokensPerSecond", simulated.tokens() / seconds);
    timing.put("master", spark.sparkContext().master());
    timing.put("spark", spark.version());
    timing.put("java", System.getProperty("java.version"));
    directory.write("summary.json", Summary.json(experiment, results, Build.properties(), timing));
    directory.write("report/index.html", HtmlReport.page(experiment, results));
    directory.cleanUp();

    PrintWriter out = spec.commandLine().getOut();
    ConsoleReport.lines(experiment, results).forEach(out::println);
    out.println(shown(directory.path("report/index.html")));
    out.flush();
  }
}
