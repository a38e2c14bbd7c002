package dev.promptlimit.bench;

import dev.promptlimit.kernel.Kernels;
import dev.promptlimit.kernel.SoftmaxSums;
import dev.promptlimit.random.NormalStream;
import dev.promptlimit.random.StreamKey;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/*
 * Tries, on one 2.6 GHz core (3.5 GHz under load) with two 512-bit ports, in ns a number. In each
 * line first what was expected, then what was seen.
 *
 * Box-Muller with hardware division and root: one division (15 cycles a vector) and one root (17)
 * for 16 numbers, expected to hide behind 55 other operations; 0.94 without the words. They hide
 * badly: a long chain of fused products fills the scheduler before the root is reached.
 *   Division by a cubic and two Newton steps: expected 0.2 less, 0.2 less.
 *   Root in the loop of the rotation instead of that of the logarithm: expected 0.1 less, 0.06.
 *   Root by an integer estimate and two Householder steps: expected 0.05 less, 0.06 less.
 *   Half angles, cos = 1 − s², sin = s c: expected two operations less, kept throughout.
 *   Logarithm by even and odd terms (shorter chain): expected 0.05 less, nothing.
 *   All together with the words: 0.91.
 * Rectangles and rest (what is used): one word, one look-up, one product a number, expected 0.5; C
 * with intrinsics gives 0.36, Java 0.55 to 0.60, of which 0.08 are the bounds check of the gather and
 * about 0.1 its detour through an int array; with the rest 0.72 to 0.75. In plain Java 1.4 against 3.2.
 *   1024 layers instead of 2048: expected a smaller table to win; 0.03 more, the rest is dearer.
 *   Words in a loop of their own: expected equal, 0.08 more.
 *   Look-ups by a scalar loop beside: expected 0.34 + 0.12, boxed and took 5.
 *   Two vectors a pass: expected 0.03 less, 0.01.
 * Exponential: 17 operations, 0.31 in C and 0.33 here; Estrin's form: expected 0.02 less, nothing.
 * Sums of order two through products y x_i kept in the cache: expected equal to products made anew
 * for each tile; 1.3 ns a token more for six coordinates.
 * Kernels without the inlining barrier: expected equal; copied into the loop of a caller, such as
 * the one that JMH writes, words and exponentials made an object of every vector, 8 to 17 ns.
 * Largest scores and small weights by masks and blends: made objects where counts varied; by integer
 * arithmetic and Vector.max they never did.
 * Four pages of the kernels in one array, so that loads and stores are not 4 KiB apart: expected 0.1
 * less, within the noise; kept since it costs nothing.
 * Chunks of 256 or 1024 tokens instead of 512: expected ±5 %, within the noise.
 */
/** What each kernel costs alone: one operation is one number or token, 512 of them a call. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgs = "--add-modules=jdk.incubator.vector")
@State(Scope.Thread)
public class KernelBenchmark {
  private static final int N = SoftmaxSums.CHUNK;
  private static final int STRIDE = SoftmaxSums.STRIDE;
  private static final int K = 8;

  /** Coordinates, scores, weights and products; distances as in {@link SoftmaxSums}. */
  private double[] table;

  private final int scores = 8512; // 320 modulo 4 KiB of doubles
  private final int weights = 9344; // 128
  private final int more = 10176; // 448

  private final double[] lanes = new double[(1 + K) * 16 * 16];
  private final double[] u = new double[K];
  private final long[] state = new Random(1).longs(Kernels.STATE).toArray();
  private final long[] words = new long[N];
  private final int[] scratch = new int[Kernels.SCRATCH];
  private final double[] widths = new Random(2).doubles(2048, 1, 8).toArray();
  private final NormalStream normals = new NormalStream(StreamKey.ofBlock(1, "benchmark", 0));

  /** Random coordinates and weights, never zeros or constants. */
  @Setup
  public void fill() {
    table = new double[more + STRIDE];
    normals.fill(table, 0, table.length);
    normals.fill(u, 0, K);
    Kernels.words(state, words, N);
    Kernels.exp2(table, 0, 0.8, table, weights, N);
  }

  /** Uniform words. */
  @Benchmark
  @OperationsPerInvocation(N)
  public long[] words() {
    Kernels.words(state, words, N);
    return words;
  }

  /** Words, look-ups and products. */
  @Benchmark
  @OperationsPerInvocation(N)
  public double[] tabulated() {
    Kernels.tabulated(state, widths, scratch, table, 0, N);
    return table;
  }

  /** Standard normals with all that belongs to them. */
  @Benchmark
  @OperationsPerInvocation(N)
  public double[] normals() {
    normals.fill(table, 0, N);
    return table;
  }

  /** Uniform numbers, without the words. */
  @Benchmark
  @OperationsPerInvocation(N)
  public double[] uniforms() {
    Kernels.uniforms(words, 2.5, table, 0, N);
    return table;
  }

  /** Signs, without the words. */
  @Benchmark
  @OperationsPerInvocation(N)
  public double[] signs() {
    Kernels.signs(words, 2.5, table, 0, N);
    return table;
  }

  /** Mixture choices, without the words. */
  @Benchmark
  @OperationsPerInvocation(N)
  public int countBelow() {
    return Kernels.countBelow(words, 1L << 61, N);
  }

  /** Weights of scores that are known to be small. */
  @Benchmark
  @OperationsPerInvocation(N)
  public double[] exp2() {
    Kernels.exp2(table, 0, 0.8, table, weights, N);
    return table;
  }

  /** Weights of any scores. */
  @Benchmark
  @OperationsPerInvocation(N)
  public double[] exp2Minus() {
    Kernels.exp2Minus(table, 0, 0.8, 3.1, table, weights, N);
    return table;
  }

  /** The largest score. */
  @Benchmark
  @OperationsPerInvocation(N)
  public double max() {
    return Kernels.max(table, 0, N);
  }

  /** Scores of tokens with eight coordinates. */
  @Benchmark
  @OperationsPerInvocation(N)
  public double[] combine8() {
    Kernels.combine(0, u, 0, K, table, 0, STRIDE, table, scores, N);
    return table;
  }

  /** One coordinate's part of the scores. */
  @Benchmark
  @OperationsPerInvocation(N)
  public double[] addScaled() {
    Kernels.addScaled(u[0] * 1e-9, table, 0, table, scores, N);
    return table;
  }

  /** Tokens on a sphere in eight dimensions, without the normals. */
  @Benchmark
  @OperationsPerInvocation(N)
  public double[] normalise8() {
    Kernels.normalise(table, STRIDE, K, 1.7, N);
    return table;
  }

  /** Six sums of one coordinate. */
  @Benchmark
  @OperationsPerInvocation(N)
  public double[] moments1() {
    Kernels.moments1(table, weights, table, lanes, N);
    return lanes;
  }

  /** Twelve sums of two coordinates. */
  @Benchmark
  @OperationsPerInvocation(N)
  public double[] moments2() {
    Kernels.moments2(table, weights, table, STRIDE, lanes, N);
    return lanes;
  }

  /** Nine sums of eight coordinates. */
  @Benchmark
  @OperationsPerInvocation(N)
  public double[] weighted8() {
    Kernels.weighted(table, weights, table, STRIDE, K, lanes, N);
    return lanes;
  }

  /** Sixteen sums of products. */
  @Benchmark
  @OperationsPerInvocation(N)
  public double[] tile() {
    Kernels.tile(table, weights, table, 4 * STRIDE, 0, STRIDE, lanes, 0, N);
    return lanes;
  }
}
