package dev.promptlimit.claim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.attention.Setting;
import dev.promptlimit.claim.BoundAssumptions.TiltedMoments;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.GaussianMixture;
import dev.promptlimit.measure.Laplace;
import dev.promptlimit.measure.Rademacher;
import dev.promptlimit.measure.StudentT;
import dev.promptlimit.measure.TokenMeasure;
import dev.promptlimit.stat.Interval;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BoundAssumptionsTest {
  private static final Gaussian STANDARD = Gaussian.centred(Covariance.identity(2, 1));

  private static Setting setting(TokenMeasure tokens, Gaussian queries, double u) {
    Head head = new Head(Head.scaledIdentity(2, u), Head.scaledIdentity(2, 1));
    return new Setting(tokens, queries, head, 8);
  }

  private static Observation observation(Setting setting, long inadmissible) {
    return new Observation(
        "x",
        "z",
        "h",
        setting,
        Metric.OUTPUT,
        100,
        inadmissible,
        inadmissible > 0 ? Optional.of("too far out") : Optional.empty(),
        1,
        new Interval(1, 1),
        Optional.empty(),
        Double.NaN,
        Double.NaN,
        List.of());
  }

  private static String refusal(TokenMeasure tokens, Gaussian queries) {
    return BoundAssumptions.refusal(observation(setting(tokens, queries, 1), 0)).orElse("");
  }

  @Test
  void whatTheBoundsAreAboutIsAdmissible() {
    assertThat(refusal(STANDARD, STANDARD)).isEmpty();
    assertThat(refusal(new Rademacher(2, 3), STANDARD)).isEmpty();
    assertThat(refusal(STANDARD, Gaussian.fixed(new double[2]))).isEmpty();
  }

  @Test
  void everyRefusalSaysWhy() {
    assertThat(refusal(new Laplace(2, 0.5), STANDARD)).isEqualTo("tokens are not sub-Gaussian");
    assertThat(refusal(new StudentT(2, 1.5), STANDARD)).isEqualTo("tokens are not sub-Gaussian");
    Gaussian shifted = new Gaussian(new double[] {0, 0.5}, Covariance.identity(2, 1));
    assertThat(refusal(shifted, STANDARD))
        .isEqualTo("tokens are not centred: the norm of their mean is 0.500000");
    assertThat(refusal(STANDARD, Gaussian.fixed(new double[] {1, 0})))
        .isEqualTo("queries are not centred: the norm of their mean is 1.00000");
    assertThat(refusal(STANDARD, Gaussian.centred(Covariance.identity(2, 1.5))))
        .isEqualTo("queries are not 1-sub-Gaussian: their largest variance is 1.50000");
    Setting good = setting(STANDARD, STANDARD, 1);
    assertThat(BoundAssumptions.refusal(observation(good, 3)))
        .contains("3 of 100 prompts have no limit: too far out");
    Setting control =
        new Setting(good.tokens(), good.queries(), good.head(), 8, new Rademacher(2, 1));
    assertThat(BoundAssumptions.refusal(observation(control, 0)))
        .contains("prompts are held against the limit of other tokens");
  }

  @Test
  void scalesAreAtLeastOne() {
    Gaussian narrow = Gaussian.centred(Covariance.identity(2, 0.25));
    assertThat(BoundAssumptions.sigma(setting(narrow, STANDARD, 1))).isEqualTo(1);
    assertThat(BoundAssumptions.sigma(setting(new Rademacher(2, 3), STANDARD, 1))).isEqualTo(3);
  }

  /** E s² = tr UᵀΓUΣ_z = 2 · 0.25 · 4. */
  @Test
  void freezingIsHalfTheMeanScoreVariance() {
    Gaussian wide = Gaussian.centred(Covariance.identity(2, 4));
    assertThat(BoundAssumptions.freezing(setting(wide, STANDARD, 0.5))).isCloseTo(1, within(1e-14));
  }

  /** In one dimension x is N(0, c) under the tilted law, c = σ²/(1 − H²). */
  @Test
  void tiltedMomentsInOneDimension() {
    Head head = new Head(Head.scaledIdentity(1, 0.5), Head.scaledIdentity(1, 1));
    Setting setting =
        new Setting(
            Gaussian.centred(Covariance.identity(1, 2)),
            Gaussian.centred(Covariance.identity(1, 0.8)),
            head,
            8);
    double h2 = 0.4;
    double c = 2 / (1 - h2);
    double order0 = 1 / Math.sqrt(1 - h2);
    TiltedMoments moments = BoundAssumptions.tiltedMoments(setting);
    assertThat(moments.refusal()).isEmpty();
    assertThat((double) moments.evidence().get("h2")).isCloseTo(h2, within(1e-14));
    assertThat((double) moments.evidence().get("order0")).isCloseTo(order0, within(1e-13));
    assertThat((double) moments.evidence().get("order4"))
        .isCloseTo(order0 * 3 * c * c, within(1e-11));
    assertThat((double) moments.evidence().get("order8"))
        .isCloseTo(order0 * 105 * c * c * c * c, within(1e-9));
  }

  /** ‖y‖² is c χ²₂ in two dimensions: E‖y‖⁴ = 8c², E‖y‖⁸ = 384c⁴. */
  @Test
  void tiltedMomentsInTwoDimensions() {
    TiltedMoments moments = BoundAssumptions.tiltedMoments(setting(STANDARD, STANDARD, 0.5));
    double c = 1 / 0.75;
    assertThat((double) moments.evidence().get("order0")).isCloseTo(c, within(1e-13));
    assertThat((double) moments.evidence().get("order4")).isCloseTo(8 * c * c * c, within(1e-11));
    assertThat((double) moments.evidence().get("order8"))
        .isCloseTo(384 * c * c * c * c * c, within(1e-9));
  }

  @Test
  void tiltedMomentsThatAreNotFinite() {
    assertThat(BoundAssumptions.tiltedMoments(setting(STANDARD, STANDARD, 1)).refusal())
        .contains("tilted moments are infinite: H² is 1.00000, not below 1");
    assertThat(
            BoundAssumptions.tiltedMoments(setting(new Laplace(2, 1), STANDARD, 1))
                .refusal()
                .orElseThrow())
        .startsWith("tilted moments are not finite -8.0 deviations out: coordinate ");
  }

  @Test
  void otherTokens() {
    TiltedMoments bounded =
        BoundAssumptions.tiltedMoments(setting(new Rademacher(2, 3), STANDARD, 1));
    assertThat(bounded.refusal()).isEmpty();
    assertThat(bounded.evidence())
        .containsEntry("boundedTokens", true)
        .containsEntry("order0AtMost", Double.POSITIVE_INFINITY);
    TokenMeasure mixture =
        new GaussianMixture(
            new double[] {0.5, 0.5},
            List.of(
                new Gaussian(new double[] {1, 0}, Covariance.identity(2, 0.5)),
                new Gaussian(new double[] {-1, 0}, Covariance.identity(2, 0.5))));
    double proxy = mixture.proxy().variance();
    assertThat(
            BoundAssumptions.tiltedMoments(setting(mixture, STANDARD, 1)).refusal().orElseThrow())
        .startsWith("tilted moments are not known to be finite: σ² λ_max");
    TiltedMoments weak = BoundAssumptions.tiltedMoments(setting(mixture, STANDARD, 0.5));
    assertThat(weak.refusal()).isEmpty();
    assertThat((double) weak.evidence().get("order0AtMost"))
        .isCloseTo(1 / (1 - 0.25 * proxy), within(1e-12));
  }
}
