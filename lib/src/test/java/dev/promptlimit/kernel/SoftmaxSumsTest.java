package dev.promptlimit.kernel;

import static dev.promptlimit.kernel.SoftmaxSums.CHUNK;
import static dev.promptlimit.kernel.SoftmaxSums.STRIDE;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SoftmaxSumsTest {
  private static final double UNKNOWN = Double.POSITIVE_INFINITY;
  private static final double BITS = SoftmaxSums.BITS;

  /** Which sums are kept. */
  private record Kept(int k, boolean second, boolean squared) {
    SoftmaxSums sums() {
      return new SoftmaxSums(k, second, squared);
    }

    double[][] coordinates(long seed, int n) {
      Random random = new Random(seed);
      double[][] x = new double[k][n];
      for (int i = 0; i < k; i++) {
        double centre = 10 * (i % 4);
        Arrays.setAll(x[i], l -> centre + random.nextGaussian());
      }
      return x;
    }

    /** Sums of these tokens agree with {@link TwoPasses}. */
    void assertAgrees(double bound, double[] scores, double scale, double[][] x, int cut) {
      SoftmaxSums sums = sums();
      feed(sums, bound, scores, scale, x, cut);
      String what = this + ", " + scores.length + " tokens, bound " + bound + ", scale " + scale;
      new TwoPasses(scores, scale, x).assertAgree(sums, second, squared, what);
    }
  }

  static List<Kept> kept() {
    List<Kept> all = new ArrayList<>();
    for (int k : new int[] {1, 2, 3, 4, 5, 8}) {
      for (boolean second : new boolean[] {false, true}) {
        for (boolean squared : new boolean[] {false, true}) {
          all.add(new Kept(k, second, squared));
        }
      }
    }
    return all;
  }

  /** The kinds of sums: one coordinate, two, any, more than have lanes of their own. */
  static List<Kept> kinds() {
    return List.of(
        new Kept(1, true, true),
        new Kept(2, true, true),
        new Kept(5, true, true),
        new Kept(65, true, true));
  }

  @ParameterizedTest
  @MethodSource("kept")
  void agreesWithTwoPasses(Kept kept) {
    for (int n : new int[] {1, 2, 15, 16, 17, 511, 512, 513, 1024, 1025, 2000}) {
      double[][] x = kept.coordinates(n, n);
      double[] scores = new Random(n).doubles(n, -1, 1).toArray();
      for (double scale : new double[] {0, 0.01, 3, BITS, SoftmaxSums.SMALL}) {
        kept.assertAgrees(scale, scores, scale, x, CHUNK);
        kept.assertAgrees(UNKNOWN, scores, scale, x, CHUNK);
      }
      for (double scale : new double[] {700 * BITS, 1e6}) {
        kept.assertAgrees(scale, scores, scale, x, CHUNK);
      }
    }
  }

  @Test
  void agreesWithTwoPassesInManyDimensions() {
    for (boolean squared : new boolean[] {false, true}) {
      Kept kept = new Kept(65, true, squared);
      for (int n : new int[] {1, 513, 1100}) {
        double[] scores = new Random(n).doubles(n, -1, 1).toArray();
        kept.assertAgrees(2, scores, 2, kept.coordinates(n, n), CHUNK);
        kept.assertAgrees(UNKNOWN, scores, 100, kept.coordinates(n, n), CHUNK);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void anyCuttingWillDo(Kept kept) {
    double[][] x = kept.coordinates(1, 1100);
    double[] scores = new Random(2).doubles(1100, -50, 50).toArray();
    for (int cut : new int[] {1, 7, 16, 100, 511}) {
      kept.assertAgrees(50, scores, 1, x, cut);
      kept.assertAgrees(UNKNOWN, scores, 1, x, cut);
    }
  }

  /** Chunks that raise the shift by little, by more than any exponent, or never. */
  @ParameterizedTest
  @MethodSource("kinds")
  void rescalesWhenScoresRise(Kept kept) {
    double[][] x = kept.coordinates(1, 1600);
    for (double slope : new double[] {1e-6, 1e-3, 0.1, 0.78, 1, 10, 1e3}) {
      kept.assertAgrees(UNKNOWN, scores(1600, l -> l), slope, x, CHUNK);
      kept.assertAgrees(UNKNOWN, scores(1600, l -> -l), slope, x, CHUNK);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void handlesTies(Kept kept) {
    double[][] x = kept.coordinates(2, 1600);
    kept.assertAgrees(UNKNOWN, scores(1600, l -> 1e6), 1, x, CHUNK);
    kept.assertAgrees(UNKNOWN, scores(1600, l -> -1e6), 1, x, CHUNK);
    kept.assertAgrees(UNKNOWN, scores(1600, l -> l % 700 == 3 ? 5 : 4), BITS, x, CHUNK);
    kept.assertAgrees(UNKNOWN, scores(1600, l -> l == 1599 || l == 0 ? 1 : -1), 1e6, x, CHUNK);
  }

  /** With a bound of exactly SMALL weights are taken as they are, above it they are at most 1. */
  @Test
  void shiftsBeyondTheBoundOnly() {
    SoftmaxSums sums = new SoftmaxSums(3, true, true);
    double[] scores = {SoftmaxSums.SMALL, -SoftmaxSums.SMALL};
    double[][] x = {{1, 2}, {3, 4}, {5, 6}};
    double most = Math.scalb(1.0, (int) SoftmaxSums.SMALL);

    feed(sums, SoftmaxSums.SMALL, scores, 1, x, CHUNK);
    assertThat(weights(sums)).contains(most, 1 / most, most * most, 1 / (most * most));

    double above = Math.nextUp(SoftmaxSums.SMALL);
    for (double bound : new double[] {above, UNKNOWN, Double.NaN}) {
      sums = new SoftmaxSums(3, true, true);
      feed(sums, bound, scores, 1, x, CHUNK);
      assertThat(weights(sums)).contains(1, 1 / (most * most)).doesNotContain(most);
    }
  }

  /** Weights of the last chunk and their squares, which the table keeps behind the scores. */
  private static double[] weights(SoftmaxSums sums) {
    double[] table = sums.table();
    return Arrays.copyOfRange(table, sums.scores() + STRIDE, table.length);
  }

  /** Scores of any finite size: no weight but 0 is below 2^LEAST, no square below that squared. */
  @ParameterizedTest
  @MethodSource("kinds")
  void nothingOverflowsOrUnderflows(Kept kept) {
    double least = Math.scalb(1.0, 2 * (int) Exp2.LEAST);
    // the least coordinate of the generators is 2⁻⁷⁹
    assertThat(least * 0x1p-158).isGreaterThan(Double.MIN_NORMAL);
    double[][] x = kept.coordinates(3, 1100);
    for (double size : new double[] {1, 300, 399, 401, 5e3, 1e6}) {
      for (int seed = 0; seed < 8; seed++) {
        double[] scores = new Random(seed).doubles(1100, -1, 1).toArray();
        SoftmaxSums sums = kept.sums();
        boolean inBits = seed % 2 == 0;
        double[] bits = Arrays.stream(scores).map(t -> t * size).toArray();
        feed(sums, UNKNOWN, inBits ? bits : scores, inBits ? 1 : size, x, CHUNK);
        for (double weight : weights(sums)) {
          if (weight != 0 && !(weight >= least && weight <= 1 + 1e-9)) {
            assertThat(weight).as("a weight").isBetween(least, 1.0);
          }
        }
        assertThat(sums.squaredWeights()).isBetween(1.0 / 1100, 1 + 1e-12);
        for (int i = 0; i < kept.k; i++) {
          assertThat(sums.mean(i)).isBetween(-10.0, 50.0);
          assertThat(sums.covariance(i, i)).isBetween(-1e-9, 30.0);
          assertThat(sums.squaredWeights(i, i)).isBetween(-1e-9, 30.0);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void oneTokenIsItsOwnMean(Kept kept) {
    for (double score : new double[] {-1e6, 0, 1e6, Double.MAX_VALUE}) {
      SoftmaxSums sums = kept.sums();
      double[][] x = kept.coordinates(4, 1);
      feed(sums, UNKNOWN, new double[] {score}, 1, x, CHUNK);
      assertThat(sums.squaredWeights()).isEqualTo(1);
      for (int i = 0; i < kept.k; i++) {
        assertThat(sums.mean(i)).isEqualTo(x[i][0]);
        assertThat(sums.squaredWeights(i)).isEqualTo(0);
      }
    }
  }

  /** Asking for more changes no bit of what else is asked for. */
  @Test
  void sumsDoNotDependOnWhichOthersAreKept() {
    for (int k : new int[] {3, 65}) {
      Kept everything = new Kept(k, true, true);
      double[][] x = everything.coordinates(5, 1100);
      double[] scores = new Random(6).doubles(1100, -300, 300).toArray();
      SoftmaxSums all = everything.sums();
      SoftmaxSums unsquared = new SoftmaxSums(k, true, false);
      SoftmaxSums first = new SoftmaxSums(k, false, true);
      for (SoftmaxSums sums : List.of(all, unsquared, first)) {
        feed(sums, UNKNOWN, scores, 1, x, CHUNK);
      }
      assertThat(first.squaredWeights()).isEqualTo(all.squaredWeights());
      for (int i = 0; i < k; i++) {
        assertThat(unsquared.mean(i)).isEqualTo(all.mean(i));
        assertThat(first.mean(i)).isEqualTo(all.mean(i));
        assertThat(first.squaredWeights(i)).isEqualTo(all.squaredWeights(i));
        assertThat(unsquared.covariance(i, 0)).isEqualTo(all.covariance(i, 0));
      }
    }
  }

  @Test
  void theFirstCoordinateMayBeTheScore() {
    Kept kept = new Kept(2, true, true);
    double[][] x = kept.coordinates(7, 100);
    SoftmaxSums sums = kept.sums();
    sums.begin(50);
    fill(sums, x[0], x, 0, 100);
    Arrays.fill(sums.table(), sums.scores(), sums.scores() + STRIDE, Double.NaN);
    sums.add(0, BITS, 100);
    new TwoPasses(x[0], BITS, x).assertAgree(sums, true, true, "score = coordinate");
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
  void oneBadScoreMakesEverythingNaN(double bad) {
    for (Kept kept : kinds().subList(0, 3)) {
      double[][] x = kept.coordinates(8, 1600);
      for (int at : new int[] {0, 1, 511, 512, 700, 1599}) {
        // flat scores, and scores that rise so steeply that what was summed before weighs nothing
        for (double slope : new double[] {0, -1, 0.1, 10}) {
          SoftmaxSums sums = kept.sums();
          feed(sums, UNKNOWN, scores(1600, l -> l == at ? bad : slope * l), 1, x, CHUNK);
          assertThat(sums.mean(0)).as("%s, token %d, slope %s", kept, at, slope).isNaN();
          assertThat(sums.covariance(0, 0)).isNaN();
          assertThat(sums.squaredWeights()).isNaN();
          assertThat(sums.squaredWeights(0)).isNaN();
          assertThat(sums.squaredWeights(0, 0)).isNaN();
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void beginningForgetsEverything(Kept kept) {
    double[][] x = kept.coordinates(9, 600);
    double[] scores = new Random(10).doubles(600).toArray();
    SoftmaxSums fresh = kept.sums();
    feed(fresh, 1, scores, 1, x, CHUNK);

    SoftmaxSums used = kept.sums();
    feed(used, UNKNOWN, scores(600, l -> l == 3 ? Double.NaN : 1e6), 1, x, CHUNK);
    assertThat(used.mean(0)).isNaN();
    feed(used, 1, scores, 1, x, CHUNK);

    for (int i = 0; i < kept.k; i++) {
      assertThat(used.mean(i)).isEqualTo(fresh.mean(i));
      assertThat(used.covariance(i, 0)).isEqualTo(fresh.covariance(i, 0));
      assertThat(used.squaredWeights(i, 0)).isEqualTo(fresh.squaredWeights(i, 0));
    }
  }

  private static double[] scores(int n, IntToDoubleFunction score) {
    double[] scores = new double[n];
    Arrays.setAll(scores, score);
    return scores;
  }

  /** Begins a prompt and hands over its tokens in chunks of {@code cut}. */
  private static void feed(
      SoftmaxSums sums, double bound, double[] scores, double scale, double[][] x, int cut) {
    sums.begin(bound);
    for (int read = 0; read < scores.length; read += cut) {
      int n = Math.min(cut, scores.length - read);
      fill(sums, scores, x, read, n);
      sums.add(sums.scores(), scale, n);
    }
  }

  /** What pads the last row is finite and must not count. */
  private static void fill(SoftmaxSums sums, double[] scores, double[][] x, int read, int n) {
    double[] table = sums.table();
    int padding = Lanes.roundUp(n);
    Arrays.fill(table, sums.scores() + n, sums.scores() + padding, 1e300);
    System.arraycopy(scores, read, table, sums.scores(), n);
    for (int i = 0; i < x.length; i++) {
      Arrays.fill(table, i * STRIDE + n, i * STRIDE + padding, -1e300);
      System.arraycopy(x[i], read, table, i * STRIDE, n);
    }
  }
}
