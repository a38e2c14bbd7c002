package dev.promptlimit.claim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.attention.Metric;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class MemoTest {
  private record Key(String name) {}

  private record Other(String name) {}

  @Test
  void valuesAreComputedOnce() {
    Memo memo = new Memo();
    AtomicInteger computed = new AtomicInteger();
    for (int i = 0; i < 3; i++) {
      assertThat(memo.<Integer>of(new Key("a"), computed::incrementAndGet)).isEqualTo(1);
    }
    assertThat(memo.<Integer>of(new Key("b"), computed::incrementAndGet)).isEqualTo(2);
    assertThat(memo.<Integer>of(new Other("a"), computed::incrementAndGet)).isEqualTo(3);
    assertThat(memo.<Integer>of(new Other("a"), () -> memo.of(new Key("a"), () -> 9))).isEqualTo(3);
  }

  /** All claims over three rounds, each with narrower intervals. */
  @Test
  void claimsSayTheSameWithWhatOthersAndEarlierRoundsComputed() {
    List<Observation> cells = new ArrayList<>(cells(0.5));
    cells(0.3).forEach(cell -> cells.add(HandMade.named(cell, "weak")));
    Memo memo = new Memo();
    for (double halfWidth : new double[] {0.3, 0.1, 0.02}) {
      List<Observation> round =
          cells.stream().map(cell -> HandMade.within(cell, halfWidth)).toList();
      for (Claim claim : Claims.all()) {
        Judgement judgement = claim.judge(new Measured(round, List.of(), 1e-4, 7, memo));
        Judgement fresh = claim.judge(new Measured(round, List.of(), 1e-4, 7, new Memo()));
        assertThat(judgement).as(claim.id()).isEqualTo(fresh);
      }
    }
  }

  private static List<Observation> cells(double u) {
    return HandMade.exact(
        HandMade.normal(1, 1),
        HandMade.normal(1, 1),
        HandMade.head(1, u),
        EnumSet.allOf(Metric.class),
        0.3,
        16L,
        4096L);
  }
}
