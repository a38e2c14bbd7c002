package dev.promptlimit.jobs.run;

import java.io.Serializable;
import java.util.Set;
import org.apache.spark.SparkContext;
import org.apache.spark.util.DoubleAccumulator;
import org.apache.spark.util.LongAccumulator;

/**
 * What tasks have done, as far as Spark has heard of it. For people only: a retried task counts
 * twice.
 */
final class ProgressCounters implements Serializable {
  private static final long serialVersionUID = 1;

  private final LongAccumulator items;
  private final LongAccumulator tokens;
  private final LongAccumulator inadmissible;
  private final DoubleAccumulator nanos;
  private final DoubleAccumulator seconds;
  private final UsedKernels kernels = new UsedKernels();

  ProgressCounters(SparkContext spark) {
    items = spark.longAccumulator("items");
    tokens = spark.longAccumulator("tokens");
    inadmissible = spark.longAccumulator("inadmissible prompts");
    nanos = spark.doubleAccumulator("nominal nanoseconds");
    seconds = spark.doubleAccumulator("seconds");
    spark.register(kernels, "kernels");
    RunMetrics.of(spark).show(this);
  }

  /** One more is done, a block of prompts or a checkpoint. */
  void add(long itsTokens, double itsNanos) {
    items.add(1);
    tokens.add(itsTokens);
    nanos.add(itsNanos);
  }

  /** A task has taken so long for blocks of its own, without what Spark takes. */
  void addSeconds(double itsSeconds) {
    seconds.add(itsSeconds);
  }

  /** So many deviations were no finite number. */
  void addInadmissible(long count) {
    inadmissible.add(count);
  }

  /** Says which kernels a task uses. */
  void uses(String description) {
    kernels.add(description);
  }

  /** Kernels that tasks have used. */
  Set<String> kernels() {
    return kernels.value();
  }

  long items() {
    return items.value();
  }

  long tokens() {
    return tokens.value();
  }

  long inadmissible() {
    return inadmissible.value();
  }

  /** What tasks have taken for their blocks, summed over cores. */
  double seconds() {
    return seconds.value();
  }

  /** Nominal cost of what is done. */
  double nanos() {
    return nanos.value();
  }
}
