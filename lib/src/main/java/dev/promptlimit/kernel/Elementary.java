package dev.promptlimit.kernel;

/**
 * Exponentials and normals over arrays, by polynomials of our own.
 *
 * <p>Each is defined by IEEE operations alone (additions, products, fused products, one division,
 * one square root), so that its bits are the same on every machine. The coefficients interpolate
 * the function at Chebyshev nodes of the stated interval, computed with 60 digits and then rounded;
 * the stated error is the largest relative one of the rounded polynomial in exact arithmetic.
 *
 * <p>Work on the bits of numbers and arithmetic are in different loops: the compiler turns loops of
 * pure arithmetic into vector code, and one bit operation in a loop keeps it from that.
 */
public final class Elementary {
  /** The last k for which e^x = 2^k e^r is surely a normal double; below it e^x counts as 0. */
  private static final int LAST_EXPONENT = -1021;

  /** Adding 1.5·2⁵² rounds a small double to an integer, which its low bits then hold. */
  private static final double ROUND = 0x1.8p52;

  private static final double LOG2_E = 0x1.71547652b82fep0;
  private static final double LN_2_HIGH =
      0x1.62e42feep-1; // 32 trailing zeros: k·LN_2_HIGH is exact
  private static final double LN_2_LOW = 0x1.a39ef35793c76p-33;

  private static final long SQRT_HALF_BITS = 0x3FE6A09E667F3BCDL;
  private static final long EXPONENT_OF_ONE = 0x3FF0000000000000L;

  private Elementary() {}

  /**
   * Replaces x[i] by exp(x[i] − shift), i = 0..n−1, for x[i] ≤ shift, within one ulp.
   *
   * <p>x − shift = k ln 2 + r with |r| ≤ ln 2 / 2 and e^r = 1 + r + r² P₉(r), relative error
   * 1.6e-17. Where k < −1021, that is below e^−708, the result is 0. NaN stays NaN.
   *
   * @param scratch at least n items
   */
  public static void expMinus(double[] x, double shift, double[] scratch, int n) {
    for (int i = 0; i < n; i++) {
      double t = x[i] - shift;
      double rounded = Math.fma(t, LOG2_E, ROUND);
      double k = rounded - ROUND;
      double r = Math.fma(-k, LN_2_LOW, Math.fma(-k, LN_2_HIGH, t));
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
      double high = 1 + r; // and its rounding error, which would cost a quarter of an ulp
      double low = r - (high - 1);
      scratch[i] = rounded;
      x[i] = high + Math.fma(r * r, p, low);
    }
    for (int i = 0; i < n; i++) {
      double rounded = scratch[i];
      double scale = Double.longBitsToDouble((Double.doubleToRawLongBits(rounded) + 1023) << 52);
      x[i] = rounded < ROUND + LAST_EXPONENT ? 0 : x[i] * scale;
    }
  }

  /**
   * Box-Muller: turns 2 n uniform words into 2 n independent standard normals.
   *
   * <p>With u = (k + ½) 2⁻⁵² from the upper 52 bits of a[i], a sign from the lowest bit of b[i] and
   * v = (k' + ½) 2⁻⁵² from its upper 52 bits, R = ±√(−2 ln u), the normals are R cos π(v − ½) and R
   * sin π(v − ½): half a turn and a random sign are a whole turn. |R| ≤ √(106 ln 2) = 8.57.
   *
   * @param radius receives R
   * @param cosines receives R cos π(v − ½)
   * @param sines receives R sin π(v − ½)
   */
  public static void boxMuller(
      long[] a, long[] b, double[] radius, double[] cosines, double[] sines, int n) {
    split(a, radius, sines, n);
    radius(radius, sines, n);
    turn(b, radius, sines, n);
    cosines(radius, sines, cosines, n);
    sines(radius, sines, n);
  }

