package dev.promptlimit.kernel;

import static dev.promptlimit.kernel.Lanes.LANES;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Equal bits from both implementations, in one virtual machine, and nothing written but what the
 * contract says.
 *
 * <p>Every kernel runs so often that the compiler turns it into vector code on the way; before
 * that, the Vector API is plain Java.
 */
class TwinsAgreeTest {
  private static final KernelTwin PLAIN = Kernels.choose("plain");
  private static final KernelTwin VECTOR = Kernels.choose("vector");
  private static final int[] COUNTS = {0, 16, 32, 48, 64, 80, 112, 128, 144, 512};
  private static final int[] COORDINATES = {0, 1, 2, 3, 4, 5, 8, 17};
  private static final int ROUNDS = 6000;

  private final Random random = new Random(1);
  private int n;
  private int k;

  /** Repeats a comparison with many counts n and k. */
  private void often(Runnable comparison) {
    for (int round = 0; round < ROUNDS; round++) {
      n = COUNTS[random.nextInt(COUNTS.length)];
      k = COORDINATES[random.nextInt(COORDINATES.length)];
      comparison.run();
    }
  }

  /** Both twins change only {@code items} items of an array, and in the same way. */
  private void assertAgree(int from, int items, BiConsumer<KernelTwin, double[]> kernel) {
    double[] before = numbers(from + items + 20);
    double[] plain = before.clone();
    double[] vector = before.clone();
    kernel.accept(PLAIN, plain);
    kernel.accept(VECTOR, vector);
    Bits.assertSame(vector, plain, n + " items, k = " + k);
    System.arraycopy(before, from, plain, from, items);
    Bits.assertSame(plain, before, "what is not to be written");
  }

  /** Sometimes with infinities and the like, which in most sums leave nothing but NaN. */
  private double[] numbers(int length) {
    return random.nextInt(4) == 0 ? Bits.wild(random, length) : Bits.wide(random, length);
  }

  private int offset() {
    return random.nextInt(20);
  }

  /** Distance of the coordinates of tables. */
  private int stride() {
    return n + random.nextInt(20);
  }

