package dev.promptlimit.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.jobs.TestSpark;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private static final Plan.Size SIZE = new Plan.Size(40, 40 * 8192, 123_456_789, 8e9);

  @Test
  void saysWhatIsDoneHowFastAndWhatIsLeft() {
    assertThat(Progress.line(10, 5_000_000, 2e9, SIZE, 4))
        .isEqualTo("10 of 40 blocks   1.25e+06 tokens/s   12 s left");
    assertThat(Progress.line(40, 123_456_789, 8e9, SIZE, 16))
        .isEqualTo("40 of 40 blocks   7.72e+06 tokens/s   0 s left");
  }

  @Test
  void promisesNothingBeforeTheFirstBlock() {
    assertThat(Progress.line(0, 0, 0, SIZE, 0.5))
        .isEqualTo("0 of 40 blocks   0.00 tokens/s   starting");
  }

  /** Retried tasks count twice. */
  @Test
  void doesNotGoBeyondTheEnd() {
    assertThat(Progress.line(45, 140_000_000, 9e9, SIZE, 20))
        .isEqualTo("40 of 40 blocks   7.00e+06 tokens/s   0 s left");
  }

  @Test
  void leavesNoTrace() throws InterruptedException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream terminal = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    ProgressCounters counters = new ProgressCounters(TestSpark.session().sparkContext());
    Progress progress = Progress.start(counters, SIZE, terminal);
    while (bytes.size() == 0) {
      Thread.sleep(20);
    }
    progress.close();
    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .startsWith("\r\u001b[K0 of 40 blocks")
        .endsWith("\r\u001b[K")
        .doesNotContain("\n");
  }
}
