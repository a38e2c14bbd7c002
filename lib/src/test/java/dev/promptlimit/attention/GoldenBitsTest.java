package dev.promptlimit.attention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.random.StreamKey;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Simulated bits are part of what a run directory means: they change by decision only. */
class GoldenBitsTest {
  private static final Setting SMALL = Situation.dense(3, 2, 17, 1);
  private static final Setting CHUNKED = Situation.dense(5, 1, 1300, 0.7);

  @Test
  void definition() {
    assertBits(
        new BruteForceSampler(SMALL, Situation.ALL),
        "3b20a61b56ece14b10e010989ddc10ed409e4b7c771b554769c4fc4665e39eaf");
    assertBits(
        new BruteForceSampler(CHUNKED, Situation.ALL),
        "de33ab84b49a03971b1e4c148df3e5409764c1761097fc7c186b70b9e1e97ec0");
  }

  @Test
  void reducedSampler() {
    assertBits(
        new ReducedSampler(SMALL, Situation.ALL),
        "ef579c7cd666f1de161516eff2f0c65c5c818371484f0bfb174ce88afaf24b77");
    assertBits(
        new ReducedSampler(CHUNKED, Situation.ALL),
        "eb2afdb1232d53ac80444b9a1f79681b16216777afd8bf18d5b08d357c42d00d");
  }

  @Test
  void reducedSamplerOfFirstMoments() {
    PromptSampler sampler = new ReducedSampler(CHUNKED, Situation.FIRST_MOMENTS);
    assertThat(Situation.hash(Situation.squared(sampler, Situation.FIRST_MOMENTS, "golden", 200)))
        .as(advice())
        .isEqualTo("dfca28656149ee3aad442bc9f4044d1c83d068c153097cabfaa1834a850627be");
  }

  @Test
  void otherMeasures() {
    List<String> hashes =
        AnyMeasure.all().stream()
            .map(tokens -> AnyMeasure.randomQueries(tokens, 2, 17))
            .map(setting -> new BruteForceSampler(setting, Situation.ALL))
            .map(sampler -> Situation.squared(sampler, Situation.ALL, "golden", 200))
            .map(squared -> Situation.hash(squared).substring(0, 16))
            .toList();
    assertThat(hashes)
        .as(advice())
        .containsExactly(
            "03c48eeec036b880",
            "1c9049bc81ee2a98",
            "937e3cb11f271051",
            "ea0f3e4ca6994d82",
            "5aa457f12fe33722",
            "31fac7dcad12e886");
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
