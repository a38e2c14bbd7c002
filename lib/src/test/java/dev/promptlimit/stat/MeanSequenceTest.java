package dev.promptlimit.stat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.hipparchus.special.Erf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MeanSequenceTest {
  private static final Interval ANYTHING = new Interval(0, Double.POSITIVE_INFINITY);

  /** The mixture over normal drifts by the trapezoid rule, with η found by search. */
  @ParameterizedTest
  @CsvSource({"0.05", "0.01", "1e-6", "0.9"})
  void boundaryIsTheMixturesAndTightestAtTheFirstLook(double alpha) {
    double eta = 1;
    double least = Double.POSITIVE_INFINITY;
    for (double log = -12; log < 5; log += 1e-3) {
      double candidate = Math.exp(log);
      double square = (1 + candidate) * Math.log((1 + 1 / candidate) / (alpha * alpha));
      if (square < least) {
        least = square;
        eta = candidate;
      }
    }
    assertThat(MeanSequence.boundary(1, alpha)).isCloseTo(Math.sqrt(least), within(1e-5));
    for (double looks : new double[] {1, 7, 1000}) {
      double position = MeanSequence.boundary(looks, alpha) * Math.sqrt(looks);
      double sum = 0;
      double step = 1e-3;
      for (double z = -14; z < 14; z += step) { // drift z/√η
        double drift = z / Math.sqrt(eta);
        sum += Math.exp(drift * position - drift * drift * looks / 2 - z * z / 2) * step;
      }
      assertThat(sum / Math.sqrt(2 * Math.PI) * alpha).isCloseTo(1, within(0.02));
    }
  }

  /** The equation of the class comment, with Φ by its error function. */
  @ParameterizedTest
  @CsvSource({"0.05, 1", "0.05, 30", "1e-9, 2.5", "0.6, 4"})
  void oneSidedBoundarySolvesItsEquation(double alpha, double looks) {
    double boundary = MeanSequence.oneSidedBoundary(looks, alpha);
    double tuned = MeanSequence.boundary(1, 2 * Math.min(alpha, 0.25));
    double eta = 1 / (tuned * tuned - 1); // there the boundary is √(1 + 1/η)
    double x = boundary / Math.sqrt(1 + eta / looks);
    double left = Erf.erfc(-x / Math.sqrt(2)) * Math.exp(x * x / 2);
    double right = Math.sqrt(1 + looks / eta) / alpha;
    assertThat(left).isCloseTo(right, within(1e-10 * right));
    assertThat(boundary).isLessThan(MeanSequence.boundary(looks, alpha));
  }

  /*
   * By Python 3.11.7, mpmath 1.3.0 at 40 digits, from the formulas of the class comment, η =
   * 1/(−1 − lambertw(−alpha²/e, −1)).
   */
  @ParameterizedTest
  @CsvSource({
    "0.0, 1000, 1.0, 0.05, 0.69571025517530289, 1.3042897448246971",
    "0.2, 1000, 1.0, 0.05, 0.74489049445698929, 1.4090146601993256",
    "-0.2, 300, 9.0, 0.01, 0.42586135048423597, 1.3081251851298202",
    "0.5, 50, 1.0, 1e-6, 0.62066214106284027, 2.4068605437576895",
    "0.01, 1e9, 1e4, 1e-9, 0.27956867419303814, 1.7571524208220443"
  })
  void intervalIsThatOfTheFormulas(
      double skewness, double n, double looks, double alpha, double low, double high) {
    Interval interval = MeanSequence.interval(1, 0.1, skewness, n - 1, looks, alpha);
    assertThat(interval.low()).isCloseTo(low, within(1e-12));
    assertThat(interval.high()).isCloseTo(high, within(1e-12));
  }

  @Test
  void momentsAreAnEstimateFromOneStratum() {
    Moments moments = Moments.of(new double[] {1, 2, 2, 3, 9, 1, 4, 2}, 8);
    double standardError = Math.sqrt(moments.variance() / 8);
    double skewness = moments.skewness() / Math.sqrt(8);
    double kurtosis = 8 * 1332 / Math.pow(48, 2);
    Interval expected =
        MeanSequence.interval(3, standardError, skewness, 8 / (kurtosis - 1), 2, 0.3);
    Interval actual = MeanSequence.interval(moments, 4, 0.3);
    assertThat(actual.low()).isCloseTo(expected.low(), within(1e-14));
    assertThat(actual.high()).isCloseTo(expected.high(), within(1e-12));
    assertThat(MeanSequence.lower(moments, 4, 0.3)).isBetween(actual.low(), 3.0);
    assertThat(MeanSequence.upper(moments, 4, 0.3)).isBetween(3.0, actual.high());
  }

  /** Like Student's, within Wallace's approximation, which is on the wide side. */
  @ParameterizedTest
  @CsvSource({"10, 0.02", "200, 1e-4", "100000, 1e-7"})
  void smallSamplesHaveStudentsQuantiles(long n, double accuracy) {
    double alpha = 1e-4;
    double z = MeanSequence.boundary(1, alpha);
    double m2 = (double) n * (n - 1.0); // standard error 1
    Moments symmetric = new Moments(n, 0, m2, 0, 0);
    double student = Intervals.mean(symmetric, Erf.erfc(z / Math.sqrt(2))).high();
    assertThat(MeanSequence.interval(symmetric, n, alpha).high())
        .isCloseTo(student, within(accuracy * student));
  }

  @Test
  void saysNothingWhereNothingIsKnown() {
    assertThat(MeanSequence.interval(Moments.EMPTY, 1, 0.05)).isEqualTo(ANYTHING);
    Moments three = Moments.of(new double[] {1, 2, 4}, 3);
    assertThat(MeanSequence.interval(three, 4, 0.05)).isEqualTo(ANYTHING);
    assertThat(MeanSequence.lower(three, 4, 0.05)).isZero();
    assertThat(MeanSequence.upper(three, 4, 0.05)).isInfinite();
    assertThat(MeanSequence.interval(Moments.of(new double[] {3}, 1), 1, 0.05)).isEqualTo(ANYTHING);
    assertThat(MeanSequence.interval(Moments.of(new double[] {1e120, 2e120, 5e120}, 3), 1, 0.05))
        .as("third powers overflow")
        .isEqualTo(ANYTHING);
    double nan = Double.NaN;
    double infinity = Double.POSITIVE_INFINITY;
    assertThat(MeanSequence.interval(nan, 1, 0, 9, 1, 0.05)).isEqualTo(ANYTHING);
    assertThat(MeanSequence.interval(1, nan, 0, 9, 1, 0.05)).isEqualTo(ANYTHING);
    assertThat(MeanSequence.interval(1, infinity, 0, 9, 1, 0.05)).isEqualTo(ANYTHING);
    assertThat(MeanSequence.interval(1, 1, nan, 9, 1, 0.05)).isEqualTo(ANYTHING);
    assertThat(MeanSequence.interval(1, 1, 0, nan, 1, 0.05)).isEqualTo(ANYTHING);
    assertThat(MeanSequence.interval(1, 1, 0, 0, 1, 0.05)).isEqualTo(ANYTHING);
    assertThat(MeanSequence.interval(1, 1, 0, 2, 1, 1e-300))
        .as("no such quantile among the doubles")
        .isEqualTo(ANYTHING);
    assertThat(MeanSequence.interval(1, 0.1, 0, infinity, 1, 0.05).high())
        .isEqualTo(1 + 0.1 * MeanSequence.boundary(1, 0.05));
  }

  @ParameterizedTest
  @CsvSource({
    "0.5, 0.05",
    "NaN, 0.05",
    "Infinity, 0.05",
    "1.0, 0.0",
    "1.0, 1.0",
    "1.0, -0.1",
    "1.0, NaN"
  })
  void saysWhatIsWrong(double looks, double alpha) {
    String message = "Cannot bound a t statistic: looks = " + looks + ", alpha = " + alpha;
    assertThatThrownBy(() -> MeanSequence.boundary(looks, alpha))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
    assertThatThrownBy(() -> MeanSequence.oneSidedBoundary(looks, alpha)).hasMessage(message);
    assertThatThrownBy(() -> MeanSequence.interval(1, 1, 0, 9, looks, alpha)).hasMessage(message);
  }

  @Test
  void needsAFirstLookAndAnError() {
    Moments two = Moments.of(new double[] {1, 2}, 2);
    String message = "Cannot make an interval for a mean: first look at 0 observations";
    assertThatThrownBy(() -> MeanSequence.interval(two, 0, 0.05))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
    assertThatThrownBy(() -> MeanSequence.lower(two, 0, 0.05)).hasMessage(message);
    assertThatThrownBy(() -> MeanSequence.upper(two, 0, 0.05)).hasMessage(message);
    assertThatThrownBy(() -> MeanSequence.interval(1, -1, 0, 9, 1, 0.05))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot make an interval for a mean: standard error = -1.0");
  }
}
