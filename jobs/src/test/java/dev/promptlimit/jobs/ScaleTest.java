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

/** A hundred thousand blocks, in JVMs of 1 GiB that are driver and executor. */
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

  /** What a call took: blocks, core seconds of it all, and those in which blocks were simulated. */
  private record Call(long blocks, double seconds, double ofBlocks) {
    Call minus(Call that) {
      return new Call(blocks - that.blocks, seconds - that.seconds, ofBlocks - that.ofBlocks);
    }

    /** What is not the blocks', in percent of what is. */
    double overhead() {
      return 100 * (seconds / ofBlocks - 1);
    }
  }

  /** Both calls start a JVM and compile alike; the difference is what more blocks take. */
  @Test
  @Tag("nightly")
  void aHundredThousandBlocks() throws Exception {
    Call small = call("--prompts", Long.toString(BLOCKS / 10 * 8192));
    Call large = call();
    RunFiles run = RunFiles.below(directory.resolve("runs"));
    assertThat(small.blocks()).isEqualTo(BLOCKS / 10);
    assertThat(large.blocks()).isEqualTo(BLOCKS - BLOCKS / 10);
    System.out.printf(
        Locale.ROOT,
        "%d blocks of %.2f ms on two cores, %d batches: overhead %.1f %%, start left out %.1f %%%n",
        BLOCKS,
        1e3 * large.ofBlocks() / large.blocks(),
        run.batches().size(),
        large.overhead(),
        large.minus(small).overhead());
  }

  private Call call(String... limits) throws Exception {
    List<String> options = new ArrayList<>(ChildJvm.moduleOptions());
    options.addAll(
        List.of(
            "-Xmx1g",
            "-Dspark.master=local[2]",
            "-Dspark.ui.enabled=false",
            "-Dspark.driver.host=127.0.0.1"));
    String conf = TestExperiments.write(directory, TEXT).toString();
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("run", conf, "--runs", directory.resolve("runs").toString()));
    arguments.addAll(List.of(limits));
    CommandResult result = ChildJvm.start(directory, jar -> true, options, arguments).await();
    assertThat(result.exitCode()).as(result.err()).isZero();
    RunFiles run = RunFiles.below(directory.resolve("runs"));
    JsonNode timing = run.json().get("timing");
    return new Call(
        run.simulatedBlocks(),
        2 * timing.get("simulationSeconds").doubleValue(),
        timing.get("blockSeconds").doubleValue());
  }
}
