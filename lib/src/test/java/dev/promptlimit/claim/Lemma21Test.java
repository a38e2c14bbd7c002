package dev.promptlimit.claim;

import static dev.promptlimit.claim.HandMade.judge;
import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.attention.Setting;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.Rademacher;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.stat.Interval;
import java.util.List;
import org.assertj.core.data.Offset;
import org.hipparchus.linear.RealMatrix;
import org.junit.jupiter.api.Test;

/**
 * Seed 20251212, error 1e-4 for all tests of a judgement. Each of five right formulas would be
 * refuted by chance with probability below 1e-4.
 */
class Lemma21Test {
  private static final Claim CLAIM = new Lemma21();

  private static Observation cell(String name, Gaussian tokens, Head head) {
    return HandMade.named(
        HandMade.observation(
            new Setting(tokens, tokens, head, 16),
            Metric.OUTPUT,
            1,
            new Interval(0, 2),
            Double.NaN,
            Double.NaN),
        name);
  }

  private static Observation eight() {
    double[] mean = {1, 0, -1, 0.5, 0, 0, 2, 0};
    return cell(
        "eight",
        new Gaussian(mean, Covariance.toeplitz(8, 0.5, 1)),
        new Head(Head.random(8, 8, 0.8, 1), Head.random(8, 8, 1, 2)));
  }

  private static Observation one(double u) {
    return cell(
        "one", new Gaussian(new double[] {0.5}, Covariance.identity(1, 2)), HandMade.head(1, u));
  }

  private static Observation two() {
    return cell(
        "two",
        Gaussian.centred(Covariance.toeplitz(2, 0.5, 1)),
        new Head(Head.scaledIdentity(2, 0.5), Head.scaledIdentity(2, 1)));
  }

  @Test
  void supportedForEveryShapeOfGaussian() {
    double[][] rank1 = {{1, 2, 0}, {2, 4, 0}, {0, 0, 0}};
    Judgement judgement =
        judge(
            CLAIM,
            List.of(
                eight(),
                one(0.7),
                cell(
                    "singular",
                    new Gaussian(new double[] {1, 1, 1}, Covariance.of(rank1)),
                    new Head(Head.random(3, 3, 1, 3), Head.random(2, 3, 1, 4))),
                cell("point", HandMade.fixed(1, 2), HandMade.head(2, 1)),
                cell("untilted", HandMade.normal(2, 1), HandMade.head(2, 0))));
    assertThat(judgement.verdict()).as(judgement.reason()).isEqualTo(Verdict.SUPPORTED);
    assertThat(judgement.evidence()).containsEntry("pairs", 5);
    assertThat((double) judgement.evidence().get("largestDifference")).isLessThan(1e-12);
  }

  @Test
  void strongHeadsAndManyOutputsAreIntegrated() {
    Observation wide =
        cell(
            "wide",
            HandMade.normal(100, 1),
            new Head(Head.random(100, 100, 3, 5), Head.random(20, 100, 1, 6)));
    Judgement judgement = judge(CLAIM, List.of(one(30), wide));
    assertThat(judgement.verdict()).as(judgement.reason()).isEqualTo(Verdict.SUPPORTED);
  }

  @Test
  void eachPairIsTestedOnceAndTheSameAgain() {
    Judgement judgement = judge(CLAIM, List.of(one(0.7), one(0.7)));
    assertThat(judgement.evidence()).containsEntry("pairs", 1);
    assertThat(judge(CLAIM, List.of(one(0.7)))).isEqualTo(judgement);
  }

  /** The lemma, changed in one place. */
  private static class Wrong implements AffineMap {
    double map = 1;
    double offset;
    double shift;
    double size = 1;
    double correlation;

    @Override
    public double[] output(Gaussian tokens, Head head, double[] z) {
      Head other = new Head(head.u().scalarMultiply(map), head.v());
      double[] output = PUBLISHED.output(tokens, other, z);
      output[0] += offset;
      return output;
    }

    @Override
    public double[] mean(Gaussian tokens, Head head) {
      double[] mean = PUBLISHED.mean(tokens, head);
      mean[0] += shift;
      return mean;
    }

    @Override
    public RealMatrix covariance(Gaussian tokens, Head head) {
      RealMatrix covariance = PUBLISHED.covariance(tokens, head).scalarMultiply(size);
      if (covariance.getRowDimension() > 1) {
        covariance.multiplyEntry(0, 1, 1 - correlation);
        covariance.multiplyEntry(1, 0, 1 - correlation);
      }
      return covariance;
    }
  }

  private static Judgement wrong(Wrong wrong, Observation cell) {
    return judge(new Lemma21(wrong), List.of(cell));
  }

  @Test
  void aWrongMapIsRefuted() {
    for (double factor : new double[] {1.02, 1 + 1e-8, 0.5, 0}) {
      Wrong wrong = new Wrong();
      wrong.map = factor;
      Judgement judgement = wrong(wrong, one(0.7));
      assertThat(judgement.verdict()).isEqualTo(Verdict.REFUTED);
      assertThat(judgement.reason()).contains("differs from integration");
    }
    Wrong wrong = new Wrong();
    wrong.map = 1.02;
    assertThat(wrong(wrong, eight()).verdict()).isEqualTo(Verdict.REFUTED);
  }

