package dev.promptlimit.jobs.run;

import dev.promptlimit.regression.Trainer;
import dev.promptlimit.regression.Training;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;

/** What a task of a large batch does: gives the sums of its blocks, in their order. */
final class SumBlocks implements FlatMapFunction<Iterator<Integer>, double[]> {
  private static final long serialVersionUID = 1;

  private final long seed;
  private final String key;
  private final Broadcast<Training> training;
  private final double[] theta;
  private final long step;

  SumBlocks(long seed, String key, Broadcast<Training> training, double[] theta, long step) {
    this.seed = seed;
    this.key = key;
    this.training = training;
    this.theta = theta.clone();
    this.step = step;
  }

  @Override
  public Iterator<double[]> call(Iterator<Integer> blocks) {
    KernelLog.say();
    Trainer trainer = training.value().trainer();
    List<double[]> sums = new ArrayList<>();
    while (blocks.hasNext()) {
      sums.add(trainer.block(theta, seed, key, step, blocks.next()));
    }
    return sums.iterator();
  }
}
