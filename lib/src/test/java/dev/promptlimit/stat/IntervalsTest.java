package dev.promptlimit.stat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;

class IntervalsTest {
  /**
   * The ends solve for the logit to 1e-12. An upper end p for few events in many trials is found
   * through 1 − p, a double next to 1 that has lost digits of p: that is n · 2⁻⁵³ in the log of the
   * tail, whose slope in log p is of order one. SciPy loses as much: at k = 1, n = 10⁹, α = 1/2 the
   * exact end is 2.6926345266e-9 (mpmath, 60 digits, bisection).
   */
  @ParameterizedTest
  @CsvFileSource(resources = "/reference/clopper_pearson.csv", numLinesToSkip = 1)
  void binomialIsThatOfClopperAndPearson(long k, long n, double alpha, double low, double high) {
    Interval interval = Intervals.binomial(k, n, alpha);
    double relative = 1e-9 + n * 0x1p-52;
    assertThat(interval.low()).isCloseTo(low, within(relative * low));
    assertThat(interval.high()).isCloseTo(high, within(relative * high));
    // ends next to 1 are judged by their distance from 1
    assertThat(interval.low()).isCloseTo(low, within(relative * (1 - low) + 0x1p-52));
    assertThat(interval.high()).isCloseTo(high, within(relative * (1 - high) + 0x1p-52));
    assertThat(interval.contains(k / (double) n)).isTrue();
  }

  /** No sign of a coverage gap: at its own ends the exact tail probability is α/2. */
  @Test
  void binomialEndsHaveTheExactTail() {
    for (int n : new int[] {1, 5, 30}) {
      for (int k = 0; k <= n; k++) {
        Interval interval = Intervals.binomial(k, n, 0.01);
        if (k > 0) {
          double above = 1 - binomialCdf(k - 1, n, interval.low());
          assertThat(above).isCloseTo(0.005, within(1e-10)).isLessThanOrEqualTo(0.005 + 1e-14);
        }
        if (k < n) {
          double below = binomialCdf(k, n, interval.high());
          assertThat(below).isCloseTo(0.005, within(1e-10)).isLessThanOrEqualTo(0.005 + 1e-14);
        }
      }
    }
  }

  @Test
  void binomialWithoutTrialsSaysNothing() {
    assertThat(Intervals.binomial(0, 0, 0.05)).isEqualTo(new Interval(0, 1));
  }

  @ParameterizedTest
  @CsvSource({
    "-1, 3, 0.05",
    "4, 3, 0.05",
    "0, -1, 0.05",
    "1, 3, 0.0",
    "1, 3, 1.0",
    "1, 3, -0.5",
    "1, 3, NaN"
  })
  void binomialSaysWhatIsWrong(long k, long n, double alpha) {
    assertThatThrownBy(() -> Intervals.binomial(k, n, alpha))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot make a binomial interval: k = " + k + ", n = " + n + ", alpha = " + alpha);
  }

  /*
   * Student quantiles by Python 3.11.7, mpmath 1.3.0, mp.dps = 40: the root x of
   * betainc(df/2, 1/2, 0, df/(df + x**2), regularized=True)/2 = alpha/2, df = n − 1.
   */
  @ParameterizedTest
  @CsvSource({
    "2, 0.05, 12.706204736174706",
    "2, 1e-4, 6366.1976713159358",
    "2, 1e-9, 636619772.36758134",
    "3, 0.05, 4.3026527297494639",
    "3, 1e-4, 99.992499843744531",
    "3, 1e-9, 31622.776577966711",
    "10, 0.05, 2.2621571627982055",
    "10, 1e-4, 6.5936825839447856",
    "10, 1e-9, 25.656267699613768",
    "200, 0.05, 1.9719565442517538",
    "200, 1e-4, 3.9709056957949957",
    "200, 1e-9, 6.416095736770737",
    "1000000, 0.05, 1.9599663568164793",
    "1000000, 1e-4, 3.890607581818761",
    "1000000, 1e-9, 6.1094687410326077"
  })
  void meanOfSymmetricDataIsStudents(long n, double alpha, double quantile) {
    double m2 = (double) n * (n - 1.0); // standard error 1
    Interval interval = Intervals.mean(new Moments(n, 0, m2, 0, 3 * m2 * m2 / n), alpha);
    assertThat(interval.high()).isCloseTo(quantile, within(1e-8 * quantile));
    assertThat(interval.low()).isEqualTo(0);
  }

