package dev.promptlimit.random;

import static dev.promptlimit.random.Significance.ACCEPTED;
import static dev.promptlimit.random.Significance.ALPHA;
import static org.assertj.core.api.Assertions.assertThat;

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
 * The law of the numbers; how pages are made is in {@link NormalPageTest}.
 *
 * <p>Statistical tests: seed 1, n = 4,000,000 normals of one stream, 24 tests ({@link
 * Significance}). Found are a mean of 0.0029, a variance off by 0.0041, a skewness of 0.011, a
 * kurtosis off by 0.028, a distance between distribution functions of 0.0031 (the first million
 * alone), a share of one of 702 classes off by 15 % or of all of them by 0.8 %, a correlation of
 * 0.0029, P(z > 5) ten times too large.
 */
class NormalStreamTest {
  private static final int N = 4_000_000;
  private static final StreamKey KEY = new StreamKey(1, "normal", 0, 0);
  private static final NormalDistribution NORMAL = new NormalDistribution();

  private static double[] normals;

  @BeforeAll
  static void draw() {
    normals = new double[N];
    new NormalStream(KEY).fill(normals, 0, N);
  }

  @Test
  void cuttingCallsDoesNotChangeTheSequence() {
    Cutting.changesNothing(() -> new NormalStream(KEY), normals);
  }

  @Test
  void noNumberIsLargerThanTheLargest() {
    assertThat(Arrays.stream(normals).map(Math::abs).max().getAsDouble())
        .isBetween(4.9, NormalStream.LARGEST);
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

  /** The first million alone, to save time. */
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

  /** p-value of the counts in 700 classes 0.01 wide, −3.5 to 3.5, and in the two tails. */
  private static double classes(double[] z) {
    long[] counts = new long[702];
    for (double x : z) {
      counts[(int) Math.floor(Math.min(701, Math.max(0, (x + 3.5) / 0.01 + 1)))]++;
    }
    double[] probabilities = new double[702];
    for (int i = 0; i < 700; i++) {
      double low = -3.5 + 0.01 * i;
      probabilities[i + 1] = NORMAL.probability(low, low + 0.01);
    }
    probabilities[0] = NORMAL.cumulativeProbability(-3.5);
    probabilities[701] = probabilities[0];
    return Significance.chiSquare(counts, probabilities);
  }

  @Test
  void fineClassesAreNormal() {
    assertThat(classes(normals)).isGreaterThan(ALPHA);
  }

  /** Negative control: a class that is missed one time in four. */
  @Test
  void aClassOfTooFewIsRejected() {
    double[] spoilt = normals.clone();
    int seen = 0;
    for (int i = 0; i < N; i++) {
      if (spoilt[i] >= 0.8 && spoilt[i] < 0.81 && seen++ % 4 == 0) {
        spoilt[i] = 0.815;
      }
    }
    assertThat(classes(spoilt)).isLessThan(ALPHA);
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
   * Eight tests: neighbouring lanes (1), one lane's next words (16, 32), next page (512), by the
   * products of the numbers and of their squares. The mean of z_i z_j has standard error 1/√n, that
   * of z_i² z_j² − 1 has √8/√n.
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
