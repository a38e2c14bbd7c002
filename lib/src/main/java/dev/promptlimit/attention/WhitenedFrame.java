package dev.promptlimit.attention;

import dev.promptlimit.kernel.ColumnMatrix;
import dev.promptlimit.kernel.SoftmaxSums;
import dev.promptlimit.measure.GaussianPrompts;
import dev.promptlimit.measure.TokenRoot;
import dev.promptlimit.measure.TokenSampler;
import dev.promptlimit.random.NormalStream;
import dev.promptlimit.random.StreamKey;
import java.util.Optional;
import org.hipparchus.linear.RealMatrix;

/**
 * Gaussian tokens x = m + Rε, drawn as ε: the score ⟨a, x⟩ is ⟨Rᵀa, ε⟩ plus a constant that softmax
 * does not see, m_w − m(a) = R ε_w − Γa and C_w − C(a) = R Cov_w(ε) Rᵀ − Γ.
 */
final class WhitenedFrame implements TokenFrame {
  private final int d;
  private final TokenRoot root;
  private final RealMatrix v;
  private final boolean second;
  private ColumnMatrix gamma;
  private ColumnMatrix gammaVt; // ΓVᵀ, d × p
  private CovarianceRows rows; // of VR Cov_w(ε); null without second moments
  private final double[] u; // Rᵀa
  private final double[] mean;
  private final double[] limit; // Γa
  private final double[] image;

  WhitenedFrame(GaussianPrompts tokens, Head head, boolean second) {
    d = tokens.dimension();
    root = tokens.root();
    v = head.v();
    this.second = second;
    u = new double[d];
    mean = new double[d];
    limit = new double[d];
    image = new double[d];
    takeRoot();
  }

  private void takeRoot() {
    RealMatrix covariance = root.covariance();
    gamma = ColumnMatrix.of(covariance);
    gammaVt = ColumnMatrix.of(covariance.multiplyTransposed(v));
    rows =
        second
            ? new CovarianceRows(ColumnMatrix.of(root.matrix().transpose().multiplyTransposed(v)))
            : null;
  }

  @Override
  public TokenSampler sampler(StreamKey key) {
    return TokenSampler.gaussian(key, d);
  }

  @Override
  public void next(NormalStream prompts) {
    if (root.next(prompts)) {
      takeRoot();
    }
  }

  @Override
  public Optional<String> moveTo(double[] tilt) {
    root.multiplyTransposed(tilt, 0, u, 0);
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
    root.multiply(mean, 0, deviation, 0);
    for (int i = 0; i < d; i++) {
      deviation[i] -= limit[i];
    }
  }

  /** The columns of (C_w − Γ)Vᵀ are R Cov_w(ε) RᵀVᵀ − ΓVᵀ. */
  @Override
  public double squaredCovarianceDeviation(SoftmaxSums sums) {
    rows.read(sums);
    double total = 0;
    for (int k = 0; k < gammaVt.columns(); k++) {
      root.multiply(rows.row(k), 0, image, 0);
      for (int i = 0; i < d; i++) {
        image[i] -= gammaVt.get(i, k);
      }
      total += ColumnMatrix.dot(image, 0, image, 0, d);
    }
    return total;
  }
}
