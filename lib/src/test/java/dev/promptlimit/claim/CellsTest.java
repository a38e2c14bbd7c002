package dev.promptlimit.claim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.attention.Metric;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class CellsTest {
  private static Observation cell(String tokens, String queries, String head) {
    Observation cell =
        HandMade.exact(
                HandMade.normal(1, 1),
                HandMade.fixed(1),
                HandMade.head(1, 1),
                EnumSet.of(Metric.OUTPUT),
                0,
                16L)
            .get(0);
    return HandMade.named(cell, tokens, queries, head);
  }

  @Test
  void aFixtureIsNamedOnce() {
    assertThat(Cells.name(cell("a", "b", "c"))).isEqualTo("a, b, c, L = 16, output");
    assertThat(Cells.name(cell("a", "a", "c"))).isEqualTo("a, a, c, L = 16, output");
    assertThat(Cells.name(cell("a", "a", "a"))).isEqualTo("a, L = 16, output");
  }

  @Test
  void namesThatReadTheSameAreDifferentGroups() {
    List<Observation> cells = List.of(cell("a, b", "c", "d"), cell("a", "b, c", "d"));
    assertThat(Cells.by(Cells.Names::of, cells)).hasSize(2);
    assertThat(Cells.by(Cells.Group::of, cells)).hasSize(2);
    assertThat(Cells.by(Observation::length, cells)).hasSize(1);
  }
}
