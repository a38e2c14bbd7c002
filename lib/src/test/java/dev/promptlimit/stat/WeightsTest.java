package dev.promptlimit.stat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import org.junit.jupiter.api.Test;

class WeightsTest {
  @Test
  void unitWeightsCountPrompts() {
    assertThat(Weights.unit(7)).isEqualTo(new Weights(7, 7));
    assertThat(Weights.unit(7).effectiveSampleSize()).isEqualTo(7);
    assertThat(Weights.unit(0).combine(Weights.unit(7))).isEqualTo(Weights.unit(7));
    assertThat(Weights.unit(5).combine(Weights.unit(7))).isEqualTo(Weights.unit(12));
  }

  @Test
  void effectiveSampleSizeIsThatOfKish() {
    // weights 1, 2, 3: 6² / 14
    Weights weights = new Weights(1, 1).combine(new Weights(2, 4)).combine(new Weights(3, 9));
    assertThat(weights.effectiveSampleSize()).isCloseTo(36.0 / 14, offset(1e-15));
  }

  @Test
  void effectiveSampleSizeDoesNotOverflow() {
    assertThat(new Weights(1e200, 1e200).effectiveSampleSize()).isEqualTo(1e200);
  }
}
