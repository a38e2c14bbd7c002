package dev.promptlimit.theory;

import org.hipparchus.util.FastMath;

/**
 * The universal functions as they are interpolated in s, of which they are smooth and even: ln F,
 * ln G, ln phi1 to ln phi4 and phi5/√(phi1 phi4), which is a correlation. F′/F is odd and beside
 * them. For two or more tokens, where what logarithms are taken of is above 0.
 */
public final class UniversalLogarithms {
  /** How many there are. */
  public static final int COUNT = 7;

  private UniversalLogarithms() {}

  /** Those of the functions at one s and length. */
  public static double[] of(UniversalFunctions at) {
    return new double[] {
      FastMath.log(at.f()),
      FastMath.log(at.g()),
      FastMath.log(at.phi1()),
      FastMath.log(at.phi2()),
      FastMath.log(at.phi3()),
      FastMath.log(at.phi4()),
      at.phi5() / FastMath.sqrt(at.phi1()) / FastMath.sqrt(at.phi4())
    };
  }

  /**
   * The functions that have them.
   *
   * @param s score standard deviation
   * @param promptLength L
   * @param x the {@value #COUNT} in their order; what follows them is not read
   * @param logSlope F′/F; NaN where it is not known, as F′ is then
   */
  public static UniversalFunctions functions(
      double s, double promptLength, double[] x, double logSlope) {
    double f = FastMath.exp(x[0]);
    double phi1 = FastMath.exp(x[2]);
    double phi4 = FastMath.exp(x[5]);
    return new UniversalFunctions(
        s,
        promptLength,
        f,
        FastMath.exp(x[1]),
        phi1,
        FastMath.exp(x[3]),
        FastMath.exp(x[4]),
        phi4,
        x[6] * FastMath.sqrt(phi1) * FastMath.sqrt(phi4),
        logSlope * f);
  }
}
