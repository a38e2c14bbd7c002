package dev.promptlimit.attention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.random.StreamKey;
import org.junit.jupiter.api.Test;

/** Simulated bits are part of what a run directory means: they change by decision only. */
class GoldenBitsTest {
  private static final Setting SMALL = Situation.dense(3, 2, 17, 1);
  private static final Setting CHUNKED = Situation.dense(5, 1, 1300, 0.7);

  @Test
  void definition() {
    assertBits(
        new BruteForceSampler(SMALL, Situation.ALL),
        "03356c9f6167021459553e7d4fe0b61f3a6155ee6c85045f6ee47c9ff82ecbba");
    assertBits(
        new BruteForceSampler(CHUNKED, Situation.ALL),
        "ac2dd72f8f28d85efc9e0acd632e098fc0844e5ab68991e8aa3e4c8fe9a8b660");
  }

  @Test
  void reducedSampler() {
    assertBits(
        new ReducedSampler(SMALL, Situation.ALL),
        "f7a5e3c06e44200d7ad60a492bbf2209a0d0d9d4c1be063fc9f7238a2ff4e032");
    assertBits(
        new ReducedSampler(CHUNKED, Situation.ALL),
        "f6051d238dc0d5f7033006cd4b52130332854008738a8ba4064496f776106448");
  }

  @Test
  void reducedSamplerOfFirstMoments() {
    PromptSampler sampler = new ReducedSampler(CHUNKED, Situation.FIRST_MOMENTS);
    assertThat(Situation.hash(Situation.squared(sampler, Situation.FIRST_MOMENTS, "golden", 200)))
        .as(advice())
        .isEqualTo("a3a7e65c2f8ad5f5f9aebe3b9cd9182777bef99c6780b1318f16d98ac7138423");
  }

  private static void assertBits(PromptSampler sampler, String hash) {
    assertThat(Situation.hash(Situation.squared(sampler, Situation.ALL, "golden", 200)))
        .as(advice())
        .isEqualTo(hash);
  }

  private static String advice() {
    return "Simulated bits changed. If that is meant, raise StreamKey.STREAM_VERSION (now "
        + StreamKey.STREAM_VERSION
        + ") and store the new hash";
  }
}
