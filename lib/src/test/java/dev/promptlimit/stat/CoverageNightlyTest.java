package dev.promptlimit.stat;

import dev.promptlimit.stat.StoppedMeans.Law;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@link CoverageTest} with 10⁴ paths, seeds 11 to 19, and a later first look besides: one standard
 * error of a measured error probability is 0.0022 at α = 0.05 and 0.001 at 0.01. About 180 tests at
 * 1e-8; found is an error probability of 0.063 in place of 0.05, of 0.016 in place of 0.01.
 */
@Tag("nightly")
class CoverageNightlyTest {
  private static final int PATHS = 10_000;

  @ParameterizedTest
  @ValueSource(doubles = {0.5, 0.05, 1e-3})
  void probabilities(double p, TestReporter reporter) {
    reporter.publishEntry(Coverage.probability(p, PATHS, 11));
  }

  @ParameterizedTest
  @CsvSource({
    "EXPONENTIAL, 256", "CHI_SQUARE, 256", "LOG_NORMAL, 256", "STRATA, 256",
    "EXPONENTIAL, 1024", "CHI_SQUARE, 1024", "LOG_NORMAL, 1024", "STRATA, 1024"
  })
  void means(Law law, int first, TestReporter reporter) {
    reporter.publishEntry(Coverage.mean(law, first, PATHS, 12));
  }

  /**
   * Ten misses are expected at most; 3.3e-4 in place of 1e-4 is found with probability one half.
   */
  @ParameterizedTest
  @EnumSource(names = {"CHI_SQUARE", "LOG_NORMAL", "PROMPTS"})
  void meansAtSmallAlpha(Law law, TestReporter reporter) {
    reporter.publishEntry(Coverage.small(law, 1e-4, 10 * PATHS, 15));
  }

  /** Ten misses are expected at most, and 60 with all degrees of freedom. */
  @Test
  void heavyTailsAtTheFirstLook(TestReporter reporter) {
    reporter.publishEntry(Coverage.firstLook(1e-5, 100 * PATHS, 19));
  }

  @ParameterizedTest
  @EnumSource(names = {"EXPONENTIAL", "LOG_NORMAL"})
  void meansOfFixedSamples(Law law, TestReporter reporter) {
    reporter.publishEntry(Coverage.fixed(law, 256, PATHS / 10, 13));
  }

  @ParameterizedTest
  @EnumSource(names = {"TWO_POINT", "BETA"})
  void boundedMeans(Law law, TestReporter reporter) {
    reporter.publishEntry(Coverage.bounded(law, 256, PATHS, 14));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void strata(boolean one, TestReporter reporter) {
    reporter.publishEntry(Coverage.strata(one, PATHS, 16));
  }

  @Test
  void boundedStrata(TestReporter reporter) {
    reporter.publishEntry(Coverage.boundedStrata(PATHS, 17));
  }

  @Test
  void exponents(TestReporter reporter) {
    reporter.publishEntry(Coverage.exponents(PATHS, 18));
  }
}