  /*
   * By the same program: with a = √n m3/m2^(3/2) / (3 √n) and x = ±quantile the ends are
   * mean − √(m2/(n(n − 1))) (cbrt(1 + 3 a (x − a/2)) − 1)/a.
   */
  @ParameterizedTest
  @CsvSource({
    "200, 1, 200, 400, 0.05, 0.87292369170342227, 1.1573494584884525",
    "200, 1, 200, -400, 0.05, 0.84265054151154754, 1.1270763082965777",
    "50, 2, 100, 800, 1e-4, 1.5273620436301763, 3.7852033699873422",
    "1000000, 1, 2e6, 8e6, 1e-9, 0.99140985638820981, 1.0086910231827427"
  })
  void meanOfSkewedDataIsHalls(
      long n, double mean, double m2, double m3, double alpha, double low, double high) {
    Interval interval = Intervals.mean(new Moments(n, mean, m2, m3, 0), alpha);
    assertThat(interval.low()).isCloseTo(low, within(1e-10 * Math.abs(low)));
    assertThat(interval.high()).isCloseTo(high, within(1e-10 * Math.abs(high)));
  }

  @Test
  void meanIsNeverBelowZeroAndUnboundedWithoutData() {
    assertThat(Intervals.mean(Moments.EMPTY, 0.05))
        .isEqualTo(new Interval(0, Double.POSITIVE_INFINITY));
    assertThat(Intervals.mean(Moments.of(new double[] {3}, 1), 0.05))
        .isEqualTo(new Interval(0, Double.POSITIVE_INFINITY));
    assertThat(Intervals.mean(Moments.of(new double[] {1e120, 2e120, 5e120}, 3), 0.05))
        .as("third powers overflow")
        .isEqualTo(new Interval(0, Double.POSITIVE_INFINITY));
    Interval wide = Intervals.mean(Moments.of(new double[] {0, 1, 9}, 3), 1e-6);
    assertThat(wide.low()).isEqualTo(0);
    assertThat(wide.high()).isGreaterThan(10 / 3.0);
    assertThat(Intervals.mean(Moments.of(new double[] {2, 2}, 2), 0.05))
        .isEqualTo(new Interval(2, 2));
  }

  @ParameterizedTest
  @CsvSource({"0.0", "1.0", "-0.1", "1.5", "NaN"})
  void meanSaysWhatIsWrong(double alpha) {
    assertThatThrownBy(() -> Intervals.mean(Moments.of(new double[] {1, 2}, 2), alpha))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot make an interval for a mean: alpha = " + alpha);
  }

