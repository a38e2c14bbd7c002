package dev.promptlimit.jobs.config;

import dev.promptlimit.regression.Activation;
import dev.promptlimit.regression.Trainer;
import dev.promptlimit.regression.Training;
import dev.promptlimit.regression.TrainingState;

/**
 * One of the runs of stochastic training.
 *
 * @param key hash of its content: task, activation, prompt length, how prompts are simulated, what
 *     is trained, start, optimiser, loss, batch, distance of checkpoints, replicate; not the number
 *     of steps, so that a run can be made longer
 * @param replicate number of the run among those that differ in their random numbers only
 * @param training what is done
 * @param start weights before the first step
 */
public record TrainingRun(String key, int replicate, Training training, StartWeights start) {
  /** Nominal core seconds of a step from which on its blocks are tasks of their own. */
  public static final double LARGE_STEP_SECONDS = 0.5;

  /** Nominal cost of a prompt in nanoseconds on one core, within a factor of two. */
  private static final double ONCE = 200;

  /** The activation of the head. */
  public Activation activation() {
    return training.activation();
  }

  /** Its name for people. */
  public String label() {
    return activation().id() + " L=" + promptLength() + " replicate " + replicate;
  }

  /** Prompt length L. */
  public long promptLength() {
    return training.promptLength();
  }

  /** The state at the start. */
  public TrainingState begin(long seed) {
    return training.start(start.weights(seed, this));
  }

  /**
   * Tokens that are drawn from one checkpoint to the next; none where linear attention needs none.
   */
  public long tokensPerCheckpoint() {
    return (long) (tokensPerStep() * training.checkpointEvery());
  }

  /** Tokens that are drawn from the first step to the last. */
  public double tokens() {
    return tokensPerStep() * training.steps();
  }

  /** Whether batches are cut into blocks and a step takes so many nominal core seconds. */
  public boolean isLarge(double seconds) {
    return Trainer.blocks(training) > 1 && nanosPerStep() >= seconds * 1e9;
  }

  private double tokensPerStep() {
    boolean none = activation() == Activation.LINEAR && !training.bruteForce();
    return none ? 0 : (double) training.batch() * promptLength();
  }

  /** Nominal cost from one checkpoint to the next, in core nanoseconds. */
  public double nanosPerCheckpoint() {
    return nanosPerStep() * training.checkpointEvery();
  }

  /** Nominal cost of a step in core nanoseconds. */
  public double nanosPerStep() {
    double dimension = training.family().dimension() + 1;
    double token = training.bruteForce() ? 0.5 + 0.875 * dimension + dimension * dimension / 32 : 2;
    return training.batch() * (ONCE + 2 * dimension * dimension) + tokensPerStep() * token;
  }
}
