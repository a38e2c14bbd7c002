package dev.promptlimit.kernel;

import static dev.promptlimit.kernel.Lanes.LANES;

import java.util.Arrays;
import java.util.stream.Stream;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/*
 * Rules, learnt on JDK 17.
 *
 * Every kernel is a leaf of small loops over vectors that nothing leaves but by an array, without
 * masks, compiled alone (InlineBarrier). What the compiler cannot keep in registers it makes objects
 * of, and a method that once did so stays many times slower for the life of the virtual machine;
 * comparisons with blends did where counts varied.
 *
 * Shift counts are vectors: a count that is a number takes two operations a shift. Constants that a
 * loop needs are broadcast where they are used; the compiler takes them out of the loop.
 *
 * No reduceLanes, no rearrange: floating lanes are stored and folded by Lanes.fold.
 */
/** The kernels with the Vector API: the bits of {@link ScalarTwin} at any vector width. */
final class VectorTwin implements KernelTwin {
  private static final VectorSpecies<Double> D = doubles();
  private static final VectorSpecies<Long> L = VectorSpecies.of(long.class, D.vectorShape());
  static final int W = D.length();

  /** As many ints as there are doubles in a vector, for table look-ups; not used below 256 bits. */
  private static final VectorSpecies<Integer> I =
      VectorSpecies.of(int.class, VectorShape.forBitSize(Math.max(64, D.vectorBitSize() / 2)));

  private static final int SCRATCH = Kernels.SCRATCH;
  private static final long ONE = 0x3FF0000000000000L;
  private static final long FRACTION = 0x000FFFFFFFFFFFFFL;

  private final boolean compiledAlone;

  VectorTwin() {
    if (W < 2) {
      throw new UnsupportedOperationException("vectors of " + D.vectorBitSize() + " bits");
    }
    compiledAlone = InlineBarrier.raise(Stream.concat(kernels(), sums()));
  }

  private static Stream<String> kernels() {
    return Arrays.stream(KernelTwin.class.getDeclaredMethods())
        .map(method -> InlineBarrier.method(VectorTwin.class, method.getName()));
  }

  private static Stream<String> sums() {
    return Arrays.stream(VectorSums.class.getDeclaredMethods())
        .map(method -> InlineBarrier.method(VectorSums.class, method.getName()));
  }

  @Override
  public boolean compiledAlone() {
    return compiledAlone;
  }

  /** The preferred width, but at most half of the sixteen lanes. */
  private static VectorSpecies<Double> doubles() {
    VectorSpecies<Double> preferred = DoubleVector.SPECIES_PREFERRED;
    return preferred.length() > LANES / 2 ? DoubleVector.SPECIES_512 : preferred;
  }

  @Override
  public String description() {
    return "vectors of " + D.vectorBitSize() + " bits";
  }

  private static DoubleVector constant(double c) {
    return DoubleVector.broadcast(D, c);
  }

  private static LongVector constant(long c) {
    return LongVector.broadcast(L, c);
  }

  static DoubleVector load(double[] x, int i) {
    return DoubleVector.fromArray(D, x, i);
  }

  @Override
  public void words(long[] state, long[] out, int n) {
    for (int h = 0; h < LANES; h += W) {
      LongVector s0 = LongVector.fromArray(L, state, h);
      LongVector s1 = LongVector.fromArray(L, state, LANES + h);
      LongVector s2 = LongVector.fromArray(L, state, 2 * LANES + h);
      LongVector s3 = LongVector.fromArray(L, state, 3 * LANES + h);
      for (int i = h; i < n; i += LANES) {
        s0.add(s3).lanewise(VectorOperators.ROL, 23).add(s0).intoArray(out, i);
        LongVector t = s1.lanewise(VectorOperators.LSHL, constant(17L));
        s2 = s2.lanewise(VectorOperators.XOR, s0);
        s3 = s3.lanewise(VectorOperators.XOR, s1);
        s1 = s1.lanewise(VectorOperators.XOR, s2);
        s0 = s0.lanewise(VectorOperators.XOR, s3);
        s2 = s2.lanewise(VectorOperators.XOR, t);
        s3 = s3.lanewise(VectorOperators.ROL, 45);
      }
      s0.intoArray(state, h);
      s1.intoArray(state, LANES + h);
      s2.intoArray(state, 2 * LANES + h);
      s3.intoArray(state, 3 * LANES + h);
    }
  }

  /** v − ½, v from the lower 52 bits. */
  private static DoubleVector centred(LongVector words) {
    LongVector v =
        words
            .lanewise(VectorOperators.AND, constant(FRACTION))
            .lanewise(VectorOperators.OR, constant(ONE));
    return v.reinterpretAsDoubles().sub(constant(1.5));
  }

