package dev.promptlimit.kernel;

import static dev.promptlimit.kernel.Lanes.LANES;

import java.util.Arrays;

/**
 * The kernels in plain Java: what they compute, said as simply as speed allows, and what runs where
 * the Vector API is missing.
 */
final class ScalarTwin implements KernelTwin {
  private static final long ONE = 0x3FF0000000000000L;
  private static final long FRACTION = 0x000FFFFFFFFFFFFFL;

  @Override
  public String description() {
    return "plain Java";
  }

  @Override
  public boolean compiledAlone() {
    return true; // nothing to be told
  }

  @Override
  public void words(long[] state, long[] out, int n) {
    for (int lane = 0; lane < LANES; lane++) {
      lane(state, lane, out, n);
    }
  }

  private static void lane(long[] state, int lane, long[] out, int n) {
    long s0 = state[lane];
    long s1 = state[LANES + lane];
    long s2 = state[2 * LANES + lane];
    long s3 = state[3 * LANES + lane];
    for (int i = lane; i < n; i += LANES) {
      out[i] = Long.rotateLeft(s0 + s3, 23) + s0;
      long t = s1 << 17;
      s2 ^= s0;
      s3 ^= s1;
      s1 ^= s2;
      s0 ^= s3;
      s2 ^= t;
      s3 = Long.rotateLeft(s3, 45);
    }
    state[lane] = s0;
    state[LANES + lane] = s1;
    state[2 * LANES + lane] = s2;
    state[3 * LANES + lane] = s3;
  }

  /** v − ½, v from the lower 52 bits: uniform on [−½, ½). */
  private static double centred(long word) {
    return Double.longBitsToDouble((word & FRACTION) | ONE) - 1.5;
  }

  @Override
  public void tabulated(
      long[] state, double[] widths, int[] scratch, double[] out, int from, int n) {
    tabulate(state, widths, out, from, n);
  }

  static void tabulate(long[] state, double[] widths, double[] out, int from, int n) {
    int shift = Long.numberOfLeadingZeros(widths.length) + 1;
    for (int lane = 0; lane < LANES; lane++) {
      long s0 = state[lane];
      long s1 = state[LANES + lane];
      long s2 = state[2 * LANES + lane];
      long s3 = state[3 * LANES + lane];
      for (int i = lane; i < n; i += LANES) {
        long word = Long.rotateLeft(s0 + s3, 23) + s0;
        out[from + i] = widths[(int) (word >>> shift)] * centred(word);
        long t = s1 << 17;
        s2 ^= s0;
        s3 ^= s1;
        s1 ^= s2;
        s0 ^= s3;
        s2 ^= t;
        s3 = Long.rotateLeft(s3, 45);
      }
      state[lane] = s0;
      state[LANES + lane] = s1;
      state[2 * LANES + lane] = s2;
      state[3 * LANES + lane] = s3;
    }
  }

  @Override
  public void uniforms(long[] words, double width, double[] out, int from, int n) {
    for (int i = 0; i < n; i++) {
      out[from + i] = width * centred(words[i]);
    }
  }

  @Override
  public void signs(long[] words, double size, double[] out, int from, int n) {
    long bits = Double.doubleToRawLongBits(size);
    for (int i = 0; i < n; i++) {
      long word = words[i / (LANES * Long.SIZE) * LANES + i % LANES];
      long sign = word << (i / LANES % Long.SIZE) & Long.MIN_VALUE;
      out[from + i] = Double.longBitsToDouble(bits ^ sign);
    }
  }

  @Override
  public int countBelow(long[] words, long bound, int n) {
    int count = 0;
    for (int i = 0; i < n; i++) {
      count += (int) (((words[i] >>> 1) - bound) >>> 63);
    }
    return count;
  }

  // Arithmetic and work on bits are in different loops: one bit operation in a loop keeps the
  // compiler from turning it into vector code.

  @Override
  public void exp2(double[] x, int xFrom, double scale, double[] y, int yFrom, int n) {
    for (int i = 0; i < n; i++) {
      double rounded = Math.fma(x[xFrom + i], scale, Exp2.ROUND);
      y[yFrom + i] = fraction(Math.fma(x[xFrom + i], scale, Exp2.ROUND - rounded));
    }
    for (int i = 0; i < n; i++) {
      y[yFrom + i] = scale(y[yFrom + i], Math.fma(x[xFrom + i], scale, Exp2.ROUND));
    }
  }

  @Override
  public void exp2Minus(
      double[] x, int xFrom, double scale, double shift, double[] y, int yFrom, int n) {
    for (int i = 0; i < n; i++) {
      double t = scale * (x[xFrom + i] - shift);
      double rounded = t + Exp2.ROUND;
      y[yFrom + i] = fraction(t + (Exp2.ROUND - rounded));
    }
    for (int i = 0; i < n; i++) {
      double t = scale * (x[xFrom + i] - shift);
      double weight = t - Exp2.LEAST < 0 ? 0 : scale(y[yFrom + i], t + Exp2.ROUND);
      y[yFrom + i] = Math.fma(t, 0, weight); // NaN stays NaN
    }
  }

