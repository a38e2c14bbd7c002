package dev.promptlimit.regression;

import dev.promptlimit.measure.Lapack;
import dev.promptlimit.random.ChiSquareStream;
import dev.promptlimit.random.NormalStream;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.stat.Interval;
import dev.promptlimit.stat.Intervals;
import dev.promptlimit.stat.Moments;
import java.util.Arrays;

/*
 * Given the inputs X (L × d), w has the posterior covariance K = τ²λ(XᵀX + λI)⁻¹, λ = σ²/τ², so the best
 * predictor, ridge regression, has the risk ½(σ² + tr ΣK). XᵀX is Wishart: in an eigenbasis of Σ, to
 * which the law of X is indifferent, XᵀX = D^{1/2}TTᵀD^{1/2} with D = diag(eigenvalues of Σ) and
 * Bartlett's T, d × min(d, L) and lower trapezoidal, T_ii² ~ χ²_{L−i+1}, T_ij ~ N(0,1) for i > j (M. S.
 * Srivastava, Singular Wishart and multivariate beta distributions, Ann. Statist. 31 (2003), for L < d).
 * Rows with D_i = 0 add nothing and are left out; r rows stay.
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
 * <p>½σ²(1 + E tr[Σ(XᵀX + (σ²/τ²)I)⁻¹]) for σ &gt; 0 and ½τ² E tr[Σ(I − P)] for σ = 0, P the
 * projection onto the inputs' span in the metric of the task; 0 where L ≥ rank Σ.
 *
 * <p>The average over inputs is by Monte Carlo, one Bartlett factor a draw and no tokens. Every
 * draw lies in [½σ², ½σ² + ½τ² tr Σ], within 1e-15 √(1 + τ²‖Σ‖/σ²) relative for L ≥ rank Σ and
 * 1e-15 τ² tr Σ absolute otherwise. With L = rank Σ or one more and little noise the law of the
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
    double halfNoise = 0.5 * family.noiseVariance();
    double[] d = positiveEigenvalues(family);
    boolean known = family.noiseVariance() == 0 && promptLength >= d.length;
    double[] risks = new double[draws];
    if (d.length == 0 || family.taskVariance() == 0 || known) {
      return new BayesRisk(new Moments(draws, halfNoise, 0, 0, 0));
    }
    Draw draw = new Draw(family, d, promptLength, key);
    for (int i = 0; i < draws; i++) {
      risks[i] = halfNoise + 0.5 * draw.next();
    }
    return new BayesRisk(Moments.of(risks, draws));
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

  private static double[] positiveEigenvalues(TaskFamily family) {
    double[] values = Lapack.spectrum(family.covariance().matrix()).values().toArray();
    double rounding = SINGULAR * values.length * values[values.length - 1];
    return Arrays.stream(values).filter(value -> value > rounding).toArray();
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
    return Intervals.mean(moments, alpha);
  }

  /** Draws of tr ΣK. */
  private static final class Draw {
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

    Draw(TaskFamily family, double[] d, long promptLength, StreamKey key) {
      this.d = d;
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
      double trace = 0;
      for (int i = 0; i < r; i++) {
        double norm = 0;
        for (int j = 0; j < columns; j++) {
          double entry = stacked[j * rows + i + (all ? r : 0)];
          norm += entry * entry;
        }
        trace += d[i] * (all ? norm : Math.max(0, 1 - norm));
      }
      return tau2 * trace;
    }
  }
}
