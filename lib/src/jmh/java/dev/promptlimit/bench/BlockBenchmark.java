package dev.promptlimit.bench;

import dev.promptlimit.attention.BlockSummary;
import dev.promptlimit.attention.BruteForceSampler;
import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.attention.PromptSampler;
import dev.promptlimit.attention.ReducedSampler;
import dev.promptlimit.attention.Setting;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.random.StreamKey;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * What a token costs when whole blocks are simulated and summarised. One operation is one token.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgs = "--add-modules=jdk.incubator.vector")
@State(Scope.Thread)
public class BlockBenchmark {
  /** As many for every prompt length, so that JMH can divide by them. */
  private static final int TOKENS = 1 << 20;

  private static final int PROMPTS_PER_BLOCK = 8192; // at most, as in runs
  private static final int DIMENSION = 8;

  /** How prompts are drawn. */
  public enum Sampler {
    REDUCED,
    BRUTE_FORCE
  }

  /** What is measured of each: first moments of the tokens suffice for the output. */
  public enum Metrics {
    OUTPUT,
    ALL
  }

  @Param public Sampler sampler;
  @Param public Metrics metrics;

  @Param({"16", "1024", "65536"})
  public int length;

  private PromptSampler prompts;
  private long block;

  /** Dense matrices and means without zeros: no product can be left out. */
  @Setup
  public void makeSampler() {
    Head head =
        new Head(Head.random(DIMENSION, DIMENSION, 0.5, 1), Head.random(1, DIMENSION, 1, 2));
    Gaussian tokens = new Gaussian(mean(3), Covariance.toeplitz(DIMENSION, 0.5, 1.1));
    Gaussian queries = new Gaussian(mean(4), Covariance.toeplitz(DIMENSION, -0.3, 0.8));
    Setting setting = new Setting(tokens, queries, head, length);
    Set<Metric> measured =
        switch (metrics) {
          case OUTPUT -> EnumSet.of(Metric.OUTPUT);
          case ALL -> EnumSet.allOf(Metric.class);
        };
    prompts =
        switch (sampler) {
          case REDUCED -> new ReducedSampler(setting, measured);
          case BRUTE_FORCE -> new BruteForceSampler(setting, measured);
        };
  }

  private static double[] mean(long seed) {
    return Head.random(DIMENSION, 1, 1, seed).getColumn(0);
  }

  /** Simulates blocks that nobody has seen yet. */
  @Benchmark
  @OperationsPerInvocation(TOKENS)
  public void simulate(Blackhole results) {
    int n = Math.min(PROMPTS_PER_BLOCK, TOKENS / length);
    for (int tokens = 0; tokens < TOKENS; tokens += n * length) {
      results.consume(
          BlockSummary.simulate(prompts, StreamKey.ofBlock(5, "benchmark", block++), n));
    }
  }
}
