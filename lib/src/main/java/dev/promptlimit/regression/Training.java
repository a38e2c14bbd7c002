package dev.promptlimit.regression;

import dev.promptlimit.stat.Moments;
import java.io.Serializable;
import java.util.Arrays;

/**
 * One training run: stochastic optimisation of a head on fresh prompts.
 *
 * <p>Step t draws a batch, takes the mean of its losses and the gradient of that mean, and lets the
 * optimiser move θ. Every checkpoint begins a new block of the random streams, so that a run that
 * is continued from any checkpoint makes the same steps, bit for bit, as one that was never
 * stopped.
 *
 * <p>A run diverges at the step whose mean loss is not finite or exceeds {@value #DIVERGED} times
 * the loss of predicting 0 ({@link #nullLoss}), or whose new weights are not within ±{@value
 * #LARGEST}, so that there is a head to them. It stays where it was before that step.
 *
 * @param family tasks, inputs, queries
 * @param law of the inputs' coordinates
 * @param activation of the head
 * @param promptLength tokens per prompt L ≥ 1
 * @param bruteForce whether all coordinates of all tokens are drawn
 * @param parametrisation what θ is
 * @param optimiser how θ moves
 * @param lossFactor what the loss ½(prediction − y_q)² is multiplied by: 2 for squared errors
 * @param batch prompts per step ≥ 1
 * @param steps steps of the run ≥ 1
 * @param checkpointEvery steps from one checkpoint to the next ≥ 1; the last may be shorter
 */
public record Training(
    TaskFamily family,
    InputLaw law,
    Activation activation,
    long promptLength,
    boolean bruteForce,
    Parametrisation parametrisation,
    Optimiser optimiser,
    double lossFactor,
    int batch,
    long steps,
    long checkpointEvery)
    implements Serializable {
  private static final double DIVERGED = 1e6;
  private static final double LARGEST = 1e100;

  /**
   * @throws IllegalArgumentException if a number is below 1 or the loss factor is not above 0
   */
  public Training {
    require("the prompt length", promptLength);
    require("the batch", batch);
    require("the number of steps", steps);
    require("the number of steps between checkpoints", checkpointEvery);
    if (!(lossFactor > 0 && lossFactor < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "Cannot train: the loss factor is " + lossFactor + ", allowed: finite and > 0");
    }
    if ((steps - 1) / checkpointEvery + 1 > Integer.MAX_VALUE - 1) {
      throw new IllegalArgumentException(
          "Cannot train: there are more checkpoints than 2^31 - 2, allowed: fewer");
    }
  }

  private static void require(String what, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          "Cannot train: " + what + " is " + value + ", allowed: 1 or more");
    }
  }

  /** Number of the last checkpoint; the start is number 0. */
  public int lastCheckpoint() {
    return (int) ((steps - 1) / checkpointEvery + 1);
  }

  /** Steps made at a checkpoint. */
  public long stepsAt(int checkpoint) {
    return Math.min(steps, checkpoint * checkpointEvery);
  }

  /** The start. */
  public TrainingState start(double[] theta) {
    int size = parametrisation.size(family.dimension() + 1);
    if (theta.length != size) {
      throw new IllegalArgumentException(
          "Cannot train: theta has " + theta.length + " entries, allowed: " + size);
    }
    return new TrainingState(0, 0, theta, new double[optimiser.memory(size)], Moments.EMPTY, 0);
  }

  /** Half of E y_q²: the loss of predicting 0. */
  public double nullLoss() {
    return 0.5
        * (family.taskVariance() * family.queryCovariance().matrix().getTrace()
            + family.noiseVariance());
  }

  /** Makes the steps of this run from one checkpoint to the next, again and again. */
  public Trainer trainer() {
    return new Trainer(this);
  }

  /** Whether a batch with that mean of ½(prediction − y_q)² and these new weights has diverged. */
  boolean diverged(double meanLoss, double[] theta) {
    // without any variance all labels are 0, and there is no scale to leave; NaN compares false
    double most = nullLoss() > 0 ? DIVERGED * nullLoss() : Double.MAX_VALUE;
    return !(meanLoss <= most)
        || !Arrays.stream(theta).allMatch(weight -> Math.abs(weight) <= LARGEST);
  }
}
