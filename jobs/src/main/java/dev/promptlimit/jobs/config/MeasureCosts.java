package dev.promptlimit.jobs.config;

import dev.promptlimit.measure.GaussianMixture;
import dev.promptlimit.measure.Laplace;
import dev.promptlimit.measure.Rademacher;
import dev.promptlimit.measure.StudentT;
import dev.promptlimit.measure.TokenMeasure;
import dev.promptlimit.measure.UniformCube;
import dev.promptlimit.measure.UniformSphere;
import dev.promptlimit.measure.Vocabulary;

/**
 * Nominal costs of token measures in nanoseconds, of the same kind as those of {@link Blocks} and
 * fixed for good like them. They hold where there is a limit: prompts without one cost next to
 * nothing.
 *
 * <pre>
 *                     a token of k coordinates      the limit at a tilt        with jacobian-u
 *   gaussian          7/8 k                         nothing
 *   rademacher, cube  1/2 k                         300 k                      500 k
 *   sphere            9/8 k                         1000 + 10 k                + 2 k²
 *   laplace           7/2 k                         60 k                       100 k
 *   student-t         15 k                          60 k                       100 k
 *   mixture of n      5/4 k + n/8                   n (100 + 15 k)             n (200 + 30 k + 8 k²)
 *     dense           5/4 k + n/8 + k²/8            n (100 + 15 k + 4 k²)      n (200 + 30 k + 12 k²)
 *   vocabulary of n   5 + 2 k                       n (40 + 9 k)               n (65 + 15 k + k²/8)
 * </pre>
 *
 * @param token drawing and summing a token, second moments not counted
 * @param limit m(a), and C(a) for jacobian-u
 */
record MeasureCosts(double token, double limit) {
  /** The costs of k coordinates of a measure's tokens. */
  static MeasureCosts of(TokenMeasure tokens, double k, boolean second) {
    if (tokens instanceof Rademacher || tokens instanceof UniformCube) {
      return new MeasureCosts(0.5 * k, (second ? 500 : 300) * k);
    }
    if (tokens instanceof UniformSphere) {
      return new MeasureCosts(1.125 * k, 1000 + 10 * k + (second ? 2 * k * k : 0));
    }
    if (tokens instanceof Laplace) {
      return new MeasureCosts(3.5 * k, (second ? 100 : 60) * k);
    }
    if (tokens instanceof StudentT) {
      return new MeasureCosts(15 * k, (second ? 100 : 60) * k);
    }
    if (tokens instanceof GaussianMixture mixture) {
      double n = mixture.size();
      boolean dense = !mixture.isDiagonal();
      double each = second ? 200 + 30 * k + 8 * k * k : 100 + 15 * k;
      return new MeasureCosts(
          1.25 * k + 0.125 * n + (dense ? 0.125 * k * k : 0), n * (each + (dense ? 4 * k * k : 0)));
    }
    if (tokens instanceof Vocabulary vocabulary) {
      double n = vocabulary.size();
      return new MeasureCosts(5 + 2 * k, n * (second ? 65 + 15 * k + 0.125 * k * k : 40 + 9 * k));
    }
    return new MeasureCosts(0.875 * k, 0);
  }
}
