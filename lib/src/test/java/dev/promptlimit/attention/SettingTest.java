package dev.promptlimit.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingTest {
  private final Gaussian two = Gaussian.centred(Covariance.identity(2, 1));
  private final Gaussian three = Gaussian.centred(Covariance.toeplitz(3, 0.5, 1));
  private final Head head = new Head(Head.scaledIdentity(2, 1), Head.scaledIdentity(2, 1));

  @Test
  void hasTheDimensionOfItsHead() {
    assertThat(new Setting(two, two, head, 5).dimension()).isEqualTo(2);
  }

  @Test
  void needsOneDimension() {
    assertThatThrownBy(() -> new Setting(three, two, head, 5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot simulate: tokens have dimension 3, queries 2, the head 2");
    assertThatThrownBy(() -> new Setting(two, three, head, 5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot simulate: tokens have dimension 2, queries 3, the head 2");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Setting.MAX_PROMPT_LENGTH + 1, Long.MAX_VALUE})
  void needsAPromptLengthInRange(long length) {
    assertThatThrownBy(() -> new Setting(two, two, head, length))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot simulate: prompt length " + length + ", allowed: 1 to 1000000000000");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, Setting.MAX_PROMPT_LENGTH})
  void acceptsTheEndsOfTheRange(long length) {
    assertThat(new Setting(two, two, head, length).promptLength()).isEqualTo(length);
  }

  /** A setting travels to other processes: its copy must give the same bits. */
  @Test
  void survivesSerialisation() throws Exception {
    Head wide = new Head(Head.random(3, 3, 1, 1), Head.random(2, 3, 1, 2));
    Setting setting = new Setting(three, three, wide, 20);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(setting);
    }
    Setting copy;
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      copy = (Setting) in.readObject();
    }
    assertThat(bits(copy)).isEqualTo(bits(setting));
  }

  private static String bits(Setting setting) {
    PromptSampler sampler = new ReducedSampler(setting, Situation.ALL);
    return Situation.hash(Situation.squared(sampler, Situation.ALL, "serialised", 9));
  }
}
