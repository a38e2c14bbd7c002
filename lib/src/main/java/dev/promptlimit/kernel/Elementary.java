package dev.promptlimit.kernel;

/**
 * Exponentials and normals over arrays, by polynomials of our own.
 *
 * <p>Each is defined by IEEE operations alone (additions, products, fused products, one division,
 * one square root), so that its bits are the same on every machine. The coefficients interpolate
 * the function at Chebyshev nodes of the stated interval, computed with 60 digits and then rounded;
 * the stated error is the largest relative one of the rounded polynomial in exact arithmetic.
 */
public final class Elementary {
  /** Arguments below this give 0: e^−708 is the last power of e that is a normal double. */
  static final double EXP_UNDERFLOW = -708;

  /** Adding 1.5·2⁵² rounds a small double to an integer, which its low bits then hold. */
  private static final double ROUND = 0x1.8p52;

  private static final double LOG2_E = 0x1.71547652b82fep0;
  private static final double LN_2_HIGH =
      0x1.62e42feep-1; // 32 trailing zeros: k·LN_2_HIGH is exact
  private static final double LN_2_LOW = 0x1.a39ef35793c76p-33;

  private static final long SQRT_HALF_BITS = 0x3FE6A09E667F3BCDL;
  private static final long EXPONENT_OF_ONE = 0x3FF0000000000000L;
  private static final long SIGN = 0x8000000000000000L;

  private Elementary() {}

