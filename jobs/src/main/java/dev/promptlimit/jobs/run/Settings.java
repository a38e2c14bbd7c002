package dev.promptlimit.jobs.run;

import dev.promptlimit.jobs.config.BadInputException;
import org.apache.spark.sql.SparkSession;

/** Spark settings of this program: how work is cut, which has no influence on results. */
final class Settings {
  private Settings() {}

  /**
   * A number above 0.
   *
   * @throws BadInputException if it is set to anything else
   */
  static double positive(SparkSession spark, String name, double fallback) {
    String text = spark.sparkContext().getConf().get(name, Double.toString(fallback));
    double number;
    try {
      number = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      number = Double.NaN;
    }
    if (!(number > 0)) { // batches and segments of 0 would never end
      throw new BadInputException("Cannot use " + name + " = " + text + ": allowed: numbers > 0");
    }
    return number;
  }
}
