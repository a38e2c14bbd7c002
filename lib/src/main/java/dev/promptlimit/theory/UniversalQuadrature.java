package dev.promptlimit.theory;

import java.util.List;
import java.util.stream.DoubleStream;
import org.hipparchus.util.FastMath;

/*
 * For sums S_i = Σ_l y_l^{k_i} q_i(g_l), y = e^{sg − s²/2}/L, Z = Σy, n = Σk_i,
 *
 *   E[Π S_i / Z^n] = ∫₀^∞ t^{n−1}/(n−1)! Σ_π (L)_{|π|} φ^{L−|π|} Π_{B∈π} A_B dt
 *
 * over set partitions π of the factors, since Z^{−n} = ∫ t^{n−1} e^{−tZ} dt/(n−1)! and tokens are
 * independent. In λ = ln(t/L) the blocks are the a(k,q) of ScoreLaw and the measure is dλ.
 *
 * All numerators but that of F are brought to n = 4 by factors Z (n = 2 for G, 3 for F′), where they
 * are polynomials in differences g_l − g_m, so at every λ the origin of g is free. At g = s + c(λ),
 * a(1,x) = 0 and most terms vanish; what is left has no cancellation worth naming at any s and L. With
 * f_j = (L)_j φ^{L−j}, b_j = a(2,x^j), aY = a(1,y):
 *
 *   G     f₁b₀
 *   F     f₁a(2,(x+c)²) + f₂(cz)²
 *   phi1  f₁a(4,1) − 2f₂[z a(3,y) + aY a(3,1)] + f₂[b₀b₄ − 4b₁b₃ + 3b₂² + 4(b₁² − b₀b₂) + 3b₀²]
 *           + f₃[z²(b₄ − 2b₂ + b₀) + 2z aY(b₂ − 2b₀) + aY²b₀] + f₄z²aY²
 *   phi2  2f₂(b₀b₂ − b₁²) + f₃z²b₂
 *   phi3  2f₂b₀² + f₃z²b₀
 *   phi4  f₁a(4,1) + f₂b₀²
 *   phi5  −f₁a(4,1) + f₂[aY a(3,1) + z a(3,y) − b₀²] + f₃z aY b₀
 *   F′    −f₁[a(3,x) + c a(3,1)] + f₂[z(b₃ − b₁) + aY b₁ + c(z(b₂ − 2b₀) + aY b₀)] + f₃c z²aY
 *
 * phi1 collects the partitions of Z²Y² − 2ZYX² + X⁴, phi2 those of Z²P − 2ZXQ + X²W (Σw²g^j), phi3
 * those of Z²W₂ − 2ZW₃ + W₂², phi5 those of (ZY − X²)W₂.
 */
/**
 * The universal functions by set-partition quadrature, for whole L from 1 and 0 ≤ s ≤ 1000.
 *
 * <p>Accuracy by the estimates, for L up to 10¹²: 1e-13 relative up to s = 8, where phi5 is not
 * near a zero, and 2e-10 up to s = 40; the values themselves are better, for the estimates are of
 * the coarser of two grids. At s = 0 and at L = 1 closed forms are used. Cost: 1 to 25 ms for the
 * {@link ScoreLaw}, then 50 µs for every L.
 */
public final class UniversalQuadrature {
  /** Largest s. */
  public static final double MAX_S = 1000;

  /** Largest prompt length. */
  public static final double MAX_PROMPT_LENGTH = 1e40;

  /** Errors of rounding, relative. */
  private static final double ROUNDING = 1e-14;

  private static final int FUNCTIONS = 8;
  private static final double[] FACTORIAL = {1, 1, 6, 6, 6, 6, 6, 1}; // (n−1)!, for F′ half of it

  private UniversalQuadrature() {}

  /**
   * Values and error estimates.
   *
   * @param value the functions
   * @param error for each the distance of two resolutions and what rounding adds
   */
  public record Estimate(UniversalFunctions value, UniversalFunctions error) {}

  /**
   * Values and error estimates at one point.
   *
   * @param s score standard deviation, 0 ≤ s ≤ {@value #MAX_S}
   * @param promptLength L, a whole number from 1 to {@value #MAX_PROMPT_LENGTH}
   * @throws IllegalArgumentException outside this domain
   */
  public static Estimate evaluate(double s, double promptLength) {
    requireS(s);
    requirePromptLength(promptLength);
    if (s == 0 || promptLength == 1) {
      UniversalFunctions value = s == 0 ? untilted(promptLength) : oneToken(s);
      return new Estimate(value, rounding(value));
    }
    return evaluate(new ScoreLaw(s, FastMath.log(promptLength)), promptLength);
  }

  /**
   * Values at one s and several prompt lengths, which costs little more than at one. The bits of
   * one length do not depend on the others up to L = 10¹².
   */
  public static List<UniversalFunctions> values(double s, double... lengths) {
    double longest = 1e12;
    for (double length : lengths) {
      requirePromptLength(length);
      longest = Math.max(longest, length);
    }
    requireS(s);
    if (s == 0 || DoubleStream.of(lengths).allMatch(length -> length == 1)) {
      return DoubleStream.of(lengths).mapToObj(length -> evaluate(s, length).value()).toList();
    }
    ScoreLaw law = new ScoreLaw(s, FastMath.log(longest));
    return DoubleStream.of(lengths)
        .mapToObj(length -> length == 1 ? oneToken(s) : evaluate(law, length).value())
        .toList();
  }

