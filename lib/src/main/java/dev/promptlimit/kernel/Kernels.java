package dev.promptlimit.kernel;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.util.Objects;

/**
 * The inner loops of every simulation. Arguments are checked here, once a call; the loops behind
 * trust them.
 *
 * <p>There are two implementations, with equal bits: one by the Vector API (module
 * jdk.incubator.vector, an incubator of JDK 17, present where {@code java
 * --add-modules=jdk.incubator.vector} says so, as every Spark virtual machine does) and one in
 * plain Java. Which runs is chosen when this class is loaded: the first where it can be had and is
 * compiled. The system property {@value #PROPERTY} may demand one of them, {@code vector} or {@code
 * plain}.
 *
 * <p>Counts n are whole rows of sixteen ({@link Lanes}). Tables of coordinates hold coordinate i of
 * token l at x[i · stride + l].
 */
public final class Kernels {
  /** System property that demands an implementation. */
  public static final String PROPERTY = "promptlimit.kernels";

  /** Longs of state of sixteen generators, four rows of sixteen. */
  public static final int STATE = 4 * Lanes.LANES;

  /** Ints of scratch for {@link #tabulated}. */
  public static final int SCRATCH = 64;

  /** Rows and columns of a {@link #tile}. */
  public static final int TILE = 4;

  private static final String MODULE = "jdk.incubator.vector";
  private static final KernelTwin TWIN = choose(System.getProperty(PROPERTY, "auto"));

  private Kernels() {}

  /**
   * @throws IllegalStateException if the property has another value, or demands vectors that cannot
   *     be had
   */
  static KernelTwin choose(String demand) {
    return switch (demand) {
      case "plain" -> new ScalarTwin();
      case "vector" -> vectorTwin();
      case "auto" -> vectorsAreFast() ? vectorTwin() : new ScalarTwin();
      default ->
          throw new IllegalStateException(
              "Cannot choose kernels: "
                  + PROPERTY
                  + " is "
                  + demand
                  + ", allowed: auto, vector, plain");
    };
  }

