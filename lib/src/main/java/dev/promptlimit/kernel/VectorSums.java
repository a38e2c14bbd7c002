package dev.promptlimit.kernel;

import static dev.promptlimit.kernel.Lanes.LANES;
import static dev.promptlimit.kernel.VectorTwin.W;
import static dev.promptlimit.kernel.VectorTwin.load;

import jdk.incubator.vector.DoubleVector;

/**
 * Weighted sums, the part of {@link VectorTwin} in which vectors stay in registers over a chunk.
 *
 * <p>W lanes of each sum are in one register; lanes h..h+W and, where one chain of fused products a
 * register would wait for its own latency, lanes h+W..h+2W in the same pass.
 */
final class VectorSums {
  private VectorSums() {}

  static void moments1(double[] y, int yFrom, double[] x, double[] lanes, int n) {
    for (int h = 0; h < LANES; h += 2 * W) {
      int k = h + W;
      DoubleVector w = load(lanes, h);
      DoubleVector wx = load(lanes, LANES + h);
      DoubleVector wxx = load(lanes, 2 * LANES + h);
      DoubleVector ww = load(lanes, 3 * LANES + h);
      DoubleVector wwx = load(lanes, 4 * LANES + h);
      DoubleVector wwxx = load(lanes, 5 * LANES + h);
      DoubleVector wb = load(lanes, k);
      DoubleVector wxb = load(lanes, LANES + k);
      DoubleVector wxxb = load(lanes, 2 * LANES + k);
      DoubleVector wwb = load(lanes, 3 * LANES + k);
      DoubleVector wwxb = load(lanes, 4 * LANES + k);
      DoubleVector wwxxb = load(lanes, 5 * LANES + k);
      for (int l = h; l < n; l += LANES) {
        DoubleVector y0 = load(y, yFrom + l);
        DoubleVector x0 = load(x, l);
        DoubleVector m = y0.mul(x0);
        w = w.add(y0);
        wx = y0.fma(x0, wx);
        wxx = m.fma(x0, wxx);
        ww = y0.fma(y0, ww);
        wwx = y0.fma(m, wwx);
        wwxx = m.fma(m, wwxx);
        DoubleVector y0b = load(y, yFrom + l + W);
        DoubleVector x0b = load(x, l + W);
        DoubleVector mb = y0b.mul(x0b);
        wb = wb.add(y0b);
        wxb = y0b.fma(x0b, wxb);
        wxxb = mb.fma(x0b, wxxb);
        wwb = y0b.fma(y0b, wwb);
        wwxb = y0b.fma(mb, wwxb);
        wwxxb = mb.fma(mb, wwxxb);
      }
      w.intoArray(lanes, h);
      wx.intoArray(lanes, LANES + h);
      wxx.intoArray(lanes, 2 * LANES + h);
      ww.intoArray(lanes, 3 * LANES + h);
      wwx.intoArray(lanes, 4 * LANES + h);
      wwxx.intoArray(lanes, 5 * LANES + h);
      wb.intoArray(lanes, k);
      wxb.intoArray(lanes, LANES + k);
      wxxb.intoArray(lanes, 2 * LANES + k);
      wwb.intoArray(lanes, 3 * LANES + k);
      wwxb.intoArray(lanes, 4 * LANES + k);
      wwxxb.intoArray(lanes, 5 * LANES + k);
    }
  }

