package dev.promptlimit.claim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.regression.BalancedFlow;
import dev.promptlimit.regression.RegressionTokens;
import dev.promptlimit.regression.TaskFamily;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What claims say of prompts that draw their own task: never a stack trace. */
class RegressionCellsTest {
  private static final Covariance SIGMA = Covariance.toeplitz(2, 0.5, 2);
  private static final RegressionTokens TOKENS =
      new RegressionTokens(new TaskFamily(SIGMA, 1, 0.1));
  private static final Set<Metric> ALL = EnumSet.allOf(Metric.class);

  private static Head limit() {
    return new BalancedFlow(SIGMA, 1, MatrixUtils.createRealIdentityMatrix(2))
        .limit()
        .orElseThrow()
        .head();
  }

  /** A limit head, weaker, so that the delta method is near at lengths of tests. */
  private static List<Observation> cells(Set<Metric> metrics) {
    Head head = new Head(limit().u().scalarMultiply(0.25), limit().v());
    return HandMade.exact(TOKENS, TOKENS.queries(), head, metrics, 0.03, 64L, 65536L);
  }

  private static List<Observation> cellsOfLabelsInScores() {
    RealMatrix u = limit().u();
    u.setEntry(2, 0, 0.1);
    Head head = new Head(u, limit().v());
    List<Observation> cells = new ArrayList<>();
    for (Observation cell :
        HandMade.exact(TOKENS, TOKENS.queries(), head, ALL, 0.03, 64L, 65536L)) {
      cells.add(HandMade.measured(cell, 1, 0.97, 1.03));
    }
    return cells;
  }

  static Stream<Claim> claims() {
    return Claims.all().stream()
        .filter(claim -> claim.isAboutPrompts() && claim.fixtures().isEmpty());
  }

  @ParameterizedTest
  @MethodSource("claims")
  void knowWhatTheySpeakOf(Claim claim) {
    Set<Metric> metrics =
        claim instanceof SharpExponent ? EnumSet.of(Metric.OUTPUT) : ALL; // a second each
    Verdict expected =
        switch (claim.id()) {
          case "exact-law", "delta-method", "sharp-exponent" -> Verdict.SUPPORTED;
          default -> Verdict.INADMISSIBLE;
        };
    Judgement judgement = HandMade.judge(claim, cells(metrics));
    assertThat(judgement.verdict()).as(judgement.reason()).isEqualTo(expected);
  }

  @ParameterizedTest
  @MethodSource("claims")
  void leaveOutWhatHasNoTheory(Claim claim) {
    Judgement judgement = HandMade.judge(claim, cellsOfLabelsInScores());
    assertThat(judgement.verdict())
        .as(judgement.reason())
        .isEqualTo(claim instanceof ExactLaw ? Verdict.UNDECIDED : Verdict.INADMISSIBLE);
    if (claim instanceof ExactLaw) {
      assertThat(judgement.reason())
          .isEqualTo(
              "no cell could be compared; not compared: 6 without an exact value, 0 with"
                  + " inadmissible prompts");
    }
  }

  @Test
  void boundsSayWhyTheyAreSilent() {
    assertThat(HandMade.judge(new Proposition34U(), cells(ALL)).reason())
        .isEqualTo(
            "head head, queries queries, d = 3: tokens: tokens have another law in every prompt");
  }

  /** Negative control: exact values of the average covariance are found out. */
  @Test
  void errorsOfOneCovarianceAreRefuted() {
    List<Observation> wrong =
        HandMade.exact(
            TOKENS.average(), TOKENS.queries(), cells(ALL).get(0).setting().head(), ALL, 0.03, 64L);
    List<Observation> cells = cells(ALL);
    Observation mixed = HandMade.withExact(cells.get(0), wrong.get(0).exact());
    assertThat(HandMade.judge(new ExactLaw(), List.of(mixed)).verdict()).isEqualTo(Verdict.REFUTED);
  }
}
