package dev.promptlimit.theory;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import org.hipparchus.util.FastMath;

/*
 * On each piece of [0, 40] the UniversalLogarithms and F′/F are interpolated at the 24 Chebyshev points
 * by polynomials in s. Pieces are short near 0, where the functions have all derivatives but no convergent
 * power series (the weights of two tokens are singular at s(g₁ − g₂) = iπ, and g₁ − g₂ has no bound), and
 * around the freezing transition s² = 2 ln L of the lengths there are.
 */
/**
 * The universal functions of a few prompt lengths as a look-up in s, for loops: at most 0.5 µs each
 * once the piece they lie on has been computed, which takes some 0.2 s and happens when it is first
 * asked for.
 *
 * <p>Accuracy: {@value #ERROR} relative for 0 ≤ s ≤ {@value #MAX_S}, 1 ≤ L ≤ 10¹² and phi5 against
 * √(phi1 phi4), F′ against F. Threads may share one.
 */
public final class UniversalTable {
  /** Largest s. */
  public static final double MAX_S = 40;

  /** Bound on the relative error of interpolation. */
  public static final double ERROR = 1e-11;

  private static final double[] ENDS = {
    0, 0.25, 0.5, 1, 1.5, 2, 2.25, 2.5, 2.75, 3, 3.5, 4, 4.5, 5, 5.5, 6, 7, 8, 10, 13, 18, 26, MAX_S
  };
  private static final int POINTS = 24;
  private static final int FUNCTIONS = UniversalLogarithms.COUNT + 1; // and F′/F

  private final double[] lengths;
  private final boolean[] oneToken;
  private final AtomicReferenceArray<double[][][]> pieces =
      new AtomicReferenceArray<>(ENDS.length - 1);

  /**
   * @param lengths prompt lengths, whole numbers ≥ 1
   * @throws IllegalArgumentException if there is none or one is not in the range
   */
  public UniversalTable(double... lengths) {
    if (lengths.length == 0) {
      throw new IllegalArgumentException("Cannot make a table of universal functions: no lengths");
    }
    for (double length : lengths) {
      UniversalQuadrature.requirePromptLength(length);
    }
    this.lengths = lengths.clone();
    oneToken = new boolean[lengths.length];
    for (int i = 0; i < lengths.length; i++) {
      oneToken[i] = lengths[i] == 1;
    }
  }

  /**
   * The functions at s and the length of this index.
   *
   * @param s 0 ≤ s ≤ {@value #MAX_S}
   * @param index of the length among those of the constructor
   */
  public UniversalFunctions at(double s, int index) {
    requireS(s);
    if (s == 0 || oneToken[index]) {
      return UniversalQuadrature.evaluate(s, lengths[index]).value(); // closed forms
    }
    int k = pieceOf(s);
    double[][] coefficients = piece(k)[index];
    double x = place(s, k);
    double[] values = new double[FUNCTIONS];
    for (int f = 0; f < FUNCTIONS; f++) {
      values[f] = clenshaw(coefficients[f], x);
    }
    return UniversalLogarithms.functions(s, lengths[index], values, values[FUNCTIONS - 1]);
  }

  /**
   * Less and faster, some 0.2 µs: F, G, phi3, phi4 and F′ into {@code out}, the numbers of {@link
   * #at}.
   *
   * @param s 0 ≤ s ≤ {@value #MAX_S}
   * @param index of the length among those of the constructor
   * @param out five numbers in that order
   */
  public void errorsAt(double s, int index, double[] out) {
    requireS(s);
    if (s == 0 || oneToken[index]) {
      UniversalFunctions at = at(s, index);
      out[0] = at.f();
      out[1] = at.g();
      out[2] = at.phi3();
      out[3] = at.phi4();
      out[4] = at.fPrime();
      return;
    }
    int k = pieceOf(s);
    clenshaw(piece(k)[index], place(s, k), out);
    out[0] = FastMath.exp(out[0]);
    out[1] = FastMath.exp(out[1]);
    out[2] = FastMath.exp(out[2]);
    out[3] = FastMath.exp(out[3]);
    out[4] *= out[0];
  }

  private static void requireS(double s) {
    if (!(s >= 0 && s <= MAX_S)) {
      throw new IllegalArgumentException(
          "Cannot look up universal functions: s is " + s + ", allowed: 0 to " + MAX_S);
    }
  }

