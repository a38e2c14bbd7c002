package dev.promptlimit.regression;

import dev.promptlimit.measure.Lapack;
import dev.promptlimit.random.ChiSquareStream;
import dev.promptlimit.random.NormalStream;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.stat.Interval;
import dev.promptlimit.stat.Intervals;
import dev.promptlimit.stat.Moments;
import java.util.Arrays;
import org.hipparchus.linear.RealMatrix;

/*
 * Given the inputs X (L × d), w has the posterior covariance K = τ²λ(XᵀX + λI)⁻¹, λ = σ²/τ², so the best
 * predictor, ridge regression, has the risk ½(σ² + tr Σ_qK), Σ_q the covariance of x_q. XᵀX is Wishart: in
 * an eigenbasis of Σ, to which the law of X is indifferent, XᵀX = D^{1/2}TTᵀD^{1/2} with D = diag(eigenvalues of Σ) and
 * Bartlett's T, d × min(d, L) and lower trapezoidal, T_ii² ~ χ²_{L−i+1}, T_ij ~ N(0,1) for i > j (M. S.
 * Srivastava, Singular Wishart and multivariate beta distributions, Ann. Statist. 31 (2003), for L < d).
 * Rows with D_i = 0 add nothing to M and are left out; r rows stay. In those directions, which no input has,
 * K keeps the prior τ². In that basis put S = QᵀΣ_qQ: tr Σ_qK is the sum of S_ij K_ij over the r rows that stay
 * and of τ²S_ii over the others.
 *
 * Put M = τD^{1/2}T and take orthonormal factors, which need no λ and never fail:
 *
 *   L ≥ r:  [Mᵀ; σI_r] = [Q₁; Q₂]R,  K = τ²Q₂Q₂ᵀ,        since Q₂ = σR⁻¹ and RᵀR = MMᵀ + σ²I;
 *   L < r:  [M; σI_L] = [Q₁; Q₂]R,   K = τ²(I − Q₁Q₁ᵀ),  by Woodbury's identity.
 *
 * The second also holds at σ = 0, where Q₁Q₁ᵀ is the projection onto what the prompt shows of the task.
 * The first gives 0 there: L ≥ r inputs without noise determine all of the task that matters.
 */
/**
 * The Bayes risk of in-context linear regression: half the mean squared error of the best predictor
 * of y_q given the prompt and x_q, which is ridge regression (XᵀX + (σ²/τ²)I)⁻¹Xᵀy,
 *
 * <p>½σ²(1 + E tr[Σ_q(XᵀX + (σ²/τ²)I)⁻¹]) for σ &gt; 0 and ½τ² E tr[Σ_q(I − P)] for σ = 0, P the
 * projection onto the inputs' span; 0 where L ≥ rank Σ and no query leaves the inputs' range.
 *
 * <p>The average over inputs is by Monte Carlo, one Bartlett factor a draw and no tokens. Every
 * draw lies in [½σ², ½σ² + ½τ² tr Σ_q], within 1e-15 √(1 + τ²‖Σ‖/σ²) relative for L ≥ rank Σ and
 * 1e-15 τ² tr Σ_q absolute otherwise. With L = rank Σ or one more and little noise the law of the
 * draws is skewed and the standard error needs many of them. Eigenvalues of Σ up to 1e-14 d of the
 * largest count as 0.
 *
 * @param moments of the draws
 */
public record BayesRisk(Moments moments) {
  static final double SINGULAR = 1e-14;

  private static final long CHI_SQUARES = 1;

  /**
   * The risk, by draws that are a function of these arguments alone; cost O(draws · d³).
   *
   * @param promptLength L ≥ 1
   * @param draws number of draws, ≥ 2
   * @param key substreams 0 and 1 of this block are used
   */
  public static BayesRisk of(TaskFamily family, long promptLength, int draws, StreamKey key) {
    require("the prompt length", promptLength, 1);
    require("the number of draws", draws, 2);
    double tau2 = family.taskVariance();
    Shown shown = Shown.of(family);
    double rest = 0.5 * (family.noiseVariance() + tau2 * shown.hidden);
    int r = shown.d.length;
    boolean known = family.noiseVariance() == 0 && promptLength >= r;
    if (r == 0 || tau2 == 0 || known) {
      return new BayesRisk(new Moments(draws, rest, 0, 0, 0));
    }
    double[] risks = new double[draws];
    Draw draw = new Draw(family, shown, promptLength, key);
    for (int i = 0; i < draws; i++) {
      risks[i] = rest + 0.5 * draw.next();
    }
    return new BayesRisk(Moments.of(risks, draws));
  }

  /** The limit for long prompts: ½σ², and ½τ² tr Σ_q of the directions that no input has. */
  public static double ofInfinitePrompt(TaskFamily family) {
    return 0.5 * (family.noiseVariance() + family.taskVariance() * Shown.of(family).hidden);
  }