  /**
   * Coverage of the intervals for the mean, and of mean ± normal quantile · standard error on the
   * same data. Seeds 1, 2, 3; 20,000 samples of n = 200 for each law and α, so one standard error
   * of a coverage is 0.0015 (α = 0.05) or 0.0007 (α = 0.01). Accepted are five of them and a
   * shortfall of the order 1/n: 0.005 for the exponential and χ²₁ laws, 0.015 for the log-normal
   * one, whose skewness of 6.2 is hard to see in 200 numbers. That corrected intervals cover more
   * than uncorrected ones is tested on the samples where just one of the two covers: a sign test at
   * α = 1e-6, which detects a difference of coverage from about 0.005 on. Six tests with a sign
   * test each: 1e-5 of the suite's budget of 1e-4, five standard errors (6e-7) included.
   */
  @ParameterizedTest
  @CsvSource({
    "1, 0.05, 0.005", "1, 0.01, 0.005",
    "2, 0.05, 0.005", "2, 0.01, 0.005",
    "3, 0.05, 0.015", "3, 0.01, 0.015"
  })
  void meanCoversWhatItSays(int law, double alpha, double shortfall) {
    int samples = 20_000;
    int n = 200;
    double expected = law == 3 ? Math.exp(0.5) : 1;
    double normalQuantile = alpha == 0.05 ? 1.959963984540054 : 2.5758293035489004;
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(law);
    double[] x = new double[n];
    int covered = 0;
    int onlyCorrected = 0;
    int onlyNormal = 0;
    for (int i = 0; i < samples; i++) {
      for (int j = 0; j < n; j++) {
        double normal = random.nextGaussian();
        x[j] =
            switch (law) {
              case 1 -> random.nextExponential();
              case 2 -> normal * normal;
              default -> Math.exp(normal);
            };
      }
      Moments moments = Moments.of(x, n);
      boolean corrected = Intervals.mean(moments, alpha).contains(expected);
      double radius = normalQuantile * Math.sqrt(moments.variance() / n);
      boolean normal = Math.abs(moments.mean() - expected) <= radius;
      covered += corrected ? 1 : 0;
      onlyCorrected += corrected && !normal ? 1 : 0;
      onlyNormal += normal && !corrected ? 1 : 0;
    }
    double fiveErrors = 5 * Math.sqrt(alpha * (1 - alpha) / samples);
    assertThat(covered / (double) samples)
        .as("coverage at 1 - alpha = %s", 1 - alpha)
        .isBetween(1 - alpha - shortfall - fiveErrors, 1 - alpha + fiveErrors);
    assertThat(Intervals.binomial(onlyCorrected, onlyCorrected + onlyNormal, 1e-6).low())
        .as(
            "%d samples only the corrected interval covers, %d only the normal one",
            onlyCorrected, onlyNormal)
        .isGreaterThan(0.5);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0.5, 0.05",
    "5, 0.5, 0.05",
    "20, 0.1, 0.2",
    "60, 0.9, 0.01",
    "60, 0.35, 1e-4",
    "60, 0.999, 0.5",
    "60, 0.001, 1e-9",
    "0, 0.5, 0.05"
  })
  void quantileRanksAreThoseOfTheExactTails(int n, double q, double alpha) {
    long low = 0;
    while (low < n && binomialCdf(low, n, q) <= alpha / 2) {
      low++;
    }
    long high = n + 1L;
    while (high > 1 && 1 - binomialCdf(high - 2, n, q) <= alpha / 2) {
      high--;
    }
    assertThat(Intervals.quantileRanks(n, q, alpha)).containsExactly(low, high);
  }

  /*
   * By Python 3.11.7, scipy 1.17.1: binom.ppf(alpha/2, n, q), binom.isf(alpha/2, n, q) + 1, checked
   * there against the definition by binom.cdf and binom.sf.
   */
  @ParameterizedTest
  @CsvSource({
    "100, 0.5, 0.05, 40, 61",
    "100, 0.99, 1e-9, 89, 101",
    "100, 0.001, 0.05, 0, 2",
    "1000000, 0.5, 0.05, 499020, 500981",
    "1000000, 0.99, 1e-9, 989386, 990603",
    "1000000, 0.999999, 0.05, 999997, 1000001",
    "1000000, 0.001, 1e-9, 813, 1200",
    "1000000000, 0.5, 1e-9, 499903402, 500096599",
    "1000000000, 0.99, 0.05, 989993833, 990006167",
    "1000000000, 0.999999, 1e-9, 999998801, 999999188",
    "1000000000, 0.001, 0.05, 998041, 1001960"
  })
  void quantileRanksOfManyObservations(long n, double q, double alpha, long low, long high) {
    assertThat(Intervals.quantileRanks(n, q, alpha)).containsExactly(low, high);
  }

  @ParameterizedTest
  @CsvSource({
    "-1, 0.5, 0.05",
    "9, 0.0, 0.05",
    "9, 1.0, 0.05",
    "9, NaN, 0.05",
    "9, 0.5, 0.0",
    "9, 0.5, 1.0",
    "9, 0.5, NaN"
  })
  void quantileRanksSayWhatIsWrong(long n, double q, double alpha) {
    assertThatThrownBy(() -> Intervals.quantileRanks(n, q, alpha))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot rank a quantile: n = " + n + ", q = " + q + ", alpha = " + alpha);
  }

  @Test
  void anIntervalContainsItsEndsAndNoNaN() {
    Interval interval = new Interval(1, 2);
    assertThat(interval.contains(1)).isTrue();
    assertThat(interval.contains(2)).isTrue();
    assertThat(interval.contains(Math.nextUp(2.0))).isFalse();
    assertThat(interval.contains(Double.NaN)).isFalse();
  }

  /** P(X ≤ k), X ~ binomial(n, p), summed with 40 digits. */
  private static double binomialCdf(long k, int n, double p) {
    MathContext digits = new MathContext(40);
    BigDecimal success = new BigDecimal(p);
    BigDecimal failure = BigDecimal.ONE.subtract(success);
    BigDecimal ways = BigDecimal.ONE;
    BigDecimal sum = BigDecimal.ZERO;
    for (int i = 0; i <= k; i++) {
      sum = sum.add(ways.multiply(success.pow(i, digits)).multiply(failure.pow(n - i, digits)));
      ways = ways.multiply(BigDecimal.valueOf(n - i)).divide(BigDecimal.valueOf(i + 1), digits);
    }
    return sum.doubleValue();
  }
}
