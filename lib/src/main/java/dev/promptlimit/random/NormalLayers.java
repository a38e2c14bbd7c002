package dev.promptlimit.random;

import org.hipparchus.analysis.integration.gauss.GaussIntegrator;
import org.hipparchus.analysis.integration.gauss.GaussIntegratorFactory;
import org.hipparchus.special.Erf;

/*
 * Idea. Cut the area under the half-normal density f(x) = √(2/π) e^(−x²/2) into N rectangles of
 * equal area a, stacked from the bottom, and a rest. Rectangle i, i = 1..N, is [0, x_i] × [h_{i−1},
 * h_i]: the abscissa of a random point in a random rectangle is a uniform number times a width from
 * a table. The rest, δ = 1 − N a of all, is drawn by rejection. No part is an approximation.
 *
 * Layers. h_0 = 0, h_i = h_{i−1} + a / x_i, and x_i is the largest x with f(x) = h_i. The area is
 * a = 8182 · 2⁻²⁴, nearly the largest for which N = 2048 layers fit; so N a = 8182/8192 and δ =
 * 10/8192 are exact.
 *
 * Rest. N − 1 wedges, density f(x) − h_i on (x_{i+1}, x_i); the cap, f(x) − h_N on (0, x_N); the
 * tail, f(x) beyond x_1 = 4.204.
 *
 * Wedges. Their upper edge is almost straight: in units of width and height it is nowhere further
 * than m = max|f''| width² / (8 height) from the chord v = 1 − u. A point of the triangle under the
 * raised chord v = 1 + m − u is below the curve if it is below 1 − m − u; only between the two
 * is an exponential needed.
 */
/**
 * The half-normal density as rectangles and a rest, after G. Marsaglia, M. D. MacLaren and T. A.
 * Bray, A fast procedure for generating normal random variables, Comm. ACM 7 (1964) 4-10; the tail
 * after G. Marsaglia, Generating a variable from the tail of the normal distribution, Technometrics
 * 6 (1964) 101-102.
 *
 * <p>Only {@link StrictMath} and pure Java: the tables and every draw have the same bits
 * everywhere.
 */
final class NormalLayers {
  /** Number of rectangles, N. */
  static final int LAYERS = 2048;

  /** The rest has this share of 8192. */
  static final int REST_OF_8192 = 10;

  /** No draw is larger in size: x_1 + 53 ln 2 / x_1 = 12.94. */
  static final double LARGEST = 13;

  private static final double AREA = (8192 - REST_OF_8192) * 0x1p-24;

  /** x_1 > x_2 > … > x_N > x_{N+1} = 0. */
  private static final double[] X = new double[LAYERS + 1];

  /** h_1 < h_2 < … < h_N. */
  private static final double[] H = new double[LAYERS];

  /** Probability of the tail, given the rest. */
  static final double TAIL;

  // What a draw of wedge i needs (the cap is the last), side by side for the cache's sake: eight
  // doubles a wedge.
  static final int RECORD = 8;
  static final int LOW = 0; // x_{i+1}
  static final int WIDTH = 1; // x_i − x_{i+1}
  static final int BASE = 2; // h_i
  static final int HEIGHT = 3; // f(x_{i+1}) − h_i
  static final int MARGIN = 4; // greatest distance of f from its chord, in heights
  static final int KEEP = 5; // the alias method: probability of wedge i itself
  static final int OTHER = 6; // and which wedge's record it is otherwise
  private static final double[] WEDGES = new double[LAYERS * RECORD];

  static {
    layers();
    TAIL = Erf.erfc(X[0] * StrictMath.sqrt(0.5)) / (REST_OF_8192 / 8192.0);
    GaussIntegratorFactory rules = new GaussIntegratorFactory();
    double[] area = new double[LAYERS];
    for (int i = 0; i < LAYERS; i++) {
      double low = X[i + 1];
      double base = H[i];
      GaussIntegrator rule = rules.legendre(12, low, X[i]);
      area[i] = rule.integrate(x -> density(x) - base);
      double width = X[i] - low;
      double height = density(low) - base;
      double bend = Math.max(Math.abs(X[i] * X[i] - 1), Math.abs(low * low - 1)) * density(low);
      WEDGES[i * RECORD + LOW] = low;
      WEDGES[i * RECORD + WIDTH] = width;
      WEDGES[i * RECORD + BASE] = base;
      WEDGES[i * RECORD + HEIGHT] = height;
      WEDGES[i * RECORD + MARGIN] = bend * width * width / 8 / height;
    }
    alias(area);
  }

