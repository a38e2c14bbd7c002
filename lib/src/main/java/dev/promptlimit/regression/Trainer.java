package dev.promptlimit.regression;

import dev.promptlimit.random.StreamKey;
import dev.promptlimit.stat.Moments;
import java.util.Arrays;

/** Makes the steps of a training run. Mutable; one a thread. */
public final class Trainer {
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

  /**
   * Goes from a checkpoint, not the last, to the next: a function of its arguments.
   *
   * @param seed the experiment's seed
   * @param run name of the run's streams; block k leads to checkpoint k + 1
   */
  public TrainingState next(TrainingState from, long seed, String run) {
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
      Arrays.fill(byU, 0);
      Arrays.fill(byV, 0);
      training.parametrisation().head(theta, u, v);
      double loss = gradient.add(u, v, training.batch(), byU, byV) / training.batch();
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
