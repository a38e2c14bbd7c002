package dev.promptlimit.regression;

import dev.promptlimit.random.StreamKey;
import dev.promptlimit.stat.Moments;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Makes the steps of a training run. Mutable; one a thread.
 *
 * <p>A batch of more than {@value #BLOCK} prompts is cut into blocks of so many, each with streams
 * of its own, whose sums are added in the order of the blocks: whoever computes them, and where,
 * the bits are the same.
 */
public final class Trainer {
  /** Prompts in a block of a large batch. */
  public static final int BLOCK = 8192;

  private final Training training;
  private final BatchGradient gradient;
  private final double[] u;
  private final double[] v;
  private final double[] byU;
  private final double[] byV;

  Trainer(Training training) {
    this.training = training;
    gradient =
        new BatchGradient(
            training.family(),
            training.law(),
            training.activation(),
            training.promptLength(),
            training.bruteForce());
    int dimension = training.family().dimension() + 1;
    u = new double[dimension * dimension];
    v = new double[dimension];
    byU = new double[u.length];
    byV = new double[dimension];
  }

  /** Computes the sums of all blocks of a large batch. */
  @FunctionalInterface
  public interface Blocks {
    /**
     * The sums of blocks 0, 1, 2, …, each as {@link Trainer#block} gives it.
     *
     * @param theta weights θ
     * @param step number of the step, from 1
     */
    Iterable<double[]> sums(double[] theta, long step);
  }

  /** How many blocks a batch has; one where it is none that is cut. */
  public static int blocks(Training training) {
    return (training.batch() - 1) / BLOCK + 1;
  }

  /**
   * The loss of a block of a large batch and its derivatives in U, row-major, and v, each summed
   * over the prompts of the block.
   */
  public double[] block(double[] theta, long seed, String run, long step, int block) {
    Arrays.fill(byU, 0);
    Arrays.fill(byV, 0);
    training.parametrisation().head(theta, u, v);
    gradient.begin(StreamKey.ofBlock(seed, run + " step " + step, block));
    int prompts = Math.min(BLOCK, training.batch() - block * BLOCK);
    double[] sums = new double[1 + byU.length + byV.length];
    sums[0] = gradient.add(u, v, prompts, byU, byV);
    System.arraycopy(byU, 0, sums, 1, byU.length);
    System.arraycopy(byV, 0, sums, 1 + byU.length, byV.length);
    return sums;
  }

  /** {@link #next(TrainingState, long, String, Blocks)} with all work done here. */
  public TrainingState next(TrainingState from, long seed, String run) {
    int blocks = blocks(training);
    return next(
        from,
        seed,
        run,
        (theta, step) ->
            () ->
                IntStream.range(0, blocks)
                    .mapToObj(block -> block(theta, seed, run, step, block))
                    .iterator());
  }

  /**
   * Goes from a checkpoint, not the last, to the next: a function of its arguments.
   *
   * @param seed the experiment's seed
   * @param run name of the run's streams; block k leads to checkpoint k + 1
   * @param large computes the sums of blocks where a batch is cut into some
   */
  public TrainingState next(TrainingState from, long seed, String run, Blocks large) {
    long until = training.stepsAt(from.checkpoint() + 1);
    double[] theta = from.theta();
    double[] memory = from.memory();
    if (from.divergedAt().isPresent()) {
      return new TrainingState(
          from.checkpoint() + 1,
          until,
          theta,
          memory,
          Moments.EMPTY,
          from.divergedAt().getAsLong());
    }
    double[] derivative = new double[theta.length];
    double[] losses = new double[(int) (until - from.step())];
    int count = 0;
    long divergedAt = 0;
    gradient.begin(StreamKey.ofBlock(seed, run, from.checkpoint()));
    for (long step = from.step() + 1; step <= until && divergedAt == 0; step++) {
      double loss =
          (blocks(training) == 1 ? small(theta) : fold(large.sums(theta, step))) / training.batch();
      double[] before = theta.clone();
      move(theta, memory, derivative, step);
      if (training.diverged(loss, theta)) {
        divergedAt = step;
        theta = before; // the last weights that were any
      } else {
        losses[count++] = loss;
      }
    }
    return new TrainingState(
        from.checkpoint() + 1, until, theta, memory, Moments.of(losses, count), divergedAt);
  }

  /** The sum of the losses of a batch that is not cut; its derivatives are in byU and byV. */
  private double small(double[] theta) {
    Arrays.fill(byU, 0);
    Arrays.fill(byV, 0);
    training.parametrisation().head(theta, u, v);
    return gradient.add(u, v, training.batch(), byU, byV);
  }

  /** The same of one that is. */
  private double fold(Iterable<double[]> blocks) {
    double[] total = new double[1 + byU.length + byV.length];
    for (double[] sums : blocks) {
      for (int i = 0; i < total.length; i++) {
        total[i] += sums[i];
      }
    }
    System.arraycopy(total, 1, byU, 0, byU.length);
    System.arraycopy(total, 1 + byU.length, byV, 0, byV.length);
    return total[0];
  }

  private void move(double[] theta, double[] memory, double[] derivative, long step) {
    double factor = training.lossFactor() / training.batch();
    for (int i = 0; i < byU.length; i++) {
      byU[i] *= factor;
    }
    for (int i = 0; i < byV.length; i++) {
      byV[i] *= factor;
    }
    training.parametrisation().gradient(theta, byU, byV, derivative);
    training.optimiser().step(theta, memory, derivative, step);
  }
}
