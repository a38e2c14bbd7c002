package dev.promptlimit.stat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;

class ProbabilitySequenceTest {
  /**
   * Outside the exact ends, by at most 1e-10 of p and, from above, 1e-12 of it. One-sided bounds
   * replace an incomplete beta function by more, which costs up to 1 % of p where events are few.
   */
  @ParameterizedTest
  @CsvFileSource(resources = "/reference/probability_sequence.csv", numLinesToSkip = 1)
  void endsAreThoseOfTheMixtures(
      long k, long n, double alpha, double low, double high, double lower, double upper) {
    Interval interval = ProbabilitySequence.interval(k, n, alpha);
    assertThat(interval.low()).isBetween(low * (1 - 1e-10), low);
    assertThat(interval.high()).isBetween(high * (1 - 0x1p-53), high * (1 + 2e-12));
    assertThat(ProbabilitySequence.lower(k, n, alpha)).isBetween(lower * (1 - 1e-3), lower);
    assertThat(ProbabilitySequence.upper(k, n, alpha))
        .isBetween(upper * (1 - 0x1p-53), upper * (1 + 0.01));
  }

  /** The mixtures by the trapezoid rule over φ, θ = sin² φ, in which Beta(½, ½) is uniform. */
  @Test
  void endsAreWhereMixturesByQuadratureReachTheirLevel() {
    for (int n : new int[] {1, 2, 5, 30}) {
      for (int k = 0; k <= n; k++) {
        for (double alpha : new double[] {0.3, 0.05, 1e-6}) {
          int events = k;
          DoubleUnaryOperator twoSided = p -> mixture(events, n, p, 0, Math.PI / 2);
          DoubleUnaryOperator above =
              p -> mixture(events, n, p, Math.asin(Math.sqrt(p)), Math.PI / 2);
          DoubleUnaryOperator below = p -> mixture(events, n, p, 0, Math.asin(Math.sqrt(p)));
          Interval interval = ProbabilitySequence.interval(k, n, alpha);
          if (k > 0) {
            assertReaches(twoSided, interval.low(), interval.low() * (1 + 1e-6), alpha);
            double lower = ProbabilitySequence.lower(k, n, alpha);
            assertReaches(above, lower, lower * 1.02, alpha);
          }
          if (k < n) {
            double rest = 1 - interval.high();
            assertReaches(twoSided, interval.high(), 1 - rest * (1 + 1e-6), alpha);
            double upper = ProbabilitySequence.upper(k, n, alpha);
            assertReaches(below, upper, 1 - (1 - upper) * 1.02, alpha);
          }
        }
      }
    }
  }

  private static void assertReaches(
      DoubleUnaryOperator mixture, double outside, double inside, double alpha) {
    assertThat(mixture.applyAsDouble(outside) * alpha).isGreaterThan(1 - 1e-7);
    assertThat(mixture.applyAsDouble(inside) * alpha).isLessThan(1);
  }

  /** Mean of the likelihood ratio over alternatives sin² φ, φ uniform between the two. */
  private static double mixture(int k, int n, double p, double from, double to) {
    int steps = 20_000;
    double sum = 0;
    for (int i = 0; i <= steps; i++) {
      double phi = from + (to - from) * i / steps;
      double sin = Math.sin(phi);
      double cos = Math.cos(phi);
      double likelihood = Math.pow(sin * sin, k) * Math.pow(cos * cos, n - k);
      sum += (i == 0 || i == steps ? 0.5 : 1) * likelihood;
    }
    return sum / steps / (Math.pow(p, k) * Math.pow(1 - p, n - k));
  }

