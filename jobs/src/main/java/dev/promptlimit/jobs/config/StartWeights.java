package dev.promptlimit.jobs.config;

import dev.promptlimit.attention.Head;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.regression.Parametrisation;
import java.util.Optional;

/**
 * Weights of a run before its first step: a fixed head, or uniform ones on ±1/√(number of columns).
 *
 * @param head the head, for merged weights; empty if weights are drawn
 * @param shared whether drawn weights depend on the replicate only, so that softmax and linear
 *     attention and all prompt lengths start alike
 */
public record StartWeights(Optional<Head> head, boolean shared) {
  private static final String STREAM = "initial weights";

  /** The weights θ of a run. */
  double[] weights(long seed, TrainingRun run) {
    int dimension = run.training().family().dimension() + 1;
    Parametrisation parametrisation = run.training().parametrisation();
    if (head.isPresent()) {
      double[] theta = new double[parametrisation.size(dimension)];
      for (int i = 0; i < dimension; i++) {
        for (int j = 0; j < dimension; j++) {
          theta[i * dimension + j] = head.get().u().getEntry(i, j);
        }
        theta[dimension * dimension + i] = head.get().v().getEntry(0, i);
      }
      return theta;
    }
    StreamKey key =
        shared
            ? StreamKey.ofBlock(seed, STREAM, run.replicate())
            : StreamKey.ofBlock(seed, STREAM + " of " + run.key(), 0);
    return parametrisation.uniform(dimension, key);
  }
}
