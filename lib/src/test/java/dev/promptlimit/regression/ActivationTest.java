package dev.promptlimit.regression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ActivationTest {
  @Test
  void everyActivationHasItsName() {
    for (Activation activation : Activation.values()) {
      assertThat(Activation.of(activation.id())).isEqualTo(activation);
    }
    assertThat(Activation.of("softmax")).isEqualTo(Activation.SOFTMAX);
    assertThat(Activation.of("linear")).isEqualTo(Activation.LINEAR);
  }

  @Test
  void otherNamesAreRefused() {
    for (String id : new String[] {"", "Softmax", "relu"}) {
      assertThatThrownBy(() -> Activation.of(id))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "Cannot find the activation: its name is \"" + id + "\", allowed: softmax, linear");
    }
  }
}
