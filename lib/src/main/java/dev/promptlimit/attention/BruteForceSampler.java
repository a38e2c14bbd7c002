package dev.promptlimit.attention;

import dev.promptlimit.kernel.ColumnMatrix;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.GaussianPrompts;
import dev.promptlimit.measure.TokenSampler;
import dev.promptlimit.random.NormalStream;
import dev.promptlimit.random.StreamKey;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Simulates prompts as they are defined: every token with all its d coordinates.
 *
 * <p>With δ = m_w − m(a) and D = C_w − C(a) the squared deviations are ‖Vδ‖², p ‖δ‖² and ‖VD‖²
 * ‖z‖². Gaussian tokens are drawn as standard normals ({@link WhitenedFrame}), all others as they
 * are ({@link PlainFrame}). One prompt costs O(L d), with second moments O(L d²) and O(p d²), and
 * what m(a) and C(a) cost.
 *
 * <p>A query that has no limit gives NaN, and no tokens are drawn for it.
 */
public final class BruteForceSampler implements PromptSampler {
  private final long promptLength;
  private final ColumnMatrix v;
  private final TiltedQuery query;
  private final TokenFrame frame;
  private final double[] delta;
  private final double[] output;
  private final PromptReader reader;
  private final Set<Metric> metrics;

  /** A sampler of these metrics in this setting, of all its queries. */
  public BruteForceSampler(Setting setting, Set<Metric> metrics) {
    this(setting, metrics, QueryDraw.of(setting.queries()));
  }

  /**
   * A sampler of these metrics in this setting.
   *
   * @param queries draws the queries
   */
  public BruteForceSampler(Setting setting, Set<Metric> metrics, QueryDraw queries) {
    boolean second = metrics.contains(Metric.JACOBIAN_U);
    promptLength = setting.promptLength();
    v = ColumnMatrix.of(setting.head().v());
    query = new TiltedQuery(queries, setting.head());
    frame = frame(setting, second);
    delta = new double[setting.dimension()];
    output = new double[v.rows()];
    reader = new PromptReader(setting.dimension(), second, false);
    this.metrics = Set.copyOf(metrics);
  }

  private static TokenFrame frame(Setting setting, boolean second) {
    return setting.ownLimit() && setting.tokens() instanceof GaussianPrompts gaussian
        ? new WhitenedFrame(gaussian, setting.head(), second)
        : new PlainFrame(setting, second);
  }

  /**
   * Why the first prompt without a limit among prompts 0..n−1 of a block has none, in words; empty
   * if all have one.
   */
  public static Optional<String> inadmissible(
      Setting setting, QueryDraw queries, StreamKey block, int n) {
    if (setting.limit() instanceof GaussianPrompts && !(setting.limit() instanceof Gaussian)) {
      return Optional.empty(); // every prompt has a law of its own, and with it a limit
    }
    TiltedQuery query = new TiltedQuery(queries, setting.head());
    NormalStream prompts = new NormalStream(block.withSubstream(PROMPTS));
    query.begin(block);
    for (int i = 0; i < n; i++) {
      query.next(prompts);
      Optional<String> reason = setting.limit().inadmissible(query.tilt());
      if (reason.isPresent()) {
        return reason;
      }
    }
    return Optional.empty();
  }

  @Override
  public Set<Metric> metrics() {
    return metrics;
  }

  @Override
  public void simulate(StreamKey block, int n, Map<Metric, double[]> squared) {
    TokenSampler tokens = frame.sampler(block.withSubstream(TOKENS));
    NormalStream prompts = new NormalStream(block.withSubstream(PROMPTS));
    query.begin(block);
    for (int i = 0; i < n; i++) {
      frame.next(prompts);
      query.next(prompts);
      if (frame.moveTo(query.tilt()).isPresent()) {
        for (Metric metric : metrics) {
          squared.get(metric)[i] = Double.NaN;
        }
        continue;
      }
      reader.read(tokens, frame.scores(), promptLength);
      frame.meanDeviation(reader.sums(), delta);
      if (metrics.contains(Metric.OUTPUT)) {
        v.multiply(delta, 0, output, 0);
        squared.get(Metric.OUTPUT)[i] = ColumnMatrix.dot(output, 0, output, 0, output.length);
      }
      if (metrics.contains(Metric.JACOBIAN_V)) {
        squared.get(Metric.JACOBIAN_V)[i] =
            v.rows() * ColumnMatrix.dot(delta, 0, delta, 0, delta.length);
      }
      if (metrics.contains(Metric.JACOBIAN_U)) {
        squared.get(Metric.JACOBIAN_U)[i] =
            frame.squaredCovarianceDeviation(reader.sums()) * query.squaredNorm();
      }
    }
  }
}
