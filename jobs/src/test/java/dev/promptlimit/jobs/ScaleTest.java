package dev.promptlimit.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hundred thousand blocks, in a JVM of 1 GiB that is driver and executor. */
class ScaleTest {
  private static final long BLOCKS = 100_000;

  /** Short blocks: a few milliseconds each. */
  private static final String TEXT =
      """
      name = many
      seed = 5
      tokens { measure = gaussian, dimension = 8, covariance { kind = toeplitz, rho = 0.5 } }
      queries { measure = gaussian, covariance { kind = identity } }
      heads = [
        { name = a, query-key { kind = scaled-identity, scale = 0.1 }, value { kind = identity } }
      ]
      prompt-lengths = [192, 256]
      metrics = [output]
      sampler = exact-reduced
      budget { prompts-per-cell = %d }
      """
          .formatted(BLOCKS / 2 * 8192);

  @TempDir private Path directory;

  @Test
  @Tag("nightly")
  void aHundredThousandBlocks() throws Exception {
    List<String> options = new ArrayList<>(ChildJvm.moduleOptions());
    options.addAll(
        List.of(
            "-Xmx1g",
            "-Dspark.master=local[2]",
            "-Dspark.ui.enabled=false",
            "-Dspark.driver.host=127.0.0.1"));
    String conf = TestExperiments.write(directory, TEXT).toString();
    String runs = directory.resolve("runs").toString();
    CommandResult result =
        ChildJvm.start(directory, jar -> true, options, List.of("run", conf, "--runs", runs))
            .await();
    assertThat(result.exitCode()).as(result.err()).isZero();
    RunFiles run = RunFiles.below(directory.resolve("runs"));
    assertThat(run.simulatedBlocks()).isEqualTo(BLOCKS);
    JsonNode timing = run.json().get("timing");
    double seconds = timing.get("simulationSeconds").doubleValue();
    double ofBlocks = timing.get("blockSeconds").doubleValue();
    System.out.printf(
        Locale.ROOT,
        "%d blocks of %.2f ms in %d batches: %.1f s on two cores, of which %.1f %% are not the blocks'%n",
        BLOCKS,
        1e3 * ofBlocks / BLOCKS,
        run.batches().size(),
        seconds,
        100 * (1 - ofBlocks / (2 * seconds)));
  }
}
