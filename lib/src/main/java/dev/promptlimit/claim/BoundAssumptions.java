package dev.promptlimit.claim;

import dev.promptlimit.attention.Setting;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.Lapack;
import dev.promptlimit.measure.Rademacher;
import dev.promptlimit.measure.TokenMeasure;
import dev.promptlimit.measure.UniformCube;
import dev.promptlimit.measure.UniformSphere;
import dev.promptlimit.measure.Vocabulary;
import dev.promptlimit.theory.MeanScores;
import dev.promptlimit.theory.RandomTokens;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.util.FastMath;

/*
 * Tilted moments. With K = RUΣ_z^{1/2}, RRᵀ = Γ, λ_i the eigenvalues of KKᵀ, H² the largest: for Gaussian
 * tokens and queries, both centred,
 *
 *   E_z ∫ ‖x‖^k e^{⟨Uz,x⟩} dμ = Π(1 − λ_i)^{−1/2} · E‖y‖^k,   y ~ N(0, R(I − KKᵀ)^{−1}R),
 *
 * by completing the square, and +∞ if H² ≥ 1. The cumulants of ‖y‖² are 2^{n−1}(n−1)! tr Cⁿ.
 *
 * For other tokens e^{Λ(Uz)} ≤ e^{σ²‖Uz‖²/2}, whose mean is Π(1 − σ²λ_i)^{−1/2}, λ_i those of Σ_z^{1/2}UᵀUΣ_z^{1/2};
 * if it is finite so are the higher orders, by Hölder's inequality.
 */
/**
 * What the published bounds presume (Boursier and Boyer, arXiv 2512.11784, Propositions 3.1 and
 * 3.4, Assumption 3.3), checked one by one.
 *
 * <ul>
 *   <li>tokens: of one measure, centred, sub-Gaussian, and held against their own limit, which
 *       every prompt has;
 *   <li>queries: centred and 1-sub-Gaussian, for Gaussian ones λ_max(Σ_z) ≤ 1;
 *   <li>tilted moments of order k = 0, 4, 8, for the derivatives only: E_z ∫ ‖x‖^k e^{⟨Uz,x⟩} dμ is
 *       finite. Exactly H² &lt; 1 for Gaussian tokens; always so for bounded ones; for all others
 *       σ² λ_max(Σ_z^{1/2}UᵀUΣ_z^{1/2}) &lt; 1 is sufficient and asked for.
 * </ul>
 */
final class BoundAssumptions {
  private static final double ROUNDING = 1e-12;
  private static final int MOST_DIRECTIONS = 8;
  private static final double[] DEVIATIONS = {-8, -4, -2, -1, 1, 2, 4, 8};

  /**
   * The tilted moments of one setting.
   *
   * @param refusal why they are not known to be finite; empty if they are
   * @param evidence their values or bounds where there are any
   */
  record TiltedMoments(Optional<String> refusal, Map<String, Object> evidence) {}

  private BoundAssumptions() {}

  /** Why an observation is not one of what the bounds are about; empty if it is. */
  static Optional<String> refusal(Observation observation) {
    Setting setting = observation.setting();
    if (!setting.ownLimit()) {
      return Optional.of("prompts are held against the limit of other tokens");
    }
    Optional<String> refusal = refusal(setting.tokens()).or(() -> refusal(setting.queries()));
    if (refusal.isPresent()) {
      return refusal;
    }
    if (observation.inadmissible() > 0) {
      return Optional.of(
          String.format(
              Locale.ROOT,
              "%d of %d prompts have no limit: %s",
              observation.inadmissible(),
              observation.prompts(),
              observation.inadmissibleReason().orElse("no reason given")));
    }
    return Optional.empty();
  }

  private static Optional<String> refusal(TokenMeasure tokens) {
    if (tokens instanceof RandomTokens) {
      return Optional.of("tokens have another law in every prompt");
    }
    if (!(tokens.proxy().variance() < Double.POSITIVE_INFINITY)) {
      return Optional.of("tokens are not sub-Gaussian");
    }
    double[] zero = new double[tokens.dimension()];
    double scale = FastMath.sqrt(tokens.tiltedCovariance(zero).getTrace());
    double mean = norm(tokens.tiltedMean(zero));
    return mean <= ROUNDING * Math.max(1, scale)
        ? Optional.empty()
        : Optional.of("tokens are not centred: the norm of their mean is " + number(mean));
  }

  private static Optional<String> refusal(Gaussian queries) {
    double mean = norm(queries.mean());
    if (!(mean <= ROUNDING)) {
      return Optional.of("queries are not centred: the norm of their mean is " + number(mean));
    }
    double variance = queries.proxy().variance();
    return variance <= 1 + ROUNDING
        ? Optional.empty()
        : Optional.of(
            "queries are not 1-sub-Gaussian: their largest variance is " + number(variance));
  }