  private NormalLayers() {}

  private static void layers() {
    double x = 4.2; // x f(x) = a, Newton from nearby
    for (int step = 0; step < 10; step++) {
      x -= (x * density(x) - AREA) / (density(x) * (1 - x * x));
    }
    double height = 0;
    for (int i = 0; i < LAYERS; i++) {
      // f(y) − a/y = h_{i−1}; the left side falls where y³ f(y) > a, which holds from x on down
      // to the root that is wanted.
      for (int step = 0; step < 20 && i > 0; step++) {
        double excess = density(x) - AREA / x - height;
        x -= excess / (AREA / (x * x) - x * density(x));
      }
      X[i] = x;
      height += AREA / x;
      H[i] = height;
    }
  }

  /** Walker's alias method as set up by M. Vose, IEEE Trans. Software Eng. 17 (1991) 972-975. */
  private static void alias(double[] weight) {
    double total = 0;
    for (double w : weight) {
      total += w;
    }
    double[] share = new double[LAYERS];
    int[] stack = new int[LAYERS]; // those below 1 from the left, the others from the right
    int below = 0;
    int above = LAYERS;
    for (int i = 0; i < LAYERS; i++) {
      share[i] = weight[i] / total * LAYERS;
      WEDGES[i * RECORD + OTHER] = i * RECORD;
      if (share[i] < 1) {
        stack[below++] = i;
      } else {
        stack[--above] = i;
      }
    }
    while (below > 0 && above < LAYERS) {
      int less = stack[--below];
      int more = stack[above];
      WEDGES[less * RECORD + OTHER] = more * RECORD;
      share[more] -= 1 - share[less];
      if (share[more] < 1) {
        above++;
        stack[below++] = more;
      }
    }
    for (int i = 0; i < LAYERS; i++) {
      WEDGES[i * RECORD + KEEP] = share[i];
    }
  }

  /** f(x). */
  static double density(double x) {
    return StrictMath.sqrt(2 / Math.PI) * StrictMath.exp(-0.5 * x * x);
  }

  /** The widths of the rectangles' reflections, 2 x_i, for a number that is uniform on [−½, ½). */
  static double[] widths() {
    double[] widths = new double[LAYERS];
    for (int i = 0; i < LAYERS; i++) {
      widths[i] = 2 * X[i];
    }
    return widths;
  }

  /** The wedges' records, for tests. */
  static double[] wedges() {
    return WEDGES.clone();
  }

  /** Draws from the rest, with a random sign. */
  static double rest(ScalarWords words) {
    long word = words.next();
    double x = fraction(word) < TAIL ? tail(words) : wedge(words);
    return (word & 1) == 0 ? x : -x;
  }

  /** Uniform under the curve of a random wedge, from the triangle under its raised chord. */
  private static double wedge(ScalarWords words) {
    long word = words.next();
    int at = (int) (word >>> 53) * RECORD;
    if (fraction(word << 11) >= WEDGES[at + KEEP]) {
      at = (int) WEDGES[at + OTHER];
    }
    double raised = 1 + WEDGES[at + MARGIN];
    while (true) {
      double a = fraction(words.next());
      double b = fraction(words.next());
      double u = raised * Math.min(a, b);
      double v = raised * (1 - Math.max(a, b)); // (u, v) is uniform in u + v < raised
      double x = WEDGES[at + LOW] + u * WEDGES[at + WIDTH];
      if (u + v < 2 - raised
          || (u < 1 && v * WEDGES[at + HEIGHT] < density(x) - WEDGES[at + BASE])) {
        return x;
      }
    }
  }

  private static double tail(ScalarWords words) {
    while (true) {
      double x = -StrictMath.log(1 - fraction(words.next())) / X[0];
      double y = -StrictMath.log(1 - fraction(words.next()));
      if (2 * y >= x * x) {
        return X[0] + x;
      }
    }
  }

  /** The upper 53 bits of a word as a number in [0, 1). */
  static double fraction(long word) {
    return (word >>> 11) * 0x1p-53;
  }
}