  static void moments2(double[] y, int yFrom, double[] x, int stride, double[] lanes, int n) {
    for (int h = 0; h < LANES; h += W) {
      DoubleVector w = load(lanes, h);
      DoubleVector w1 = load(lanes, LANES + h);
      DoubleVector w2 = load(lanes, 2 * LANES + h);
      DoubleVector w11 = load(lanes, 3 * LANES + h);
      DoubleVector w21 = load(lanes, 4 * LANES + h);
      DoubleVector w22 = load(lanes, 5 * LANES + h);
      DoubleVector ww = load(lanes, 6 * LANES + h);
      DoubleVector ww1 = load(lanes, 7 * LANES + h);
      DoubleVector ww2 = load(lanes, 8 * LANES + h);
      DoubleVector ww11 = load(lanes, 9 * LANES + h);
      DoubleVector ww21 = load(lanes, 10 * LANES + h);
      DoubleVector ww22 = load(lanes, 11 * LANES + h);
      for (int l = h; l < n; l += LANES) {
        DoubleVector v = load(y, yFrom + l);
        DoubleVector x1 = load(x, l);
        DoubleVector x2 = load(x, stride + l);
        DoubleVector m1 = v.mul(x1);
        DoubleVector m2 = v.mul(x2);
        w = w.add(v);
        w1 = v.fma(x1, w1);
        w2 = v.fma(x2, w2);
        w11 = m1.fma(x1, w11);
        w21 = m2.fma(x1, w21);
        w22 = m2.fma(x2, w22);
        ww = v.fma(v, ww);
        ww1 = v.fma(m1, ww1);
        ww2 = v.fma(m2, ww2);
        ww11 = m1.fma(m1, ww11);
        ww21 = m2.fma(m1, ww21);
        ww22 = m2.fma(m2, ww22);
      }
      w.intoArray(lanes, h);
      w1.intoArray(lanes, LANES + h);
      w2.intoArray(lanes, 2 * LANES + h);
      w11.intoArray(lanes, 3 * LANES + h);
      w21.intoArray(lanes, 4 * LANES + h);
      w22.intoArray(lanes, 5 * LANES + h);
      ww.intoArray(lanes, 6 * LANES + h);
      ww1.intoArray(lanes, 7 * LANES + h);
      ww2.intoArray(lanes, 8 * LANES + h);
      ww11.intoArray(lanes, 9 * LANES + h);
      ww21.intoArray(lanes, 10 * LANES + h);
      ww22.intoArray(lanes, 11 * LANES + h);
    }
  }

  static void weighted(
      double[] y, int yFrom, double[] x, int stride, int k, double[] lanes, int n) {
    for (int h = 0; h < LANES; h += W) {
      DoubleVector sum = load(lanes, h);
      for (int l = h; l < n; l += LANES) {
        sum = sum.add(load(y, yFrom + l));
      }
      sum.intoArray(lanes, h);
    }
    int i = 0;
    for (; i + 4 <= k; i += 4) {
      weighted4(y, yFrom, x, i * stride, stride, lanes, (1 + i) * LANES, n);
    }
    for (; i < k; i++) {
      weighted1(y, yFrom, x, i * stride, lanes, (1 + i) * LANES, n);
    }
  }

  static void tile(
      double[] y,
      int yFrom,
      double[] x,
      int iFrom,
      int jFrom,
      int stride,
      double[] lanes,
      int to,
      int n) {
    for (int h = 0; h < LANES; h += W) {
      int at = to + h;
      DoubleVector s00 = load(lanes, at);
      DoubleVector s01 = load(lanes, at + LANES);
      DoubleVector s02 = load(lanes, at + 2 * LANES);
      DoubleVector s03 = load(lanes, at + 3 * LANES);
      DoubleVector s10 = load(lanes, at + 4 * LANES);
      DoubleVector s11 = load(lanes, at + 5 * LANES);
      DoubleVector s12 = load(lanes, at + 6 * LANES);
      DoubleVector s13 = load(lanes, at + 7 * LANES);
      DoubleVector s20 = load(lanes, at + 8 * LANES);
      DoubleVector s21 = load(lanes, at + 9 * LANES);
      DoubleVector s22 = load(lanes, at + 10 * LANES);
      DoubleVector s23 = load(lanes, at + 11 * LANES);
      DoubleVector s30 = load(lanes, at + 12 * LANES);
      DoubleVector s31 = load(lanes, at + 13 * LANES);
      DoubleVector s32 = load(lanes, at + 14 * LANES);
      DoubleVector s33 = load(lanes, at + 15 * LANES);
      for (int l = h; l < n; l += LANES) {
        DoubleVector v = load(y, yFrom + l);
        int a = iFrom + l;
        int b = jFrom + l;
        DoubleVector x0 = load(x, b);
        DoubleVector x1 = load(x, b + stride);
        DoubleVector x2 = load(x, b + 2 * stride);
        DoubleVector x3 = load(x, b + 3 * stride);
        DoubleVector w0 = load(x, a).mul(v);
        s00 = w0.fma(x0, s00);
        s01 = w0.fma(x1, s01);
        s02 = w0.fma(x2, s02);
        s03 = w0.fma(x3, s03);
        DoubleVector w1 = load(x, a + stride).mul(v);
        s10 = w1.fma(x0, s10);
        s11 = w1.fma(x1, s11);
        s12 = w1.fma(x2, s12);
        s13 = w1.fma(x3, s13);
        DoubleVector w2 = load(x, a + 2 * stride).mul(v);
        s20 = w2.fma(x0, s20);
        s21 = w2.fma(x1, s21);
        s22 = w2.fma(x2, s22);
        s23 = w2.fma(x3, s23);
        DoubleVector w3 = load(x, a + 3 * stride).mul(v);
        s30 = w3.fma(x0, s30);
        s31 = w3.fma(x1, s31);
        s32 = w3.fma(x2, s32);
        s33 = w3.fma(x3, s33);
      }
      s00.intoArray(lanes, at);
      s01.intoArray(lanes, at + LANES);
      s02.intoArray(lanes, at + 2 * LANES);
      s03.intoArray(lanes, at + 3 * LANES);
      s10.intoArray(lanes, at + 4 * LANES);
      s11.intoArray(lanes, at + 5 * LANES);
      s12.intoArray(lanes, at + 6 * LANES);
      s13.intoArray(lanes, at + 7 * LANES);
      s20.intoArray(lanes, at + 8 * LANES);
      s21.intoArray(lanes, at + 9 * LANES);
      s22.intoArray(lanes, at + 10 * LANES);
      s23.intoArray(lanes, at + 11 * LANES);
      s30.intoArray(lanes, at + 12 * LANES);
      s31.intoArray(lanes, at + 13 * LANES);
      s32.intoArray(lanes, at + 14 * LANES);
      s33.intoArray(lanes, at + 15 * LANES);
    }
  }

