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
    if (!(s >= 0 && s <= MAX_S)) {
      throw new IllegalArgumentException(
          "Cannot look up universal functions: s is " + s + ", allowed: 0 to " + MAX_S);
    }
    if (s == 0 || oneToken[index]) {
      return UniversalQuadrature.evaluate(s, lengths[index]).value(); // closed forms
    }
    int k = 0;
    while (s > ENDS[k + 1]) {
      k++;
    }
    double[][] coefficients = piece(k)[index];
    double x = (2 * s - ENDS[k] - ENDS[k + 1]) / (ENDS[k + 1] - ENDS[k]);
    double[] values = new double[FUNCTIONS];
    for (int f = 0; f < FUNCTIONS; f++) {
      values[f] = clenshaw(coefficients[f], x);
    }
    return UniversalLogarithms.functions(s, lengths[index], values, values[FUNCTIONS - 1]);
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
