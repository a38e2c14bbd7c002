package dev.promptlimit.attention;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Memory does not grow with the prompt: bytes allocated by this thread while one is simulated, by
 * compiled code. Before it is compiled, code with vectors makes an object of each.
 */
class ConstantMemoryTest {
  /** What a prompt of any length may allocate beyond a short one: a few objects, no tokens. */
  private static final long ALLOWANCE = 64 * 1024;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @Test
  void tenMillionTokensTakeNoMoreThanAThousand() {
    Set<Metric> output = EnumSet.of(Metric.OUTPUT);
    assertThat(allocated(output, 10_000_000)).isLessThan(allocated(output, 1000) + ALLOWANCE);
  }

  @Test
  void neitherDoAllMetrics() {
    assertThat(allocated(Situation.ALL, 10_000_000))
        .isLessThan(allocated(Situation.ALL, 1000) + ALLOWANCE);
  }

  /** Negative control: the counter sees a single array of ten thousand tokens. */
  @Test
  void theCounterSeesAnArray() {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    double[] tokens = new double[10_000];
    long after = THREADS.getCurrentThreadAllocatedBytes();
    assertThat(tokens).hasSize(10_000);
    assertThat(after - before).isGreaterThan(ALLOWANCE);
  }

  /** The least of several times: the first ones are those of code that is not compiled yet. */
  private static long allocated(Set<Metric> metrics, long length) {
    Setting setting = Situation.dense(3, 1, length, 0.5);
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 20; i++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      Situation.squared(new ReducedSampler(setting, metrics), metrics, "memory", 1);
      least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
    }
    return least;
  }
}
