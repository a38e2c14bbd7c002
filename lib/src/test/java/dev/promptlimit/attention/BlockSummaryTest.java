package dev.promptlimit.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.stat.DeviationSummary;
import dev.promptlimit.stat.Weights;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlockSummaryTest {
  private static final int BLOCKS = 8;

  private final Setting setting = Situation.dense(3, 1, 40, 1);

  @Test
  void summarisesWhatTheSamplerGives() {
    Map<Metric, double[]> squared = Situation.squared(reduced(), Situation.ALL, "block", 50);
    BlockSummary summary = BlockSummary.simulate(reduced(), StreamKey.ofBlock(1, "block", 0), 50);
    assertThat(summary.prompts()).isEqualTo(50);
    assertThat(summary.weights()).isEqualTo(Weights.unit(50));
    assertThat(summary.deviations().keySet()).isEqualTo(Situation.ALL);
    squared.forEach(
        (metric, values) ->
            assertThat(summary.deviations().get(metric))
                .isEqualTo(DeviationSummary.of(values, 50)));
  }

  @Test
  void measuresTheAskedMetricsOnly() {
    EnumSet<Metric> one = EnumSet.of(Metric.JACOBIAN_V);
    StreamKey block = StreamKey.ofBlock(1, "block", 0);
    BlockSummary summary = BlockSummary.simulate(new BruteForceSampler(setting, one), block, 10);
    assertThat(summary.deviations()).containsOnlyKeys(Metric.JACOBIAN_V);
    BlockSummary all =
        BlockSummary.simulate(new BruteForceSampler(setting, Situation.ALL), block, 10);
    assertThat(summary.deviations().get(Metric.JACOBIAN_V))
        .isEqualTo(all.deviations().get(Metric.JACOBIAN_V));
  }

  @Test
  void noPromptsAreNeutral() {
    BlockSummary some = block(reduced(), 0);
    BlockSummary none = BlockSummary.simulate(reduced(), StreamKey.ofBlock(1, "block", 9), 0);
    assertThat(none.combine(some)).isEqualTo(some);
    assertThat(some.combine(none)).isEqualTo(some);
  }

  @Test
  void combiningAddsBlocks() {
    BlockSummary one = block(reduced(), 0);
    BlockSummary two = block(reduced(), 1);
    BlockSummary both = one.combine(two);
    assertThat(both.prompts()).isEqualTo(60);
    assertThat(both.weights()).isEqualTo(Weights.unit(60));
    for (Metric metric : Metric.values()) {
      assertThat(both.deviations().get(metric))
          .isEqualTo(one.deviations().get(metric).combine(two.deviations().get(metric)));
    }
  }

  /** A sampler keeps nothing from one block to the next. */
  @Test
  void blocksDoNotDependOnTheOrderTheyAreSimulatedIn() {
    for (PromptSampler sampler :
        List.of(reduced(), new BruteForceSampler(setting, Situation.ALL))) {
      List<BlockSummary> forwards = new ArrayList<>();
      for (int i = 0; i < BLOCKS; i++) {
        forwards.add(block(sampler, i));
      }
      for (int i = BLOCKS - 1; i >= 0; i--) {
        assertThat(block(sampler, i)).isEqualTo(forwards.get(i));
      }
      assertThat(forwards).doesNotHaveDuplicates();
    }
  }

  @Test
  void twoThreadsGiveTheSameBits() throws Exception {
    BlockSummary expected = block(reduced(), 0);
    for (int i = 1; i < BLOCKS; i++) {
      expected = expected.combine(block(reduced(), i));
    }
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Future<BlockSummary>> blocks = new ArrayList<>();
      for (int i = 0; i < BLOCKS; i++) {
        int index = i;
        blocks.add(threads.submit(() -> block(reduced(), index)));
      }
      BlockSummary merged = blocks.get(0).get();
      for (Future<BlockSummary> next : blocks.subList(1, BLOCKS)) {
        merged = merged.combine(next.get());
      }
      assertThat(merged).isEqualTo(expected);
    } finally {
      threads.shutdownNow();
    }
  }

  /** A block of n prompts begins with the block of fewer. */
  @Test
  void promptsDoNotDependOnHowManyFollow() {
    double[] few = Situation.squared(reduced(), Situation.ALL, "block", 10).get(Metric.OUTPUT);
    double[] many = Situation.squared(reduced(), Situation.ALL, "block", 20).get(Metric.OUTPUT);
    assertThat(many).startsWith(few);
  }

  /**
   * Scores or their limit overflow: m_w − m(a) is no number, and the block goes on. The definition
   * may still know C_w − Γ, all weight being on one token.
   */
  @ParameterizedTest
  @ValueSource(doubles = {1e200, 1e300})
  void tiltsThatOverflowAreInadmissible(double tilt) {
    Head head = new Head(Head.scaledIdentity(3, tilt), setting.head().v());
    Setting extreme =
        new Setting(setting.tokens(), Gaussian.fixed(new double[] {1e10, 1, 1}), head, 40);
    StreamKey block = StreamKey.ofBlock(1, "block", 0);
    for (BlockSummary summary :
        List.of(
            BlockSummary.simulate(new BruteForceSampler(extreme, Situation.ALL), block, 5),
            BlockSummary.simulate(new ReducedSampler(extreme, Situation.FIRST_MOMENTS), block, 5),
            BlockSummary.simulate(new ReducedSampler(extreme, Situation.ALL), block, 5))) {
      assertThat(summary.deviations().get(Metric.OUTPUT).inadmissible()).isEqualTo(5);
      assertThat(summary.deviations().get(Metric.JACOBIAN_V).inadmissible()).isEqualTo(5);
      summary
          .deviations()
          .forEach(
              (metric, d) ->
                  assertThat(d.inadmissible() + d.moments().n()).as("%s", metric).isEqualTo(5));
    }
  }

  @Test
  void needsTheSameMetrics() {
    Map<Metric, DeviationSummary> other = new EnumMap<>(Metric.class);
    other.put(Metric.OUTPUT, DeviationSummary.empty());
    BlockSummary output = new BlockSummary(0, Weights.unit(0), other);
    BlockSummary all = block(reduced(), 0);
    assertThatThrownBy(() -> all.combine(output))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot merge blocks: one has the metrics [OUTPUT, JACOBIAN_V, JACOBIAN_U], the next "
                + "[OUTPUT]");
  }

  @Test
  void refusesMorePromptsThanALongCanCount() {
    Map<Metric, DeviationSummary> none = new EnumMap<>(Metric.class);
    BlockSummary most = new BlockSummary(Long.MAX_VALUE, Weights.unit(0), none);
    BlockSummary one = new BlockSummary(1, Weights.unit(1), none);
    assertThatThrownBy(() -> most.combine(one)).isInstanceOf(ArithmeticException.class);
  }

  private PromptSampler reduced() {
    return new ReducedSampler(setting, Situation.ALL);
  }

  private static BlockSummary block(PromptSampler sampler, int index) {
    return BlockSummary.simulate(sampler, StreamKey.ofBlock(1, "block", index), 30);
  }
}
