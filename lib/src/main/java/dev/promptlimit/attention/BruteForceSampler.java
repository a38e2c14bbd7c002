package dev.promptlimit.attention;

import dev.promptlimit.kernel.ColumnMatrix;
import dev.promptlimit.kernel.SoftmaxSums;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.random.NormalStream;
import dev.promptlimit.random.StreamKey;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;

/**
 * Simulates prompts as they are defined: every token with all its d coordinates.
 *
 * <p>Tokens x = m + Rε are handled as x − m: the scores change by a constant, which softmax does
 * not see. With the streamed sums of {@link SoftmaxSums}, δ = Σ w (x − m) − Γa and D = C_w − Γ, the
 * squared deviations are ‖Vδ‖², p ‖δ‖² and ‖V D‖² ‖z‖². One prompt costs O(L d²).
 */
public final class BruteForceSampler implements PromptSampler {
  private final long promptLength;
  private final Covariance covariance;
  private final ColumnMatrix v;
  private final ColumnMatrix gamma;
  private final double[] limit;
  private final TiltedQuery query;
  private final double[][] eps;
  private final double[][] x;
  private final double[] scores = new double[SoftmaxSums.CHUNK];
  private final double[] delta;
  private final double[] output;
  private final SoftmaxSums sums;
  private final Set<Metric> metrics;

  /** A sampler of these metrics in this setting. */
  public BruteForceSampler(Setting setting, Set<Metric> metrics) {
    int d = setting.dimension();
    promptLength = setting.promptLength();
    covariance = setting.tokens().covariance();
    v = ColumnMatrix.of(setting.head().v());
    gamma = ColumnMatrix.of(covariance.matrix());
    limit = new double[d];
    query = new TiltedQuery(setting.queries(), setting.head());
    eps = new double[d][SoftmaxSums.CHUNK];
    x = new double[d][SoftmaxSums.CHUNK];
    delta = new double[d];
    output = new double[v.rows()];
    sums = new SoftmaxSums(d, metrics.contains(Metric.JACOBIAN_U), false);
    this.metrics = Set.copyOf(metrics);
  }

  @Override
  public Set<Metric> metrics() {
    return metrics;
  }

  @Override
  public void simulate(StreamKey block, int n, Map<Metric, double[]> squared) {
    NormalStream tokens = new NormalStream(block.withSubstream(TOKENS));
    NormalStream prompts = new NormalStream(block.withSubstream(PROMPTS));
    for (int i = 0; i < n; i++) {
      query.next(prompts);
      readPrompt(tokens);
      gamma.multiply(query.tilt(), 0, limit, 0);
      for (int j = 0; j < delta.length; j++) {
        delta[j] = sums.mean(j) - limit[j];
      }
      if (metrics.contains(Metric.OUTPUT)) {
        v.multiply(delta, 0, output, 0);
        squared.get(Metric.OUTPUT)[i] = ColumnMatrix.dot(output, 0, output, 0, output.length);
      }
      if (metrics.contains(Metric.JACOBIAN_V)) {
        squared.get(Metric.JACOBIAN_V)[i] =
            v.rows() * ColumnMatrix.dot(delta, 0, delta, 0, delta.length);
      }
      if (metrics.contains(Metric.JACOBIAN_U)) {
        squared.get(Metric.JACOBIAN_U)[i] = squaredNormOfVd() * query.squaredNorm();
      }
    }
  }

  private void readPrompt(NormalStream tokens) {
    double[] a = query.tilt();
    sums.clear();
    for (long read = 0; read < promptLength; read += SoftmaxSums.CHUNK) {
      int n = (int) Math.min(SoftmaxSums.CHUNK, promptLength - read);
      for (double[] coordinate : eps) {
        tokens.fill(coordinate, 0, n);
      }
      covariance.colour(eps, x, n);
      Arrays.fill(scores, 0, n, 0);
      for (int i = 0; i < a.length; i++) {
        ColumnMatrix.axpy(a[i], x[i], 0, scores, 0, n);
      }
      sums.add(scores, x, n);
    }
  }

  private double squaredNormOfVd() {
    double total = 0;
    for (int column = 0; column < delta.length; column++) {
      for (int j = 0; j < delta.length; j++) {
        delta[j] = sums.covariance(j, column) - gamma.get(j, column);
      }
      v.multiply(delta, 0, output, 0);
      total += ColumnMatrix.dot(output, 0, output, 0, output.length);
    }
    return total;
  }
}
