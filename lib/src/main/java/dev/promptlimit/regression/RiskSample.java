package dev.promptlimit.regression;

import dev.promptlimit.random.NormalStream;
import dev.promptlimit.random.StreamKey;
import java.util.Arrays;

/** A seeded sample of n tasks w ~ N(0, τ²I_d), each with a query x_q ~ N(0, Σ_q) of its own. */
public final class RiskSample {
  private static final long QUERIES = 1;

  private final int dimension;
  private final double[] tasks; // task k from k·d on
  private final double[] queries;

  private RiskSample(int dimension, double[] tasks, double[] queries) {
    this.dimension = dimension;
    this.tasks = tasks;
    this.queries = queries;
  }

  /**
   * The sample of that name, a function of these arguments alone.
   *
   * @param n number of tasks, ≥ 2
   * @param key substreams 0 (tasks) and 1 (queries) of this block are used
   */
  public static RiskSample of(TaskFamily family, int n, StreamKey key) {
    if (n < 2) {
      throw new IllegalArgumentException(
          "Cannot draw a risk sample: the number of tasks is " + n + ", allowed: 2 or more");
    }
    int d = family.dimension();
    double[] tasks = new double[Math.multiplyExact(n, d)];
    new NormalStream(key.withSubstream(0)).fill(tasks, 0, tasks.length);
    double deviation = Math.sqrt(family.taskVariance());
    for (int i = 0; i < tasks.length; i++) {
      tasks[i] *= deviation;
    }
    double[] normals = new double[tasks.length];
    new NormalStream(key.withSubstream(QUERIES)).fill(normals, 0, normals.length);
    double[] queries = new double[normals.length];
    for (int k = 0; k < n; k++) {
      family.queryCovariance().multiplyRoot(normals, k * d, queries, k * d);
    }
    return new RiskSample(d, tasks, queries);
  }

  /** The number n of tasks. */
  public int size() {
    return tasks.length / dimension;
  }

  /** The dimension d of tasks and queries. */
  public int dimension() {
    return dimension;
  }

  /** Task k, 0 ≤ k &lt; n. */
  public double[] task(int k) {
    return Arrays.copyOfRange(tasks, k * dimension, (k + 1) * dimension);
  }

  /** Query k. */
  public double[] query(int k) {
    return Arrays.copyOfRange(queries, k * dimension, (k + 1) * dimension);
  }
}
