package dev.promptlimit.regression;

import dev.promptlimit.stat.Moments;
import java.io.Serializable;
import java.util.Arrays;
import java.util.OptionalLong;

/**
 * Where a training run is at a checkpoint: all that it goes on from, and what its loss was since
 * the checkpoint before.
 */
public final class TrainingState implements Serializable {
  private static final long serialVersionUID = 1;

  private final int checkpoint;
  private final long step;
  private final double[] theta;
  private final double[] memory;
  private final Moments losses;
  private final long divergedAt; // 0 if it has not

  /**
   * @param checkpoint number of the checkpoint, 0 at the start
   * @param step steps made
   * @param theta weights θ
   * @param memory what the optimiser remembers
   * @param losses of the mean losses of the batches since the checkpoint before
   * @param divergedAt the step whose loss or weights were no longer finite or absurdly large; 0 if
   *     there is none
   */
  public TrainingState(
      int checkpoint, long step, double[] theta, double[] memory, Moments losses, long divergedAt) {
    this.checkpoint = checkpoint;
    this.step = step;
    this.theta = theta.clone();
    this.memory = memory.clone();
    this.losses = losses;
    this.divergedAt = divergedAt;
  }

  /** Number of the checkpoint. */
  public int checkpoint() {
    return checkpoint;
  }

  /** Steps made. */
  public long step() {
    return step;
  }

  /** Weights θ. */
  public double[] theta() {
    return theta.clone();
  }

  /** What the optimiser remembers. */
  public double[] memory() {
    return memory.clone();
  }

  /** Moments of the mean losses of the batches since the checkpoint before. */
  public Moments losses() {
    return losses;
  }

  /** The step at which the run diverged; it goes no further. */
  public OptionalLong divergedAt() {
    return divergedAt == 0 ? OptionalLong.empty() : OptionalLong.of(divergedAt);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TrainingState that
        && checkpoint == that.checkpoint
        && step == that.step
        && Arrays.equals(theta, that.theta)
        && Arrays.equals(memory, that.memory)
        && losses.equals(that.losses)
        && divergedAt == that.divergedAt;
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(theta) + Long.hashCode(step);
  }

  @Override
  public String toString() {
    return "checkpoint " + checkpoint + ", step " + step + ", losses " + losses.mean();
  }
}