  private static int pieceOf(double s) {
    int k = 0;
    while (s > ENDS[k + 1]) {
      k++;
    }
    return k;
  }

  /** s in piece k as a number from −1 to 1. */
  private static double place(double s, int k) {
    return (2 * s - ENDS[k] - ENDS[k + 1]) / (ENDS[k + 1] - ENDS[k]);
  }

  /** Five sums at a time, none of which waits for another: ln F, ln G, ln phi3, ln phi4, F′/F. */
  private static void clenshaw(double[][] c, double x, double[] out) {
    double[] f = c[0];
    double[] g = c[1];
    double[] phi3 = c[4];
    double[] phi4 = c[5];
    double[] slope = c[FUNCTIONS - 1];
    double f1 = 0;
    double f2 = 0;
    double g1 = 0;
    double g2 = 0;
    double p1 = 0;
    double p2 = 0;
    double q1 = 0;
    double q2 = 0;
    double r1 = 0;
    double r2 = 0;
    for (int j = POINTS - 1; j > 0; j--) {
      double next = 2 * x * f1 - f2 + f[j];
      f2 = f1;
      f1 = next;
      next = 2 * x * g1 - g2 + g[j];
      g2 = g1;
      g1 = next;
      next = 2 * x * p1 - p2 + phi3[j];
      p2 = p1;
      p1 = next;
      next = 2 * x * q1 - q2 + phi4[j];
      q2 = q1;
      q1 = next;
      next = 2 * x * r1 - r2 + slope[j];
      r2 = r1;
      r1 = next;
    }
    out[0] = x * f1 - f2 + f[0];
    out[1] = x * g1 - g2 + g[0];
    out[2] = x * p1 - p2 + phi3[0];
    out[3] = x * q1 - q2 + phi4[0];
    out[4] = x * r1 - r2 + slope[0];
  }

  private static double clenshaw(double[] c, double x) {
    double b1 = 0;
    double b2 = 0;
    for (int j = c.length - 1; j > 0; j--) {
      double b = 2 * x * b1 - b2 + c[j];
      b2 = b1;
      b1 = b;
    }
    return x * b1 - b2 + c[0];
  }

  /** Coefficients of piece k by length and function. */
  private double[][][] piece(int k) {
    double[][][] known = pieces.get(k);
    if (known == null) {
      known = interpolate(ENDS[k], ENDS[k + 1]);
      pieces.set(k, known); // whoever comes second has computed the same
    }
    return known;
  }

  private double[][][] interpolate(double from, double to) {
    double lnLongest = 0;
    for (double length : lengths) {
      lnLongest = Math.max(lnLongest, FastMath.log(length));
    }
    double reach = lnLongest;
    double[][][] values =
        IntStream.range(0, POINTS)
            .parallel()
            .mapToObj(i -> transformed(new ScoreLaw(point(from, to, i), reach)))
            .toArray(double[][][]::new);
    double[][][] coefficients = new double[lengths.length][FUNCTIONS][POINTS];
    for (int l = 0; l < lengths.length; l++) {
      for (int f = 0; f < FUNCTIONS; f++) {
        for (int j = 0; j < POINTS; j++) {
          double sum = 0;
          for (int i = 0; i < POINTS; i++) {
            sum += values[i][l][f] * FastMath.cos(Math.PI * j * (i + 0.5) / POINTS);
          }
          coefficients[l][f][j] = sum * (j == 0 ? 1 : 2) / POINTS;
        }
      }
    }
    return coefficients;
  }

  private static double point(double from, double to, int i) {
    return (from + to) / 2 + (to - from) / 2 * FastMath.cos(Math.PI * (i + 0.5) / POINTS);
  }

  private double[][] transformed(ScoreLaw law) {
    double[][] values = new double[lengths.length][];
    for (int l = 0; l < lengths.length; l++) {
      UniversalFunctions at = UniversalQuadrature.evaluate(law, lengths[l]).value();
      values[l] = Arrays.copyOf(UniversalLogarithms.of(at), FUNCTIONS);
      values[l][FUNCTIONS - 1] = at.fPrime() / at.f();
    }
    return values;
  }
}
