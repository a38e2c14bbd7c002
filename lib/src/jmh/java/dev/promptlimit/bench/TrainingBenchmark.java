package dev.promptlimit.bench;

import dev.promptlimit.measure.Covariance;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.regression.Activation;
import dev.promptlimit.regression.BatchGradient;
import dev.promptlimit.regression.InputLaw;
import dev.promptlimit.regression.Parametrisation;
import dev.promptlimit.regression.TaskFamily;
import java.util.Arrays;
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

/**
 * What a prompt of a training step costs, loss and gradient included, with five inputs as in the
 * paper's experiment. One operation is one prompt.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgs = "--add-modules=jdk.incubator.vector")
@State(Scope.Thread)
public class TrainingBenchmark {
  private static final int BATCH = 128;

  /** softmax, linear, or one of them by brute force. */
  @Param({"softmax", "linear", "brute-softmax"})
  public String step;

  @Param({"10", "100", "1000"})
  public long promptLength;

  private final double[] byU = new double[36];
  private final double[] byV = new double[6];
  private double[] u;
  private double[] v;
  private BatchGradient gradient;

  /** Starts the streams. */
  @Setup
  public void start() {
    TaskFamily family = new TaskFamily(Covariance.toeplitz(5, 0.5, 1), 0.2, 0.1);
    boolean bruteForce = step.startsWith("brute-");
    Activation activation = Activation.of(step.replace("brute-", ""));
    StreamKey key = StreamKey.ofBlock(1, "benchmark", 0);
    double[] theta = Parametrisation.MERGED.uniform(6, key);
    u = Arrays.copyOf(theta, 36);
    v = Arrays.copyOfRange(theta, 36, 42);
    gradient = new BatchGradient(family, InputLaw.GAUSSIAN, activation, promptLength, bruteForce);
    gradient.begin(key);
  }

  /** Draws a batch. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public double batch() {
    return gradient.add(u, v, BATCH, byU, byV);
  }
}
