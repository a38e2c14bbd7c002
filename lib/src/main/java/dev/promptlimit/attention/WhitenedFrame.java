package dev.promptlimit.attention;

import dev.promptlimit.kernel.ColumnMatrix;
import dev.promptlimit.kernel.SoftmaxSums;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.TokenSampler;
import dev.promptlimit.random.StreamKey;
import java.util.Optional;

/**
 * Gaussian tokens x = m + Rε, drawn as ε: the score ⟨a, x⟩ is ⟨Ra, ε⟩ plus a constant that softmax
 * does not see, m_w − m(a) = R ε_w − Γa and C_w − C(a) = R Cov_w(ε) R − Γ.
 */
final class WhitenedFrame implements TokenFrame {
  private final int d;
  private final Covariance covariance;
  private final ColumnMatrix gamma;
  private final ColumnMatrix gammaVt; // ΓVᵀ, d × p
  private final CovarianceRows rows; // of VR Cov_w(ε); null without second moments
  private final double[] u; // Ra
  private final double[] mean;
  private final double[] limit; // Γa
  private final double[] image;

  WhitenedFrame(Gaussian tokens, Head head, boolean second) {
    d = tokens.dimension();
    covariance = tokens.covariance();
    gamma = ColumnMatrix.of(covariance.matrix());
    gammaVt = ColumnMatrix.of(covariance.matrix().multiplyTransposed(head.v()));
    rows =
        second
            ? new CovarianceRows(ColumnMatrix.of(covariance.root().multiplyTransposed(head.v())))
            : null;
    u = new double[d];
    mean = new double[d];
    limit = new double[d];
    image = new double[d];
  }

  @Override
  public TokenSampler sampler(StreamKey key) {
    return TokenSampler.gaussian(key, d);
  }

  @Override
  public Optional<String> moveTo(double[] tilt) {
    covariance.multiplyRoot(tilt, 0, u, 0);
    gamma.multiply(tilt, 0, limit, 0);
    return Optional.empty(); // what overflows shows in the deviation
  }

  @Override
  public double[] scores() {
    return u;
  }

  @Override
  public void meanDeviation(SoftmaxSums sums, double[] deviation) {
    for (int i = 0; i < d; i++) {
      mean[i] = sums.mean(i);
    }
    covariance.multiplyRoot(mean, 0, deviation, 0);
    for (int i = 0; i < d; i++) {
      deviation[i] -= limit[i];
    }
  }

  /** The columns of (C_w − Γ)Vᵀ are R Cov_w(ε) RVᵀ − ΓVᵀ. */
  @Override
  public double squaredCovarianceDeviation(SoftmaxSums sums) {
    rows.read(sums);
    double total = 0;
    for (int k = 0; k < gammaVt.columns(); k++) {
      covariance.multiplyRoot(rows.row(k), 0, image, 0);
      for (int i = 0; i < d; i++) {
        image[i] -= gammaVt.get(i, k);
      }
      total += ColumnMatrix.dot(image, 0, image, 0, d);
    }
    return total;
  }
}