  /** u = 2^e m with m in [√½, √2): exponent[i] = e, fraction[i] = m − 1. */
  private static void split(long[] a, double[] exponent, double[] fraction, int n) {
    for (int i = 0; i < n; i++) {
      double u = Double.longBitsToDouble((a[i] >>> 12) | EXPONENT_OF_ONE) - 0x1.fffffffffffffp-1;
      long bits = Double.doubleToRawLongBits(u);
      int e = (int) ((bits - SQRT_HALF_BITS) >> 52);
      exponent[i] = e;
      fraction[i] = Double.longBitsToDouble(bits - ((long) e << 52)) - 1;
    }
  }

  /**
   * Replaces the exponent by √(−2 ln u). ln u = e ln 2 + ln m, s = (m − 1)/(m + 1) and ln m = 2 s +
   * s³ Q₆(s²), relative error 4.4e-18.
   */
  private static void radius(double[] exponent, double[] fraction, int n) {
    for (int i = 0; i < n; i++) {
      double e = exponent[i];
      double f = fraction[i];
      double s = f / (f + 2);
      double z = s * s;
      double q = 0x1.2b5900de53b32p-3;
      q = Math.fma(q, z, 0x1.39fe51a7c18f9p-3);
      q = Math.fma(q, z, 0x1.7462b51cb66b1p-3);
      q = Math.fma(q, z, 0x1.c71c62e3f11e6p-3);
      q = Math.fma(q, z, 0x1.2492492df281ap-2);
      q = Math.fma(q, z, 0x1.99999999952d7p-2);
      q = Math.fma(q, z, 0x1.5555555555558p-1);
      double tail = Math.fma(s * z, q, e * LN_2_LOW);
      double log = Math.fma(e, LN_2_HIGH, Math.fma(2.0, s, tail));
      exponent[i] = Math.sqrt(-2 * log);
    }
  }

  /** Gives the radius its sign and sets x = v − ½, |x| < ½. */
  private static void turn(long[] b, double[] radius, double[] x, int n) {
    for (int i = 0; i < n; i++) {
      long word = b[i];
      long signed = Double.doubleToRawLongBits(radius[i]) ^ (word << 63);
      radius[i] = Double.longBitsToDouble(signed);
      x[i] = (Double.longBitsToDouble((word >>> 12) | EXPONENT_OF_ONE) - 1.5) + 0x1.0p-53;
    }
  }

  /** out = R cos πx, cos πx = 1 + x² C₈(x²), error below 1e-16. */
  private static void cosines(double[] radius, double[] x, double[] out, int n) {
    for (int i = 0; i < n; i++) {
      double y = x[i] * x[i];
      double c = -0x1.2175e33b10f9dp-23;
      c = Math.fma(c, y, 0x1.20a61e049e33fp-18);
      c = Math.fma(c, y, -0x1.b6e1cdea474b9p-14);
      c = Math.fma(c, y, 0x1.f9d38906e2150p-10);
      c = Math.fma(c, y, -0x1.a6d1f2a05f609p-6);
      c = Math.fma(c, y, 0x1.e1f50689191cbp-3);
      c = Math.fma(c, y, -0x1.55d3c7e3cbfdap+0);
      c = Math.fma(c, y, 0x1.03c1f081b5ac4p+2);
      c = Math.fma(c, y, -0x1.3bd3cc9be45dep+2);
      out[i] = radius[i] * Math.fma(c, y, 1.0);
    }
  }

  /** Replaces x by R sin πx, sin πx = x S₈(x²), relative error below 1e-16. */
  private static void sines(double[] radius, double[] x, int n) {
    for (int i = 0; i < n; i++) {
      double y = x[i] * x[i];
      double s = 0x1.9d462020fcc78p-21;
      s = Math.fma(s, y, -0x1.6f7acdb8f6580p-16);
      s = Math.fma(s, y, 0x1.e8f3675ee37ddp-12);
      s = Math.fma(s, y, -0x1.e3074dfaf87afp-8);
      s = Math.fma(s, y, 0x1.5078348551854p-4);
      s = Math.fma(s, y, -0x1.32d2cce627c86p-1);
      s = Math.fma(s, y, 0x1.466bc6775aa7dp+1);
      s = Math.fma(s, y, -0x1.4abbce625be52p+2);
      s = Math.fma(s, y, 0x1.921fb54442d18p+1);
      x[i] = radius[i] * (s * x[i]);
    }
  }
}
