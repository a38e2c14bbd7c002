package dev.promptlimit.stat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.stat.StoppedMeans.Law;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Error probabilities of the sequences when sampling stops where they miss.
 *
 * <p>Seeds 1 to 7, 2000 paths for a probability and 1000 for a mean: one standard error of a
 * measured error probability is 0.005 and 0.007 at α = 0.05, 0.002 and 0.003 at 0.01. About 120
 * tests at 1e-8. Found with probability one half is for a probability an error probability of 0.08
 * in place of 0.05 and of 0.025 in place of 0.01; for a mean of 0.094 and 0.033. Tails, quantiles
 * and means of strata, on 150 paths, and exponents, on 400, are to be seen to be grossly wrong
 * only: 0.18 and 0.12 in place of 0.05. The nightly test has more.
 *
 * <p>Controls: intervals for a fixed n miss several times as often as they say, and sequences at
 * ten times α more often than α. The latter cannot be seen of Bernstein's, which are too wide, and
 * of probabilities as small as 0.001.
 */
class CoverageTest {
  @ParameterizedTest
  @ValueSource(doubles = {0.5, 0.05, 1e-3})
  void probabilities(double p, TestReporter reporter) {
    reporter.publishEntry(Coverage.probability(p, 2000, 1));
  }

  @Test
  void certainEventsAreNeverMissed() {
    for (long n = 1; n <= 1L << 53; n = n < 2000 ? n + 1 : 2 * n - (n % 2)) {
      for (double alpha : new double[] {1e-15, 0.05, 0.999}) {
        assertThat(ProbabilitySequence.contains(0, n, alpha, 0)).isTrue();
        assertThat(ProbabilitySequence.contains(n, n, alpha, 1)).isTrue();
        assertThat(ProbabilitySequence.interval(0, n, alpha).low()).isZero();
        assertThat(ProbabilitySequence.interval(n, n, alpha).high()).isOne();
        assertThat(ProbabilitySequence.lower(0, n, alpha)).isZero();
        assertThat(ProbabilitySequence.upper(n, n, alpha)).isOne();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"EXPONENTIAL", "CHI_SQUARE", "LOG_NORMAL", "STRATA"})
  void means(Law law, TestReporter reporter) {
    reporter.publishEntry(Coverage.mean(law, 256, 1000, 2));
  }

  @Test
  void meansOfFixedSamples(TestReporter reporter) {
    reporter.publishEntry(Coverage.fixed(Law.EXPONENTIAL, 256, 400, 3));
  }

  @ParameterizedTest
  @EnumSource(names = {"TWO_POINT", "BETA"})
  void boundedMeans(Law law, TestReporter reporter) {
    reporter.publishEntry(Coverage.bounded(law, 256, 1000, 4));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void strata(boolean one, TestReporter reporter) {
    reporter.publishEntry(Coverage.strata(one, 150, 5));
  }

  @Test
  void boundedStrata(TestReporter reporter) {
    reporter.publishEntry(Coverage.boundedStrata(400, 6));
  }

  @Test
  void exponents(TestReporter reporter) {
    reporter.publishEntry(Coverage.exponents(400, 7));
  }
}
