package dev.promptlimit.theory;

import dev.promptlimit.attention.Head;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.Lapack;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.util.FastMath;

/**
 * How strongly random queries tilt Gaussian tokens, also where their covariance is drawn anew with
 * each prompt and s² is the same for all ({@link RandomTokens#forms}). For tokens N(m, Γ) and
 * queries N(m_z, Σ_z) the score variance of a query is s² = zᵀMz, M = UᵀΓU, and J = Σ_z^{1/2} M
 * Σ_z^{1/2}.
 *
 * <p>H² = λ_max(J) decides how fast the mean-square error falls: like L^{−c} up to logarithms with
 * c = 1 if H² ≤ 1/2 and c = (√(1 + 4/H²) − 1)/2 otherwise, by a large-deviation argument (not yet a
 * proof): at s² = κ ln L the error of a fixed query has exponent κ − 1 for κ ≤ 2/3, −(2 − κ)²/(8κ)
 * up to κ = 2 and 0 beyond, the query costs κ/(2H²), and c is the best balance.
 */
public final class QuerySpectrum {
  private final RealMatrix m;
  private final RealMatrix root;
  private final Lapack.Spectrum j; // null where it overflows

  /** The spectrum for these tokens, head and queries, all of one dimension. */
  public QuerySpectrum(Gaussian tokens, Head head, Gaussian queries) {
    this(
        symmetric(head.u().transposeMultiply(tokens.covariance().matrix().multiply(head.u()))),
        queries);
  }

  /** The spectrum where s² is a known form of the query, whatever its tokens. */
  public QuerySpectrum(QueryForms forms, Gaussian queries) {
    this(forms.scoreVariance(), queries);
  }

  private QuerySpectrum(RealMatrix m, Gaussian queries) {
    this.m = m;
    root = queries.covariance().root();
    RealMatrix scaled = symmetric(root.multiply(m).multiply(root));
    j = Double.isFinite(scaled.getFrobeniusNorm()) ? Lapack.spectrum(scaled) : null;
  }

  static RealMatrix symmetric(RealMatrix a) {
    return a.add(a.transpose()).scalarMultiply(0.5);
  }

  /** H² = λ_max(J) ≥ 0; +∞ where it is too large for a double. */
  public double h2() {
    return j == null ? Double.POSITIVE_INFINITY : Math.max(0, j.values().getMaxValue());
  }

  /** The sharp exponent c, 0 < c ≤ 1; 0 where H² is +∞. */
  public double sharpExponent() {
    double h2 = h2();
    return h2 <= 0.5 ? 1 : 2 / h2 / (FastMath.sqrt(1 + 4 / h2) + 1); // without cancellation
  }

  /**
   * The exponent 1/(1 + H²) published for the square of a moment error (Bohbot, Letrouit, Peyré,
   * Vialard, arXiv 2512.10656); 0 where H² is +∞.
   */
  public double bohbotExponent() {
    return 1 / (1 + h2());
  }

  /** M = UᵀΓU. */
  RealMatrix m() {
    return m;
  }

  /** Eigenvalues of J, in the order of {@link #basis}; null where J overflows. */
  double[] eigenvalues() {
    return j == null ? null : j.values().toArray();
  }

  /** G = Σ_z^{1/2} O, J = OΛOᵀ: queries are m_z + Gξ, ξ ~ N(0, I). */
  RealMatrix basis() {
    return root.multiply(j.vectors());
  }

  /** det(I − 2J)^{−1/2}, for H² < 1/2. */
  double inverseRootDeterminant() {
    double product = 1;
    for (double lambda : j.values().toArray()) {
      product /= FastMath.sqrt(1 - 2 * lambda);
    }
    return product;
  }

  /** S̃ = Σ_z^{1/2} (I − 2J)^{−1} Σ_z^{1/2}, for H² < 1/2. */
  RealMatrix tiltedQueryCovariance() {
    RealMatrix scaled = j.vectors().copy();
    for (int i = 0; i < j.values().getDimension(); i++) {
      double scale = 1 / FastMath.sqrt(1 - 2 * j.values().getEntry(i));
      scaled.setColumnVector(i, scaled.getColumnVector(i).mapMultiply(scale));
    }
    RealMatrix half = root.multiply(scaled);
    return half.multiplyTransposed(half);
  }
}
