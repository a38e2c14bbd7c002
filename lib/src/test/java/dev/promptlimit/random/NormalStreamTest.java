package dev.promptlimit.random;

import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.kernel.Elementary;
import dev.promptlimit.stat.Intervals;
import dev.promptlimit.stat.SampleComparison;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.hipparchus.distribution.continuous.NormalDistribution;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Statistical tests: seed 1, n = 4,000,000 normals of one stream, 23 tests at α = 4e-7 each,
 * two-sided, which is 1e-5 of the suite's budget of 1e-4. A statistic with standard error σ is
 * accepted within 5.07 σ; smallest effects detected (with probability one half): a mean of 0.0025,
 * a variance off by 0.0036, a skewness of 0.0098, a kurtosis off by 0.025, a correlation of 0.0025,
 * P(|z| > 5) three times too large.
 */
class NormalStreamTest {
  private static final int N = 4_000_000;
  private static final double ALPHA = 4e-7;
  private static final double ACCEPTED = 5.07; // P(|N(0,1)| > 5.07) = 4e-7

  private static final NormalDistribution NORMAL = new NormalDistribution();

  private static double[] normals;

  @BeforeAll
  static void draw() {
    normals = new double[N];
    new NormalStream(new StreamKey(1, "normal", 0, 0)).fill(normals, 0, N);
  }

  @Test
  void cuttingCallsDoesNotChangeTheSequence() {
    double[] whole = Arrays.copyOf(normals, 20_000);
    for (int[] sizes :
        new int[][] {{1}, {2, 3, 5}, {511}, {512}, {513}, {100, 512, 0, 1024, 7}, {20_000}}) {
      NormalStream stream = new NormalStream(new StreamKey(1, "normal", 0, 0));
      double[] pieces = new double[20_000];
      int done = 0;
      for (int i = 0; done < pieces.length; i++) {
        int size = Math.min(sizes[i % sizes.length], pieces.length - done);
        stream.fill(pieces, done, size);
        done += size;
      }
      assertThat(pieces).as("calls of %s", Arrays.toString(sizes)).isEqualTo(whole);
    }
  }

  @Test
  void aPageTakesRadiiThenAngles() {
    WordStream words = new WordStream(new StreamKey(1, "normal", 0, 0));
    long[] radii = new long[256];
    long[] angles = new long[256];
    words.fill(radii, 256);
    words.fill(angles, 256);
    double[] cosines = new double[256];
    double[] sines = new double[256];
    Elementary.boxMuller(radii, angles, new double[256], cosines, sines, 256);
    assertThat(Arrays.copyOf(normals, 256)).isEqualTo(cosines);
    assertThat(Arrays.copyOfRange(normals, 256, 512)).isEqualTo(sines);
  }

  /** Standard errors of the means of z, z², z³, z⁴ are √(1, 2, 15, 96) / √n. */
  @Test
  void momentsAreNormal() {
    assertThat(standardised(z -> z, 0, 1)).isBetween(-ACCEPTED, ACCEPTED);
    assertThat(standardised(z -> z * z, 1, 2)).isBetween(-ACCEPTED, ACCEPTED);
    assertThat(standardised(z -> z * z * z, 0, 15)).isBetween(-ACCEPTED, ACCEPTED);
    assertThat(standardised(z -> z * z * z * z, 3, 96)).isBetween(-ACCEPTED, ACCEPTED);
  }

  /** Negative control: the same test rejects a variance of 1.01. */
  @Test
  void aVarianceOfOneHundredthMoreIsRejected() {
    double scale = Math.sqrt(1.01);
    assertThat(standardised(z -> scale * z * scale * z, 1, 2)).isGreaterThan(ACCEPTED);
  }

  /** (mean of f(z) − expectation) / standard error. */
  private static double standardised(DoubleUnaryOperator f, double expectation, double variance) {
    double mean = Arrays.stream(normals).map(f).sum() / N;
    return (mean - expectation) / Math.sqrt(variance / N);
  }

  /** The first million alone, to save time: detects a distance of 0.0028. */
  @Test
  void distributionIsNormal() {
    double[] some = Arrays.copyOf(normals, 1_000_000);
    assertThat(SampleComparison.kolmogorovSmirnov(some, NORMAL::cumulativeProbability))
        .isGreaterThan(ALPHA);
  }

  /** Negative control: a mean of 0.01 is a distance of 0.004. */
  @Test
  void aDistributionMovedByOneHundredthIsRejected() {
    double[] moved = Arrays.stream(normals).limit(1_000_000).map(z -> z + 0.01).toArray();
    assertThat(SampleComparison.kolmogorovSmirnov(moved, NORMAL::cumulativeProbability))
        .isLessThan(ALPHA);
  }

  /** Ten tests: both tails beyond each whole number up to five. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void tailsAreNormal(int edge) {
    double probability = NORMAL.cumulativeProbability(-edge);
    long below = Arrays.stream(normals).filter(z -> z < -edge).count();
    long above = Arrays.stream(normals).filter(z -> z > edge).count();
    assertThat(Intervals.binomial(below, N, ALPHA).contains(probability))
        .as("%d below -%d", below, edge)
        .isTrue();
    assertThat(Intervals.binomial(above, N, ALPHA).contains(probability))
        .as("%d above %d", above, edge)
        .isTrue();
  }

  /**
   * Eight tests: neighbouring lanes (1), cosine and sine of one radius (16), one lane's next pair
   * (32), next page (512), by the products of the numbers and of their squares. The mean of z_i z_j
   * has standard error 1/√n, that of z_i² z_j² − 1 has √8/√n.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 16, 32, 512})
  void lanesAndRowsAreIndependent(int lag) {
    double products = 0;
    double squares = 0;
    int n = N - lag;
    for (int i = 0; i < n; i++) {
      double product = normals[i] * normals[i + lag];
      products += product;
      squares += product * product - 1;
    }
    assertThat(products / Math.sqrt(n)).isBetween(-ACCEPTED, ACCEPTED);
    assertThat(squares / Math.sqrt(8.0 * n)).isBetween(-ACCEPTED, ACCEPTED);
  }

  /** Negative control: a correlation of 0.01 between neighbours is rejected. */
  @Test
  void correlatedNeighboursAreRejected() {
    double products = 0;
    for (int i = 0; i + 2 < N; i++) {
      double z = normals[i] + 0.01 * normals[i + 1];
      double next = normals[i + 1] + 0.01 * normals[i + 2];
      products += z * next;
    }
    assertThat(products / Math.sqrt(N)).isGreaterThan(ACCEPTED);
  }
}