  private static void weighted1(
      double[] y, int yFrom, double[] x, int xFrom, double[] lanes, int to, int n) {
    for (int h = 0; h < LANES; h += W) {
      DoubleVector sum = load(lanes, to + h);
      for (int l = h; l < n; l += LANES) {
        sum = load(y, yFrom + l).fma(load(x, xFrom + l), sum);
      }
      sum.intoArray(lanes, to + h);
    }
  }

  /** Four coordinates at once, so that each weight is loaded once for four products. */
  private static void weighted4(
      double[] y, int yFrom, double[] x, int xFrom, int stride, double[] lanes, int to, int n) {
    int x1 = xFrom + stride;
    int x2 = x1 + stride;
    int x3 = x2 + stride;
    for (int h = 0; h < LANES; h += 2 * W) {
      int k = to + h + W;
      DoubleVector a0 = load(lanes, to + h);
      DoubleVector b0 = load(lanes, k);
      DoubleVector a1 = load(lanes, to + LANES + h);
      DoubleVector b1 = load(lanes, k + LANES);
      DoubleVector a2 = load(lanes, to + 2 * LANES + h);
      DoubleVector b2 = load(lanes, k + 2 * LANES);
      DoubleVector a3 = load(lanes, to + 3 * LANES + h);
      DoubleVector b3 = load(lanes, k + 3 * LANES);
      for (int l = h; l < n; l += LANES) {
        DoubleVector ya = load(y, yFrom + l);
        DoubleVector yb = load(y, yFrom + l + W);
        a0 = ya.fma(load(x, xFrom + l), a0);
        b0 = yb.fma(load(x, xFrom + l + W), b0);
        a1 = ya.fma(load(x, x1 + l), a1);
        b1 = yb.fma(load(x, x1 + l + W), b1);
        a2 = ya.fma(load(x, x2 + l), a2);
        b2 = yb.fma(load(x, x2 + l + W), b2);
        a3 = ya.fma(load(x, x3 + l), a3);
        b3 = yb.fma(load(x, x3 + l + W), b3);
      }
      a0.intoArray(lanes, to + h);
      b0.intoArray(lanes, k);
      a1.intoArray(lanes, to + LANES + h);
      b1.intoArray(lanes, k + LANES);
      a2.intoArray(lanes, to + 2 * LANES + h);
      b2.intoArray(lanes, k + 2 * LANES);
      a3.intoArray(lanes, to + 3 * LANES + h);
      b3.intoArray(lanes, k + 3 * LANES);
    }
  }
}
