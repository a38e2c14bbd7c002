package dev.promptlimit.random;

import org.hipparchus.util.FastMath;

/*
 * χ²_k = 2 Gamma(k/2). With α = k/2 ≥ 1, δ = α − 1/3, c = 1/√(9δ), x normal and y = cx, the number
 * δ(1 + y)³ is accepted with probability min(1, exp h),
 *
 *   h = x²/2 + δ(1 − (1+y)³ + 3 log(1+y)) = 3δ r(y),   r(y) = log(1+y) − y + y²/2 − y³/3,
 *
 * as 9δ y² = x². The left form loses everything to cancellation at large k; r is summed as a series.
 */
/**
 * Independent chi-square numbers, each with its own degrees of freedom, by the exact method of G.
 * Marsaglia and W. W. Tsang, A simple method for generating gamma variables, ACM TOMS 26 (2000)
 * 363-372; with one degree the square of a normal.
 *
 * <p>Normals come from the stream of that name, uniform numbers from one beside it. A number costs
 * about a normal, a uniform number and no logarithm.
 */
public final class ChiSquareStream {
  /** Distance of the substream of uniform numbers from that of the normals. */
  private static final long UNIFORMS = 1L << 32;

  private final NormalStream normals;
  private final ScalarWords uniforms;
  private final double[] normal = new double[1];

  /** Starts the stream of that name. */
  public ChiSquareStream(StreamKey key) {
    normals = new NormalStream(key);
    uniforms = new ScalarWords(key.withSubstream(key.substream() + UNIFORMS));
  }

  /**
   * The next number.
   *
   * @param degrees degrees of freedom k ≥ 1
   */
  public double next(long degrees) {
    if (degrees < 1) {
      throw new IllegalArgumentException(
          "Cannot draw a chi-square number: the degrees are " + degrees + ", allowed: 1 or more");
    }
    if (degrees == 1) {
      double x = nextNormal();
      return x * x;
    }
    double delta = 0.5 * degrees - 1.0 / 3;
    double c = 1 / (3 * Math.sqrt(delta));
    while (true) {
      double x = nextNormal();
      double y = c * x;
      if (y <= -1) {
        continue;
      }
      double u = 1 - NormalLayers.fraction(uniforms.next()); // in (0, 1]
      double x2 = x * x;
      // exp h ≥ 1 − 0.0331 x⁴ for α ≥ 1, as the authors show
      if (u < 1 - 0.0331 * x2 * x2 || FastMath.log(u) < 3 * delta * remainder(y)) {
        double v = (1 + y) * (1 + y) * (1 + y);
        return 2 * delta * v;
      }
    }
  }

  private double nextNormal() {
    normals.fill(normal, 0, 1);
    return normal[0];
  }

  /** r(y), y &gt; −1, at small y to 1e-15 relative. */
  static double remainder(double y) {
    if (Math.abs(y) > 0.1) {
      return FastMath.log1p(y) - y * (1 - y * (0.5 - y / 3));
    }
    double sum = 0;
    for (int k = 18; k >= 4; k--) { // Σ (−1)^{k+1} y^k / k
      sum = (k % 2 == 0 ? -1.0 : 1.0) / k + y * sum;
    }
    return y * y * (y * y) * sum;
  }
}
