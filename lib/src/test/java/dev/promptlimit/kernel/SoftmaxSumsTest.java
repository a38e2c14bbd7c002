package dev.promptlimit.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SoftmaxSumsTest {
  private static final int DIMENSION = 3;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 15, 16, 17, 511, 512, 513, 1024, 2000})
  void agreesWithTwoPassesWhateverTheCutting(int n) {
    Random random = new Random(n);
    double[][] x = coordinates(random, n);
    for (double scale : new double[] {0, 1, 30, 1e6}) {
      assertAgrees(random.doubles(n, -scale - 1e-300, scale).toArray(), x);
    }
  }

  /** Chunks that raise the shift by little, by more than any exponent, or never. */
  @Test
  void rescalesWhenScoresRise() {
    double[][] x = coordinates(new Random(1), 2000);
    for (double slope : new double[] {1e-6, 1e-3, 0.1, 1, 10, 1e3}) {
      assertAgrees(scores(2000, l -> slope * l), x);
      assertAgrees(scores(2000, l -> -slope * l), x);
    }
  }

  @Test
  void handlesTies() {
    double[][] x = coordinates(new Random(2), 2000);
    assertAgrees(scores(2000, l -> 1e6), x);
    assertAgrees(scores(2000, l -> -1e6), x);
    assertAgrees(scores(2000, l -> l % 700 == 3 ? 5 : 4), x);
    assertAgrees(scores(2000, l -> l == 1999 || l == 0 ? 1e6 : -1e6), x);
  }

  /**
   * Rounding: a weight e^{t − shift} is reached over at most 4 factors whose exponents add up to at
   * most 708 (beyond it is 0 on both sides), so it is relatively within (708 + 8) ulps; a sum of n
   * products has n/16 + 8 roundings, centring and normalising eight more. All of it is relative to
   * the sums of absolute terms, here at most x², w and w².
   */
  private static void assertAgrees(double[] scores, double[][] x) {
    int n = scores.length;
    SoftmaxSums sums = sums(true);
    feed(sums, scores, x);
    SoftmaxSums first = new SoftmaxSums(DIMENSION, false, true);
    feed(first, scores, x);

    double top = Arrays.stream(scores).max().orElseThrow();
    double[] w = new double[n];
    for (int l = 0; l < n; l++) {
      w[l] = StrictMath.exp(scores[l] - top);
    }
    double total = Arrays.stream(w).sum();
    Arrays.setAll(w, l -> w[l] / total);
    double sumSquares = sum(n, l -> w[l] * w[l]);
    double relative = (716 + n / 16 + 24) * 0x1p-52;

    assertClose(sums.squaredWeights(), sumSquares, relative * sumSquares);
    assertClose(first.squaredWeights(), sumSquares, relative * sumSquares);
    double[] mean = new double[DIMENSION];
    for (int i = 0; i < DIMENSION; i++) {
      double[] xi = x[i];
      double mi = sum(n, l -> w[l] * xi[l]);
      mean[i] = mi;
      double spread = sum(n, l -> w[l] * Math.abs(xi[l]));
      assertClose(sums.mean(i), mi, relative * spread);
      assertClose(first.mean(i), mi, relative * spread);
      double spread2 = sum(n, l -> w[l] * w[l] * Math.abs(xi[l])) + sumSquares * spread;
      double squared = sum(n, l -> w[l] * w[l] * (xi[l] - mi));
      assertClose(sums.squaredWeights(i), squared, 4 * relative * spread2);
      assertClose(first.squaredWeights(i), squared, 4 * relative * spread2);
      for (int j = 0; j <= i; j++) {
        double[] xj = x[j];
        double mj = mean[j];
        double scale =
            sum(n, l -> w[l] * (Math.abs(xi[l]) + mag(mi)) * (Math.abs(xj[l]) + mag(mj)));
        double covariance = sum(n, l -> w[l] * (xi[l] - mi) * (xj[l] - mj));
        assertClose(sums.covariance(i, j), covariance, 4 * relative * scale);
        assertThat(sums.covariance(j, i)).isEqualTo(sums.covariance(i, j));
        double scale2 =
            sum(n, l -> w[l] * w[l] * (Math.abs(xi[l]) + mag(mi)) * (Math.abs(xj[l]) + mag(mj)));
        double squared2 = sum(n, l -> w[l] * w[l] * (xi[l] - mi) * (xj[l] - mj));
        assertClose(sums.squaredWeights(i, j), squared2, 8 * relative * scale2);
      }
    }
  }

  private static double mag(double mean) {
    return Math.abs(mean);
  }

  private static double sum(int n, IntToDoubleFunction term) {
    double sum = 0;
    for (int l = 0; l < n; l++) {
      sum += term.applyAsDouble(l);
    }
    return sum;
  }

  private static void assertClose(double actual, double expected, double tolerance) {
    assertThat(actual - expected).isBetween(-tolerance, tolerance);
  }

  @Test
  void oneTokenIsItsOwnMean() {
    SoftmaxSums sums = sums(true);
    double[][] x = coordinates(new Random(3), 1);
    feed(sums, new double[] {-1e6}, x);
    assertThat(sums.squaredWeights()).isEqualTo(1);
    for (int i = 0; i < DIMENSION; i++) {
      assertThat(sums.mean(i)).isEqualTo(x[i][0]);
      assertThat(sums.squaredWeights(i)).isEqualTo(0);
    }
  }

  @Test
  void firstMomentsAloneAreThoseOfAllMoments() {
    double[][] x = coordinates(new Random(4), 2000);
    double[] scores = new Random(5).doubles(2000, -3, 3).toArray();
    SoftmaxSums all = sums(true);
    feed(all, scores, x);
    SoftmaxSums unsquared = sums(false);
    feed(unsquared, scores, x);
    for (int i = 0; i < DIMENSION; i++) {
      assertThat(unsquared.mean(i)).isEqualTo(all.mean(i));
      for (int j = 0; j <= i; j++) {
        assertThat(unsquared.covariance(i, j)).isEqualTo(all.covariance(i, j));
      }
    }
  }

  @Test
  void replacesScoresByWeightsAndIgnoresThePadding() {
    double[] scores = new double[16];
    double[][] x = new double[DIMENSION][16];
    Arrays.fill(scores, 99);
    for (double[] coordinate : x) {
      Arrays.fill(coordinate, 1e300);
    }
    scores[0] = 2;
    scores[1] = 1;
    x[0][0] = 1;
    x[0][1] = -1;
    SoftmaxSums sums = sums(true);
    sums.add(scores, x, 2);

    assertThat(scores[0]).isEqualTo(1);
    assertThat(scores[1]).isCloseTo(Math.exp(-1), Offset.offset(Math.ulp(0.3)));
    double e = Math.exp(-1);
    assertClose(sums.mean(0), (1 - e) / (1 + e), 4e-16);
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
  void oneBadScoreMakesEverythingNaN(double bad) {
    double[][] x = coordinates(new Random(6), 2000);
    for (int at : new int[] {0, 1, 511, 512, 700, 1999}) {
      // flat scores, and scores that rise so steeply that what was summed before weighs nothing
      for (double slope : new double[] {0, -1, 0.1, 10}) {
        double[] scores = scores(2000, l -> l == at ? bad : slope * l);
        SoftmaxSums sums = sums(true);
        feed(sums, scores, x);
        assertThat(sums.mean(1)).as("token %d, slope %s", at, slope).isNaN();
        assertThat(sums.covariance(1, 0)).isNaN();
        assertThat(sums.squaredWeights()).isNaN();
        assertThat(sums.squaredWeights(1)).isNaN();
        assertThat(sums.squaredWeights(1, 0)).isNaN();
      }
    }
  }

  @Test
  void clearingForgetsEverything() {
    double[][] x = coordinates(new Random(7), 600);
    double[] scores = new Random(8).doubles(600).toArray();
    SoftmaxSums fresh = sums(true);
    feed(fresh, scores, x);

    SoftmaxSums used = sums(true);
    feed(used, scores(600, l -> l == 3 ? Double.NaN : 1e6), x);
    used.clear();
    feed(used, scores, x);

    assertThat(used.mean(2)).isEqualTo(fresh.mean(2));
    assertThat(used.covariance(2, 1)).isEqualTo(fresh.covariance(2, 1));
    assertThat(used.squaredWeights(2, 1)).isEqualTo(fresh.squaredWeights(2, 1));
  }

  private static SoftmaxSums sums(boolean squared) {
    return new SoftmaxSums(DIMENSION, true, squared);
  }

  private static double[] scores(int n, IntToDoubleFunction score) {
    double[] scores = new double[n];
    Arrays.setAll(scores, score);
    return scores;
  }

  private static double[][] coordinates(Random random, int n) {
    double[][] x = new double[DIMENSION][n];
    for (int i = 0; i < DIMENSION; i++) {
      double centre = 10 * i;
      Arrays.setAll(x[i], l -> centre + random.nextGaussian());
    }
    return x;
  }

  /** Hands over the tokens in chunks; the arrays given are not changed. */
  private static void feed(SoftmaxSums sums, double[] scores, double[][] x) {
    double[] chunkScores = new double[SoftmaxSums.CHUNK];
    double[][] chunk = new double[DIMENSION][SoftmaxSums.CHUNK];
    for (int read = 0; read < scores.length; read += SoftmaxSums.CHUNK) {
      int n = Math.min(SoftmaxSums.CHUNK, scores.length - read);
      System.arraycopy(scores, read, chunkScores, 0, n);
      for (int i = 0; i < DIMENSION; i++) {
        System.arraycopy(x[i], read, chunk[i], 0, n);
      }
      sums.add(chunkScores, chunk, n);
    }
  }
}
