package dev.promptlimit.measure;

import static dev.promptlimit.random.Significance.ALPHA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.kernel.SoftmaxSums;
import dev.promptlimit.random.Significance;
import dev.promptlimit.random.StreamKey;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import org.hipparchus.special.Beta;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The law of tokens whose moments are too wild, or missing, for {@link TokenLawTest}: by counts of
 * F(x_i), F the distribution function, which is uniform.
 *
 * <p>Statistical tests: seed 1, 5 laws with 3 tests each ({@link Significance}). Over 3 · 2¹⁶
 * coordinates and 64 cells a Kullback-Leibler divergence of 3e-4 from the law is found.
 */
class HeavyTailsTest {
  private static final int N = 1 << 16;
  private static final int D = 3;

  record Law(String name, TokenMeasure measure, DoubleUnaryOperator distribution) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Law> laws() {
    return Stream.of(
        new Law("Laplace", new Laplace(D, 0.5), x -> laplace(x / 0.5)),
        student(0.3),
        student(1),
        student(3),
        student(20));
  }

  private static Law student(double n) {
    return new Law("Student-t " + n, new StudentT(D, n), x -> student(x, n));
  }

  private static double laplace(double x) {
    return x < 0 ? 0.5 * Math.exp(x) : 1 - 0.5 * Math.exp(-x);
  }

  private static double student(double x, double n) {
    double tail = 0.5 * Beta.regularizedBeta(n / (n + x * x), 0.5 * n, 0.5);
    return x < 0 ? tail : 1 - tail;
  }

  /** Of F(x_i): all coordinates in 64 cells; two of a token and two tokens in 16 × 16 cells. */
  private static double[] pValues(TokenSampler sampler, DoubleUnaryOperator distribution) {
    long[] all = new long[64];
    long[] within = new long[256];
    long[] across = new long[256];
    double[] x = new double[D * SoftmaxSums.STRIDE];
    int[] chunks = {512, 1, 17, 100, 511, 16, 5};
    int previous = -1;
    for (int done = 0, chunk = 0; done < N; chunk++) {
      int n = Math.min(N - done, chunks[chunk % chunks.length]);
      sampler.fill(x, n);
      done += n;
      for (int l = 0; l < n; l++) {
        int[] cells = new int[D];
        for (int i = 0; i < D; i++) {
          double u = distribution.applyAsDouble(x[i * SoftmaxSums.STRIDE + l]);
          cells[i] = (int) Math.min(255, 256 * u);
          all[cells[i] / 4]++;
        }
        within[cells[0] / 16 * 16 + cells[1] / 16]++;
        if (previous < 0) {
          previous = cells[0];
        } else { // pairs that do not overlap, so that they are independent
          across[previous / 16 * 16 + cells[0] / 16]++;
          previous = -1;
        }
      }
    }
    return new double[] {
      Significance.chiSquare(all), Significance.chiSquare(within), Significance.chiSquare(across)
    };
  }

  @ParameterizedTest
  @MethodSource("laws")
  void tokensAreIndependentAndOfTheirLaw(Law law) {
    TokenSampler sampler = law.measure().sampler(new StreamKey(1, law.name(), 0, 0));
    for (double p : pValues(sampler, law.distribution())) {
      assertThat(p).isGreaterThan(ALPHA);
    }
  }

  static Stream<Law> wrong() {
    return Stream.of(
        new Law("b", new Laplace(D, 0.515), x -> laplace(x / 0.5)),
        new Law("cube", new UniformCube(D, 0.5), x -> laplace(x / 0.5)),
        new Law("n", new StudentT(D, 3.3), x -> student(x, 3)),
        new Law("normal", Gaussian.centred(Covariance.identity(D, 1)), x -> student(x, 20)));
  }

  /** Negative controls: slightly other measures are rejected. */
  @ParameterizedTest
  @MethodSource("wrong")
  void tokensOfAnotherLawAreRejected(Law law) {
    TokenSampler sampler = law.measure().sampler(new StreamKey(1, "wrong", 0, 0));
    assertThat(pValues(sampler, law.distribution())[0]).isLessThan(ALPHA);
  }
}
