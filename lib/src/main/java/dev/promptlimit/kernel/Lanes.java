package dev.promptlimit.kernel;

/**
 * Sixteen logical lanes: how every floating sum is ordered.
 *
 * <p>Item i belongs to lane i mod 16, each lane adds its items in order, and the lanes are folded
 * by a fixed tree: lane j with lane j + 8, then j + 4, j + 2, j + 1. The result is therefore one
 * definite double, whether the lanes live in scalar registers or in vectors of any width.
 *
 * <p>Arrays are worked on in whole rows of sixteen, and whoever fills an array pads its last row
 * with items that do not count.
 */
public final class Lanes {
  /** Number of logical lanes of every stream and every floating accumulator. */
  public static final int LANES = 16;

  private Lanes() {}

  /** Returns the smallest multiple of {@link #LANES} that is at least n. */
  public static int roundUp(int n) {
    return (n + LANES - 1) & -LANES;
  }

  /** Returns Σ x[i] over whole rows i = 0..n−1; n = 0 gives 0. */
  public static double sum(double[] x, int n) {
    double[] lanes = new double[LANES];
    for (int i = 0; i < n; i += LANES) {
      for (int j = 0; j < LANES; j++) {
        lanes[j] += x[i + j];
      }
    }
    return fold(lanes, 0);
  }

  /** Returns Σ x[i] y[i] over whole rows i = 0..n−1, each product fused into its lane. */
  public static double dot(double[] x, double[] y, int n) {
    double[] lanes = new double[LANES];
    for (int i = 0; i < n; i += LANES) {
      for (int j = 0; j < LANES; j++) {
        lanes[j] = Math.fma(x[i + j], y[i + j], lanes[j]);
      }
    }
    return fold(lanes, 0);
  }

  /** Returns the sum of the sixteen lanes at l[from..from+16), added by the tree. */
  public static double fold(double[] l, int from) {
    double l0 = l[from] + l[from + 8];
    double l1 = l[from + 1] + l[from + 9];
    double l2 = l[from + 2] + l[from + 10];
    double l3 = l[from + 3] + l[from + 11];
    double l4 = l[from + 4] + l[from + 12];
    double l5 = l[from + 5] + l[from + 13];
    double l6 = l[from + 6] + l[from + 14];
    double l7 = l[from + 7] + l[from + 15];
    return ((l0 + l4) + (l2 + l6)) + ((l1 + l5) + (l3 + l7));
  }
}
