package dev.promptlimit.attention;

import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.random.NormalStream;
import dev.promptlimit.random.StreamKey;

/** Draws the queries of the prompts of a block. Keeps state; for one thread. */
public interface QueryDraw {
  /** Begins a block; its substream {@link PromptSampler#QUERIES} is there to be used. */
  void begin(StreamKey block);

  /**
   * Draws the next query.
   *
   * @param normals the stream of what is drawn once a prompt
   * @param z receives d numbers
   */
  void next(NormalStream normals, double[] z);

  /** All queries of a Gaussian measure: z = m + Rε, d normals each. */
  static QueryDraw of(Gaussian queries) {
    double[] mean = queries.mean();
    double[] eps = new double[mean.length];
    return new QueryDraw() {
      @Override
      public void begin(StreamKey block) {}

      @Override
      public void next(NormalStream normals, double[] z) {
        normals.fill(eps, 0, eps.length);
        queries.covariance().multiplyRoot(eps, 0, z, 0);
        for (int i = 0; i < z.length; i++) {
          z[i] += mean[i];
        }
      }
    };
  }
}
