package dev.promptlimit.jobs;

import com.sun.management.ThreadMXBean;
import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.PromptReader;
import dev.promptlimit.kernel.Kernels;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.TokenSampler;
import dev.promptlimit.random.NormalStream;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.random.WordStream;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * How long a token takes in each kernel: prompts are read as simulations read them, by one thread,
 * after the compiler has done its work, with scores that need no shift. Inputs are random streams;
 * kernels are compiled alone, so that no result can be left out.
 */
final class KernelBench {
  private static final double WARM_UP_SECONDS = 1.5;
  private static final double SAMPLE_SECONDS = 0.06;
  private static final int SAMPLES = 15;
  private static final int LENGTH = 1 << 16;

  private static final ThreadMXBean THREAD = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /**
   * The figures of a kernel.
   *
   * @param kernel its name
   * @param nanos nanoseconds a token: median of the samples
   * @param low the fastest sample
   * @param high the slowest
   * @param bytes allocated a token, over all samples
   */
  record Figures(String kernel, double nanos, double low, double high, double bytes) {}

  private KernelBench() {}

  /** What can be measured: a name and, for so many tokens or numbers, what is to be done. */
  static Map<String, IntConsumer> kernels() {
    Map<String, IntConsumer> kernels = new LinkedHashMap<>();
    kernels.put("words", words());
    kernels.put("normals", normals());
    kernels.put("exp2", exp2());
    for (int r : new int[] {1, 2, 4}) {
      kernels.put("reduced-" + r, reduced(r));
    }
    for (int d : new int[] {6, 64}) {
      kernels.put("brute-" + d, brute(TokenSampler.gaussian(key(d), d), false));
      kernels.put("brute-" + d + "-second", brute(TokenSampler.gaussian(key(d), d), true));
    }
    kernels.put("cube-6-second", brute(TokenSampler.cube(key(6), 6, 1.5), true));
    kernels.put("rademacher-6-second", brute(TokenSampler.rademacher(key(6), 6, 1), true));
    kernels.put("sphere-6-second", brute(TokenSampler.sphere(key(6), 6, 2), true));
    kernels.put("mixture-6-second", brute(mixture(6), true));
    return kernels;
  }

  private static StreamKey key(int substream) {
    return StreamKey.ofBlock(1, "bench", 0).withSubstream(substream);
  }

  private static IntConsumer words() {
    WordStream stream = new WordStream(key(0));
    long[] out = new long[512];
    return n -> {
      for (int i = 0; i < n; i += out.length) {
        stream.fill(out, out.length);
      }
    };
  }

  private static IntConsumer normals() {
    NormalStream stream = new NormalStream(key(0));
    double[] out = new double[512];
    return n -> {
      for (int i = 0; i < n; i += out.length) {
        stream.fill(out, 0, out.length);
      }
    };
  }

  private static IntConsumer exp2() {
    double[] x = new double[512];
    double[] y = new double[x.length + 200]; // not a page away from x
    new NormalStream(key(0)).fill(x, 0, x.length);
    return n -> {
      for (int i = 0; i < n; i += x.length) {
        Kernels.exp2(x, 0, 1.1, y, 0, x.length);
      }
    };
  }

  private static IntConsumer reduced(int r) {
    TokenSampler tokens = TokenSampler.gaussian(key(r), r);
    PromptReader reader = new PromptReader(r, true, true);
    return n -> reader.read(tokens, 0.8, n);
  }

  private static IntConsumer brute(TokenSampler tokens, boolean second) {
    int d = tokens.dimension();
    PromptReader reader = new PromptReader(d, second, false);
    double[] u = Head.random(d, 1, 0.8, 1).getColumn(0);
    return n -> reader.read(tokens, u, n);
  }

  private static TokenSampler mixture(int d) {
    double[] left = Head.random(d, 1, 1, 2).getColumn(0);
    double[] right = Head.random(d, 1, 1, 3).getColumn(0);
    List<Gaussian> components =
        List.of(
            new Gaussian(left, Covariance.toeplitz(d, 0.5, 1)),
            new Gaussian(right, Covariance.identity(d, 0.7)));
    return TokenSampler.mixture(key(d), new double[] {0.3, 0.7}, components);
  }

  /** Measures one. */
  static Figures measure(String name, IntConsumer kernel) {
    int perSample = warmUp(kernel);
    double[] nanos = new double[SAMPLES];
    long bytes = THREAD.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < SAMPLES; i++) {
      nanos[i] = seconds(kernel, perSample) * 1e9 / perSample / LENGTH;
    }
    bytes = THREAD.getCurrentThreadAllocatedBytes() - bytes;
    Arrays.sort(nanos);
    return new Figures(
        name,
        nanos[SAMPLES / 2],
        nanos[0],
        nanos[SAMPLES - 1],
        (double) bytes / SAMPLES / perSample / LENGTH);
  }

  /** Returns how many prompts a sample should have. */
  private static int warmUp(IntConsumer kernel) {
    int prompts = 1;
    double total = 0;
    double last = 0;
    while (total < WARM_UP_SECONDS) {
      last = seconds(kernel, prompts);
      total += last;
      if (last < SAMPLE_SECONDS) {
        prompts *= 2;
      }
    }
    return (int) Math.max(1, Math.rint(prompts * SAMPLE_SECONDS / last));
  }

  private static double seconds(IntConsumer kernel, int prompts) {
    long start = System.nanoTime();
    for (int i = 0; i < prompts; i++) {
      kernel.accept(LENGTH);
    }
    return (System.nanoTime() - start) / 1e9;
  }
}
