package dev.promptlimit.kernel;

import static dev.promptlimit.kernel.Lanes.LANES;

import dev.promptlimit.attention.AnyMeasure;
import dev.promptlimit.attention.BruteForceSampler;
import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.attention.PromptSampler;
import dev.promptlimit.attention.ReducedSampler;
import dev.promptlimit.attention.Setting;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.TokenMeasure;
import dev.promptlimit.measure.TokenSampler;
import dev.promptlimit.measure.Vocabulary;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.regression.Activation;
import dev.promptlimit.regression.InputLaw;
import dev.promptlimit.regression.Optimiser;
import dev.promptlimit.regression.Parametrisation;
import dev.promptlimit.regression.TaskFamily;
import dev.promptlimit.regression.Training;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * A fixed battery over every kernel and over whole samplers, one hash of all resulting bits an
 * item, to be compared between virtual machines.
 */
final class KernelBits {
  private static final int[] COUNTS = {16, 48, 112, 512};
  private static final int STRIDE = 530;

  /** Rounds of each kernel: by then it has been compiled. */
  private static final int ROUNDS = 2000;

  private static final Set<Metric> ALL = EnumSet.allOf(Metric.class);
  private static final Set<Metric> FIRST_MOMENTS = EnumSet.of(Metric.OUTPUT, Metric.JACOBIAN_V);

  private final List<String> lines = new ArrayList<>();
  private final Random random = new Random(1);
  private final double[] x = Bits.wide(random, 10 * STRIDE);
  private final double[] y = Bits.wide(random, 2 * STRIDE);
  private final double[] exponents = random.doubles(2 * STRIDE, -1, 1).toArray();
  private final long[] words = random.longs(1024).toArray();

  private KernelBits() {}

  /** Prints which kernels run, then, without arguments, a line for every item. */
  public static void main(String[] arguments) {
    System.out.println(Kernels.description());
    if (arguments.length == 0) {
      lines().forEach(System.out::println);
    }
  }

  /** A line for every item: its name and the hash. */
  static List<String> lines() {
    KernelBits bits = new KernelBits();
    bits.generators();
    bits.elementwise();
    bits.sums();
    bits.tokens();
    bits.samplers();
    bits.trainings();
    return bits.lines;
  }

  /** One call of a kernel, with n items and an offset below 16, that writes to {@code out}. */
  private interface Call {
    void run(int n, int from, double[] out);
  }

  /** Repeats a call and hashes what it wrote to an array of that length. */
  private void kernel(String name, int length, Call call) {
    MessageDigest hash = sha256();
    double[] out = new double[length];
    for (int round = 0; round < ROUNDS; round++) {
      call.run(COUNTS[round % COUNTS.length], round % 13, out);
      update(hash, out);
    }
    line(name, hash);
  }

  private void generators() {
    long[] state = random.longs(Kernels.STATE).toArray();
    long[] drawn = new long[512];
    double[] widths = Bits.wide(random, 2048);
    int[] scratch = new int[Kernels.SCRATCH];
    kernel(
        "words",
        1024,
        (n, from, out) -> {
          Kernels.words(state, drawn, n);
          for (int i = 0; i < n; i++) {
            out[2 * i] = drawn[i] >>> 32;
            out[2 * i + 1] = (int) drawn[i];
          }
        });
    kernel(
        "tabulated",
        STRIDE,
        (n, from, out) -> Kernels.tabulated(state, widths, scratch, out, from, n));
    kernel("uniforms", STRIDE, (n, from, out) -> Kernels.uniforms(words, 1.7, out, from, n));
    kernel("signs", 2100, (n, from, out) -> Kernels.signs(words, 0.3, out, from, 4 * n));
    kernel(
        "countBelow",
        1,
        (n, from, out) -> out[0] = Kernels.countBelow(words, (1L + from) << 59, n));
  }

