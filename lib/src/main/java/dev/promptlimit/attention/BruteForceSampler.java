package dev.promptlimit.attention;

import dev.promptlimit.kernel.ColumnMatrix;
import dev.promptlimit.kernel.SoftmaxSums;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.TokenSampler;
import dev.promptlimit.random.NormalStream;
import dev.promptlimit.random.StreamKey;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;

/**
 * Simulates prompts as they are defined: every token with all its d coordinates.
 *
 * <p>Tokens x = m + Rε are kept as ε: the score ⟨a, x⟩ is ⟨Ra, ε⟩ plus a constant that softmax does
 * not see, m_w − m = R ε_w and C_w = R Cov_w(ε) R. With δ = R ε_w − Γa and D = R Cov_w(ε) R − Γ the
 * squared deviations are ‖Vδ‖², p ‖δ‖² and ‖VD‖² ‖z‖². One prompt costs O(L d), with second moments
 * O(L d²) and O(p d²).
 */
public final class BruteForceSampler implements PromptSampler {
  private final int d;
  private final long promptLength;
  private final Covariance covariance;
  private final ColumnMatrix v;
  private final ColumnMatrix gamma;
  private final ColumnMatrix rvt; // RVᵀ, d × p
  private final ColumnMatrix gammaVt; // ΓVᵀ, d × p
  private final TiltedQuery query;
  private final double[] u; // Ra
  private final double[] mean;
  private final double[] limit;
  private final double[] delta;
  private final double[] output;
  private final double[] cov; // Cov_w(ε), d × d, where second moments are asked for
  private final PromptReader reader;
  private final SoftmaxSums sums;
  private final Set<Metric> metrics;

  /** A sampler of these metrics in this setting. */
  public BruteForceSampler(Setting setting, Set<Metric> metrics) {
    boolean second = metrics.contains(Metric.JACOBIAN_U);
    d = setting.dimension();
    promptLength = setting.promptLength();
    covariance = setting.tokens().covariance();
    v = ColumnMatrix.of(setting.head().v());
    gamma = ColumnMatrix.of(covariance.matrix());
    rvt = ColumnMatrix.of(covariance.root().multiplyTransposed(setting.head().v()));
    gammaVt = ColumnMatrix.of(covariance.matrix().multiplyTransposed(setting.head().v()));
    query = new TiltedQuery(setting.queries(), setting.head());
    u = new double[d];
    mean = new double[d];
    limit = new double[d];
    delta = new double[d];
    output = new double[v.rows()];
    cov = new double[second ? Math.multiplyExact(d, d) : 0];
    reader = new PromptReader(d, second, false);
    sums = reader.sums();
    this.metrics = Set.copyOf(metrics);
  }

  @Override
  public Set<Metric> metrics() {
    return metrics;
  }

  @Override
  public void simulate(StreamKey block, int n, Map<Metric, double[]> squared) {
    TokenSampler tokens = TokenSampler.gaussian(block.withSubstream(TOKENS), d);
    NormalStream prompts = new NormalStream(block.withSubstream(PROMPTS));
    for (int i = 0; i < n; i++) {
      query.next(prompts);
      covariance.multiplyRoot(query.tilt(), 0, u, 0);
      reader.read(tokens, u, promptLength);
      meanDeviation();
      if (metrics.contains(Metric.OUTPUT)) {
        v.multiply(delta, 0, output, 0);
        squared.get(Metric.OUTPUT)[i] = ColumnMatrix.dot(output, 0, output, 0, output.length);
      }
      if (metrics.contains(Metric.JACOBIAN_V)) {
        squared.get(Metric.JACOBIAN_V)[i] = v.rows() * ColumnMatrix.dot(delta, 0, delta, 0, d);
      }
      if (metrics.contains(Metric.JACOBIAN_U)) {
        squared.get(Metric.JACOBIAN_U)[i] = squaredNormOfVd() * query.squaredNorm();
      }
    }
  }

  /** δ = R ε_w − Γa. */
  private void meanDeviation() {
    for (int i = 0; i < d; i++) {
      mean[i] = sums.mean(i);
    }
    covariance.multiplyRoot(mean, 0, delta, 0);
    gamma.multiply(query.tilt(), 0, limit, 0);
    for (int i = 0; i < d; i++) {
      delta[i] -= limit[i];
    }
  }

  /** ‖VD‖², row after row: the columns of DVᵀ are R Cov_w(ε) RVᵀ − ΓVᵀ. */
  private double squaredNormOfVd() {
    for (int j = 0; j < d; j++) {
      for (int i = 0; i < d; i++) {
        cov[j * d + i] = sums.covariance(i, j);
      }
    }
    double total = 0;
    for (int row = 0; row < v.rows(); row++) {
      Arrays.fill(mean, 0);
      for (int j = 0; j < d; j++) {
        ColumnMatrix.axpy(rvt.get(j, row), cov, j * d, mean, 0, d);
      }
      covariance.multiplyRoot(mean, 0, delta, 0);
      for (int i = 0; i < d; i++) {
        delta[i] -= gammaVt.get(i, row);
      }
      total += ColumnMatrix.dot(delta, 0, delta, 0, d);
    }
    return total;
  }
}
