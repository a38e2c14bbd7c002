package dev.promptlimit.attention;

import dev.promptlimit.kernel.ColumnMatrix;
import dev.promptlimit.kernel.SoftmaxSums;
import dev.promptlimit.measure.GaussianPrompts;
import dev.promptlimit.measure.Lapack;
import dev.promptlimit.measure.TokenRoot;
import dev.promptlimit.measure.TokenSampler;
import dev.promptlimit.random.NormalStream;
import dev.promptlimit.random.StreamKey;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.hipparchus.linear.RealMatrix;

/*
 * Idea. Softmax sees a Gaussian token x = m + Rε only through its score, and a head only through V.
 * So draw the few coordinates of ε that matter, token by token, and the rest of the weighted sums at
 * once: given the weights they are Gaussian.
 *
 * Law. With u = Rᵀa, s = ‖u‖ and E (d × r) orthonormal with u = s E e₁ and RᵀVᵀ = E K,
 * the coordinates γ_l = Eᵀε_l are N(0, I_r), the score is s γ_{l,1}, and with w = softmax, γ̄ = Σ w γ,
 * Cov = Σ w (γ − γ̄)(γ − γ̄)ᵀ and
 *     B = Σ w² [1; γ − γ̄] [1; γ − γ̄]ᵀ            ((r+1) × (r+1)),
 * the orthogonal rest enters through N = (I − EEᵀ) G Fᵀ = [N₀ | N₁], FFᵀ = B, G a d × (r+1) matrix of
 * standard normals. Then
 *     m_w − m(a)      = R ξ,          ξ = E(γ̄ − s e₁) + N₀,
 *     (C_w − Γ) Vᵀ    = R Ξ K,        Ξ = E(Cov − I) + N₁,
 * because Γa = R u and ΓVᵀ = R E K. Both are formed from small differences, so nothing cancels.
 *
 * Rank. E comes from Householder reflections and is orthonormal whatever the rank: Γ singular, V of
 * low rank and s = 0 need no case of their own. B is singular at L = 1 and nearly so when one token
 * takes all the weight: F is its root by eigenvectors, negative eigenvalues cut off.
 *
 * Choice. Where r = d nothing is saved: brute force needs no basis and is faster.
 *
 * Cost. r = 1 where only first moments are asked for, else r = min(p + 1, d): O(L r²) + O(d² r) a
 * prompt instead of O(L d²).
 */
/**
 * The exact sampler for Gaussian tokens, also where each prompt draws a covariance of its own: the
 * law of {@link BruteForceSampler} from r ≤ p + 1 normals a token, whatever the dimension.
 */
public final class ReducedSampler implements PromptSampler {
  private final int d;
  private final int p;
  private final int r; // coordinates drawn per token
  private final boolean complete; // E is a basis of R^d: nothing is orthogonal to it
  private final int columns; // of N: r + 1, or 1 where only first moments are asked for
  private final long promptLength;
  private final Set<Metric> metrics;
  private final TokenRoot root;
  private final double[] vt; // Vᵀ, d × p
  private final double[] rootVt; // RᵀVᵀ, d × p
  private final TiltedQuery query;
  private final PromptReader reader;
  private final SoftmaxSums sums;

  // One prompt's state; matrices are column-major.
  private double s;
  private final double[] u; // d
  private final double[] e; // d × r
  private final double[] k; // r × p
  private final double[] f; // columns × columns, first B, then its root
  private final double[] normals; // G, d × columns
  private final double[] rest; // N, d × columns
  private final double[] xi; // d
  private final double[] images; // R Ξ, d × r
  private final double[] image; // d
  private final double[] factors; // scratch for LAPACK
  private final double[] work; // scratch for LAPACK

  /** A sampler of these metrics in this setting, of all its queries. */
  public ReducedSampler(Setting setting, Set<Metric> metrics) {
    this(setting, metrics, QueryDraw.of(setting.queries()));
  }

  /**
   * A sampler of these metrics in this setting.
   *
   * @param queries draws the queries
   * @throws IllegalArgumentException if the tokens are not Gaussian
   */
  public ReducedSampler(Setting setting, Set<Metric> metrics, QueryDraw queries) {
    if (!(setting.tokens() instanceof GaussianPrompts tokens)) {
      throw new IllegalArgumentException(
          "Cannot draw few coordinates of "
              + setting.tokens().getClass().getSimpleName()
              + " tokens: only Gaussian ones have the exact law for it");
    }
    if (!setting.ownLimit()) {
      throw new IllegalArgumentException(
          "Cannot draw few coordinates of tokens that are held against another measure's limit");
    }
    boolean second = metrics.contains(Metric.JACOBIAN_U);
    this.metrics = Set.copyOf(metrics);
    d = setting.dimension();
    p = setting.head().outputs();
    r = coordinates(setting.head(), metrics);
    columns = second ? r + 1 : 1;
    promptLength = setting.promptLength();
    root = tokens.root();
    vt = columns(setting.head().v().transpose());
    rootVt = columns(root.matrix().transpose().multiplyTransposed(setting.head().v()));
    query = new TiltedQuery(queries, setting.head());
    complete = second && r == d;
    reader = new PromptReader(r, second, !complete);
    sums = reader.sums();
    u = new double[d];
    e = new double[d * r];
    k = new double[r * p];
    f = new double[columns * columns];
    normals = new double[d * columns];
    rest = new double[d * columns];
    xi = new double[d];
    images = new double[d * r];
    image = new double[d];
    factors = new double[Math.max(r, columns)];
    work = new double[Math.max(r, 3 * columns)];
  }