  @Override
  public void tabulated(
      long[] state, double[] widths, int[] scratch, double[] out, int from, int n) {
    if (W < 4) {
      ScalarTwin.tabulate(state, widths, out, from, n); // such vectors cannot gather
      return;
    }
    long shift = Long.numberOfLeadingZeros(widths.length) + 1L;
    for (int h = 0; h < LANES; h += W) {
      LongVector s0 = LongVector.fromArray(L, state, h);
      LongVector s1 = LongVector.fromArray(L, state, LANES + h);
      LongVector s2 = LongVector.fromArray(L, state, 2 * LANES + h);
      LongVector s3 = LongVector.fromArray(L, state, 3 * LANES + h);
      for (int i = h; i < n; i += LANES) {
        LongVector word = s0.add(s3).lanewise(VectorOperators.ROL, 23).add(s0);
        LongVector top = word.lanewise(VectorOperators.LSHR, constant(shift));
        ((IntVector) top.convertShape(VectorOperators.L2I, I, 0))
            .intoArray(scratch, i & SCRATCH - 1);
        DoubleVector width = DoubleVector.fromArray(D, widths, 0, scratch, i & SCRATCH - 1);
        centred(word).mul(width).intoArray(out, from + i);
        LongVector t = s1.lanewise(VectorOperators.LSHL, constant(17L));
        s2 = s2.lanewise(VectorOperators.XOR, s0);
        s3 = s3.lanewise(VectorOperators.XOR, s1);
        s1 = s1.lanewise(VectorOperators.XOR, s2);
        s0 = s0.lanewise(VectorOperators.XOR, s3);
        s2 = s2.lanewise(VectorOperators.XOR, t);
        s3 = s3.lanewise(VectorOperators.ROL, 45);
      }
      s0.intoArray(state, h);
      s1.intoArray(state, LANES + h);
      s2.intoArray(state, 2 * LANES + h);
      s3.intoArray(state, 3 * LANES + h);
    }
  }

  @Override
  public void uniforms(long[] words, double width, double[] out, int from, int n) {
    for (int i = 0; i < n; i += W) {
      centred(LongVector.fromArray(L, words, i)).mul(constant(width)).intoArray(out, from + i);
    }
  }

  @Override
  public void signs(long[] words, double size, double[] out, int from, int n) {
    for (int row = 0; row < n; row += LANES) {
      int word = row / (LANES * Long.SIZE) * LANES;
      LongVector count = constant((long) (row / LANES % Long.SIZE));
      for (int h = 0; h < LANES; h += W) {
        LongVector sign =
            LongVector.fromArray(L, words, word + h)
                .lanewise(VectorOperators.LSHL, count)
                .lanewise(VectorOperators.AND, constant(Long.MIN_VALUE));
        sign.lanewise(VectorOperators.XOR, constant(size).reinterpretAsLongs())
            .reinterpretAsDoubles()
            .intoArray(out, from + row + h);
      }
    }
  }

  @Override
  public int countBelow(long[] words, long bound, int n) {
    LongVector count = LongVector.zero(L);
    for (int i = 0; i < n; i += W) {
      LongVector half =
          LongVector.fromArray(L, words, i).lanewise(VectorOperators.LSHR, constant(1L));
      count = count.add(half.sub(constant(bound)).lanewise(VectorOperators.LSHR, constant(63L)));
    }
    return (int) count.reduceLanes(VectorOperators.ADD); // whole numbers: any order
  }

  @Override
  public void exp2(double[] x, int xFrom, double scale, double[] y, int yFrom, int n) {
    for (int i = 0; i < n; i += W) {
      DoubleVector t = load(x, xFrom + i);
      DoubleVector rounded = t.fma(constant(scale), constant(Exp2.ROUND));
      DoubleVector f = t.fma(constant(scale), constant(Exp2.ROUND).sub(rounded));
      scaled(fraction(f), rounded).reinterpretAsDoubles().intoArray(y, yFrom + i);
    }
  }

  @Override
  public void exp2Minus(
      double[] x, int xFrom, double scale, double shift, double[] y, int yFrom, int n) {
    for (int i = 0; i < n; i += W) {
      DoubleVector t = load(x, xFrom + i).sub(constant(shift)).mul(constant(scale));
      DoubleVector rounded = t.add(constant(Exp2.ROUND));
      DoubleVector f = t.add(constant(Exp2.ROUND).sub(rounded));
      // all ones where t ≥ LEAST: one less than the sign of the difference
      LongVector kept =
          t.sub(constant(Exp2.LEAST))
              .reinterpretAsLongs()
              .lanewise(VectorOperators.LSHR, constant(63L))
              .sub(constant(1L));
      LongVector weight = scaled(fraction(f), rounded).lanewise(VectorOperators.AND, kept);
      t.fma(constant(0.0), weight.reinterpretAsDoubles()).intoArray(y, yFrom + i);
    }
  }

