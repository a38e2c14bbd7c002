package dev.promptlimit.kernel;

/**
 * Reductions with sixteen logical lanes.
 *
 * <p>Item i belongs to lane i mod 16, each lane adds its items in order, and the lanes are folded
 * by a fixed tree: lane j with lane j + 8, then j + 4, j + 2, j + 1. The result is therefore one
 * definite double, whether the lanes live in scalar registers or in vectors of any width.
 *
 * <p>Arrays are worked on in whole rows of sixteen: {@code n} is a multiple of {@link #LANES}, and
 * whoever fills an array pads its last row with items that do not count (zeros). n = 0 gives 0.
 */
public final class Lanes {
  /** Number of logical lanes of every stream and every floating accumulator. */
  public static final int LANES = 16;

  private Lanes() {}

  /** Returns the smallest multiple of {@link #LANES} that is at least n. */
  public static int roundUp(int n) {
    return (n + LANES - 1) & -LANES;
  }

  /** Returns Σ x[i] over whole rows i = 0..n−1. */
  public static double sum(double[] x, int n) {
    double l0 = 0, l1 = 0, l2 = 0, l3 = 0, l4 = 0, l5 = 0, l6 = 0, l7 = 0;
    double l8 = 0, l9 = 0, l10 = 0, l11 = 0, l12 = 0, l13 = 0, l14 = 0, l15 = 0;
    for (int i = 0; i < n; i += LANES) {
      l0 = l0 + x[i];
      l1 = l1 + x[i + 1];
      l2 = l2 + x[i + 2];
      l3 = l3 + x[i + 3];
      l4 = l4 + x[i + 4];
      l5 = l5 + x[i + 5];
      l6 = l6 + x[i + 6];
      l7 = l7 + x[i + 7];
      l8 = l8 + x[i + 8];
      l9 = l9 + x[i + 9];
      l10 = l10 + x[i + 10];
      l11 = l11 + x[i + 11];
      l12 = l12 + x[i + 12];
      l13 = l13 + x[i + 13];
      l14 = l14 + x[i + 14];
      l15 = l15 + x[i + 15];
    }
    return (((l0 + l8) + (l4 + l12)) + ((l2 + l10) + (l6 + l14)))
        + (((l1 + l9) + (l5 + l13)) + ((l3 + l11) + (l7 + l15)));
  }

  /** Returns Σ x[i] y[i] over whole rows i = 0..n−1, each product fused into its lane. */
  public static double dot(double[] x, double[] y, int n) {
    double l0 = 0, l1 = 0, l2 = 0, l3 = 0, l4 = 0, l5 = 0, l6 = 0, l7 = 0;
    double l8 = 0, l9 = 0, l10 = 0, l11 = 0, l12 = 0, l13 = 0, l14 = 0, l15 = 0;
    for (int i = 0; i < n; i += LANES) {
      l0 = Math.fma(x[i], y[i], l0);
      l1 = Math.fma(x[i + 1], y[i + 1], l1);
      l2 = Math.fma(x[i + 2], y[i + 2], l2);
      l3 = Math.fma(x[i + 3], y[i + 3], l3);
      l4 = Math.fma(x[i + 4], y[i + 4], l4);
      l5 = Math.fma(x[i + 5], y[i + 5], l5);
      l6 = Math.fma(x[i + 6], y[i + 6], l6);
      l7 = Math.fma(x[i + 7], y[i + 7], l7);
      l8 = Math.fma(x[i + 8], y[i + 8], l8);
      l9 = Math.fma(x[i + 9], y[i + 9], l9);
      l10 = Math.fma(x[i + 10], y[i + 10], l10);
      l11 = Math.fma(x[i + 11], y[i + 11], l11);
      l12 = Math.fma(x[i + 12], y[i + 12], l12);
      l13 = Math.fma(x[i + 13], y[i + 13], l13);
      l14 = Math.fma(x[i + 14], y[i + 14], l14);
      l15 = Math.fma(x[i + 15], y[i + 15], l15);
    }
    return (((l0 + l8) + (l4 + l12)) + ((l2 + l10) + (l6 + l14)))
        + (((l1 + l9) + (l5 + l13)) + ((l3 + l11) + (l7 + l15)));
  }

  /** Returns the largest of x[0..n), any n ≥ 1; a NaN counts only where it is x[0]. */
  public static double max(double[] x, int n) {
    double max = x[0];
    for (int i = 1; i < n; i++) {
      if (x[i] > max) { // a branch that is hardly ever taken, cheaper than Math.max
        max = x[i];
      }
    }
    return max;
  }
}
