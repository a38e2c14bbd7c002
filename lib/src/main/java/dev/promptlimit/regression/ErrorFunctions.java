package dev.promptlimit.regression;

import dev.promptlimit.theory.UniversalTable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/*
 * For s > S = 40 the softmax is all but frozen on the largest of the scores. With δ the gap to the second
 * largest, of density h at 0,
 *
 *   E₁ = E ḡ = s(1 − G),   E₂ = E ḡ² = G + t(1 + κ)
 *
 * tend to the first two moments of the largest of L normals, and what is missing, E δ/(1 + e^{sδ}) ~ hπ²/12s²
 * for E₁, is of order 1/t. There E₁ and E₂ are continued as linear functions of 1/t, with value and slope
 * those at S: the risk stays once differentiable and right to that order, and tends to its own limit.
 */
/**
 * The functions of t = s² in which the error of a prompt of one length is a polynomial, see {@link
 * ConditionalError}: e = (c − y)² + κc² + (2cy + q)G. Those of {@link UniversalTable} to s =
 * {@value UniversalTable#MAX_S}; beyond, asymptotic to order 1/t, within 1e-6 of G and κ for L ≤
 * 1e4. Mutable, for one thread.
 */
final class ErrorFunctions {
  private static final double END = UniversalTable.MAX_S;

  /** Tables are slow to make and 40 kB large: one for each length there is, shared by all. */
  private static final ConcurrentMap<Long, UniversalTable> TABLES = new ConcurrentHashMap<>();

  private final UniversalTable table;
  private final double[] at = new double[5];
  private double g;
  private double kappa;
  private double gByT;
  private double rest;

  private boolean continued;
  private double e1; // at s = ∞
  private double e2;
  private double e1ByX; // x = 1/t
  private double e2ByX;

  /**
   * @param promptLength L, 1 to 10¹²
   */
  ErrorFunctions(long promptLength) {
    table = TABLES.computeIfAbsent(promptLength, length -> new UniversalTable((double) length));
  }

  /** Goes to s ≥ 0. */
  void moveTo(double s) {
    if (s <= END) {
      lookUp(s);
      return;
    }
    if (!continued) {
      continueFromEnd();
    }
    double t = s * s;
    double x = 1 / t;
    double mean = e1 + e1ByX * x;
    double square = e2 + e2ByX * x;
    g = 1 - mean / s;
    gByT = (0.5 * mean + e1ByX * x) * x / s;
    double varied = (square - g) * x; // 1 + κ
    kappa = varied - 1;
    rest = -e2ByX * x * x - gByT - varied + 2 * t * gByT;
  }

  private void lookUp(double s) {
    table.errorsAt(s, 0, at);
    g = at[1];
    kappa = 3 * at[2] + 3 * at[3] - 4 * g;
    gByT = 2 * at[2] + at[3] - g;
    rest = s > 0 ? at[4] / (2 * s) - gByT - kappa - 2 * g : 0;
  }

  private void continueFromEnd() {
    lookUp(END);
    double t = END * END;
    double e1ByT = (1 - g) / (2 * END) - END * gByT;
    double e2ByT = gByT + 1 + kappa + rest - 2 * t * gByT;
    e1ByX = -t * t * e1ByT;
    e2ByX = -t * t * e2ByT;
    e1 = END * (1 - g) - e1ByX / t;
    e2 = g + t * (1 + kappa) - e2ByX / t;
    continued = true;
  }

  /** G. */
  double g() {
    return g;
  }

  /** κ. */
  double kappa() {
    return kappa;
  }

  /** dG/dt. */
  double gByT() {
    return gByT;
  }

  /**
   * t(dκ/dt + 2dG/dt), 0 at s = 0: ∂e/∂t is (c/s)² times this plus (2cy + q − 2c²)dG/dt. Where s is
   * tiny it has rounding of order 1e-15/s.
   */
  double rest() {
    return rest;
  }
}
