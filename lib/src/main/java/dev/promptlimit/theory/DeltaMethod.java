package dev.promptlimit.theory;

import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.TokenMeasure;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;
import org.hipparchus.util.FastMath;

/*
 * Softmax attention is self-normalised importance sampling with the token measure as proposal, so the
 * delta method gives lim L · E(squared deviation) at a fixed query of tilt a, with ρ = e^{Λ(2a) − 2Λ(a)},
 * δ = m(2a) − m(a) and E_{2a} the mean under the 2a-tilted measure:
 *
 *   output      ρ tr V[C(2a) + δδᵀ]Vᵀ
 *   jacobian-v  the same with V = I, times p
 *   jacobian-u  ρ ‖z‖² E_{2a}‖V[(x−m(a))(x−m(a))ᵀ − C(a)]‖_F²
 *                 = ρ ‖z‖² [E_{2a}‖Vy‖²‖y‖² − 2 tr VᵀV C(a)(C(2a) + δδᵀ) + ‖VC(a)‖_F²], y = x − m(a)
 *   bias        E V(m_w − m(a)) ~ −ρ Vδ/L
 *
 * For tokens N(m, Γ), b = ΓUz, s² = zᵀMz, M = UᵀΓU:
 *
 *   output      e^{s²} (tr VΓVᵀ + ‖Vb‖²)
 *   jacobian-v  the same with V = I, times p
 *   jacobian-u  e^{s²} ‖z‖² [‖Vb‖²(‖b‖² + tr Γ) + tr VΓVᵀ (‖b‖² + tr Γ) + 2 bᵀΓVᵀVb + ‖VΓ‖_F²]
 *
 * Averages over z ~ N(m_z, Σ_z). Everything beside e^{s²} is a polynomial in quadratic forms of z, and
 * e^{zᵀMz} tilts the query: for H² = λ_max(Σ_z^{1/2} M Σ_z^{1/2}) < 1/2
 *
 *   E e^{zᵀMz} f(z) = det(I − 2J)^{−1/2} exp(m_zᵀ M m̃) · E f(z̃),   z̃ ~ N(m̃, S̃),
 *   S̃ = Σ_z^{1/2} (I − 2J)^{−1} Σ_z^{1/2},   m̃ = m_z + 2 S̃ M m_z,
 *
 * and for H² ≥ 1/2 it is infinite. A fixed query is Σ_z = 0. Moments of quadratic forms zᵀAz come from
 * their joint cumulants (A. M. Mathai, S. B. Provost, Quadratic forms in random variables, 1992,
 * section 3.2), A, B, C symmetric:
 *
 *   κ(A)     = tr AS̃ + m̃ᵀAm̃
 *   κ(A,B)   = 2 tr AS̃BS̃ + 4 m̃ᵀAS̃Bm̃
 *   κ(A,B,C) = 8 tr AS̃BS̃CS̃ + 8 m̃ᵀ(AS̃BS̃C + BS̃CS̃A + CS̃AS̃B)m̃
 */
/**
 * Large-L constants: the limit of L times the mean-square error, at one query for every token
 * measure, averaged over Gaussian queries for Gaussian tokens.
 *
 * <p>Accuracy for Gaussian tokens is that of matrix products, about 1e-13 relative while H² is not
 * close to 1/2; for others that of their tilted moments, and that of Λ(2a) − 2Λ(a), absolute. Cost
 * O(d³).
 */
public final class DeltaMethod {
  private DeltaMethod() {}

  /**
   * The constants for each metric, +∞ where the average over queries diverges or overflows.
   *
   * @param tokens Gaussian tokens N(m, Γ) in R^d
   * @param head head (U, V) of dimension d
   * @param queries queries N(m_z, Σ_z) in R^d; {@link Gaussian#fixed} for one query
   */
  public static Map<Metric, Double> constants(Gaussian tokens, Head head, Gaussian queries) {
    return constants(tokens, head, queries, new QuerySpectrum(tokens, head, queries));
  }

  /** The same where their spectrum is known, which is half the work. */
  public static Map<Metric, Double> constants(
      Gaussian tokens, Head head, Gaussian queries, QuerySpectrum spectrum) {
    return constants(QueryForms.of(tokens, head), head, queries, spectrum);
  }

  /**
   * The constants for tokens whose forms these are.
   *
   * @param head the head of the forms
   */
  public static Map<Metric, Double> constants(QueryForms forms, Head head, Gaussian queries) {
    return constants(forms, head, queries, new QuerySpectrum(forms, queries));
  }

  /** The same where their spectrum is known. */
  public static Map<Metric, Double> constants(
      QueryForms query, Head head, Gaussian queries, QuerySpectrum spectrum) {
    Map<Metric, Double> constants = new EnumMap<>(Metric.class);
    double traceOutput = query.traceOutput();

    boolean blind = traceOutput == 0; // VΓ^{1/2} = 0: nothing of the tokens reaches the output
    if (!(spectrum.h2() < 0.5)) {
      constants.put(Metric.OUTPUT, blind ? 0 : Double.POSITIVE_INFINITY);
      constants.put(Metric.JACOBIAN_V, Double.POSITIVE_INFINITY);
      constants.put(Metric.JACOBIAN_U, blind ? 0 : Double.POSITIVE_INFINITY);
      return constants;
    }
    RealMatrix norm = MatrixUtils.createRealIdentityMatrix(head.dimension()); // ‖z‖²

    RealVector mean = MatrixUtils.createRealVector(queries.mean());
    RealMatrix m = spectrum.m();
    RealMatrix s = spectrum.tiltedQueryCovariance();
    RealVector tilted = mean.add(s.operate(m.operate(mean)).mapMultiply(2));
    double factor =
        spectrum.inverseRootDeterminant() * FastMath.exp(m.operate(mean).dotProduct(tilted));

    Forms forms = new Forms(tilted, s);
    double jacobianU =
        forms.mean(norm, query.left(), query.right())
            + forms.mean(norm, query.mixed())
            + (query.traceProduct() + query.squaredVGamma()) * forms.mean(norm)
            + 2 * forms.mean(norm, query.cross());
    constants.put(Metric.OUTPUT, blind ? 0 : factor * (traceOutput + forms.mean(query.output())));
    constants.put(
        Metric.JACOBIAN_V,
        factor * head.outputs() * (query.traceGamma() + forms.mean(query.tilt())));
    constants.put(Metric.JACOBIAN_U, blind ? 0 : factor * jacobianU);
    return constants;
  }