  private void elementwise() {
    kernel(
        "exp2", STRIDE, (n, from, out) -> Kernels.exp2(exponents, from, 900.1, out, from + 1, n));
    kernel(
        "exp2Minus",
        STRIDE,
        (n, from, out) -> Kernels.exp2Minus(exponents, from, 300.1, 299.7, out, from + 1, n));
    kernel("max", 1, (n, from, out) -> out[0] = Kernels.max(y, from, n - from));
    for (int k : new int[] {1, 6}) {
      kernel(
          "combine " + k,
          STRIDE,
          (n, from, out) -> Kernels.combine(0.1, y, from, k, x, from, STRIDE, out, from, n));
    }
    kernel("addScaled", STRIDE, (n, from, out) -> Kernels.addScaled(0.7, x, from, out, 1, n));
    kernel("multiply", STRIDE, (n, from, out) -> Kernels.multiply(y, from, x, 3, out, from, n));
    kernel(
        "normalise",
        3 * STRIDE,
        (n, from, out) -> {
          System.arraycopy(x, from, out, 0, out.length);
          Kernels.normalise(out, STRIDE, 3, 2, n);
        });
  }

  private void sums() {
    kernel("moments1", 6 * LANES, (n, from, out) -> Kernels.moments1(y, from, x, out, n));
    kernel("moments2", 12 * LANES, (n, from, out) -> Kernels.moments2(y, from, x, STRIDE, out, n));
    kernel(
        "weighted", 8 * LANES, (n, from, out) -> Kernels.weighted(y, from, x, STRIDE, 7, out, n));
    kernel(
        "tile", 16 * LANES, (n, from, out) -> Kernels.tile(y, from, x, from, 9, STRIDE, out, 0, n));
  }

  private void tokens() {
    StreamKey key = StreamKey.ofBlock(1, "tokens", 0);
    tokens("gaussian", TokenSampler.gaussian(key, 3));
    tokens("cube", TokenSampler.cube(key, 3, 0.7));
    tokens("rademacher", TokenSampler.rademacher(key, 3, 0.7));
    tokens("sphere", TokenSampler.sphere(key, 3, 0.7));
    Gaussian dense = gaussian(3, 5);
    Gaussian diagonal = Gaussian.centred(Covariance.diagonal(new double[] {1, 2, 0.3}));
    tokens("mixture", TokenSampler.mixture(key, new double[] {1, 2.5}, List.of(dense, diagonal)));
    tokens("coloured", TokenSampler.gaussian(key, dense));
    tokens("laplace", TokenSampler.laplace(key, 3, 0.7));
    tokens("student-t", TokenSampler.studentT(key, 3, 2.5));
    double[][] rows = {{1, 2, 3}, {-1, 0.5, 0.1}, {4, -1, 0}};
    tokens("vocabulary", new Vocabulary(new double[] {1, 2.5, 0.1}, rows).sampler(key));
  }

  private void tokens(String name, TokenSampler sampler) {
    MessageDigest hash = sha256();
    double[] table = new double[4 * SoftmaxSums.STRIDE];
    double[] u = {0.2, -1, 0.6};
    for (int chunk = 0; chunk < 40; chunk++) {
      int n = chunk % 4 == 3 ? 90 : SoftmaxSums.CHUNK;
      sampler.fill(table, n, u, 3 * SoftmaxSums.STRIDE);
      for (int i = 0; i < 4; i++) {
        for (int l = 0; l < n; l++) {
          update(hash, table[i * SoftmaxSums.STRIDE + l]);
        }
      }
    }
    line("tokens " + name, hash);
  }