  private static void require(String what, long value, long least) {
    if (value < least) {
      throw new IllegalArgumentException(
          "Cannot give a Bayes risk: "
              + what
              + " is "
              + value
              + ", allowed: "
              + least
              + " or more");
    }
  }

  /** The mean of the draws. */
  public double mean() {
    return moments.mean();
  }

  /** Its standard error. */
  public double standardError() {
    return Math.sqrt(moments.variance() / (double) moments.n());
  }

  /** An interval for the risk with error probability alpha, see {@link Intervals#mean}. */
  public Interval interval(double alpha) {
    return Intervals.mean(moments, alpha, moments.freedom());
  }

  /** What inputs show of the task: the eigenvalues of Σ above 0, S in their basis, and the rest. */
  private static final class Shown {
    private final double[] d; // D_i > 0
    private final double[] s; // S_ij, r × r, row-major
    private final double hidden; // Σ S_ii over D_i = 0

    private Shown(double[] d, double[] s, double hidden) {
      this.d = d;
      this.s = s;
      this.hidden = hidden;
    }

    static Shown of(TaskFamily family) {
      Lapack.Spectrum spectrum = Lapack.spectrum(family.covariance().matrix());
      double[] values = spectrum.values().toArray();
      int n = values.length;
      double rounding = SINGULAR * n * values[n - 1];
      int none = (int) Arrays.stream(values).filter(value -> value <= rounding).count();
      RealMatrix q = spectrum.vectors();
      RealMatrix turned = q.transposeMultiply(family.queryCovariance().matrix().multiply(q));
      double hidden = 0;
      for (int i = 0; i < none; i++) {
        double variance = turned.getEntry(i, i);
        hidden += variance > SINGULAR * n * turned.getTrace() ? variance : 0;
      }
      int r = n - none;
      double[] s = new double[r * r];
      for (int i = 0; i < r; i++) {
        for (int j = 0; j < r; j++) {
          s[i * r + j] = turned.getEntry(none + i, none + j);
        }
      }
      return new Shown(Arrays.copyOfRange(values, none, n), s, hidden);
    }

    /** Σ S_ii. */
    double trace() {
      double trace = 0;
      for (int i = 0; i < d.length; i++) {
        trace += s[i * d.length + i];
      }
      return trace;
    }

    /** qᵀSq, q from an offset on. */
    double form(double[] q, int from) {
      int r = d.length;
      double form = 0;
      for (int i = 0; i < r; i++) {
        double row = 0;
        for (int j = 0; j < r; j++) {
          row += s[i * r + j] * q[from + j];
        }
        form += row * q[from + i];
      }
      return form;
    }
  }

  /** Draws of Σ S_ij K_ij. */
  private static final class Draw {
    private final Shown shown;
    private final double[] d;
    private final long promptLength;
    private final int columns; // of T
    private final double tau2;
    private final double sigma;
    private final NormalStream normals;
    private final ChiSquareStream chiSquares;
    private final double[] normal = new double[1];
    private final double[] m; // M, r × columns, column-major
    private final int rows; // of the matrix below, which has as many columns as it has σ
    private final double[] stacked;
    private final double[] tau;
    private final double[] work;

    Draw(TaskFamily family, Shown shown, long promptLength, StreamKey key) {
      this.shown = shown;
      d = shown.d;
      this.promptLength = promptLength;
      int r = d.length;
      columns = (int) Math.min(r, promptLength);
      tau2 = family.taskVariance();
      sigma = Math.sqrt(family.noiseVariance());
      normals = new NormalStream(key.withSubstream(0));
      chiSquares = new ChiSquareStream(key.withSubstream(CHI_SQUARES));
      m = new double[r * columns];
      rows = r + columns;
      stacked = new double[rows * columns];
      tau = new double[columns];
      work = new double[columns];
    }

    double next() {
      int r = d.length;
      for (int j = 0; j < columns; j++) {
        for (int i = j; i < r; i++) {
          double t;
          if (i == j) {
            t = Math.sqrt(chiSquares.next(promptLength - j));
          } else {
            normals.fill(normal, 0, 1);
            t = normal[0];
          }
          m[j * r + i] = Math.sqrt(tau2 * d[i]) * t;
        }
      }
      boolean all = columns == r;
      for (int j = 0; j < columns; j++) {
        for (int i = 0; i < r; i++) {
          stacked[j * rows + i] = all ? m[i * r + j] : m[j * r + i];
        }
        Arrays.fill(stacked, j * rows + r, (j + 1) * rows, 0);
        stacked[j * rows + r + j] = sigma;
      }
      Lapack.orthonormalise(rows, columns, stacked, tau, work);
      double forms = 0;
      for (int j = 0; j < columns; j++) {
        forms += shown.form(stacked, j * rows + (all ? r : 0));
      }
      return tau2 * Math.max(0, all ? forms : shown.trace() - forms);
    }
  }
}