  /**
   * Replaces x[i] by exp(x[i] − shift), i = 0..n−1, for x[i] ≤ shift.
   *
   * <p>x = k ln 2 + r with |r| ≤ ln 2 / 2 and e^r = 1 + r + r² P₉(r), relative error 1.6e-17; what
   * is smaller than a normal double becomes 0. NaN stays NaN.
   */
  public static void expMinus(double[] x, double shift, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = exp(x[i] - shift);
    }
  }

  /** Returns e^x for x ≤ 0 (0 below −708, NaN for NaN), within one ulp. */
  public static double exp(double x) {
    double rounded = Math.fma(x, LOG2_E, ROUND);
    double k = rounded - ROUND;
    double r = Math.fma(-k, LN_2_LOW, Math.fma(-k, LN_2_HIGH, x));
    double p = 0x1.af389ecfc4b9cp-26;
    p = Math.fma(p, r, 0x1.28917c89a43a7p-22);
    p = Math.fma(p, r, 0x1.71de0db2f6b19p-19);
    p = Math.fma(p, r, 0x1.a019b9149a41cp-16);
    p = Math.fma(p, r, 0x1.a01a01a7c2efep-13);
    p = Math.fma(p, r, 0x1.6c16c17889ef1p-10);
    p = Math.fma(p, r, 0x1.11111111109b5p-7);
    p = Math.fma(p, r, 0x1.5555555553d68p-5);
    p = Math.fma(p, r, 0x1.5555555555556p-3);
    p = Math.fma(p, r, 0x1.0000000000001p-1);
    double expR = 1 + Math.fma(r * r, p, r);
    double scale = Double.longBitsToDouble((Double.doubleToRawLongBits(rounded) + 1023) << 52);
    return x < EXP_UNDERFLOW ? 0 : expR * scale;
  }

  /**
   * Box-Muller: turns 2 n uniform words into 2 n independent standard normals.
   *
   * <p>With u = (k + ½) 2⁻⁵² from the upper 52 bits of a[i], a sign from the lowest bit of b[i] and
   * v = (k' + ½) 2⁻⁵² from its upper 52 bits, R = ±√(−2 ln u) and the normals are R cos π(v − ½)
   * and R sin π(v − ½): half a turn and a random sign are a whole turn. |R| ≤ √(106 ln 2) = 8.57.
   *
   * <p>n is a multiple of 16. Row t of sixteen word pairs gives rows 2t (cosines) and 2t + 1
   * (sines) of {@code out}, from index {@code from} on.
   */
  public static void boxMuller(long[] a, long[] b, double[] radius, double[] out, int from, int n) {
    radius(a, radius, n);
    for (int row = 0; row < n; row += Lanes.LANES) {
      rotate(b, radius, row, out, from + 2 * row);
    }
  }

  /**
   * radius[i] = √(−2 ln u). ln u = e ln 2 + ln m with m in [√½, √2), s = (m − 1)/(m + 1) and ln m =
   * 2 s + s³ Q₆(s²), relative error 4.4e-18.
   */
  private static void radius(long[] a, double[] radius, int n) {
    for (int i = 0; i < n; i++) {
      double u = Double.longBitsToDouble((a[i] >>> 12) | EXPONENT_OF_ONE) - 0x1.fffffffffffffp-1;
      long bits = Double.doubleToRawLongBits(u);
      long e = (bits - SQRT_HALF_BITS) >> 52;
      double m = Double.longBitsToDouble(bits - (e << 52));
      double f = m - 1;
      double s = f / (f + 2);
      double z = s * s;
      double q = 0x1.2b5900de53b32p-3;
      q = Math.fma(q, z, 0x1.39fe51a7c18f9p-3);
      q = Math.fma(q, z, 0x1.7462b51cb66b1p-3);
      q = Math.fma(q, z, 0x1.c71c62e3f11e6p-3);
      q = Math.fma(q, z, 0x1.2492492df281ap-2);
      q = Math.fma(q, z, 0x1.99999999952d7p-2);
      q = Math.fma(q, z, 0x1.5555555555558p-1);
      double tail = Math.fma(s * z, q, (double) e * LN_2_LOW);
      double log = Math.fma((double) e, LN_2_HIGH, Math.fma(2.0, s, tail));
      radius[i] = Math.sqrt(-2 * log);
    }
  }

  /** One row of sixteen: sin πx = x S₈(x²), cos πx = 1 + x² C₈(x²), |x| < ½, errors below 1e-16. */
  private static void rotate(long[] b, double[] radius, int row, double[] out, int to) {
    for (int j = 0; j < Lanes.LANES; j++) {
      long word = b[row + j];
      double x = (Double.longBitsToDouble((word >>> 12) | EXPONENT_OF_ONE) - 1.5) + 0x1.0p-53;
      double y = x * x;
      double s = 0x1.9d462020fcc78p-21;
      s = Math.fma(s, y, -0x1.6f7acdb8f6580p-16);
      s = Math.fma(s, y, 0x1.e8f3675ee37ddp-12);
      s = Math.fma(s, y, -0x1.e3074dfaf87afp-8);
      s = Math.fma(s, y, 0x1.5078348551854p-4);
      s = Math.fma(s, y, -0x1.32d2cce627c86p-1);
      s = Math.fma(s, y, 0x1.466bc6775aa7dp+1);
      s = Math.fma(s, y, -0x1.4abbce625be52p+2);
      s = Math.fma(s, y, 0x1.921fb54442d18p+1);
      double c = -0x1.2175e33b10f9dp-23;
      c = Math.fma(c, y, 0x1.20a61e049e33fp-18);
      c = Math.fma(c, y, -0x1.b6e1cdea474b9p-14);
      c = Math.fma(c, y, 0x1.f9d38906e2150p-10);
      c = Math.fma(c, y, -0x1.a6d1f2a05f609p-6);
      c = Math.fma(c, y, 0x1.e1f50689191cbp-3);
      c = Math.fma(c, y, -0x1.55d3c7e3cbfdap+0);
      c = Math.fma(c, y, 0x1.03c1f081b5ac4p+2);
      c = Math.fma(c, y, -0x1.3bd3cc9be45dep+2);
      double signed =
          Double.longBitsToDouble(
              Double.doubleToRawLongBits(radius[row + j]) ^ ((word << 63) & SIGN));
      out[to + j] = signed * Math.fma(c, y, 1.0);
      out[to + Lanes.LANES + j] = signed * (s * x);
    }
  }
}
