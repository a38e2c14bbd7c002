package dev.promptlimit.measure;

import java.util.Arrays;
import org.hipparchus.special.Gamma;
import org.hipparchus.util.FastMath;

/**
 * The uniform measure on the unit sphere of R^d, d ≥ 2, tilted by r times a unit vector: the law of
 * the component ξ along that vector, of density proportional to e^{rξ} (1−ξ²)^{(d−3)/2}.
 *
 * <p>With ν = d/2 − 1, Λ = log[Γ(ν+1) (2/r)^ν I_ν(r)] and E ξ = A = I_{ν+1}(r) / I_ν(r). From A′ =
 * 1 − A² − (d−1)A/r follow all moments in use here; which of them are computed, and how, avoids
 * every difference of nearly equal numbers:
 *
 * <ul>
 *   <li>r ≤ {@value #NEAR}: e^Λ is a power series in r²/4 with positive terms. So is the product
 *       I_μ I_ν (DLMF 10.31.3). With c_k the coefficients of I_ν² and ⟨·⟩ the average over k with
 *       weights c_k (r²/4)^k,
 *       <pre>
 *   A/r = ⟨(d−1+2k) / ((d+2k)(d−1+k))⟩,   A′ = ⟨(d−1) / ((d−1+k)(d+2k))⟩
 *       </pre>
 *       and A/r − A′ is the average of the difference, 2k / ((d+2k)(d−1+k)).
 *   <li>r &gt; {@value #NEAR}: Debye's expansion in R = √(ν²+r²), uniform in ν (DLMF 10.41), taken
 *       from its logarithmic derivative r I′_ν/I_ν = Σ_m R^{1−m} w_m(q), q = r²/R², whose Riccati
 *       equation r w′ + w² = R² gives the polynomials w_m one after the other.
 * </ul>
 *
 * <p>Accuracy: about 1e-14 relative for all d and r. Cost: O(r) up to {@value #NEAR}, constant
 * beyond.
 *
 * @param logMgf Λ
 * @param meanOverR A/r
 * @param variance E(ξ−A)² = A′
 * @param slope (A/r − A′)/r, minus the derivative of A/r
 */