  @Test
  void containsIsMembership() {
    for (long n : new long[] {1, 3, 50, 1_000_000, 1L << 53}) {
      for (long k : new long[] {0, 1, n / 2, n - 1, n}) {
        for (double alpha : new double[] {0.5, 0.01, 1e-15}) {
          Interval interval = ProbabilitySequence.interval(k, n, alpha);
          double rate = k / (double) n;
          double inLow = interval.low() + 1e-9 * (rate - interval.low());
          double inHigh = interval.high() - 1e-9 * (interval.high() - rate);
          assertThat(ProbabilitySequence.contains(k, n, alpha, rate)).isTrue();
          if (n <= 1_000_000) {
            assertThat(ProbabilitySequence.contains(k, n, alpha, inLow)).isTrue();
            assertThat(ProbabilitySequence.contains(k, n, alpha, inHigh)).isTrue();
          }
          assertThat(k > 0 && ProbabilitySequence.contains(k, n, alpha, interval.low())).isFalse();
          assertThat(k < n && ProbabilitySequence.contains(k, n, alpha, interval.high())).isFalse();
        }
      }
    }
  }

  @Test
  void endsGrowWithEventsAndMirror() {
    int n = 200;
    for (double alpha : new double[] {0.2, 1e-4}) {
      for (int k = 0; k <= n; k++) {
        Interval interval = ProbabilitySequence.interval(k, n, alpha);
        Interval mirrored = ProbabilitySequence.interval(n - k, n, alpha);
        double lower = ProbabilitySequence.lower(k, n, alpha);
        double upper = ProbabilitySequence.upper(k, n, alpha);
        assertThat(interval.low()).isLessThanOrEqualTo(lower);
        assertThat(interval.high()).isGreaterThanOrEqualTo(upper);
        assertThat(lower).isLessThanOrEqualTo(k / (double) n);
        assertThat(upper).isGreaterThanOrEqualTo(k / (double) n);
        assertThat(interval.low() + mirrored.high()).isBetween(1 - 1e-14, 1 + 1e-14);
        assertThat(lower + ProbabilitySequence.upper(n - k, n, alpha))
            .isBetween(1 - 1e-14, 1 + 1e-14);
        if (k > 0) {
          Interval before = ProbabilitySequence.interval(k - 1, n, alpha);
          assertThat(interval.low()).isGreaterThan(before.low());
          assertThat(interval.high()).isGreaterThan(before.high());
          assertThat(lower).isGreaterThan(ProbabilitySequence.lower(k - 1, n, alpha));
          assertThat(upper).isGreaterThan(ProbabilitySequence.upper(k - 1, n, alpha));
        }
      }
    }
  }

  @Test
  void withoutTrialsNothingIsKnown() {
    assertThat(ProbabilitySequence.interval(0, 0, 0.05)).isEqualTo(new Interval(0, 1));
    assertThat(ProbabilitySequence.lower(0, 0, 0.05)).isEqualTo(0);
    assertThat(ProbabilitySequence.upper(0, 0, 0.05)).isEqualTo(1);
    assertThat(ProbabilitySequence.contains(0, 0, 0.05, 0.3)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "-1, 3, 0.05",
    "4, 3, 0.05",
    "0, -1, 0.05",
    "1, 9007199254740993, 0.05",
    "1, 3, 0.0",
    "1, 3, 1.0",
    "1, 3, -0.5",
    "1, 3, Infinity",
    "1, 3, NaN"
  })
  void saysWhatIsWrong(long k, long n, double alpha) {
    String message = "Cannot bound a probability: k = " + k + ", n = " + n + ", alpha = " + alpha;
    assertThatThrownBy(() -> ProbabilitySequence.interval(k, n, alpha))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
    assertThatThrownBy(() -> ProbabilitySequence.lower(k, n, alpha)).hasMessage(message);
    assertThatThrownBy(() -> ProbabilitySequence.upper(k, n, alpha)).hasMessage(message);
    assertThatThrownBy(() -> ProbabilitySequence.contains(k, n, alpha, 0.5)).hasMessage(message);
  }

  @ParameterizedTest
  @CsvSource({"-0.1", "1.1", "NaN"})
  void looksUpProbabilitiesOnly(double p) {
    assertThatThrownBy(() -> ProbabilitySequence.contains(1, 3, 0.05, p))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot look up a probability: p = " + p);
  }
}
