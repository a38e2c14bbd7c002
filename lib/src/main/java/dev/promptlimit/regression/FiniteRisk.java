package dev.promptlimit.regression;

import dev.promptlimit.attention.Head;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.stat.Interval;
import dev.promptlimit.stat.Intervals;
import dev.promptlimit.stat.Moments;
import dev.promptlimit.theory.UniversalTable;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;

/*
 * The noise of the target averages out (ConditionalError), so that with y = wᵀx_q
 *
 *   R_L = R_∞ + ½ E(e_L − e_∞),   e_∞ = (c − y)²,
 *   softmax e_L − e_∞ = κc² + (2cy + q)G,   linear attention e_L − e_∞ = (c² + qt)/L.
 *
 * R_∞ is known in closed form and the sample is left with what is O(1/L) itself: a control variate.
 *
 * With R = Σ^{1/2}, z = (x, 0), a = Uz = (U₁₁x, a₂), a₂ = u₂₁ᵀx and
 *
 *   α = RU₁₁x + a₂Rw,   β = Rv₁ + v₂Rw
 *
 * one has c = αᵀβ + σ²a₂v₂, t = s² = αᵀα + σ²a₂², q = βᵀβ + σ²v₂², and Γa = (Rα, (Rw)ᵀα + σ²a₂), Γv the same
 * with β and v₂. The derivatives of e in c, t, q then give (ConditionalError)
 *
 *   ∂e/∂U = (e_c Γv + 2e_t Γa)zᵀ,   ∂e/∂v = e_c Γa + 2e_q Γv,
 *
 * where the product with R is left to the end. RU₁₁, Rv₁ are of the head, Rw and y of the point.
 */
/**
 * The risk of prompts of one length L, R_L = ½ E(prediction − y_q)² over task, query, target and
 * prompt, and its gradient: exact up to the average over a {@link RiskSample} of (w, x_q), with a
 * sampling error of order 1/L at moderate scores (long after the transition s² = 2 ln L it is none
 * of order 1/L yet). No prompt is drawn.
 *
 * <p>As a function of the head it is once differentiable, for softmax attention also at score
 * standard deviations s beyond {@value UniversalTable#MAX_S}, see {@link ErrorFunctions}; its
 * gradient is exact for this sample. Cost: n times O(d²) and, for softmax, a table look-up, some
 * 0.3 µs together for d = 5. Threads may share one.
 */
public final class FiniteRisk implements HeadRisk {
  private static final String ACTION = "give a finite-prompt risk";

  private final TaskFamily family;
  private final Activation activation;
  private final long promptLength;
  private final double[][] root;
  private final double[] queries; // x
  private final double[] rooted; // Rw
  private final double[] targets; // y

  /**
   * @param promptLength L, 1 to 10¹²
   * @param sample of this family
   * @throws IllegalArgumentException if L is not in the range or the dimensions differ
   */
  public FiniteRisk(
      TaskFamily family, Activation activation, long promptLength, RiskSample sample) {
    if (!(promptLength >= 1 && promptLength <= 1_000_000_000_000L)) {
      throw new IllegalArgumentException(
          "Cannot " + ACTION + ": the prompt length is " + promptLength + ", allowed: 1 to 1e12");
    }
    int d = family.dimension();
    if (sample.dimension() != d) {
      throw new IllegalArgumentException(
          "Cannot "
              + ACTION
              + ": the dimension of the sample is "
              + sample.dimension()
              + ", allowed: "
              + d);
    }
    this.family = family;
    this.activation = activation;
    this.promptLength = promptLength;
    Covariance sigma = family.covariance();
    root = sigma.root().getData();
    int n = sample.size();
    queries = new double[n * d];
    rooted = new double[n * d];
    targets = new double[n];
    for (int k = 0; k < n; k++) {
      double[] w = sample.task(k);
      double[] x = sample.query(k);
      System.arraycopy(x, 0, queries, k * d, d);
      sigma.multiplyRoot(w, 0, rooted, k * d);
      for (int i = 0; i < d; i++) {
        targets[k] += w[i] * x[i];
      }
    }
  }

  /** Of the prompts. */
  public Activation activation() {
    return activation;
  }

  /** L. */
  public long promptLength() {
    return promptLength;
  }

  /** R_L. */
  public double value(Head head) {
    return gradient(head).value();
  }

  /**
   * R_L and its gradient.
   *
   * @throws ArithmeticException if it is not finite
   */
  @Override
  public HeadGradient gradient(Head head) {
    HeadGradient limit = PopulationRisk.gradient(family, head);
    Pass pass = new Pass(head);
    HeadGradient excess = pass.gradient();
    double value = limit.value() + excess.value();
    if (!Double.isFinite(value)) {
      throw new ArithmeticException(
          "Cannot " + ACTION + ": it is " + value + ", the largest s is " + pass.largestS);
    }
    return new HeadGradient(value, limit.u().add(excess.u()), limit.v().add(excess.v()));
  }

