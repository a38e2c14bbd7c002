package dev.promptlimit.claim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.promptlimit.measure.Covariance;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.junit.jupiter.api.Test;

class ControlTrainingTest {
  private static Measured measured(long seed) {
    return new Measured(List.of(), List.of(), Optional.empty(), 1e-5, seed, new Memo());
  }

  @Test
  void aHeadOfAnotherCovarianceIsFoundOut() {
    Claim claim = new ControlTraining();
    Judgement judgement = claim.judge(measured(1));
    assertThat(claim.isControl()).isTrue();
    assertThat(claim.expected()).isEqualTo(Verdict.REFUTED);
    assertThat(claim.isAboutPrompts()).isFalse();
    assertThat(judgement.verdict()).isEqualTo(Verdict.REFUTED);
    assertThat(judgement.reason()).contains("at L = 1000000", "above ε = 0.1000", "it tends to");

    // R_∞ − ½σ² of the map w ↦ Σ⁻¹Σ'w is ½ tr (Σ⁻¹Σ' − I)ᵀ Σ' (Σ⁻¹Σ' − I)
    RealMatrix trained = Covariance.toeplitz(5, 0.5, 1).matrix();
    RealMatrix judged = Covariance.identity(5, 1.0 / 3).matrix();
    RealMatrix off =
        MatrixUtils.inverse(trained)
            .multiply(judged)
            .subtract(MatrixUtils.createRealIdentityMatrix(5));
    double floor = 0.5 * off.transposeMultiply(judged.multiply(off)).getTrace();
    assertThat((double) judgement.evidence().get("excessOfInfinitePrompt"))
        .isCloseTo(floor, within(1e-10));
    List<?> lengths = (List<?>) judgement.evidence().get("lengths");
    Map<?, ?> last = (Map<?, ?>) lengths.get(lengths.size() - 1);
    assertThat((double) last.get("excess")).isCloseTo(floor, within(0.01));
    assertThat((double) last.get("low")).isGreaterThan(0.1);
  }

  /** What the control must not be: a comparison that refutes the right covariance, too. */
  @Test
  void aHeadOfTheRightCovarianceIsSupported() {
    for (long seed : new long[] {1, 2, 3, 4, 5}) {
      Judgement judgement = new ControlTraining(ControlTraining.trained()).judge(measured(seed));
      assertThat(judgement.reason())
          .startsWith("the wrong covariance was not found out: L(0.1000)");
      assertThat(judgement.verdict()).isEqualTo(Verdict.SUPPORTED);
      assertThat(new ControlTraining().judge(measured(seed)).verdict()).isEqualTo(Verdict.REFUTED);
    }
  }

  @Test
  void isComputedOnce() {
    Claim claim = new ControlTraining();
    Measured measured = measured(1);
    assertThat(claim.judge(measured)).isSameAs(claim.judge(measured));
  }
}
