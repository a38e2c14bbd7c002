package dev.promptlimit.jobs;

import dev.promptlimit.jobs.table.LocalFiles;
import dev.promptlimit.jobs.table.RootCause;
import java.io.IOException;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.SparkSession;

/** Spark sessions of commands. */
final class Sessions {
  private Sessions() {}

  /**
   * What a command does with its session.
   *
   * @param <T> what it returns
   */
  @FunctionalInterface
  interface Work<T> {
    T call(SparkSession spark) throws IOException;
  }

  /** Does it in a session of its own. */
  static <T> T call(String name, Work<T> work) throws IOException {
    try (SparkSession spark = SparkSession.builder().config(conf(name)).getOrCreate()) {
      return work.call(spark);
    } catch (Exception e) {
      if (e instanceof SparkThrowable) { // checked or not, and never declared
        throw new IOException("Cannot run Spark: " + RootCause.line(e), e);
      }
      throw e;
    }
  }

  /** What is set for a command of this name, on top of what the user has. */
  static SparkConf conf(String name) {
    SparkConf conf = new SparkConf();
    conf.setIfMissing("spark.master", "local[*]");
    conf.setIfMissing("spark.scheduler.mode", "FAIR"); // batches overlap
    conf.setIfMissing("spark.sql.debug.maxToStringFields", "100"); // else it warns of our tables
    if (conf.get("spark.master").matches("local(\\[.*)?")) {
      LocalFiles.settings().forEach(conf::setIfMissing);
    }
    return conf.setAppName(name);
  }
}