  static void requireS(double s) {
    if (!(s >= 0 && s <= MAX_S)) {
      throw new IllegalArgumentException(
          "Cannot give universal functions: s is " + s + ", allowed: 0 to " + MAX_S);
    }
  }

  static void requirePromptLength(double length) {
    if (!(length >= 1 && length <= MAX_PROMPT_LENGTH && length == Math.rint(length))) {
      throw new IllegalArgumentException(
          "Cannot give universal functions: prompt length "
              + length
              + ", allowed: whole numbers from 1 to "
              + MAX_PROMPT_LENGTH);
    }
  }

  /** All weights are 1/L. */
  private static UniversalFunctions untilted(double n) {
    double rest = (n - 1) / n / n;
    return new UniversalFunctions(
        0, n, 1 / n, 1 / n, (2 * n - 1) / n / n, rest, rest, 1 / n / n, -1 / n / n, 0);
  }

  /** The weight is 1: X = g − s, Y − X² = −1. */
  private static UniversalFunctions oneToken(double s) {
    return new UniversalFunctions(s, 1, 1 + s * s, 1, 1, 0, 0, 1, -1, 2 * s);
  }

  private static UniversalFunctions rounding(UniversalFunctions x) {
    double[] values = {x.f(), x.g(), x.phi1(), x.phi2(), x.phi3(), x.phi4(), x.phi5(), x.fPrime()};
    for (int i = 0; i < values.length; i++) {
      values[i] = ROUNDING * Math.abs(values[i]);
    }
    return of(x.s(), x.promptLength(), values);
  }

  /** The functions at L = promptLength. */
  static Estimate evaluate(ScoreLaw law, double promptLength) {
    double s = law.s();
    double[] fine = new double[FUNCTIONS];
    double[] coarse = new double[FUNCTIONS];
    for (int i = 0; i < law.nodes(); i++) {
      add(law.row(i), promptLength, law.step(), fine);
      if (i % 2 == 0) {
        add(law.coarseRow(i), promptLength, 2 * law.step(), coarse);
      }
    }
    double[] error = new double[FUNCTIONS];
    for (int i = 0; i < FUNCTIONS; i++) {
      error[i] = Math.abs(fine[i] - coarse[i]) + ROUNDING * Math.abs(fine[i]);
    }
    return new Estimate(of(s, promptLength, fine), of(s, promptLength, error));
  }

  private static UniversalFunctions of(double s, double length, double[] x) {
    return new UniversalFunctions(s, length, x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]);
  }

  /** Adds step times the integrands at one node. */
  private static void add(double[] row, double length, double step, double[] total) {
    double logPhi = row[ScoreLaw.LOG_PHI];
    double f1 = length * FastMath.exp((length - 1) * logPhi);
    if (f1 == 0) {
      return;
    }
    double inverse = FastMath.exp(-logPhi);
    double f2 = f1 * (length - 1) * inverse;
    double f3 = length < 3 ? 0 : f2 * (length - 2) * inverse;
    double f4 = length < 4 ? 0 : f3 * (length - 3) * inverse;
    double z = row[ScoreLaw.Z];
    double c = row[ScoreLaw.C];
    double ay = row[ScoreLaw.A1Y];
    double b0 = row[ScoreLaw.A2];
    double b1 = row[ScoreLaw.A2 + 1];
    double b2 = row[ScoreLaw.A2 + 2];
    double b3 = row[ScoreLaw.A2 + 3];
    double b4 = row[ScoreLaw.A2 + 4];
    double a3 = row[ScoreLaw.A3];
    double a3x = row[ScoreLaw.A3 + 1];
    double a3y = row[ScoreLaw.A3 + 2] - a3;
    double a4 = row[ScoreLaw.A4];
    double[] terms = {
      f1 * (b2 + 2 * c * b1 + c * c * b0) + f2 * (c * z) * (c * z),
      f1 * b0,
      f1 * a4
          + f2
              * (b0 * b4
                  - 4 * b1 * b3
                  + 3 * b2 * b2
                  + 4 * (b1 * b1 - b0 * b2)
                  + 3 * b0 * b0
                  - 2 * (z * a3y + ay * a3))
          + f3 * (z * z * (b4 - 2 * b2 + b0) + 2 * z * ay * (b2 - 2 * b0) + ay * ay * b0)
          + f4 * (z * ay) * (z * ay),
      2 * f2 * (b0 * b2 - b1 * b1) + f3 * z * z * b2,
      2 * f2 * b0 * b0 + f3 * z * z * b0,
      f1 * a4 + f2 * b0 * b0,
      -f1 * a4 + f2 * (ay * a3 + z * a3y - b0 * b0) + f3 * z * ay * b0,
      -f1 * (a3x + c * a3)
          + f2 * (z * (b3 - b1) + ay * b1 + c * (z * (b2 - 2 * b0) + ay * b0))
          + f3 * c * z * z * ay
    };
    for (int i = 0; i < FUNCTIONS; i++) {
      total[i] += step / FACTORIAL[i] * terms[i];
    }
  }
}