  /** 2^f, |f| ≤ ½. */
  private static double fraction(double f) {
    double p = Math.fma(Exp2.C11, f, Exp2.C10);
    p = Math.fma(p, f, Exp2.C9);
    p = Math.fma(p, f, Exp2.C8);
    p = Math.fma(p, f, Exp2.C7);
    p = Math.fma(p, f, Exp2.C6);
    p = Math.fma(p, f, Exp2.C5);
    p = Math.fma(p, f, Exp2.C4);
    p = Math.fma(p, f, Exp2.C3);
    p = Math.fma(p, f, Exp2.C2);
    p = Math.fma(p, f, Exp2.C1);
    return Math.fma(p, f, 1);
  }

  /** 2^k p, where {@code rounded} is k + {@link Exp2#ROUND}. */
  private static double scale(double p, double rounded) {
    long bits = Double.doubleToRawLongBits(p) + (Double.doubleToRawLongBits(rounded) << 52);
    return Double.longBitsToDouble(bits);
  }

  @Override
  public double max(double[] x, int from, int n) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < n; i++) {
      max = Math.max(max, x[from + i]);
    }
    return max;
  }

  @Override
  public void combine(
      double bias,
      double[] a,
      int aFrom,
      int k,
      double[] x,
      int xFrom,
      int stride,
      double[] out,
      int outFrom,
      int n) {
    Arrays.fill(out, outFrom, outFrom + n, bias);
    for (int i = 0; i < k; i++) {
      ColumnMatrix.axpy(a[aFrom + i], x, xFrom + i * stride, out, outFrom, n);
    }
  }

  @Override
  public void addScaled(double a, double[] x, int xFrom, double[] t, int tFrom, int n) {
    ColumnMatrix.axpy(a, x, xFrom, t, tFrom, n);
  }

  @Override
  public void normalise(double[] x, int stride, int k, double radius, int n) {
    for (int l = 0; l < n; l++) {
      double square = 0;
      for (int i = 0; i < k; i++) {
        square = Math.fma(x[i * stride + l], x[i * stride + l], square);
      }
      double factor = radius / Math.sqrt(square);
      for (int i = 0; i < k; i++) {
        x[i * stride + l] *= factor;
      }
    }
  }

  @Override
  public void multiply(
      double[] y, int yFrom, double[] x, int xFrom, double[] out, int outFrom, int n) {
    for (int l = 0; l < n; l++) {
      out[outFrom + l] = y[yFrom + l] * x[xFrom + l];
    }
  }

  @Override
  public void moments1(double[] y, int yFrom, double[] x, double[] lanes, int n) {
    for (int j = 0; j < LANES; j++) {
      double w = lanes[j];
      double wx = lanes[LANES + j];
      double wxx = lanes[2 * LANES + j];
      double ww = lanes[3 * LANES + j];
      double wwx = lanes[4 * LANES + j];
      double wwxx = lanes[5 * LANES + j];
      for (int l = j; l < n; l += LANES) {
        double m = y[yFrom + l] * x[l];
        w += y[yFrom + l];
        wx = Math.fma(y[yFrom + l], x[l], wx);
        wxx = Math.fma(m, x[l], wxx);
        ww = Math.fma(y[yFrom + l], y[yFrom + l], ww);
        wwx = Math.fma(y[yFrom + l], m, wwx);
        wwxx = Math.fma(m, m, wwxx);
      }
      lanes[j] = w;
      lanes[LANES + j] = wx;
      lanes[2 * LANES + j] = wxx;
      lanes[3 * LANES + j] = ww;
      lanes[4 * LANES + j] = wwx;
      lanes[5 * LANES + j] = wwxx;
    }
  }

  @Override
  public void moments2(double[] y, int yFrom, double[] x, int stride, double[] lanes, int n) {
    for (int j = 0; j < LANES; j++) {
      double w = lanes[j];
      double w1 = lanes[LANES + j];
      double w2 = lanes[2 * LANES + j];
      double w11 = lanes[3 * LANES + j];
      double w21 = lanes[4 * LANES + j];
      double w22 = lanes[5 * LANES + j];
      double ww = lanes[6 * LANES + j];
      double ww1 = lanes[7 * LANES + j];
      double ww2 = lanes[8 * LANES + j];
      double ww11 = lanes[9 * LANES + j];
      double ww21 = lanes[10 * LANES + j];
      double ww22 = lanes[11 * LANES + j];
      for (int l = j; l < n; l += LANES) {
        double x1 = x[l];
        double x2 = x[stride + l];
        double m1 = y[yFrom + l] * x1;
        double m2 = y[yFrom + l] * x2;
        w += y[yFrom + l];
        w1 = Math.fma(y[yFrom + l], x1, w1);
        w2 = Math.fma(y[yFrom + l], x2, w2);
        w11 = Math.fma(m1, x1, w11);
        w21 = Math.fma(m2, x1, w21);
        w22 = Math.fma(m2, x2, w22);
        ww = Math.fma(y[yFrom + l], y[yFrom + l], ww);
        ww1 = Math.fma(y[yFrom + l], m1, ww1);
        ww2 = Math.fma(y[yFrom + l], m2, ww2);
        ww11 = Math.fma(m1, m1, ww11);
        ww21 = Math.fma(m2, m1, ww21);
        ww22 = Math.fma(m2, m2, ww22);
      }
      lanes[j] = w;
      lanes[LANES + j] = w1;
      lanes[2 * LANES + j] = w2;
      lanes[3 * LANES + j] = w11;
      lanes[4 * LANES + j] = w21;
      lanes[5 * LANES + j] = w22;
      lanes[6 * LANES + j] = ww;
      lanes[7 * LANES + j] = ww1;
      lanes[8 * LANES + j] = ww2;
      lanes[9 * LANES + j] = ww11;
      lanes[10 * LANES + j] = ww21;
      lanes[11 * LANES + j] = ww22;
    }
  }

  @Override
  public void weighted(
      double[] y, int yFrom, double[] x, int stride, int k, double[] lanes, int n) {
    for (int l = 0; l < n; l++) {
      lanes[l % LANES] += y[yFrom + l];
    }
    for (int i = 0; i < k; i++) {
      accumulate(y, yFrom, x, i * stride, lanes, (1 + i) * LANES, n);
    }
  }

  @Override
  public void tile(
      double[] y,
      int yFrom,
      double[] x,
      int iFrom,
      int jFrom,
      int stride,
      double[] lanes,
      int to,
      int n) {
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 4; j++) {
        int at = to + (4 * i + j) * LANES;
        products(y, yFrom, x, iFrom + i * stride, jFrom + j * stride, lanes, at, n);
      }
    }
  }

  private static void products(
      double[] y, int yFrom, double[] x, int iFrom, int jFrom, double[] lanes, int at, int n) {
    for (int j = 0; j < LANES; j++) {
      double sum = lanes[at + j];
      for (int l = j; l < n; l += LANES) {
        sum = Math.fma(y[yFrom + l] * x[iFrom + l], x[jFrom + l], sum);
      }
      lanes[at + j] = sum;
    }
  }

  /** Sixteen lanes in as many variables: the loop has independent sums and no memory to write. */
  private static void accumulate(
      double[] y, int yFrom, double[] x, int xFrom, double[] lanes, int at, int n) {
    double l0 = lanes[at], l1 = lanes[at + 1], l2 = lanes[at + 2], l3 = lanes[at + 3];
    double l4 = lanes[at + 4], l5 = lanes[at + 5], l6 = lanes[at + 6], l7 = lanes[at + 7];
    double l8 = lanes[at + 8], l9 = lanes[at + 9], l10 = lanes[at + 10], l11 = lanes[at + 11];
    double l12 = lanes[at + 12], l13 = lanes[at + 13], l14 = lanes[at + 14], l15 = lanes[at + 15];
    int b = yFrom;
    for (int a = xFrom; a < xFrom + n; a += LANES, b += LANES) {
      l0 = Math.fma(y[b], x[a], l0);
      l1 = Math.fma(y[b + 1], x[a + 1], l1);
      l2 = Math.fma(y[b + 2], x[a + 2], l2);
      l3 = Math.fma(y[b + 3], x[a + 3], l3);
      l4 = Math.fma(y[b + 4], x[a + 4], l4);
      l5 = Math.fma(y[b + 5], x[a + 5], l5);
      l6 = Math.fma(y[b + 6], x[a + 6], l6);
      l7 = Math.fma(y[b + 7], x[a + 7], l7);
      l8 = Math.fma(y[b + 8], x[a + 8], l8);
      l9 = Math.fma(y[b + 9], x[a + 9], l9);
      l10 = Math.fma(y[b + 10], x[a + 10], l10);
      l11 = Math.fma(y[b + 11], x[a + 11], l11);
      l12 = Math.fma(y[b + 12], x[a + 12], l12);
      l13 = Math.fma(y[b + 13], x[a + 13], l13);
      l14 = Math.fma(y[b + 14], x[a + 14], l14);
      l15 = Math.fma(y[b + 15], x[a + 15], l15);
    }
    lanes[at] = l0;
    lanes[at + 1] = l1;
    lanes[at + 2] = l2;
    lanes[at + 3] = l3;
    lanes[at + 4] = l4;
    lanes[at + 5] = l5;
    lanes[at + 6] = l6;
    lanes[at + 7] = l7;
    lanes[at + 8] = l8;
    lanes[at + 9] = l9;
    lanes[at + 10] = l10;
    lanes[at + 11] = l11;
    lanes[at + 12] = l12;
    lanes[at + 13] = l13;
    lanes[at + 14] = l14;
    lanes[at + 15] = l15;
  }
}
