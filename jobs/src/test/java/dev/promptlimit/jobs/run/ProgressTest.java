package dev.promptlimit.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.jobs.TestSpark;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressTest {
  @Test
  void saysWhatIsDoneHowFastAndWhatIsLeft() {
    assertThat(Progress.line("blocks", 10, 40, 0.25, 5_000_000, 4))
        .isEqualTo("10 of 40 blocks   1.25e+06 tokens/s   12 s left");
    assertThat(Progress.line("blocks", 40, 40, 1, 123_456_789, 16))
        .isEqualTo("40 of 40 blocks   7.72e+06 tokens/s   0 s left");
  }

  @Test
  void promisesNothingBeforeTheFirstBlock() {
    assertThat(Progress.line("blocks", 0, 40, 0, 0, 0.5))
        .isEqualTo("0 of 40 blocks   0.00 tokens/s   starting");
  }

  /** Retried tasks count twice. */
  @Test
  void doesNotGoBeyondTheEnd() {
    assertThat(Progress.line("blocks", 45, 40, 9 / 8.0, 140_000_000, 20))
        .isEqualTo("40 of 40 blocks   7.00e+06 tokens/s   0 s left");
  }

  @Test
  void leavesNoTrace() throws InterruptedException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream terminal = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    ProgressCounters counters = new ProgressCounters(TestSpark.session().sparkContext());
    Progress progress = Progress.start(counters, "blocks", 40, 8e9, terminal);
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
