package dev.promptlimit.stat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MomentsTest {
  private static final MathContext DIGITS = new MathContext(60);

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 15, 16, 17, 100, 1000})
  void agreesWithExactSums(int n) {
    Random random = new Random(n);
    assertAgrees(Moments.of(exponentials(random, n), n), exponentials(new Random(n), n), n / 16);
    double[] offset = random.doubles(n, 1e6, 1e6 + 1).toArray();
    assertAgrees(Moments.of(offset, n), offset, n / 16);
    double[] tiny = random.doubles(n, 0, 1e-60).toArray();
    assertAgrees(Moments.of(tiny, n), tiny, n / 16);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 10, 64, 1000})
  void combinesToTheMomentsOfAll(int n) {
    double[] x = exponentials(new Random(7), n);
    Random cuts = new Random(8);
    Moments all = Moments.EMPTY;
    int parts = 0;
    for (int from = 0; from < n; parts++) {
      int size = Math.min(n - from, 1 + cuts.nextInt(100));
      all = all.combine(Moments.of(Arrays.copyOfRange(x, from, from + size), size));
      from += size;
    }
    assertAgrees(all, x, n / 16 + 20 * parts);
  }

  @Test
  void combinesPartsOfVeryDifferentSize() {
    double[] x = exponentials(new Random(9), 1001);
    Moments one = Moments.of(x, 1);
    Moments rest = Moments.of(Arrays.copyOfRange(x, 1, 1001), 1000);
    assertAgrees(one.combine(rest), x, 90);
    assertAgrees(rest.combine(one), x, 90);
  }

  @Test
  void heavyTailsLeaveFewDegreesOfFreedom() {
    Moments three = Moments.of(new double[] {2, 4, 9}, 3);
    assertThat(three.kurtosis()).isCloseTo(3 * 338 / 676.0, within(1e-14));
    assertThat(three.freedom()).isEqualTo(2); // n − 1 before 3/0.5
    double[] rare = new double[1000];
    rare[7] = 1; // κ = 1/(pq) − 3 for the probability p = 1/1000
    double kurtosis = 1 / (0.001 * 0.999) - 3;
    Moments spike = Moments.of(rare, 1000);
    assertThat(spike.kurtosis()).isCloseTo(kurtosis, within(1e-9));
    assertThat(spike.freedom()).isCloseTo(1000 / (kurtosis - 1), within(1e-9));
    assertThat(Moments.of(new double[] {5, 5, 5}, 3).freedom()).isEqualTo(2);
    assertThat(Moments.of(new double[] {1e90, 2e90, 5e90}, 3).freedom()).isZero(); // m4 overflows
  }

  /**
   * With d = x − mean: {@code roundings} + 8 roundings of 2⁻⁵³ put the mean wrong by δ, a sum Σ d^k
   * by that share of Σ|d|^k, and by what δ moves it, which is of second order for k = 2.
   */
  private static void assertAgrees(Moments moments, double[] x, int roundings) {
    int n = x.length;
    double share = (roundings + 8) * 0x1p-52;
    BigDecimal sum = BigDecimal.ZERO;
    double meanSize = 0;
    for (double item : x) {
      sum = sum.add(new BigDecimal(item));
      meanSize += Math.abs(item) / n;
    }
    BigDecimal mean = sum.divide(BigDecimal.valueOf(n), DIGITS);
    double[] powers = new double[5];
    double cubes = 0;
    BigDecimal[] exact = {
      BigDecimal.ZERO, BigDecimal.ZERO, BigDecimal.ZERO, BigDecimal.ZERO, BigDecimal.ZERO
    };
    for (double item : x) {
      BigDecimal d = new BigDecimal(item).subtract(mean);
      for (int k = 2; k <= 4; k++) {
        exact[k] = exact[k].add(d.pow(k, DIGITS));
      }
      cubes += Math.pow(Math.abs(d.doubleValue()), 3);
    }
    for (int k = 2; k <= 4; k++) {
      powers[k] = exact[k].doubleValue();
    }
    double delta = share * meanSize;
    assertThat(moments.n()).isEqualTo(n);
    assertClose(moments.mean(), mean.doubleValue(), delta);
    assertClose(moments.m2(), powers[2], share * powers[2] + n * delta * delta);
    assertClose(moments.m3(), powers[3], share * cubes + 4 * delta * powers[2]);
    assertClose(moments.m4(), powers[4], share * powers[4] + 5 * delta * cubes);
    assertClose(moments.variance(), powers[2] / (n - 1), 2 * (share + 1e-15) * powers[2] / (n - 1));
    double skewness = Math.sqrt(n) * powers[3] / Math.pow(powers[2], 1.5);
    double skewnessError = 4 * delta * Math.sqrt(n / powers[2]) + 8 * share * Math.sqrt(n);
    assertClose(moments.skewness(), skewness, skewnessError);
  }

  private static void assertClose(double actual, double expected, double tolerance) {
    assertThat(actual - expected).isBetween(-tolerance, tolerance);
  }

  private static double[] exponentials(Random random, int n) {
    return random.doubles(n).map(u -> -Math.log1p(-u)).toArray();
  }

  @Test
  void emptyIsNeutralExactly() {
    Moments some = Moments.of(exponentials(new Random(1), 100), 100);
    assertThat(Moments.EMPTY.combine(some)).isEqualTo(some);
    assertThat(some.combine(Moments.EMPTY)).isEqualTo(some);
    assertThat(Moments.EMPTY.combine(Moments.EMPTY)).isEqualTo(Moments.EMPTY);
    assertThat(Moments.of(new double[0], 0)).isEqualTo(Moments.EMPTY);
    assertThat(Moments.of(new double[] {1, 2}, 0)).isEqualTo(Moments.EMPTY);
  }

  /** Each combination rounds every sum about a dozen times: 64 ulps for two. */
  @Test
  void combiningIsAssociativeWithin64Ulps() {
    Random random = new Random(2);
    for (int i = 0; i < 1000; i++) {
      Moments a = some(random);
      Moments b = some(random);
      Moments c = some(random);
      Moments left = a.combine(b).combine(c);
      Moments right = a.combine(b.combine(c));
      assertThat(left.n()).isEqualTo(right.n());
      assertClose(left.mean(), right.mean(), 64 * Math.ulp(right.mean()));
      assertClose(left.m2(), right.m2(), 64 * Math.ulp(right.m2()));
      assertClose(left.m4(), right.m4(), 64 * Math.ulp(right.m4()));
      // Σ d³ may cancel; Σ|d|³ ≤ √(Σd² Σd⁴) says how much there was to cancel
      assertClose(
          left.m3(), right.m3(), 64 * Math.ulp(Math.sqrt(right.m2()) * Math.sqrt(right.m4())));
    }
  }

  private static Moments some(Random random) {
    int n = 1 + random.nextInt(1000);
    return Moments.of(exponentials(random, n), n);
  }

  @Test
  void oneObservationHasNoSpread() {
    Moments one = Moments.of(new double[] {3}, 1);
    assertThat(one).isEqualTo(new Moments(1, 3, 0, 0, 0));
    assertThat(one.variance()).isNaN();
    assertThat(one.skewness()).isEqualTo(0);
    assertThat(Moments.EMPTY.variance()).isNaN();
    assertThat(Moments.EMPTY.skewness()).isEqualTo(0);
  }

  @Test
  void equalObservationsHaveNoSpread() {
    double[] x = new double[64]; // a power of two: the mean is exact
    Arrays.fill(x, 0.1);
    Moments equal = Moments.of(x, 64);
    assertThat(equal).isEqualTo(new Moments(64, 0.1, 0, 0, 0));
    assertThat(equal.combine(equal)).isEqualTo(new Moments(128, 0.1, 0, 0, 0));
    assertThat(equal.skewness()).isEqualTo(0);
  }

  @Test
  void refusesMoreThanALongCanCount() {
    Moments most = new Moments(Long.MAX_VALUE, 1, 1, 1, 1);
    assertThatThrownBy(() -> most.combine(Moments.of(new double[] {1}, 1)))
        .isInstanceOf(ArithmeticException.class)
        .hasMessage("long overflow");
  }

  @Test
  void staysAccurateAtTheLargestCounts() {
    long n = 1L << 61;
    Moments half = new Moments(n, 1, 2.0 * n, 0, 8.0 * n);
    Moments other = new Moments(n, 3, 2.0 * n, 0, 8.0 * n);
    // means ±1 apart from 2: m2 = 2n(2 + 1), m4 = 2n(8 + 6·2 + 1), all powers of two and exact
    assertThat(half.combine(other)).isEqualTo(new Moments(2 * n, 2, 6.0 * n, 0, 42.0 * n));
  }

  @Test
  void leavesItsArgumentAlone() {
    double[] x = {1, 2, 4};
    Moments.of(x, 3);
    assertThat(x).containsExactly(1, 2, 4);
  }
}
