package dev.promptlimit.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.jobs.TestSpark;
import org.junit.jupiter.api.Test;

class PaceTest {
  private static final double FOREVER = Double.POSITIVE_INFINITY;
  private static final double SECOND = 1e9;

  private final ProgressCounters counters =
      new ProgressCounters(TestSpark.session().sparkContext());
  private final Pace pace = new Pace(counters);

  /** Nominal seconds of two cores that are done and that are under way. */
  private double next(double done, double underWay, double secondsLeft) {
    counters.add(0, done * 2 * SECOND - counters.nanos());
    Plan.Size handedOut = new Plan.Size(0, 0, 0, (done + underWay) * 2 * SECOND);
    return pace.nanos(2, 5, secondsLeft, handedOut) / 2 / SECOND;
  }

  /** Two batches at a time that share the cores: when one ends the other is half done. */
  @Test
  void batchesDoNotEndTogether() {
    assertThat(next(0, 0, FOREVER)).isEqualTo(2.5);
    assertThat(next(0, 2.5, FOREVER)).isEqualTo(5); // of which half is left when the first ends
    assertThat(next(5, 2.5, FOREVER)).isEqualTo(5);
    assertThat(next(10, 1.5, FOREVER)).isEqualTo(3);
    assertThat(next(10, 0.1, FOREVER)).isEqualTo(2.5); // began together after all
    assertThat(next(10, 4.9, FOREVER)).isEqualTo(5);
  }

  @Test
  void batchesGrowWithWhatIsDone() {
    assertThat(next(500, 60, FOREVER)).isEqualTo(5);
    assertThat(next(1000, 60, FOREVER)).isEqualTo(10);
    assertThat(next(6000, 60, FOREVER)).isEqualTo(60);
    assertThat(next(1e6, 60, FOREVER)).isEqualTo(60);
  }

  @Test
  void noneBeginsThatWouldNotEndInTime() {
    assertThat(next(0, 0, 2)).isEqualTo(2);
    assertThat(next(0, 1.5, 2)).isEqualTo(0.5);
    assertThat(next(0, 2, 2)).isZero();
    assertThat(next(0, 0, -1)).isZero();
  }

  /** Blocks that seem to take a thousandth of their nominal cost: at most a quarter is believed. */
  @Test
  void whatBlocksHaveTakenCounts() {
    assertThat(next(1000, 0, 0.5)).isEqualTo(2);
  }
}
