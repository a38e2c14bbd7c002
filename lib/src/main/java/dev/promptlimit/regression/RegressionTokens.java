package dev.promptlimit.regression;

import dev.promptlimit.attention.Head;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.SubGaussianProxy;
import dev.promptlimit.measure.TokenRoot;
import dev.promptlimit.measure.TokenSampler;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.theory.QueryForms;
import dev.promptlimit.theory.RandomTokens;
import java.util.Optional;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;

/*
 * For a head with u₂₁ = 0 a query z = (x_q, 0) has the tilt a = (a₁, 0), a₁ = U₁₁x_q, and with g = Σa₁,
 * β = ‖g‖², γ = gᵀΣg, V = (V₁ | v₂), n = ‖v₂‖², t = τ², k = wᵀΣw, ζ = wᵀg ~ N(0, tβ):
 *
 *   Γ_wa = (g, ζ),   s² = a₁ᵀΣa₁,   T_S = tr Σ + k + σ²,   T_P = tr V₁ΣV₁ᵀ + 2v₂ᵀV₁Σw + n(k + σ²),
 *   A = ‖V₁g + v₂ζ‖²,   B = β + ζ²,
 *   C = (V₁g + v₂ζ)ᵀ(V₁Σg + V₁Σw ζ + v₂(wᵀΣg + (k + σ²)ζ)).
 *
 * s does not depend on w, and all else is a polynomial in w. Odd powers vanish; κ₁ = E k = t tr Σ,
 * κ₂ = E k² = t²((tr Σ)² + 2 tr Σ²), E ζ⁴ = 3t²β², E ζw = tg, E kζ² = t²(tr Σ β + 2γ) =: χ give, with
 * α = ‖V₁g‖², ε = tr Σ + σ², ω = tr V₁ΣV₁ᵀ + nσ² and E(k + σ²)² = κ₂ + 2κ₁σ² + σ⁴ =: κ,
 *
 *   E A = α + ntβ,   E B = (1 + t)β,   E AB = β [(1 + t)α + nt(1 + 3t)β],
 *   E[T_S A + T_P B] = (ε + κ₁)α + (εnt + ω(1 + t) + nκ₁)β + 2nχ,
 *   E C = (1 + t)(V₁g)ᵀV₁Σg + n(tγ + χ + σ²tβ),
 *   E T_P T_S = tr V₁ΣV₁ᵀ (ε + κ₁) + n(tr Σ (κ₁ + σ²) + κ),
 *   E‖VΓ_w‖_F² = (1 + t)‖V₁Σ‖_F² + nt‖Σ‖_F² + nκ.
 */
/**
 * The prompts of in-context linear regression: each draws its task w ~ N(0, τ²I_d) and then tokens
 * (x, y) ~ N(0, Γ_w) in R^{d+1}. The limit of a prompt with query z is VΓ_wUz (Boursier and Boyer,
 * arXiv 2512.11784, section 5).
 *
 * <p>There is no one measure that all tokens come from, so there is no tilted mean m(a) and no
 * tilted covariance C(a): every tilt is inadmissible here, while every prompt has its limit, and
 * tokens are drawn by {@link #root} only. Nor is there a finite sub-Gaussian scale for all prompts.
 *
 * @param family tasks, inputs, query and noise
 */
public record RegressionTokens(TaskFamily family) implements RandomTokens {
  private static final String NO_LAW = "each prompt draws a task and with it a law of its own";

  /** d + 1. */
  @Override
  public int dimension() {
    return family.dimension() + 1;
  }

  /** The queries z = (x_q, 0), x_q ~ N(0, Σ_q). */
  public Gaussian queries() {
    return Gaussian.centred(extended(family.queryCovariance(), 0));
  }

  /** N(0, E Γ_w), E Γ_w = diag(Σ, τ² tr Σ + σ²). */
  @Override
  public Gaussian average() {
    double label =
        family.taskVariance() * family.covariance().matrix().getTrace() + family.noiseVariance();
    return Gaussian.centred(extended(family.covariance(), label));
  }

  /** A covariance with one more coordinate, independent of the others. */
  private static Covariance extended(Covariance covariance, double variance) {
    int d = covariance.dimension();
    RealMatrix matrix = MatrixUtils.createRealMatrix(d + 1, d + 1);
    matrix.setSubMatrix(covariance.matrix().getData(), 0, 0);
    matrix.setEntry(d, d, variance);
    if (!covariance.isDiagonal()) {
      return Covariance.of(matrix.getData());
    }
    double[] variances = new double[d + 1];
    for (int i = 0; i <= d; i++) {
      variances[i] = matrix.getEntry(i, i);
    }
    return Covariance.diagonal(variances);
  }