record VonMisesFisher(
    int d, double r, double logMgf, double meanOverR, double variance, double slope) {
  /** Up to this r the power series serve. */
  static final double NEAR = 100;

  /** Terms of Debye's expansion; the next is below 9!/200¹⁰ of the first. */
  private static final int TERMS = 10;

  /** w_m(q)/q, m ≥ 1, coefficients from the lowest on. */
  private static final double[][] RATIO = riccati();

  /** Of R^{−1−m} in the expansion of A′, m ≥ 1. */
  private static final double[][] SLOPE = slopes();

  /** Of R^{−m} in the expansion of the logarithm, m ≥ 1. */
  private static final double[][] LOG = logarithms();

  /** Stirling's series: B_2j / (2j (2j−1)) is that of ν^{1−2j} in log Γ(ν+1). */
  private static double stirling(int m) {
    return switch (m) {
      case 1 -> 1.0 / 12;
      case 3 -> -1.0 / 360;
      case 5 -> 1.0 / 1260;
      case 7 -> -1.0 / 1680;
      case 9 -> 1.0 / 1188;
      default -> 0;
    };
  }

  /** Of that law; r is finite and ≥ 0. */
  static VonMisesFisher of(int d, double r) {
    return r <= NEAR ? bySeries(d, r) : byDebye(d, r);
  }

  private static VonMisesFisher bySeries(int d, double r) {
    double x = 0.25 * r * r;
    double term = 1;
    double sum = 0;
    for (int k = 1; term > sum * 0x1p-60; k++) {
      term *= x / (k * (0.5 * d + (k - 1)));
      sum += term;
    }
    double weight = 1;
    double weights = 0;
    double mean = 0;
    double variance = 0;
    double difference = 0;
    // their quotients fall, so that weights grow up to the largest and are negligible from here on
    // (times k: the difference begins at k = 1, however small that weight is)
    double moment = 0;
    for (int k = 0; k < 2 || k * weight > moment * 0x1p-60; k++) {
      double share = weight / ((d + 2.0 * k) * (d - 1.0 + k));
      weights += weight;
      moment += k * weight;
      mean += share * (d - 1 + 2.0 * k);
      variance += share * (d - 1);
      difference += share * 2 * k;
      double half = 0.5 * d + k;
      weight *= x * (2 * half * (2 * half - 1)) / ((k + 1.0) * half * half * (d - 1.0 + k));
    }
    double slope = r == 0 ? 0 : difference / weights / r;
    return new VonMisesFisher(d, r, FastMath.log1p(sum), mean / weights, variance / weights, slope);
  }

  private static VonMisesFisher byDebye(int d, double r) {
    double nu = 0.5 * d - 1;
    double root = FastMath.hypot(nu, r);
    double y = 1 / root;
    double q = (r * y) * (r * y);
    double[] log = new double[TERMS];
    double mean = 1 / (root + nu);
    double variance = nu * y / (root + nu);
    double power = y;
    for (int m = 1; m <= TERMS; m++) {
      log[m - 1] = polynomial(LOG[m], q) * power;
      power *= y;
      mean += polynomial(RATIO[m], q) * power;
      variance += polynomial(SLOPE[m], q) * power;
    }
    double rest = 0;
    // For large ν, Γ(ν+1) by Stirling, whose leading terms cancel against Debye's.
    double delta = r * (r / (root + nu));
    double leading;
    if (nu >= 20) {
      leading = delta - nu * FastMath.log1p(0.5 * delta / nu) - 0.5 * FastMath.log1p(delta / nu);
      for (int m = TERMS; m >= 1; m--) {
        rest += log[m - 1] + stirling(m) / FastMath.pow(nu, m);
      }
    } else {
      leading =
          root
              + nu * FastMath.log(2 / (nu + root))
              - 0.5 * FastMath.log(2 * FastMath.PI * root)
              + Gamma.logGamma(nu + 1);
      for (int m = TERMS; m >= 1; m--) {
        rest += log[m - 1];
      }
    }
    return new VonMisesFisher(d, r, leading + rest, mean, variance, (mean - variance) / r);
  }

  private static double polynomial(double[] coefficients, double q) {
    double sum = 0;
    for (int j = coefficients.length - 1; j >= 0; j--) {
      sum = sum * q + coefficients[j];
    }
    return sum;
  }

  /**
   * Of r d/dr R^{1−m} w(q) = R^{1−m} [(1−m) q w + 2q(1−q) w′] the bracket, over q.
   *
   * @param over w/q
   */
  private static double[] derivative(int m, double[] over) {
    double[] bracket = new double[over.length + 1];
    for (int j = 0; j < over.length; j++) { // w has over[j] q^(j+1)
      bracket[j] += 2 * (j + 1) * over[j];
      bracket[j + 1] += (1 - m - 2 * (j + 1)) * over[j];
    }
    return bracket;
  }

  /** 2 w_m = −(r d/dr of term m−1) − Σ w_i w_{m−i}, i from 1 to m−1; w_0 = 1. */
  private static double[][] riccati() {
    double[][] over = new double[TERMS + 2][];
    over[1] = new double[] {-0.5};
    for (int m = 2; m < over.length; m++) {
      double[] next = Arrays.copyOf(derivative(m - 1, over[m - 1]), m);
      for (int i = 1; i < m; i++) {
        for (int j = 0; j < over[i].length; j++) {
          for (int k = 0; k < over[m - i].length; k++) {
            next[j + k + 1] += over[i][j] * over[m - i][k];
          }
        }
      }
      over[m] = Arrays.stream(next).map(c -> -0.5 * c).toArray();
    }
    return over;
  }

  /** r² A′ = r w′ − (w − ν) term by term, over r² = q R². */
  private static double[][] slopes() {
    double[][] slopes = new double[TERMS + 1][];
    for (int m = 1; m <= TERMS; m++) {
      slopes[m] = derivative(m, RATIO[m]);
      for (int j = 0; j < RATIO[m].length; j++) {
        slopes[m][j] -= RATIO[m][j];
      }
    }
    return slopes;
  }

  /**
   * ℓ_m with r d/dr R^{−m} ℓ_m = R^{−m} w_{m+1}, and at q = 0, where Λ is 0, minus Stirling's term.
   */
  private static double[][] logarithms() {
    double[][] logarithms = new double[TERMS + 1][];
    for (int m = 1; m <= TERMS; m++) {
      double[] over = RATIO[m + 1];
      double[] log = new double[over.length + 1];
      log[0] = -stirling(m);
      for (int j = 0; j < over.length; j++) {
        log[j + 1] = (over[j] + (m + 2 * j) * log[j]) / (2 * (j + 1));
      }
      logarithms[m] = log;
    }
    return logarithms;
  }

  /** A = E ξ. */
  double mean() {
    return meanOverR * r;
  }

  /** E(1−ξ²) = (d−1)A/r. */
  double acrossSquare() {
    return (d - 1) * meanOverR;
  }

  /** E(ξ−A)³ = A″. */
  double thirdMoment() {
    return -2 * mean() * variance + (d - 1) * slope;
  }
}
