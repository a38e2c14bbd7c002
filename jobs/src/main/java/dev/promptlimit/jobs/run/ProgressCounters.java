package dev.promptlimit.jobs.run;

import dev.promptlimit.jobs.config.Blocks;
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

  private final LongAccumulator blocks;
  private final LongAccumulator tokens;
  private final DoubleAccumulator nanos;
  private final UsedKernels kernels = new UsedKernels();

  ProgressCounters(SparkContext spark) {
    blocks = spark.longAccumulator("blocks");
    tokens = spark.longAccumulator("tokens");
    nanos = spark.doubleAccumulator("nominal nanoseconds");
    spark.register(kernels, "kernels");
  }

  void add(Blocks block, long promptLength) {
    blocks.add(1);
    tokens.add(block.promptsPerBlock() * promptLength);
    nanos.add(block.nanosPerBlock());
  }

  /** Says which kernels a task uses. */
  void uses(String description) {
    kernels.add(description);
  }

  /** Kernels that tasks have used. */
  Set<String> kernels() {
    return kernels.value();
  }

  long blocks() {
    return blocks.value();
  }

  long tokens() {
    return tokens.value();
  }

  /** Nominal cost of the blocks done. */
  double nanos() {
    return nanos.value();
  }
}
