package dev.promptlimit.jobs.run;

import dev.promptlimit.jobs.config.Blocks;
import java.io.Serializable;
import org.apache.spark.SparkContext;
import org.apache.spark.util.DoubleAccumulator;
import org.apache.spark.util.LongAccumulator;

/**
 * What tasks have done, as far as Spark has heard of it. For the progress line only: a retried task
 * counts twice.
 */
final class ProgressCounters implements Serializable {
  private static final long serialVersionUID = 1;

  private final LongAccumulator blocks;
  private final LongAccumulator tokens;
  private final DoubleAccumulator nanos;

  ProgressCounters(SparkContext spark) {
    blocks = spark.longAccumulator("blocks");
    tokens = spark.longAccumulator("tokens");
    nanos = spark.doubleAccumulator("nominal nanoseconds");
  }

  void add(Blocks block, long promptLength) {
    blocks.add(1);
    tokens.add(block.promptsPerBlock() * promptLength);
    nanos.add(block.nanosPerBlock());
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
