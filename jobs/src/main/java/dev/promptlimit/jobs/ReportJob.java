package dev.promptlimit.jobs;

import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.jobs.config.ExperimentReader;
import dev.promptlimit.jobs.report.HtmlReport;
import dev.promptlimit.jobs.table.Published;
import dev.promptlimit.jobs.table.PublishedTables;
import dev.promptlimit.jobs.table.RunDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;

/**
 * Makes the HTML report of what a run directory has published, from its tables. What it says is not
 * checked against the ledger: {@link VerifyJob} does. Of that it only puts right what an
 * interrupted run left behind, as all do that write into a directory.
 */
final class ReportJob {
  private final String path;
  private final PrintWriter out;

  ReportJob(String path, PrintWriter out) {
    this.path = path;
    this.out = out;
  }

  void run() throws IOException {
    String report = Sessions.call("promptlimit report", this::run);
    out.println(report);
    out.flush();
  }

  /** Returns where the report is. */
  private String run(SparkSession spark) throws IOException {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    String text = RunDirectory.existing(path, hadoop).experimentText();
    Experiment experiment = ExperimentReader.parse(text, path + "/experiment.conf");
    try (RunDirectory directory = RunDirectory.existingToWrite(path, experiment, hadoop)) {
      Published published = new PublishedTables(spark, directory).read(experiment);
      directory.write(HtmlReport.FILE, HtmlReport.page(published));
      directory.cleanUp();
      return RunJob.shown(directory.path(HtmlReport.FILE));
    }
  }
}