  /** Whether the module is there and the compiler that makes it fast is not switched off. */
  private static boolean vectorsAreFast() {
    if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
      return false;
    }
    try {
      var machine = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
      int tier = Integer.parseInt(machine.getVMOption("TieredStopAtLevel").getValue());
      int bytes = Integer.parseInt(machine.getVMOption("MaxVectorSize").getValue());
      return tier == 4 && bytes >= 16;
    } catch (RuntimeException e) {
      return true; // another machine, without these options
    }
  }

  private static KernelTwin vectorTwin() {
    try {
      // By name: the class cannot be compiled or loaded without the module.
      Class<?> type = Class.forName(Kernels.class.getPackageName() + ".VectorTwin");
      return (KernelTwin) type.getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException | LinkageError e) {
      boolean missing = ModuleLayer.boot().findModule(MODULE).isEmpty();
      String reason =
          missing ? "start java with --add-modules=" + MODULE : String.valueOf(e.getCause());
      throw new IllegalStateException("Cannot use the vector kernels: " + reason, e);
    }
  }

  /** Which implementation runs, and with vectors of how many bits: for logs and reports. */
  public static String description() {
    return TWIN.description();
  }

  /** Whether the compiler has agreed to translate kernels alone, where that makes them fast. */
  public static boolean compiledAlone() {
    return TWIN.compiledAlone();
  }

  /** Whether the implementation is the fast one. */
  public static boolean vectorised() {
    return !(TWIN instanceof ScalarTwin);
  }

  /**
   * xoshiro256++: writes the next n words of sixteen generators to out[0..n), word i from generator
   * i mod 16.
   *
   * @param state word k of generator j at state[16 k + j]; moved on
   */
  public static void words(long[] state, long[] out, int n) {
    Objects.checkFromIndexSize(0, STATE, state.length);
    rows(n, 0, out.length);
    TWIN.words(state, out, n);
  }

  /**
   * The next n words as table look-ups and uniform numbers: out[from + i] = widths[t] (v − ½),
   * where t is the number in the top bits of word i and v ∈ [0, 1) that in its lower 52 bits.
   *
   * @param state as in {@link #words}
   * @param widths 2^b of them, 1 ≤ b ≤ 12
   * @param scratch {@link #SCRATCH} items
   */
  public static void tabulated(
      long[] state, double[] widths, int[] scratch, double[] out, int from, int n) {
    Objects.checkFromIndexSize(0, STATE, state.length);
    Objects.checkFromIndexSize(0, SCRATCH, scratch.length);
    rows(n, from, out.length);
    if (Integer.bitCount(widths.length) != 1 || widths.length < 2 || widths.length > 4096) {
      throw new IllegalArgumentException(
          "Cannot look up in a table of " + widths.length + ": allowed: 2, 4, 8, ... 4096");
    }
    TWIN.tabulated(state, widths, scratch, out, from, n);
  }

  /** out[from + i] = width (v − ½), v ∈ [0, 1) from the lower 52 bits of words[i]. */
  public static void uniforms(long[] words, double width, double[] out, int from, int n) {
    rows(n, 0, words.length);
    rows(n, from, out.length);
    TWIN.uniforms(words, width, out, from, n);
  }

  /**
   * out[from + i] = ±size, one bit each: a word gives 64. Item i takes its sign from bit 63 −
   * ⌊i/16⌋ mod 64 of word i mod 16 of the row of sixteen words number ⌊i/1024⌋.
   */
  public static void signs(long[] words, double size, double[] out, int from, int n) {
    rows(n, from, out.length);
    int perRow = Lanes.LANES * Long.SIZE;
    rows((n + perRow - 1) / perRow * Lanes.LANES, 0, words.length);
    TWIN.signs(words, size, out, from, n);
  }

  /** How many of the n words, each as a fraction of 2⁶⁴, are below bound · 2⁻⁶³, bound ≥ 0. */
  public static int countBelow(long[] words, long bound, int n) {
    rows(n, 0, words.length);
    return TWIN.countBelow(words, bound, n);
  }

  /**
   * y[yFrom + i] = 2^(scale · x[xFrom + i]), the exponent unrounded ({@link Exp2} says how exact);
   * what is read and what is written must not overlap.
   *
   * <p>Nothing is guarded: |scale · x| must stay below 1000.
   */
  public static void exp2(double[] x, int xFrom, double scale, double[] y, int yFrom, int n) {
    rows(n, xFrom, x.length);
    rows(n, yFrom, y.length);
    TWIN.exp2(x, xFrom, scale, y, yFrom, n);
  }

  /**
   * y[yFrom + i] = 2^t for t = scale · (x[xFrom + i] − shift), rounded twice, t ≤ 1; 0 where t <
   * {@value Exp2#LEAST}; NaN where t is NaN or infinite. What is read and what is written must not
   * overlap.
   */
  public static void exp2Minus(
      double[] x, int xFrom, double scale, double shift, double[] y, int yFrom, int n) {
    rows(n, xFrom, x.length);
    rows(n, yFrom, y.length);
    TWIN.exp2Minus(x, xFrom, scale, shift, y, yFrom, n);
  }

  /** The largest of x[from..from+n), any n; NaN if one of them is; −∞ for n = 0. */
  public static double max(double[] x, int from, int n) {
    Objects.checkFromIndexSize(from, n, x.length);
    return TWIN.max(x, from, n);
  }

  /**
   * out[outFrom + l] = bias + Σ a[aFrom + i] x[xFrom + i · stride + l] over i < k, fused in order.
   * What is read and what is written must not overlap.
   */
  public static void combine(
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
    Objects.checkFromIndexSize(aFrom, k, a.length);
    table(k, stride, xFrom, n, x.length);
    rows(n, outFrom, out.length);
    TWIN.combine(bias, a, aFrom, k, x, xFrom, stride, out, outFrom, n);
  }

  /** Adds a x[xFrom + l], fused, to t[tFrom + l]. */
  public static void addScaled(double a, double[] x, int xFrom, double[] t, int tFrom, int n) {
    rows(n, xFrom, x.length);
    rows(n, tFrom, t.length);
    TWIN.addScaled(a, x, xFrom, t, tFrom, n);
  }

  /** Scales each token's k coordinates to Euclidean norm {@code radius}. */
  public static void normalise(double[] x, int stride, int k, double radius, int n) {
    table(k, stride, 0, n, x.length);
    TWIN.normalise(x, stride, k, radius, n);
  }

  /** out[outFrom + l] = y[yFrom + l] x[xFrom + l]. */
  public static void multiply(
      double[] y, int yFrom, double[] x, int xFrom, double[] out, int outFrom, int n) {
    rows(n, yFrom, y.length);
    rows(n, xFrom, x.length);
    rows(n, outFrom, out.length);
    TWIN.multiply(y, yFrom, x, xFrom, out, outFrom, n);
  }

  /**
   * With y[yFrom + l], adds to lanes[0..96), sixteen each, Σ y, Σ y x, Σ y x², Σ y², Σ y² x, Σ y²
   * x²; products as {@code m = y x, m x, y m, m m}.
   */
  public static void moments1(double[] y, int yFrom, double[] x, double[] lanes, int n) {
    rows(n, yFrom, y.length);
    rows(n, 0, x.length);
    Objects.checkFromIndexSize(0, 6 * Lanes.LANES, lanes.length);
    TWIN.moments1(y, yFrom, x, lanes, n);
  }

  /**
   * With y[yFrom + l], adds to lanes[0..192), sixteen each, Σ y · [1, x₁, x₂, x₁², x₂x₁, x₂²] and Σ
   * y² · the same.
   */
  public static void moments2(
      double[] y, int yFrom, double[] x, int stride, double[] lanes, int n) {
    rows(n, yFrom, y.length);
    table(2, stride, 0, n, x.length);
    Objects.checkFromIndexSize(0, 12 * Lanes.LANES, lanes.length);
    TWIN.moments2(y, yFrom, x, stride, lanes, n);
  }

  /** With y[yFrom + l], adds to lanes, sixteen each, Σ y and for each of k coordinates Σ y x_i. */
  public static void weighted(
      double[] y, int yFrom, double[] x, int stride, int k, double[] lanes, int n) {
    rows(n, yFrom, y.length);
    table(k, stride, 0, n, x.length);
    Objects.checkFromIndexSize(0, (1 + k) * Lanes.LANES, lanes.length);
    TWIN.weighted(y, yFrom, x, stride, k, lanes, n);
  }

  /**
   * Adds Σ_l y x_i x_j with y[yFrom + l], x_i at x[iFrom + i · stride + l] and x_j at x[jFrom + j ·
   * stride + l], i and j in 0..3, to the sixteen lanes at to + 16 (4 i + j); y x_i is rounded, the
   * rest fused.
   */
  public static void tile(
      double[] y,
      int yFrom,
      double[] x,
      int iFrom,
      int jFrom,
      int stride,
      double[] lanes,
      int to,
      int n) {
    rows(n, yFrom, y.length);
    table(TILE, stride, iFrom, n, x.length);
    table(TILE, stride, jFrom, n, x.length);
    Objects.checkFromIndexSize(to, TILE * TILE * Lanes.LANES, lanes.length);
    TWIN.tile(y, yFrom, x, iFrom, jFrom, stride, lanes, to, n);
  }

  private static void rows(int n, int from, int length) {
    Objects.checkFromIndexSize(from, n, length);
    if (n % Lanes.LANES != 0) {
      throw new IllegalArgumentException(
          "Cannot work on " + n + " items: allowed: whole rows of " + Lanes.LANES);
    }
  }

  /** All k rows are inside if the first and the last are. */
  private static void table(int k, int stride, int from, int n, int length) {
    if (k > 0) {
      rows(n, from, length);
      rows(n, Math.addExact(Math.multiplyExact(k - 1, stride), from), length);
    }
    Objects.checkIndex(k, length + 1);
  }
}
