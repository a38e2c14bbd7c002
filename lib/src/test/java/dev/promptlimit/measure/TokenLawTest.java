package dev.promptlimit.measure;

import static dev.promptlimit.random.Significance.ACCEPTED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.promptlimit.kernel.SoftmaxSums;
import dev.promptlimit.random.Significance;
import dev.promptlimit.random.StreamKey;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.RealVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * That tokens have the law of their measure.
 *
 * <p>Statistical tests: seed 1, 418 tests ({@link Significance}). Every statistic is a mean divided
 * by its standard error as seen in the sample. Over n = 2¹⁸ tokens a mean that is off by 0.011
 * standard deviations of the quantity is found (2¹⁶ in 64 dimensions: 0.022); over 2¹⁴ chunks a
 * correlation of neighbours of 0.045, and a variance of sums over a chunk that is off by 6 %.
 */
class TokenLawTest {
  private static final int N = 1 << 18;

  /** Whole rows, parts of rows, parts of pages of the streams behind. */
  private static final int[] CHUNKS = {512, 1, 17, 100, 511, 16, 5};

  /** Sums for a mean that should be 0. */
  private static final class Mean {
    private double sum;
    private double squares;

    void add(double x) {
      sum += x;
      squares += x * x;
    }

    double standardised() {
      return sum == 0 ? 0 : sum / Math.sqrt(squares);
    }
  }

  static Stream<TokenLaw> laws() {
    return Stream.of(
        TokenLaw.gaussian(),
        TokenLaw.cube(),
        TokenLaw.rademacher(),
        TokenLaw.sphere(1),
        TokenLaw.sphere(2),
        TokenLaw.sphere(3),
        TokenLaw.sphere(8),
        TokenLaw.sphere(64),
        TokenLaw.mixtureOfTwo(),
        TokenLaw.mixtureOfThree(),
        TokenLaw.coloured(),
        TokenLaw.vocabulary());
  }

  /** A tilt of which every coordinate counts, of length one half. */
  private static RealVector tilt(int d) {
    RealVector a = new ArrayRealVector(d);
    for (int i = 0; i < d; i++) {
      a.setEntry(i, (i % 2 == 0 ? 1 : -1) * (1 + i % 3));
    }
    return a.mapMultiply(0.5 / a.getNorm());
  }

  /**
   * Standardised excess of the means of x_i, x_i x_j, x_i⁴ and e^⟨a,x⟩ of these tokens over what
   * the law says.
   */
  private static Map<String, Double> excesses(TokenSampler sampler, TokenLaw law) {
    int d = law.dimension();
    RealVector a = tilt(d);
    double[] u = a.toArray();
    double mgf = Math.exp(law.logMgf().applyAsDouble(a));
    Map<String, Mean> means = new TreeMap<>();
    double[] x = new double[(d + 1) * SoftmaxSums.STRIDE];
    int scores = d * SoftmaxSums.STRIDE;
    Mean exponential = means.computeIfAbsent("e^⟨a,x⟩", key -> new Mean());
    int all = d > 8 ? N / 4 : N;
    for (int done = 0, chunk = 0; done < all; chunk++) {
      int n = Math.min(all - done, CHUNKS[chunk % CHUNKS.length]);
      sampler.fill(x, n, u, scores);
      done += n;
      for (int i = 0; i < d; i++) {
        Mean mean = means.computeIfAbsent("x" + i, key -> new Mean());
        Mean fourth = means.computeIfAbsent("x" + i + "⁴", key -> new Mean());
        for (int l = 0; l < n; l++) {
          double t = x[i * SoftmaxSums.STRIDE + l];
          mean.add(t - law.mean().getEntry(i));
          fourth.add(t * t * t * t - law.fourth().getEntry(i));
        }
        for (int j = i; j < d && (d <= 3 || j <= i + 1); j++) {
          Mean product = means.computeIfAbsent("x" + i + " x" + j, key -> new Mean());
          double expected =
              law.covariance().getEntry(i, j) + law.mean().getEntry(i) * law.mean().getEntry(j);
          for (int l = 0; l < n; l++) {
            product.add(x[i * SoftmaxSums.STRIDE + l] * x[j * SoftmaxSums.STRIDE + l] - expected);
          }
        }
      }
      for (int l = 0; l < n; l++) {
        exponential.add(Math.exp(x[scores + l]) - mgf);
      }
    }
    Map<String, Double> excesses = new TreeMap<>();
    means.forEach((what, mean) -> excesses.put(what, mean.standardised()));
    return excesses;
  }

  /**
   * 3 × 13 tests and for the spheres 4, 8, 13, 32 and 256, for the mixtures 8 and 13, coloured 13,
   * the vocabulary 8.
   */
  @ParameterizedTest
  @MethodSource("laws")
  void tokensHaveTheirMomentsAndTheirLogMgf(TokenLaw law) {
    TokenSampler sampler = law.sampler().apply(new StreamKey(1, law.name(), 0, 0));
    assertThat(sampler.dimension()).isEqualTo(law.dimension());
    assertThat(excesses(sampler, law))
        .allSatisfy((what, excess) -> assertThat(excess).isBetween(-ACCEPTED, ACCEPTED));
  }