  /** Each kind of sums, one chunk and several, scores known to be small and unknown ones. */
  private void samplers() {
    for (int length : new int[] {1, 2, 17, 600, 1300}) {
      reduced(4, 2, length, 1, ALL);
      reduced(4, 2, length, 1e3, ALL);
      reduced(4, 2, length, 1, FIRST_MOMENTS);
      bruteForce(6, 2, length, 1, ALL);
    }
    reduced(4, 1, 1300, 0.5, ALL);
    reduced(4, 1, 1300, 1e3, ALL);
    reduced(4, 1, 1300, 1e3, FIRST_MOMENTS);
    reduced(3, 5, 600, 1, ALL);
    bruteForce(6, 2, 1300, 1, FIRST_MOMENTS);
    bruteForce(5, 2, 1300, 300, ALL);
    bruteForce(66, 2, 600, 1, ALL);
    for (TokenMeasure tokens : AnyMeasure.all()) {
      Setting setting = AnyMeasure.randomQueries(tokens, 2, 1300);
      String name = tokens.getClass().getSimpleName();
      sampler(name, new BruteForceSampler(setting, ALL), 100);
    }
  }

  private void trainings() {
    for (long length : new long[] {1, 7, 70}) {
      training(Activation.SOFTMAX, length, false, 1);
      training(Activation.LINEAR, length, false, 1);
      training(Activation.SOFTMAX, length, true, 1);
    }
    training(Activation.SOFTMAX, 7, false, 30); // large scores
  }

  private void training(Activation activation, long length, boolean bruteForce, double scale) {
    TaskFamily family = new TaskFamily(Covariance.toeplitz(3, 0.5, 1), 0.7, 0.1);
    Parametrisation separate = Parametrisation.SEPARATE;
    Training training =
        new Training(
            family,
            InputLaw.GAUSSIAN,
            activation,
            length,
            bruteForce,
            separate,
            new Optimiser(true, 0.01, 0.9, 0.99, 1e-8),
            2,
            50,
            60,
            60);
    double[] theta = separate.uniform(4, StreamKey.ofBlock(1, "weights", 0));
    for (int i = 0; i < theta.length; i++) {
      theta[i] *= scale;
    }
    MessageDigest hash = sha256();
    update(hash, training.trainer().next(training.start(theta), 1, "run").theta());
    line("training " + activation + ", L = " + length + ", " + bruteForce + ", " + scale, hash);
  }

  private void reduced(int d, int p, int length, double norm, Set<Metric> metrics) {
    sampler(new ReducedSampler(setting(d, p, length, norm), metrics), d, p, length, norm);
  }

  private void bruteForce(int d, int p, int length, double norm, Set<Metric> metrics) {
    sampler(new BruteForceSampler(setting(d, p, length, norm), metrics), d, p, length, norm);
  }

  private void sampler(PromptSampler sampler, int d, int p, int length, double norm) {
    String name = "d = " + d + ", p = " + p + ", L = " + length + ", norm " + norm;
    sampler(name, sampler, d > 60 ? 10 : 100);
  }

  private void sampler(String setting, PromptSampler sampler, int prompts) {
    Map<Metric, double[]> squared = new EnumMap<>(Metric.class);
    sampler.metrics().forEach(metric -> squared.put(metric, new double[prompts]));
    sampler.simulate(StreamKey.ofBlock(1, "sampler", 0), prompts, squared);
    MessageDigest hash = sha256();
    squared.values().forEach(values -> update(hash, values));
    String name = sampler.getClass().getSimpleName() + " " + squared.keySet(); // in their order
    line(name + " " + setting, hash);
  }

  private static Setting setting(int d, int p, int length, double norm) {
    Head head = new Head(Head.random(d, d, norm, 1), Head.random(p, d, 1.5, 2));
    return new Setting(gaussian(d, 3), gaussian(d, 4), head, length);
  }

  private static Gaussian gaussian(int d, long seed) {
    return new Gaussian(Head.random(d, 1, 1, seed).getColumn(0), Covariance.toeplitz(d, 0.6, 1.1));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static void update(MessageDigest hash, double... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Double.BYTES);
    bytes.asDoubleBuffer().put(values);
    hash.update(bytes);
  }

  private void line(String name, MessageDigest hash) {
    lines.add(name + ": " + HexFormat.of().formatHex(hash.digest()));
  }
}