  private static DoubleVector fraction(DoubleVector f) {
    DoubleVector p = f.fma(constant(Exp2.C11), constant(Exp2.C10));
    p = p.fma(f, constant(Exp2.C9));
    p = p.fma(f, constant(Exp2.C8));
    p = p.fma(f, constant(Exp2.C7));
    p = p.fma(f, constant(Exp2.C6));
    p = p.fma(f, constant(Exp2.C5));
    p = p.fma(f, constant(Exp2.C4));
    p = p.fma(f, constant(Exp2.C3));
    p = p.fma(f, constant(Exp2.C2));
    p = p.fma(f, constant(Exp2.C1));
    return p.fma(f, constant(1.0));
  }

  private static LongVector scaled(DoubleVector p, DoubleVector rounded) {
    LongVector exponent =
        rounded.reinterpretAsLongs().lanewise(VectorOperators.LSHL, constant(52L));
    return p.reinterpretAsLongs().add(exponent);
  }

  @Override
  public double max(double[] x, int from, int n) {
    DoubleVector a = constant(Double.NEGATIVE_INFINITY);
    DoubleVector b = a;
    int l = 0;
    for (; l + 2 * W <= n; l += 2 * W) {
      a = a.max(load(x, from + l));
      b = b.max(load(x, from + l + W));
    }
    double top = a.max(b).reduceLanes(VectorOperators.MAX); // in any order
    for (; l < n; l++) {
      top = Math.max(top, x[from + l]);
    }
    return top;
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
    int l = 0;
    for (; l + 4 * W <= n; l += 4 * W) {
      DoubleVector t0 = constant(bias);
      DoubleVector t1 = t0;
      DoubleVector t2 = t0;
      DoubleVector t3 = t0;
      for (int i = 0, at = xFrom + l; i < k; i++, at += stride) {
        DoubleVector ai = constant(a[aFrom + i]);
        t0 = ai.fma(load(x, at), t0);
        t1 = ai.fma(load(x, at + W), t1);
        t2 = ai.fma(load(x, at + 2 * W), t2);
        t3 = ai.fma(load(x, at + 3 * W), t3);
      }
      t0.intoArray(out, outFrom + l);
      t1.intoArray(out, outFrom + l + W);
      t2.intoArray(out, outFrom + l + 2 * W);
      t3.intoArray(out, outFrom + l + 3 * W);
    }
    for (; l < n; l += W) {
      DoubleVector t = constant(bias);
      for (int i = 0, at = xFrom + l; i < k; i++, at += stride) {
        t = constant(a[aFrom + i]).fma(load(x, at), t);
      }
      t.intoArray(out, outFrom + l);
    }
  }

  @Override
  public void addScaled(double a, double[] x, int xFrom, double[] t, int tFrom, int n) {
    for (int l = 0; l < n; l += W) {
      constant(a).fma(load(x, xFrom + l), load(t, tFrom + l)).intoArray(t, tFrom + l);
    }
  }

  @Override
  public void normalise(double[] x, int stride, int k, double radius, int n) {
    for (int l = 0; l < n; l += W) {
      DoubleVector square = constant(0.0);
      for (int i = 0, at = l; i < k; i++, at += stride) {
        DoubleVector t = load(x, at);
        square = t.fma(t, square);
      }
      DoubleVector factor = constant(radius).div(square.sqrt());
      for (int i = 0, at = l; i < k; i++, at += stride) {
        load(x, at).mul(factor).intoArray(x, at);
      }
    }
  }

  @Override
  public void multiply(
      double[] y, int yFrom, double[] x, int xFrom, double[] out, int outFrom, int n) {
    for (int l = 0; l < n; l += W) {
      load(y, yFrom + l).mul(load(x, xFrom + l)).intoArray(out, outFrom + l);
    }
  }

  @Override
  public void moments1(double[] y, int yFrom, double[] x, double[] lanes, int n) {
    VectorSums.moments1(y, yFrom, x, lanes, n);
  }

  @Override
  public void moments2(double[] y, int yFrom, double[] x, int stride, double[] lanes, int n) {
    VectorSums.moments2(y, yFrom, x, stride, lanes, n);
  }

  @Override
  public void weighted(
      double[] y, int yFrom, double[] x, int stride, int k, double[] lanes, int n) {
    VectorSums.weighted(y, yFrom, x, stride, k, lanes, n);
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
    VectorSums.tile(y, yFrom, x, iFrom, jFrom, stride, lanes, to, n);
  }
}