  /** By 7 % in size, of which 3 to 4 % would be found with probability one half. */
  @Test
  void aWrongLawIsRefuted() {
    for (double size : new double[] {0.93, 1.07}) {
      Wrong wrong = new Wrong();
      wrong.size = size;
      Judgement judgement = wrong(wrong, eight());
      assertThat(judgement.verdict()).isEqualTo(Verdict.REFUTED);
      assertThat(judgement.reason()).contains("(size)");
      assertThat(wrong(wrong, one(0.7)).verdict()).isEqualTo(Verdict.REFUTED);
    }
    Wrong correlated = new Wrong();
    correlated.correlation = 0.5;
    assertThat(wrong(correlated, two()).verdict()).isEqualTo(Verdict.REFUTED);
    Wrong shifted = new Wrong();
    shifted.shift = 0.1;
    assertThat(wrong(shifted, two()).reason()).contains("(mean)");
    Wrong still = new Wrong();
    still.size = 0;
    assertThat(wrong(still, two()).reason()).contains("still direction");
  }

  @Test
  void whatIsNotAFiniteNumberIsUndecided() {
    for (double what : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      Wrong map = new Wrong();
      map.offset = what;
      assertUndecided(wrong(map, two()), "tokens, two: the stated map is not a finite number");
      Wrong mean = new Wrong();
      mean.shift = what;
      assertUndecided(wrong(mean, two()), "tokens, two: the stated law is not a finite number");
      Wrong law = new Wrong();
      law.size = what;
      assertUndecided(wrong(law, two()), "tokens, two: the stated law is not a finite number");
    }
    assertUndecided(
        judge(CLAIM, List.of(HandMade.named(one(1e15), "strong"))),
        "tokens, strong: the integrated map is not a finite number");
  }

  private static void assertUndecided(Judgement judgement, String reason) {
    assertThat(judgement.verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(judgement.reason()).isEqualTo(reason);
  }

  @Test
  void onePairThatCannotBeComputedLeavesTheOthers() {
    Observation strong = HandMade.named(one(1e15), "strong");
    Judgement judgement = judge(CLAIM, List.of(strong, one(0.7)));
    assertUndecided(judgement, "tokens, strong: the integrated map is not a finite number");
    assertThat(judgement.evidence()).containsEntry("pairsUndecided", 1);
    assertThat((double) judgement.evidence().get("largestDifference")).isLessThan(1e-12);
    Wrong wrong = new Wrong();
    wrong.map = 1.02;
    judgement = judge(new Lemma21(wrong), List.of(strong, one(0.7)));
    assertThat(judgement.verdict()).isEqualTo(Verdict.REFUTED);
    assertThat(judgement.reason()).startsWith("tokens, one: ");
  }

  /** 12 tests of one output in the places 9 to 16, the stage with 1/(5·6) of the error. */
  @Test
  void theErrorIsSharedSoThatPairsMayBeAdded() {
    assertThat((double) judge(CLAIM, List.of(one(0.7))).evidence().get("errorPerTest"))
        .isCloseTo(1e-4 / 30 / 16, Offset.offset(1e-18));
  }

  @Test
  void namesThatReadTheSameAreDifferentPairs() {
    Judgement judgement =
        judge(
            CLAIM,
            List.of(
                HandMade.named(one(0.7), "a, b", "queries", "c"),
                HandMade.named(one(0.7), "a", "queries", "b, c")));
    assertThat(judgement.evidence()).containsEntry("pairs", 2);
  }

  /** Tokens as they are drawn find a map that is off by 0.03 of a standard deviation. */
  @Test
  void tokensFindAWrongMap() {
    Gaussian tokens = HandMade.normal(1, 1);
    Head head = HandMade.head(1, 1);
    double[] z = TokenMoments.moderate(tokens, head, new double[] {-3});
    assertThat(z).containsExactly(-1);
    StreamKey key = new StreamKey(1, "tokens", 0, 0);
    assertThat(TokenMoments.of(tokens, head, z, new double[] {-1}, key).get(0).pValue())
        .isGreaterThan(1e-4);
    assertThat(TokenMoments.of(tokens, head, z, new double[] {-1.03}, key).get(0).pValue())
        .isLessThan(1e-6);
    assertThat(TokenMoments.of(tokens, head, z, new double[] {Double.NaN}, key).get(0).pValue())
        .isNaN();
  }

  @Test
  void inadmissibleWithoutGaussianTokens() {
    assertThat(judge(CLAIM, List.of()).verdict()).isEqualTo(Verdict.INADMISSIBLE);
    Setting signs = new Setting(new Rademacher(1, 1), HandMade.fixed(1), HandMade.head(1, 1), 16);
    Observation cell =
        HandMade.observation(signs, Metric.OUTPUT, 1, new Interval(0, 2), Double.NaN, Double.NaN);
    assertThat(judge(CLAIM, List.of(cell)).verdict()).isEqualTo(Verdict.INADMISSIBLE);
  }
}
