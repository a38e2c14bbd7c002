package dev.promptlimit.bench;

import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.PromptReader;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.TokenSampler;
import dev.promptlimit.random.StreamKey;
import java.util.List;
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

/** What a token of a long prompt costs, drawn, weighed and summed. One operation is one token. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgs = "--add-modules=jdk.incubator.vector")
public class PromptBenchmark {
  private static final int LENGTH = 1 << 16;

  /** Gaussian tokens whose score is their first coordinate, all sums of the reduced sampler. */
  @State(Scope.Thread)
  public static class Reduced {
    @Param({"1", "2", "4", "8"})
    public int r;

    private TokenSampler tokens;
    private PromptReader reader;

    /** Starts the stream. */
    @Setup
    public void start() {
      tokens = TokenSampler.gaussian(StreamKey.ofBlock(1, "benchmark", 0), r);
      reader = new PromptReader(r, true, true);
    }
  }

  /** Tokens with all their coordinates. */
  @State(Scope.Thread)
  public static class Brute {
    @Param({"gaussian", "cube", "rademacher", "sphere", "mixture"})
    public String measure;

    @Param({"6", "64"})
    public int d;

    @Param({"false", "true"})
    public boolean second;

    private double[] u;
    private TokenSampler tokens;
    private PromptReader reader;

    /** Starts the stream; scores of a few units. */
    @Setup
    public void start() {
      StreamKey key = StreamKey.ofBlock(1, "benchmark", 0);
      u = Head.random(d, 1, 0.8, 1).getColumn(0);
      reader = new PromptReader(d, second, false);
      tokens =
          switch (measure) {
            case "cube" -> TokenSampler.cube(key, d, 1.5);
            case "rademacher" -> TokenSampler.rademacher(key, d, 1.1);
            case "sphere" -> TokenSampler.sphere(key, d, 2);
            case "mixture" ->
                TokenSampler.mixture(
                    key, new double[] {0.3, 0.7}, List.of(component(0.5), component(-0.2)));
            default -> TokenSampler.gaussian(key, d);
          };
    }

    private Gaussian component(double rho) {
      return new Gaussian(u, Covariance.toeplitz(d, rho, 1));
    }
  }

  /** Reads a prompt. */
  @Benchmark
  @OperationsPerInvocation(LENGTH)
  public double reduced(Reduced state) {
    state.reader.read(state.tokens, 0.8, LENGTH);
    return state.reader.sums().mean(0);
  }

  /** Reads a prompt. */
  @Benchmark
  @OperationsPerInvocation(LENGTH)
  public double brute(Brute state) {
    state.reader.read(state.tokens, state.u, LENGTH);
    return state.reader.sums().mean(0);
  }
}
