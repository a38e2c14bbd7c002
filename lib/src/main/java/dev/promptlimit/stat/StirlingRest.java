package dev.promptlimit.stat;

import org.hipparchus.util.FastMath;

/**
 * What is left of gamma functions when Stirling's leading terms are taken out, and of likelihood
 * ratios when their linear terms are: small numbers, computed without cancellation.
 *
 * <p>The series are those of NIST's Digital Library of Mathematical Functions, 5.11.1 and 5.11.8;
 * below 16 the products are used.
 */
final class StirlingRest {
  private static final int TABULATED = 16;

  private static final double[] FACTORIAL = new double[TABULATED];
  private static final double[] HALF = new double[TABULATED];

  static {
    double factorial = 1;
    double half = 1; // Γ(n + ½) / √π
    HALF[0] = -FastMath.log(2.0) / 2;
    for (int n = 1; n < TABULATED; n++) {
      factorial *= n;
      half *= n - 0.5;
      double leading = n * FastMath.log((double) n) - n;
      FACTORIAL[n] = FastMath.log(factorial) - leading - FastMath.log(2 * FastMath.PI * n) / 2;
      HALF[n] = FastMath.log(half) - leading - FastMath.log(2.0) / 2;
    }
  }

  private StirlingRest() {}

  /** ln n! − (n ln n − n + ½ ln 2πn), n ≥ 1. */
  static double factorial(long n) {
    if (n < TABULATED) {
      return FACTORIAL[(int) n];
    }
    double x = 1 / (double) n;
    double y = x * x;
    return x * (1 / 12.0 - y * (1 / 360.0 - y * (1 / 1260.0 - y * (1 / 1680.0 - y / 1188))));
  }

  /** ln Γ(n + ½) − (n ln n − n + ½ ln 2π), n ≥ 0. */
  static double half(long n) {
    if (n < TABULATED) {
      return HALF[(int) n];
    }
    double x = 1 / (double) n;
    double y = x * x;
    double tail = 31 / 40320.0 - y * (127 / 215040.0 - y * (511 / 608256.0));
    return -x * (1 / 24.0 - y * (7 / 2880.0 - y * tail));
  }

  /** (1 + d) ln(1 + d) − d, d ≥ −1. */
  static double divergence(double d) {
    if (d == -1) {
      return 1;
    }
    if (Math.abs(d) > 0.1) {
      return (1 + d) * FastMath.log1p(d) - d;
    }
    // ln(1 + d) = 2 artanh v
    double v = d / (2 + d);
    double square = v * v;
    double sum = 0;
    for (int j = 15; j >= 3; j -= 2) {
      sum = sum * square + 1.0 / j;
    }
    return d * v + 2 * (1 + d) * v * square * sum;
  }
}