  @Test
  void words() {
    often(
        () -> {
          long[] plain = Bits.words(random, Kernels.STATE + 1);
          long[] vector = plain.clone();
          long[] plainOut = new long[n + 3];
          Arrays.fill(plainOut, 5);
          long[] vectorOut = plainOut.clone();
          PLAIN.words(plain, plainOut, n);
          VECTOR.words(vector, vectorOut, n);
          assertThat(vectorOut).isEqualTo(plainOut).endsWith(5L, 5L, 5L);
          assertThat(vector).isEqualTo(plain);
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096})
  void tabulated(int size) {
    double[] widths = numbers(size);
    int[] scratch = new int[Kernels.SCRATCH];
    for (int round = 0; round < ROUNDS / 10; round++) {
      n = COUNTS[round % COUNTS.length];
      long[] state = Bits.words(random, Kernels.STATE);
      long[] plainState = state.clone();
      int from = offset();
      assertAgree(
          from,
          n,
          (twin, out) ->
              twin.tabulated(twin == PLAIN ? plainState : state, widths, scratch, out, from, n));
      assertThat(state).isEqualTo(plainState);
    }
  }

  @Test
  void uniforms() {
    often(
        () -> {
          long[] words = Bits.words(random, n);
          double width = numbers(1)[0];
          int from = offset();
          assertAgree(from, n, (twin, out) -> twin.uniforms(words, width, out, from, n));
        });
  }

  @Test
  void signs() {
    int[] rows = {0, 1, 2, 63, 64, 65, 128, 130};
    for (int round = 0; round < 1000; round++) {
      n = rows[round % rows.length] * LANES;
      long[] words = Bits.words(random, (n / 1024 + 1) * LANES);
      double size = numbers(1)[0];
      int from = offset();
      assertAgree(from, n, (twin, out) -> twin.signs(words, size, out, from, n));
    }
  }

  @Test
  void countBelow() {
    often(
        () -> {
          long[] words = Bits.words(random, n);
          long mid = random.nextLong() >>> 1;
          for (long bound : new long[] {0, 1, mid, Long.MAX_VALUE}) {
            assertThat(VECTOR.countBelow(words, bound, n))
                .isEqualTo(PLAIN.countBelow(words, bound, n));
          }
        });
  }

  @Test
  void exp2() {
    often(
        () -> {
          int xFrom = offset();
          int yFrom = offset();
          double scale = Math.scalb(1 + random.nextDouble(), random.nextInt(20) - 10);
          double[] x = random.doubles(xFrom + n, -999 / scale, 999 / scale).toArray();
          if (n > 0) {
            x[xFrom] = random.nextBoolean() ? 0.0 : -0.0;
            x[xFrom + 1] = Double.MIN_VALUE;
          }
          assertAgree(yFrom, n, (twin, y) -> twin.exp2(x, xFrom, scale, y, yFrom, n));
        });
  }

  @Test
  void exp2Minus() {
    double[] special = {0, 1, Exp2.LEAST, -1e6, -1e300, 1 / 0.0, -1 / 0.0, Double.NaN};
    often(
        () -> {
          int xFrom = offset();
          int yFrom = offset();
          double scale = random.nextBoolean() ? 1 : 0.5 + random.nextDouble();
          double shift = Math.scalb(random.nextDouble() - 0.5, random.nextInt(30));
          double[] x = random.doubles(xFrom + n, -450, 0).toArray(); // what 2 is raised to
          for (int i = 0; i < x.length; i++) {
            boolean usual = random.nextInt(8) != 0;
            x[i] = ((usual ? x[i] : special[random.nextInt(special.length)]) + shift) / scale;
          }
          assertAgree(yFrom, n, (twin, y) -> twin.exp2Minus(x, xFrom, scale, shift, y, yFrom, n));
        });
  }

  /** Any number of items, also none and parts of rows. */
  @Test
  void max() {
    for (int round = 0; round < 4 * ROUNDS; round++) {
      n = round % 70;
      int from = offset();
      double[] x = numbers(from + n + 20);
      if (round % 3 == 1) { // the sign of zero
        Arrays.setAll(x, i -> random.nextInt(5) == 0 ? 0.0 : -0.0);
      }
      Bits.assertSame(VECTOR.max(x, from, n), PLAIN.max(x, from, n));
    }
  }

  @Test
  void combine() {
    often(
        () -> {
          int aFrom = offset();
          int xFrom = offset();
          int to = offset();
          int stride = stride();
          double bias = numbers(1)[0];
          double[] a = numbers(aFrom + k);
          double[] x = numbers(xFrom + k * stride);
          assertAgree(
              to, n, (twin, out) -> twin.combine(bias, a, aFrom, k, x, xFrom, stride, out, to, n));
        });
  }

  @Test
  void addScaled() {
    often(
        () -> {
          double a = numbers(1)[0];
          int xFrom = offset();
          int tFrom = offset();
          double[] x = numbers(xFrom + n);
          assertAgree(tFrom, n, (twin, t) -> twin.addScaled(a, x, xFrom, t, tFrom, n));
        });
  }

  @Test
  void normalise() {
    often(
        () -> {
          double radius = random.nextDouble();
          assertAgree(0, k * n, (twin, table) -> twin.normalise(table, n, k, radius, n));
        });
  }

  /** What lies between the rows of a table stays as it is. */
  @Test
  void normaliseLeavesTheGapsOfItsTable() {
    for (KernelTwin twin : new KernelTwin[] {PLAIN, VECTOR}) {
      double[] x = Bits.wide(random, 5 * 37);
      double[] before = x.clone();
      twin.normalise(x, 37, 5, 2, 32);
      for (int i = 0; i < x.length; i++) {
        assertThat(x[i] == before[i]).as("item %d", i).isEqualTo(i % 37 >= 32);
      }
    }
  }

  @Test
  void multiply() {
    often(
        () -> {
          int yFrom = offset();
          int xFrom = offset();
          int to = offset();
          double[] y = numbers(yFrom + n);
          double[] x = numbers(xFrom + n);
          assertAgree(to, n, (twin, out) -> twin.multiply(y, yFrom, x, xFrom, out, to, n));
        });
  }

  @Test
  void moments1() {
    often(
        () -> {
          int yFrom = offset();
          double[] y = numbers(yFrom + n);
          double[] x = numbers(n);
          assertAgree(0, 6 * LANES, (twin, sums) -> twin.moments1(y, yFrom, x, sums, n));
        });
  }

  @Test
  void moments2() {
    often(
        () -> {
          int yFrom = offset();
          int stride = stride();
          double[] y = numbers(yFrom + n);
          double[] x = numbers(2 * stride);
          assertAgree(0, 12 * LANES, (twin, sums) -> twin.moments2(y, yFrom, x, stride, sums, n));
        });
  }

  @Test
  void weighted() {
    often(
        () -> {
          int yFrom = offset();
          int stride = stride();
          double[] y = numbers(yFrom + n);
          double[] x = numbers(k * stride);
          assertAgree(
              0, (1 + k) * LANES, (twin, sums) -> twin.weighted(y, yFrom, x, stride, k, sums, n));
        });
  }

  @Test
  void tile() {
    often(
        () -> {
          int yFrom = offset();
          int i = offset();
          int j = random.nextBoolean() ? i : offset();
          int stride = stride();
          int to = offset();
          double[] y = numbers(yFrom + n);
          double[] x = numbers(20 + 4 * stride);
          assertAgree(
              to, 16 * LANES, (twin, sums) -> twin.tile(y, yFrom, x, i, j, stride, sums, to, n));
        });
  }
}