  static Stream<Arguments> wrong() {
    List<Gaussian> two = TokenLaw.TWO;
    Gaussian moved = new Gaussian(new double[] {2.1, -1}, two.get(0).covariance());
    Gaussian wider =
        new Gaussian(two.get(1).mean(), Covariance.diagonal(new double[] {1.04, 0.25}));
    return Stream.of(
        arguments(TokenLaw.cube(), TokenSampler.cube(key(), 3, 1.52), "x2 x2"),
        arguments(TokenLaw.gaussian(), TokenSampler.sphere(key(), 3, Math.sqrt(3)), "x0⁴"),
        arguments(TokenLaw.sphere(3), TokenSampler.sphere(key(), 3, 2.1), "e^⟨a,x⟩"),
        arguments(
            TokenLaw.mixtureOfTwo(),
            TokenSampler.mixture(key(), TokenLaw.WEIGHTS, List.of(moved, two.get(1))),
            "x0"),
        arguments(
            TokenLaw.mixtureOfTwo(),
            TokenSampler.mixture(key(), TokenLaw.WEIGHTS, List.of(two.get(0), wider)),
            "x0 x0"),
        arguments(
            TokenLaw.mixtureOfTwo(),
            TokenSampler.mixture(key(), new double[] {0.26, 0.74}, two),
            "x0"));
  }

  private static StreamKey key() {
    return new StreamKey(1, "wrong", 0, 0);
  }

  /** Negative controls: a slightly other measure is rejected, by the statistic that is named. */
  @ParameterizedTest
  @MethodSource("wrong")
  void tokensOfAnotherMeasureAreRejected(TokenLaw law, TokenSampler sampler, String by) {
    assertThat(Math.abs(excesses(sampler, law).get(by))).isGreaterThan(ACCEPTED);
  }

  private static final int CHUNK = 37;

  /**
   * Of the sums S of ⟨b,x⟩ − E⟨b,x⟩ over a chunk: standardised means of S S', S' being the next
   * chunk's, and of S² − 37 bᵀΓb. The latter finds tokens of a chunk that depend on each other.
   */
  private static double[] dependence(TokenSampler sampler, TokenLaw law) {
    int d = law.dimension();
    RealVector b = tilt(d);
    double variance = CHUNK * b.dotProduct(law.covariance().operate(b));
    ToDoubleFunction<double[]> chunkSum =
        x -> {
          double sum = -CHUNK * b.dotProduct(law.mean());
          for (int i = 0; i < d; i++) {
            for (int l = 0; l < CHUNK; l++) {
              sum += b.getEntry(i) * x[i * SoftmaxSums.STRIDE + l];
            }
          }
          return sum;
        };
    double[] x = new double[d * SoftmaxSums.STRIDE];
    Mean products = new Mean();
    Mean squares = new Mean();
    double previous = 0;
    for (int chunk = 0; chunk < 1 << 14; chunk++) {
      sampler.fill(x, CHUNK);
      double sum = chunkSum.applyAsDouble(x);
      products.add(sum * previous);
      squares.add(sum * sum - variance);
      previous = sum;
    }
    return new double[] {products.standardised(), squares.standardised()};
  }

  /** Two tests a law. */
  @ParameterizedTest
  @MethodSource("laws")
  void tokensAreIndependentInAChunkAndAcrossChunks(TokenLaw law) {
    TokenSampler sampler = law.sampler().apply(new StreamKey(1, law.name(), 1, 0));
    for (double excess : dependence(sampler, law)) {
      assertThat(excess).isBetween(-ACCEPTED, ACCEPTED);
    }
  }

  /** Negative control: counts of the components that are near their means, not multinomial. */
  @Test
  void stratifiedTokensAreRejected() {
    TokenSampler first = TokenSampler.mixture(key(), new double[] {1}, TokenLaw.TWO.subList(0, 1));
    TokenSampler second =
        TokenSampler.mixture(key().withSubstream(1), new double[] {1}, TokenLaw.TWO.subList(1, 2));
    TokenSampler stratified =
        new TokenSampler(2, first.largest()) {
          private int chunk;

          @Override
          public void fill(double[] x, int n) {
            double[] y = new double[x.length];
            first.fill(y, n);
            second.fill(x, n);
            int firsts = n / 4 + (chunk++ % 4 == 0 ? 1 : 0); // 37/4 on average
            for (int i = 0; i < 2; i++) {
              System.arraycopy(y, i * SoftmaxSums.STRIDE, x, i * SoftmaxSums.STRIDE, firsts);
            }
          }
        };
    double[] dependence = dependence(stratified, TokenLaw.mixtureOfTwo());
    assertThat(dependence[0]).isBetween(-ACCEPTED, ACCEPTED);
    assertThat(dependence[1]).isLessThan(-ACCEPTED);
  }

  /** Negative control: every chunk comes twice. */
  @Test
  void repeatedChunksAreRejected() {
    TokenSampler gaussian = TokenSampler.gaussian(key(), 3);
    TokenSampler repeating =
        new TokenSampler(3, gaussian.largest()) {
          private int chunk;

          @Override
          public void fill(double[] x, int n) {
            if (chunk++ % 2 == 0) {
              gaussian.fill(x, n);
            }
          }
        };
    assertThat(dependence(repeating, TokenLaw.gaussian())[0]).isGreaterThan(ACCEPTED);
  }
}