  /**
   * The constants for each metric at one query, for every token measure: +∞ where Λ is infinite at
   * 2Uz, for then the squared weights have no mean; NaN where it is infinite at Uz, for then there
   * is no limit that errors could be taken from.
   *
   * @param z query, d entries
   */
  public static Map<Metric, Double> constants(TokenMeasure tokens, Head head, double[] z) {
    Map<Metric, Double> constants = new EnumMap<>(Metric.class);
    OneQuery query = new OneQuery(tokens, head.u().operate(z));
    if (!query.finite()) {
      for (Metric metric : Metric.values()) {
        constants.put(metric, query.none());
      }
      return constants;
    }
    double[] m = tokens.tiltedMean(query.a());
    RealMatrix c = tokens.tiltedCovariance(query.a());
    RealVector delta = query.delta(m);
    RealMatrix square = tokens.tiltedCovariance(query.twice()).add(delta.outerProduct(delta));
    RealMatrix weights = head.v().transposeMultiply(head.v()); // VᵀV
    RealMatrix weightedC = weights.multiply(c);
    double jacobianU =
        tokens.tiltedQuartic(query.twice(), m, weights)
            - 2 * weightedC.multiply(square).getTrace()
            + weightedC.multiply(c).getTrace();
    double rho = query.rho();
    double squaredNorm =
        MatrixUtils.createRealVector(z).dotProduct(MatrixUtils.createRealVector(z));
    constants.put(Metric.OUTPUT, rho * weights.multiply(square).getTrace());
    constants.put(Metric.JACOBIAN_V, rho * head.outputs() * square.getTrace());
    constants.put(Metric.JACOBIAN_U, rho * squaredNorm * Math.max(0, jacobianU)); // rounding of 0
    return constants;
  }

  /**
   * The limit −ρVδ of L times the bias E V(m_w − m(a)) at one query, p entries; all NaN where Λ is
   * infinite at 2Uz.
   */
  public static double[] biasConstant(TokenMeasure tokens, Head head, double[] z) {
    OneQuery query = new OneQuery(tokens, head.u().operate(z));
    double[] bias = new double[head.outputs()];
    Arrays.fill(bias, Double.NaN);
    if (query.finite()) {
      double[] delta = query.delta(tokens.tiltedMean(query.a())).toArray();
      bias = head.v().scalarMultiply(-query.rho()).operate(delta);
    }
    return bias;
  }

  /** A query of tilt a, seen by the tokens. */
  private record OneQuery(TokenMeasure tokens, RealVector tilt) {
    OneQuery(TokenMeasure tokens, double[] tilt) {
      this(tokens, MatrixUtils.createRealVector(tilt));
    }

    double[] a() {
      return tilt.toArray();
    }

    double[] twice() {
      return tilt.mapMultiply(2).toArray();
    }

    boolean finite() {
      return tokens.inadmissible(a()).isEmpty() && tokens.inadmissible(twice()).isEmpty();
    }

    double none() {
      return tokens.inadmissible(a()).isPresent() ? Double.NaN : Double.POSITIVE_INFINITY;
    }

    double rho() {
      return FastMath.exp(tokens.logMgf(twice()) - 2 * tokens.logMgf(a()));
    }

    /** m(2a) − m(a). */
    RealVector delta(double[] m) {
      return MatrixUtils.createRealVector(tokens.tiltedMean(twice()))
          .subtract(MatrixUtils.createRealVector(m));
    }
  }

  /** Expectations of products of quadratic forms of z ~ N(mean, s). */
  private record Forms(RealVector mean, RealMatrix s) {
    double mean(RealMatrix a) {
      return a.multiply(s).getTrace() + a.operate(mean).dotProduct(mean);
    }

    double mean(RealMatrix a, RealMatrix b) {
      return mean(a) * mean(b) + cumulant(a, b);
    }

    double mean(RealMatrix a, RealMatrix b, RealMatrix c) {
      return mean(a) * mean(b) * mean(c)
          + mean(a) * cumulant(b, c)
          + mean(b) * cumulant(a, c)
          + mean(c) * cumulant(a, b)
          + cumulant(a, b, c);
    }

    private double cumulant(RealMatrix a, RealMatrix b) {
      return 2 * a.multiply(s).multiply(b.multiply(s)).getTrace() + 4 * chain(a, b);
    }

    private double cumulant(RealMatrix a, RealMatrix b, RealMatrix c) {
      double trace = a.multiply(s).multiply(b.multiply(s)).multiply(c.multiply(s)).getTrace();
      return 8 * trace + 8 * (chain(a, b, c) + chain(b, c, a) + chain(c, a, b));
    }

    /** meanᵀ A S B S … mean. */
    private double chain(RealMatrix... factors) {
      RealVector image = factors[factors.length - 1].operate(mean);
      for (int i = factors.length - 2; i >= 0; i--) {
        image = factors[i].operate(s.operate(image));
      }
      return image.dotProduct(mean);
    }
  }
}