  private static double[] columns(RealMatrix a) {
    double[] columns = new double[a.getRowDimension() * a.getColumnDimension()];
    ColumnMatrix.of(a).copyColumns(a.getColumnDimension(), columns, 0);
    return columns;
  }

  /** How many coordinates a token has here: 1 for first moments, else at most p + 1 and d. */
  public static int coordinates(Head head, Set<Metric> metrics) {
    boolean second = metrics.contains(Metric.JACOBIAN_U);
    return second ? Math.min(head.outputs() + 1, head.dimension()) : 1;
  }

  @Override
  public Set<Metric> metrics() {
    return metrics;
  }

  @Override
  public void simulate(StreamKey block, int n, Map<Metric, double[]> squared) {
    TokenSampler tokens = TokenSampler.gaussian(block.withSubstream(TOKENS), r);
    NormalStream prompts = new NormalStream(block.withSubstream(PROMPTS));
    query.begin(block);
    for (int i = 0; i < n; i++) {
      nextRoot(prompts);
      query.next(prompts);
      chooseBasis();
      reader.read(tokens, s, promptLength); // the score is s times the first coordinate
      drawRest(prompts);
      meanDeviation();
      if (metrics.contains(Metric.OUTPUT)) {
        squared.get(Metric.OUTPUT)[i] = squaredOutput();
      }
      if (metrics.contains(Metric.JACOBIAN_V)) {
        root.multiply(xi, 0, image, 0);
        squared.get(Metric.JACOBIAN_V)[i] = p * ColumnMatrix.dot(image, 0, image, 0, d);
      }
      if (metrics.contains(Metric.JACOBIAN_U)) {
        squared.get(Metric.JACOBIAN_U)[i] = squaredCovarianceDeviation() * query.squaredNorm();
      }
    }
  }

  /** R and RᵀVᵀ of this prompt. */
  private void nextRoot(NormalStream prompts) {
    if (root.next(prompts)) {
      for (int j = 0; j < p; j++) {
        root.multiplyTransposed(vt, j * d, rootVt, j * d);
      }
    }
  }

  /** u, s, E and K of this query. */
  private void chooseBasis() {
    root.multiplyTransposed(query.tilt(), 0, u, 0);
    s = Math.sqrt(ColumnMatrix.dot(u, 0, u, 0, d));
    System.arraycopy(u, 0, e, 0, d);
    System.arraycopy(rootVt, 0, e, d, (r - 1) * d);
    Lapack.orthonormalise(d, r, e, factors, work);
    if (ColumnMatrix.dot(e, 0, u, 0, d) < 0) {
      for (int i = 0; i < d; i++) {
        e[i] = -e[i];
      }
    }
    if (columns > 1) {
      for (int j = 0; j < p; j++) {
        for (int i = 0; i < r; i++) {
          k[j * r + i] = ColumnMatrix.dot(rootVt, j * d, e, i * d, d);
        }
      }
    }
  }

  /** N = (I − EEᵀ) G Fᵀ. */
  private void drawRest(NormalStream prompts) {
    if (complete) {
      return; // N stays 0
    }
    if (columns == 1) {
      f[0] = Math.sqrt(sums.squaredWeights());
    } else {
      for (int j = 0; j < columns; j++) {
        for (int i = j; i < columns; i++) {
          f[j * columns + i] = squaredWeights(i, j);
        }
      }
      Lapack.root(columns, f, factors, work);
    }
    prompts.fill(normals, 0, normals.length);
    Arrays.fill(rest, 0);
    for (int j = 0; j < columns; j++) {
      for (int i = 0; i < columns; i++) {
        ColumnMatrix.axpy(f[i * columns + j], normals, i * d, rest, j * d, d);
      }
      for (int i = 0; i < r; i++) {
        double along = ColumnMatrix.dot(e, i * d, rest, j * d, d);
        ColumnMatrix.axpy(-along, e, i * d, rest, j * d, d);
      }
    }
  }

  /** Entry (i, j), i ≥ j, of B; index 0 stands for the constant 1, i for γ_i − γ̄_i. */
  private double squaredWeights(int i, int j) {
    if (i == 0) {
      return sums.squaredWeights();
    }
    return j == 0 ? sums.squaredWeights(i - 1) : sums.squaredWeights(i - 1, j - 1);
  }

  /** ξ = E(γ̄ − s e₁) + N₀. */
  private void meanDeviation() {
    System.arraycopy(rest, 0, xi, 0, d);
    for (int i = 0; i < r; i++) {
      ColumnMatrix.axpy(i == 0 ? sums.mean(0) - s : sums.mean(i), e, i * d, xi, 0, d);
    }
  }

  /** ‖VRξ‖². */
  private double squaredOutput() {
    double total = 0;
    for (int j = 0; j < p; j++) {
      double output = ColumnMatrix.dot(rootVt, j * d, xi, 0, d);
      total = Math.fma(output, output, total);
    }
    return total;
  }

  /** ‖RΞK‖², Ξ = E(Cov − I) + N₁. */
  private double squaredCovarianceDeviation() {
    for (int j = 0; j < r; j++) {
      System.arraycopy(rest, (j + 1) * d, image, 0, d);
      for (int i = 0; i < r; i++) {
        double entry = sums.covariance(i, j) - (i == j ? 1 : 0);
        ColumnMatrix.axpy(entry, e, i * d, image, 0, d);
      }
      root.multiply(image, 0, images, j * d);
    }
    double total = 0;
    for (int j = 0; j < p; j++) {
      Arrays.fill(image, 0);
      for (int i = 0; i < r; i++) {
        ColumnMatrix.axpy(k[j * r + i], images, i * d, image, 0, d);
      }
      total += ColumnMatrix.dot(image, 0, image, 0, d);
    }
    return total;
  }
}