  /** The moments of ½(e_L − e_∞) over the sample, whose mean is R_L − R_∞ at this head. */
  public Moments excess(Head head) {
    family.requireHead(ACTION, head);
    Pass pass = new Pass(head);
    return Moments.of(pass.excess, targets.length);
  }

  /**
   * An interval for R_L, over samples: that of {@link Intervals#mean}.
   *
   * @param alpha error probability, 0 &lt; α &lt; 1
   */
  public Interval interval(Head head, double alpha) {
    Moments excess = excess(head);
    double mean = PopulationRisk.value(family, head) + excess.mean();
    return Intervals.mean(
        new Moments(excess.n(), mean, excess.m2(), excess.m3(), excess.m4()),
        alpha,
        excess.freedom());
  }

  /** ½(e_L − e_∞) at every point of the sample, and sums of derivatives of e_L − e_∞. */
  private final class Pass {
    private final int d = family.dimension();
    private final double noise = family.noiseVariance();
    private final double length = (double) promptLength;
    private final double[] excess = new double[targets.length];
    private final double[] sumU11 = new double[d * d]; // before R
    private final double[] sumU = new double[d];
    private final double[] sumV1 = new double[d]; // before R
    private double sumV2;
    private double largestS;

    // derivatives of e_L − e_∞ at the point
    private double byC;
    private double byT;
    private double byQ;

    Pass(Head head) {
      double v2 = head.v().getEntry(0, d);
      RealMatrix r = MatrixUtils.createRealMatrix(root);
      double[][] rootU = r.multiply(head.u().getSubMatrix(0, d - 1, 0, d - 1)).getData();
      double[] rootV = r.operate(head.v().getRowVector(0).getSubVector(0, d)).toArray();
      double[] u = head.u().getRow(d);
      boolean linear = activation == Activation.LINEAR;
      double[] alpha = new double[d];
      double[] beta = new double[d];
      ErrorFunctions functions = new ErrorFunctions(promptLength);
      for (int k = 0; k < targets.length; k++) {
        int at = k * d;
        double a2 = 0;
        for (int j = 0; j < d; j++) {
          a2 += u[j] * queries[at + j];
        }
        double c = noise * a2 * v2;
        double t = noise * a2 * a2;
        double q = noise * v2 * v2;
        double wAlpha = noise * a2; // last entry of Γa
        double wBeta = noise * v2; // last entry of Γv
        for (int i = 0; i < d; i++) {
          double rw = rooted[at + i];
          double[] row = rootU[i];
          double a = a2 * rw;
          for (int j = 0; j < d; j++) {
            a += row[j] * queries[at + j];
          }
          double b = rootV[i] + v2 * rw;
          alpha[i] = a;
          beta[i] = b;
          c += a * b;
          t += a * a;
          q += b * b;
          wAlpha += rw * a;
          wBeta += rw * b;
        }
        double s = Math.sqrt(t);
        largestS = Math.max(largestS, s);
        double e = linear ? linear(c, t, q) : softmax(functions, c, s, q, targets[k]);
        excess[k] = 0.5 * e;
        double last = byC * wBeta + 2 * byT * wAlpha;
        for (int i = 0; i < d; i++) {
          double first = byC * beta[i] + 2 * byT * alpha[i];
          for (int j = 0; j < d; j++) {
            sumU11[i * d + j] += first * queries[at + j];
          }
          sumU[i] += last * queries[at + i];
          sumV1[i] += byC * alpha[i] + 2 * byQ * beta[i];
        }
        sumV2 += byC * wAlpha + 2 * byQ * wBeta;
      }
    }

    private double linear(double c, double t, double q) {
      byC = 2 * c / length;
      byT = q / length;
      byQ = t / length;
      return (c * c + q * t) / length;
    }

    private double softmax(ErrorFunctions at, double c, double s, double q, double y) {
      at.moveTo(s);
      double kappa = at.kappa();
      double g = at.g();
      byC = 2 * kappa * c + 2 * y * g;
      byT = (2 * c * y + q - 2 * c * c) * at.gByT();
      if (s > 0) {
        double slope = c / s;
        byT += slope * slope * at.rest();
      }
      byQ = g;
      return kappa * c * c + (2 * c * y + q) * g;
    }

    HeadGradient gradient() {
      double half = 0.5 / targets.length;
      RealMatrix r = MatrixUtils.createRealMatrix(root);
      RealMatrix u = MatrixUtils.createRealMatrix(d + 1, d + 1);
      double[] column = new double[d];
      for (int j = 0; j < d; j++) {
        for (int i = 0; i < d; i++) {
          column[i] = sumU11[i * d + j];
        }
        double[] image = r.operate(column);
        for (int i = 0; i < d; i++) {
          u.setEntry(i, j, half * image[i]);
        }
        u.setEntry(d, j, half * sumU[j]);
      }
      RealVector v = MatrixUtils.createRealVector(r.operate(sumV1)).append(sumV2);
      return new HeadGradient(Moments.of(excess, excess.length).mean(), u, v.mapMultiply(half));
    }
  }
}