  /** The scale σ that the bounds are read with: at least 1. */
  static double sigma(Setting setting) {
    return Math.max(1, FastMath.sqrt(setting.tokens().proxy().variance()));
  }

  /** E s²/2: prompts shorter than e to this power freeze onto one token ({@link MeanScores}). */
  static double freezing(Setting setting) {
    return 0.5 * MeanScores.variance(setting);
  }

  /** The tilted moments of a setting that is otherwise admissible. */
  static TiltedMoments tiltedMoments(Setting setting) {
    TokenMeasure tokens = setting.tokens();
    RealMatrix tilts = setting.head().u().multiply(setting.queries().covariance().root());
    Lapack.Spectrum spectrum = Lapack.spectrum(tilts.transposeMultiply(tilts));
    Optional<String> outside = outside(tokens, tilts, spectrum);
    if (outside.isPresent()) {
      return new TiltedMoments(outside, Map.of());
    }
    Map<String, Object> evidence = new LinkedHashMap<>();
    if (tokens instanceof Gaussian gaussian) {
      return gaussian(gaussian, tilts, evidence);
    }
    double[] lambda = spectrum.values().mapMultiply(tokens.proxy().variance()).toArray();
    double largest = Math.max(0, lambda[lambda.length - 1]);
    evidence.put("largestTilt", largest);
    evidence.put("order0AtMost", largest < 1 ? inverseRoot(lambda) : Double.POSITIVE_INFINITY);
    boolean bounded =
        tokens instanceof Rademacher
            || tokens instanceof UniformCube
            || tokens instanceof UniformSphere
            || tokens instanceof Vocabulary;
    evidence.put("boundedTokens", bounded);
    return new TiltedMoments(
        bounded || largest < 1
            ? Optional.empty()
            : Optional.of(
                "tilted moments are not known to be finite: σ² λ_max(Σ_z^{1/2}UᵀUΣ_z^{1/2}) is "
                    + number(largest)
                    + ", and below 1 would suffice"),
        evidence);
  }

  /** Why Λ is infinite at a query up to eight deviations out along the strongest tilts. */
  private static Optional<String> outside(
      TokenMeasure tokens, RealMatrix tilts, Lapack.Spectrum spectrum) {
    int d = tokens.dimension();
    for (int i = d - 1; i >= Math.max(0, d - MOST_DIRECTIONS); i--) {
      double[] direction = tilts.operate(spectrum.vectors().getColumn(i));
      for (double deviations : DEVIATIONS) {
        double[] tilt = Arrays.stream(direction).map(x -> deviations * x).toArray();
        Optional<String> reason = tokens.inadmissible(tilt);
        if (reason.isPresent()) {
          return Optional.of(
              "tilted moments are not finite " + deviations + " deviations out: " + reason.get());
        }
      }
    }
    return Optional.empty();
  }

  private static TiltedMoments gaussian(
      Gaussian tokens, RealMatrix tilts, Map<String, Object> evidence) {
    RealMatrix root = tokens.covariance().root();
    RealMatrix k = root.multiply(tilts);
    Lapack.Spectrum spectrum = Lapack.spectrum(k.multiplyTransposed(k));
    double[] lambda = spectrum.values().toArray();
    double h2 = Math.max(0, lambda[lambda.length - 1]);
    evidence.put("h2", h2);
    if (!(h2 < 1)) {
      return new TiltedMoments(
          Optional.of("tilted moments are infinite: H² is " + number(h2) + ", not below 1"),
          evidence);
    }
    RealMatrix half = root.multiply(spectrum.vectors());
    for (int i = 0; i < lambda.length; i++) {
      double scale = 1 / FastMath.sqrt(1 - lambda[i]);
      half.setColumnVector(i, half.getColumnVector(i).mapMultiply(scale));
    }
    double[] c = Lapack.spectrum(half.multiplyTransposed(half)).values().toArray();
    double k1 = power(c, 1);
    double k2 = 2 * power(c, 2);
    double k3 = 8 * power(c, 3);
    double k4 = 48 * power(c, 4);
    double order0 = inverseRoot(lambda);
    evidence.put("order0", order0);
    evidence.put("order4", order0 * (k2 + k1 * k1));
    evidence.put(
        "order8", order0 * (k4 + 4 * k3 * k1 + 3 * k2 * k2 + 6 * k2 * k1 * k1 + k1 * k1 * k1 * k1));
    return new TiltedMoments(Optional.empty(), evidence);
  }

  private static double power(double[] values, int n) {
    return Arrays.stream(values).map(x -> FastMath.pow(x, n)).sum();
  }

  private static double inverseRoot(double[] lambda) {
    return Arrays.stream(lambda).map(x -> 1 / FastMath.sqrt(1 - x)).reduce(1, (a, b) -> a * b);
  }

  private static double norm(double[] x) {
    return FastMath.sqrt(Arrays.stream(x).map(t -> t * t).sum());
  }

  private static String number(double x) {
    return String.format(Locale.ROOT, "%.6g", x);
  }
}