  /** The lower-triangular block root of Γ_w, w drawn for each prompt, d normals. */
  @Override
  public TokenRoot root() {
    return new TaskRoot(family);
  }

  /** Those of heads with u₂₁ = 0, for which s² = x_qᵀU₁₁ᵀΣU₁₁x_q does not depend on the task. */
  @Override
  public Optional<QueryForms> forms(Head head) {
    int d = family.dimension();
    if (head.dimension() != d + 1) {
      throw new IllegalArgumentException(
          "Cannot give errors: the head has dimension "
              + head.dimension()
              + ", the tokens "
              + (d + 1));
    }
    for (int j = 0; j < d; j++) {
      if (head.u().getEntry(d, j) != 0) {
        return Optional.empty();
      }
    }
    RealMatrix sigma = family.covariance().matrix();
    RealMatrix toTilt = MatrixUtils.createRealMatrix(d, d + 1); // z to a₁
    toTilt.setSubMatrix(head.u().getSubMatrix(0, d - 1, 0, d - 1).getData(), 0, 0);
    RealMatrix toG = sigma.multiply(toTilt);
    RealMatrix v1 = head.v().getSubMatrix(0, head.outputs() - 1, 0, d - 1);
    RealVector v2 = head.v().getColumnVector(d);
    double n = v2.dotProduct(v2);
    double t = family.taskVariance();
    double noise = family.noiseVariance();

    RealMatrix v1Sigma = v1.multiply(sigma);
    RealMatrix v1G = v1.multiply(toG);
    RealMatrix alpha = v1G.transposeMultiply(v1G);
    RealMatrix beta = toG.transposeMultiply(toG);
    RealMatrix gamma = symmetric(toG.transposeMultiply(sigma.multiply(toG)));
    RealMatrix along = symmetric(v1G.transposeMultiply(v1Sigma.multiply(toG)));
    double trace = sigma.getTrace();
    double squares = sigma.multiply(sigma).getTrace();
    double kappa1 = t * trace;
    double kappa = t * t * (trace * trace + 2 * squares) + 2 * kappa1 * noise + noise * noise;
    RealMatrix chi = sum(t * t * trace, beta, 2 * t * t, gamma);
    double inputs = v1Sigma.multiplyTransposed(v1).getTrace();
    double epsilon = trace + noise;
    double omega = inputs + n * noise;

    return Optional.of(
        new QueryForms(
            symmetric(toTilt.transposeMultiply(toG)),
            sum(1, alpha, n * t, beta),
            beta.scalarMultiply(1 + t),
            sum(1 + t, alpha, n * t * (1 + 3 * t), beta),
            beta,
            sum(epsilon + kappa1, alpha, epsilon * n * t + omega * (1 + t) + n * kappa1, beta)
                .add(chi.scalarMultiply(2 * n)),
            sum(1 + t, along, n * t, gamma).add(sum(n, chi, n * noise * t, beta)),
            omega + n * kappa1,
            epsilon + kappa1,
            inputs * (epsilon + kappa1) + n * (trace * (kappa1 + noise) + kappa),
            (1 + t) * v1Sigma.multiplyTransposed(v1Sigma).getTrace() + n * (t * squares + kappa)));
  }

  private static RealMatrix sum(double x, RealMatrix a, double y, RealMatrix b) {
    return a.scalarMultiply(x).add(b.scalarMultiply(y));
  }

  private static RealMatrix symmetric(RealMatrix a) {
    return a.add(a.transpose()).scalarMultiply(0.5);
  }

  @Override
  public Optional<String> inadmissible(double[] a) {
    return Optional.of(NO_LAW);
  }

  @Override
  public double logMgf(double[] a) {
    return Double.POSITIVE_INFINITY;
  }

  @Override
  public double[] tiltedMean(double[] a) {
    throw none("tilt");
  }

  @Override
  public RealMatrix tiltedCovariance(double[] a) {
    throw none("tilt");
  }

  @Override
  public double tiltedQuartic(double[] a, double[] c, RealMatrix w) {
    throw none("tilt");
  }

  @Override
  public SubGaussianProxy proxy() {
    return new SubGaussianProxy(Double.POSITIVE_INFINITY, true);
  }

  @Override
  public TokenSampler sampler(StreamKey key) {
    throw none("draw");
  }

  private static IllegalArgumentException none(String what) {
    return new IllegalArgumentException("Cannot " + what + " tokens of regression: " + NO_LAW);
  }
}
