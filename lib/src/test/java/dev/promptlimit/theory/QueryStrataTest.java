package dev.promptlimit.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.PromptSampler;
import dev.promptlimit.attention.QueryDraw;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.Laplace;
import dev.promptlimit.measure.Rademacher;
import dev.promptlimit.measure.StudentT;
import dev.promptlimit.random.NormalStream;
import dev.promptlimit.random.Significance;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.stat.Moments;
import java.util.function.ToDoubleFunction;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.special.Erf;
import org.hipparchus.special.Gamma;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Statistical tests at {@link Significance#ALPHA} each, fewer than 200 of them: 2e-6 of the suite's
 * budget of 1e-4.
 */
class QueryStrataTest {
  private static QueryStrata isotropic(int d) {
    return QueryStrata.of(
        Gaussian.centred(Covariance.identity(d, 1)),
        new Head(Head.scaledIdentity(d, 0.8), MatrixUtils.createRealIdentityMatrix(d)),
        Gaussian.centred(Covariance.identity(d, 1)),
        QueryStrata.FROM_H2);
  }

  /** d = 5, every direction different, a singular score matrix, a query mean that counts. */
  private static QueryStrata general(double[] mean) {
    RealMatrix u =
        MatrixUtils.createRealMatrix(
            new double[][] {
              {0.9, 0.1, 0, 0, 0},
              {0, 0.5, 0.2, 0, 0},
              {0, 0, 0.3, 0, 0},
              {0, 0.4, 0, 0, 0},
              {0, 0, 0, 0, 0}
            });
    return QueryStrata.of(
        Gaussian.centred(Covariance.toeplitz(5, 0.5, 1)),
        new Head(u, MatrixUtils.createRealIdentityMatrix(5)),
        new Gaussian(mean, Covariance.toeplitz(5, -0.3, 1.2)),
        0);
  }

  private static double scoreVariance(double[] z) {
    double[][] u = {
      {0.9, 0.1, 0, 0, 0},
      {0, 0.5, 0.2, 0, 0},
      {0, 0, 0.3, 0, 0},
      {0, 0.4, 0, 0, 0},
      {0, 0, 0, 0, 0}
    };
    double[] a = MatrixUtils.createRealMatrix(u).operate(z);
    double sum = 0;
    for (int i = 0; i < 5; i++) {
      for (int j = 0; j < 5; j++) {
        sum += a[i] * a[j] * Math.pow(0.5, Math.abs(i - j));
      }
    }
    return sum;
  }

  /** For isotropic scores r is χ² with d degrees of freedom: probabilities to 1e-9. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 8, 64})
  void probabilitiesAreThoseOfChiSquare(int d) {
    QueryStrata strata = isotropic(d);
    assertThat(strata.count()).isEqualTo(13);
    double beyond = 1;
    for (int k = 0; k < strata.count(); k++) {
      double t = Math.pow(strata.largestScore(k), 2) / 0.64;
      double next =
          k == 12
              ? 0
              : d == 1 ? Erf.erfc(Math.sqrt(t / 2)) : Gamma.regularizedGammaQ(0.5 * d, t / 2);
      assertThat(strata.probability(k)).isCloseTo(beyond - next, within(1e-9 * beyond));
      beyond = next;
      if (k < 12) {
        assertThat(next).isCloseTo(Math.pow(8, -k - 1), within(0.01 * next));
      }
    }
  }

  @Test
  void probabilitiesAddUpToOne() {
    double sum = 0;
    for (double p : general(new double[] {0.5, -1, 0.3, 0, 2}).probabilities()) {
      assertThat(p).isPositive();
      sum += p;
    }
    assertThat(sum).isCloseTo(1, within(1e-12));
  }

  /**
   * Each stratum holds the share of plain queries that its probability says, by n = 200,000 of
   * them: found are shares that are off by 1 %.
   */
  @Test
  void probabilitiesAreSharesOfPlainQueries() {
    double[] mean = {0.5, -1, 0.3, 0, 2};
    QueryStrata strata = general(mean);
    QueryDraw plain = QueryDraw.of(new Gaussian(mean, Covariance.toeplitz(5, -0.3, 1.2)));
    NormalStream normals = new NormalStream(new StreamKey(1, "strata", 0, 0));
    long[] counts = new long[4]; // the rarest together
    double[] z = new double[5];
    for (int i = 0; i < 200_000; i++) {
      plain.next(normals, z);
      double s = Math.sqrt(scoreVariance(z));
      int k = 0;
      while (s > strata.largestScore(k)) {
        k++;
      }
      counts[Math.min(k, 3)]++;
    }
    double[] p = strata.probabilities();
    assertThat(
            Significance.chiSquare(counts, new double[] {p[0], p[1], p[2], 1 - p[0] - p[1] - p[2]}))
        .isGreaterThan(Significance.ALPHA);
  }

  /** Stratified means of polynomials are those of N(m, Σ), in each stratum s is where it should. */
  @Test
  void drawsHaveTheLawOfTheQueries() {
    double[] mean = {0.5, -1, 0.3, 0, 2};
    QueryStrata strata = general(mean);
    check(strata, z -> z[4], 2);
    check(strata, z -> z[0] * z[1], 0.5 * -1 + 1.2 * -0.3);
    check(strata, z -> z[0] * z[0], 0.25 + 1.2);
    check(strata, z -> z[4] * z[4], 4 + 1.2);
    check(
        strata,
        z -> scoreVariance(z) * 0 + Math.abs(z[2] - 0.3) / Math.sqrt(1.2),
        0.797884560802865);
    // E s² = tr MΣ + mᵀMm
    double[][] sigma = Covariance.toeplitz(5, -0.3, 1.2).matrix().getData();
    double expected = scoreVariance(mean);
    RealMatrix root = Covariance.of(sigma).root();
    for (int i = 0; i < 5; i++) {
      expected += scoreVariance(root.getColumn(i));
    }
    check(strata, QueryStrataTest::scoreVariance, expected);
  }

  private static void check(QueryStrata strata, ToDoubleFunction<double[]> f, double expected) {
    int n = 20_000;
    double estimate = 0;
    double variance = 0;
    double[] z = new double[5];
    double[] values = new double[n];
    for (int k = 0; k < strata.count(); k++) {
      StreamKey key = new StreamKey(2, "strata", k, 0);
      NormalStream normals = new NormalStream(key.withSubstream(PromptSampler.PROMPTS));
      QueryDraw draw = strata.draw(k);
      draw.begin(key);
      for (int i = 0; i < n; i++) {
        draw.next(normals, z);
        double s = Math.sqrt(scoreVariance(z));
        assertThat(s).isLessThanOrEqualTo(strata.largestScore(k) * (1 + 1e-12));
        assertThat(s).isGreaterThan(k == 0 ? 0 : strata.largestScore(k - 1) * (1 - 1e-12));
        values[i] = f.applyAsDouble(z);
      }
      Moments moments = Moments.of(values, n);
      double p = strata.probability(k);
      estimate += p * moments.mean();
      variance += p * p * moments.variance() / n;
    }
    assertThat(Math.abs(estimate - expected))
        .isLessThan(Significance.ACCEPTED * Math.sqrt(variance));
  }

  /**
   * Far out the law within a stratum: of χ²₁ conditional on being large, by 16 cells of equal
   * probability; n = 20,000 finds a distribution function that is off by 2 %.
   */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 6, 11, 12})
  void withinAStratumTheNormFollowsTheConditionalLaw(int k) {
    QueryStrata strata = isotropic(1);
    StreamKey key = new StreamKey(3, "strata", k, 0);
    NormalStream normals = new NormalStream(key.withSubstream(PromptSampler.PROMPTS));
    QueryDraw draw = strata.draw(k);
    draw.begin(key);
    double low = k == 0 ? 1 : Erf.erfc(strata.largestScore(k - 1) / 0.8 / Math.sqrt(2));
    double high = k == 12 ? 0 : Erf.erfc(strata.largestScore(k) / 0.8 / Math.sqrt(2));
    long[] counts = new long[16];
    double[] z = new double[1];
    for (int i = 0; i < 20_000; i++) {
      draw.next(normals, z);
      double u = (low - Erf.erfc(Math.abs(z[0]) / Math.sqrt(2))) / (low - high);
      counts[(int) Math.min(15, Math.max(0, 16 * u))]++;
    }
    assertThat(Significance.chiSquare(counts)).isGreaterThan(Significance.ALPHA);
  }

  @Test
  void weightsAverageToOneOverACycle() {
    QueryStrata strata = isotropic(3);
    double sum = 0;
    for (long block = 0; block < strata.cycle(); block++) {
      sum += strata.weight(strata.stratum(block + 24_000_000_000L));
    }
    assertThat(sum / strata.cycle()).isCloseTo(1, within(1e-12));
  }

  @Test
  void thereIsOneStratumWhereNothingIsGained() {
    Head head = new Head(Head.scaledIdentity(2, 0.3), MatrixUtils.createRealIdentityMatrix(2));
    Gaussian tokens = Gaussian.centred(Covariance.identity(2, 1));
    Gaussian queries = Gaussian.centred(Covariance.identity(2, 1));
    double h2 = QueryStrata.FROM_H2;
    assertThat(QueryStrata.of(tokens, head, queries, h2).count()).isEqualTo(1); // H² = 0.09
    assertThat(QueryStrata.of(tokens, head, queries, 0).count()).isEqualTo(13);
    Gaussian fixed = Gaussian.fixed(new double[] {3, 4});
    assertThat(QueryStrata.of(tokens, head, fixed, 0).count()).isEqualTo(1);
    Head blind = new Head(Head.scaledIdentity(2, 0), MatrixUtils.createRealIdentityMatrix(2));
    assertThat(QueryStrata.of(tokens, blind, queries, 0).count()).isEqualTo(1);
    assertThat(QueryStrata.of(new Laplace(2, 0.2), head, queries, 0).count()).isEqualTo(1);
    assertThat(QueryStrata.of(new StudentT(2, 5), head, queries, 0).count()).isEqualTo(1);
    assertThat(QueryStrata.of(new Rademacher(2, 2), head, queries, h2).count()).isEqualTo(13);
    Head vast = new Head(Head.scaledIdentity(2, 1e200), MatrixUtils.createRealIdentityMatrix(2));
    assertThat(QueryStrata.of(tokens, vast, queries, 0).count()).isEqualTo(1); // H² overflows
  }
}
