package dev.promptlimit.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import dev.promptlimit.kernel.Lanes;
import dev.promptlimit.kernel.SoftmaxSums;
import dev.promptlimit.random.NormalStream;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.random.WordStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.RealVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What tokens are, apart from their law ({@link TokenLawTest}). */
class TokenSamplerTest {
  private static final StreamKey KEY = new StreamKey(1, "tokens", 0, 0);
  private static final int[] CHUNKS = {512, 1, 15, 16, 17, 511, 5, 512};

  static Stream<TokenLaw> laws() {
    Function<StreamKey, TokenSampler> laplace = key -> TokenSampler.laplace(key, 3, 0.5);
    Function<StreamKey, TokenSampler> studentT = key -> TokenSampler.studentT(key, 3, 2.5);
    RealVector mean = new ArrayRealVector(3);
    return Stream.concat(
        TokenLawTest.laws(),
        Stream.of(
            new TokenLaw("Laplace", laplace, mean, null, null, null),
            new TokenLaw("Student-t", studentT, mean, null, null, null)));
  }

  /** Chunk by chunk, the coordinates of its tokens one after the other. */
  private static List<double[]> chunks(TokenLaw law, StreamKey key) {
    TokenSampler sampler = law.sampler().apply(key);
    double[] x = new double[law.dimension() * SoftmaxSums.STRIDE];
    List<double[]> chunks = new ArrayList<>();
    for (int n : CHUNKS) {
      sampler.fill(x, n);
      chunks.add(tokens(x, law.dimension(), n));
    }
    return chunks;
  }

  private static double[] tokens(double[] x, int d, int n) {
    double[] tokens = new double[d * n];
    for (int i = 0; i < d; i++) {
      System.arraycopy(x, i * SoftmaxSums.STRIDE, tokens, i * n, n);
    }
    return tokens;
  }

  @ParameterizedTest
  @MethodSource("laws")
  void tokensFollowTheirKey(TokenLaw law) {
    List<double[]> chunks = chunks(law, KEY);
    assertThat(chunks(law, KEY)).usingRecursiveComparison().isEqualTo(chunks);
    for (StreamKey other : List.of(new StreamKey(1, "tokens", 1, 0), KEY.withSubstream(1))) {
      assertThat(chunks(law, other).get(0)).isNotEqualTo(chunks.get(0));
    }
    assertThat(chunks.get(7)).isNotEqualTo(chunks.get(0)); // goes on
  }

  /** To the bit: scores are summed coordinate by coordinate, fused. */
  @ParameterizedTest
  @MethodSource("laws")
  void scoresAreThoseOfTheTokens(TokenLaw law) {
    int d = law.dimension();
    int scores = d * SoftmaxSums.STRIDE;
    double[] u = new double[d];
    Arrays.setAll(u, i -> 0.3 + Math.sin(i));
    TokenSampler sampler = law.sampler().apply(KEY);
    double[] x = new double[(d + 1) * SoftmaxSums.STRIDE];
    Arrays.fill(x, scores, x.length, 99); // what was there does not count
    List<double[]> chunks = chunks(law, KEY);
    for (int chunk = 0; chunk < CHUNKS.length; chunk++) {
      int n = CHUNKS[chunk];
      sampler.fill(x, n, u, scores);
      assertThat(tokens(x, d, n)).isEqualTo(chunks.get(chunk));
      for (int l = 0; l < n; l++) {
        double score = 0;
        for (int i = 0; i < d; i++) {
          score = Math.fma(u[i], x[i * SoftmaxSums.STRIDE + l], score);
        }
        assertThat(x[scores + l]).isEqualTo(score);
      }
      for (int l = n; l < Lanes.roundUp(n); l++) {
        assertThat(x[scores + l]).as("what fills up the row").isFinite();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("laws")
  void noCoordinateIsLargerThanTheLargest(TokenLaw law) {
    double largest = law.sampler().apply(KEY).largest();
    for (double[] chunk : chunks(law, KEY)) {
      for (double x : chunk) {
        assertThat(Math.abs(x)).isLessThanOrEqualTo(largest);
      }
    }
  }

  /** Student-t tokens of so few degrees of freedom overflow, and are cut. */
  @Test
  void tokensAreFinite() {
    TokenSampler sampler = TokenSampler.studentT(KEY, 2, 0.002);
    double[] x = new double[2 * SoftmaxSums.STRIDE];
    sampler.fill(x, 512);
    double[] tokens = tokens(x, 2, 512);
    assertThat(Arrays.stream(tokens).map(Math::abs).max()).hasValueCloseTo(1e150, offset(1e147));
    assertThat(Arrays.stream(tokens).map(Math::abs).max().orElseThrow())
        .isLessThanOrEqualTo(sampler.largest());
  }

  /** As 100,000 embeddings are drawn: by the alias table, a word each. */
  @Test
  void aVocabularyIsDrawnByOneWordAToken() {
    int n = 100_000;
    double[] probabilities = new double[n];
    Arrays.setAll(probabilities, k -> 1.0 / (k + 10));
    double[][] rows = new double[n][];
    Arrays.setAll(rows, k -> new double[] {k, -k});
    TokenSampler sampler = new Vocabulary(probabilities, rows).sampler(KEY);
    assertThat(sampler.largest()).isEqualTo(n - 1);
    double total = Arrays.stream(probabilities).sum();
    AliasTable table = new AliasTable(Arrays.stream(probabilities).map(p -> p / total).toArray());
    WordStream choices = new WordStream(KEY);
    long[] words = new long[512];
    double[] x = new double[2 * SoftmaxSums.STRIDE];
    for (int chunk : CHUNKS) {
      choices.fill(words, Lanes.roundUp(chunk));
      sampler.fill(x, chunk);
      for (int l = 0; l < chunk; l++) {
        assertThat(x[l]).isEqualTo(table.index(words[l]));
        assertThat(x[SoftmaxSums.STRIDE + l]).isEqualTo(-x[l]);
      }
    }
  }

  @Test
  void coordinatesOfAChunkAreConsecutiveNumbersOfTheStream() {
    double[] x = new double[2 * SoftmaxSums.STRIDE];
    TokenSampler sampler = TokenSampler.gaussian(KEY, 2);
    double[] normals = new double[74];
    new NormalStream(KEY).fill(normals, 0, 74);
    sampler.fill(x, 30);
    assertThat(tokens(x, 2, 30)).isEqualTo(Arrays.copyOf(normals, 60));
    sampler.fill(x, 7);
    assertThat(tokens(x, 2, 7)).isEqualTo(Arrays.copyOfRange(normals, 60, 74));
  }

  /** One component is that Gaussian measure itself. */
  @Test
  void aMixtureOfOneIsColouredNormals() {
    Gaussian gaussian = new Gaussian(new double[] {1, -2}, Covariance.toeplitz(2, 0.5, 2));
    TokenSampler sampler = TokenSampler.mixture(KEY, new double[] {3}, List.of(gaussian));
    double[] x = new double[2 * SoftmaxSums.STRIDE];
    double[] eps = new double[2 * SoftmaxSums.STRIDE];
    double[] expected = new double[2 * SoftmaxSums.STRIDE];
    sampler.fill(x, 100);
    TokenSampler.gaussian(KEY, 2).fill(eps, 100);
    gaussian.covariance().colour(gaussian.mean(), eps, expected, SoftmaxSums.STRIDE, 0, 112);
    assertThat(tokens(x, 2, 100)).isEqualTo(tokens(expected, 2, 100));
  }

  /** By components of one vector each: as many tokens as uniform words fall between the weights. */
  @Test
  void aMixtureChoosesByTheWordsOfAStreamOfItsOwn() {
    double[] values = {10, 20, 30};
    List<Gaussian> vectors =
        Arrays.stream(values).mapToObj(v -> Gaussian.fixed(new double[] {v})).toList();
    TokenSampler sampler = TokenSampler.mixture(KEY, new double[] {1, 2, 5}, vectors);
    WordStream choices = new WordStream(KEY.withSubstream(1L << 32));
    long[] words = new long[512];
    double[] x = new double[SoftmaxSums.STRIDE];
    for (int n : CHUNKS) {
      choices.fill(words, Lanes.roundUp(n));
      double[] expected = new double[n];
      for (int l = 0; l < n; l++) {
        double u = (words[l] >>> 1) * 0x1p-63;
        expected[l] = u < 1 / 8.0 ? 10 : u < 3 / 8.0 ? 20 : 30;
      }
      Arrays.sort(expected); // components come one after the other
      sampler.fill(x, n);
      assertThat(tokens(x, 1, n)).isEqualTo(expected);
    }
  }

  /**
   * Rounding: of Σ x² d u at most, halved by the root, then of the root, the quotient and each
   * product, u = 2⁻⁵³.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8, 64})
  void tokensOfASphereAreOnIt(int d) {
    double rho = 1.7;
    TokenSampler sampler = TokenSampler.sphere(KEY, d, rho);
    double[] x = new double[d * SoftmaxSums.STRIDE];
    double bound = (0.5 * d + 3) * 0x1p-53;
    for (int n : CHUNKS) {
      sampler.fill(x, n);
      for (int l = 0; l < n; l++) {
        assertThat(Math.sqrt(square(x, d, l)) / rho - 1)
            .isBetween(-bound - 0x1p-52, bound + 0x1p-52);
      }
    }
  }

  /** ‖x_l‖², each product and each sum with its error. */
  private static double square(double[] x, int d, int l) {
    double sum = 0;
    double errors = 0;
    for (int i = 0; i < d; i++) {
      double t = x[i * SoftmaxSums.STRIDE + l];
      double product = t * t;
      double next = sum + product; // sum and product are ≥ 0
      errors += Math.fma(t, t, -product);
      errors += sum >= product ? product - (next - sum) : sum - (next - product);
      sum = next;
    }
    return sum + errors;
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void scalesAreFiniteAndPositive(double scale) {
    String allowed = " is " + scale + ", allowed: finite and > 0";
    assertRefused(() -> TokenSampler.cube(KEY, 2, scale), "c" + allowed);
    assertRefused(() -> TokenSampler.rademacher(KEY, 2, scale), "c" + allowed);
    assertRefused(() -> TokenSampler.laplace(KEY, 2, scale), "b" + allowed);
    assertRefused(() -> TokenSampler.studentT(KEY, 2, scale), "nu" + allowed);
    assertRefused(() -> TokenSampler.sphere(KEY, 1, scale), "rho" + allowed);
    assertRefused(() -> TokenSampler.sphere(KEY, 2, scale), "rho" + allowed);
    assertRefused(
        () -> TokenSampler.mixture(KEY, new double[] {1, scale}, TokenLaw.TWO),
        "weight 1" + allowed);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1})
  void thereIsACoordinate(int d) {
    String reason = "d is " + d + ", allowed: 1 or more";
    assertRefused(() -> TokenSampler.gaussian(KEY, d), reason);
    assertRefused(() -> TokenSampler.cube(KEY, d, 1), reason);
    assertRefused(() -> TokenSampler.laplace(KEY, d, 1), reason);
    assertRefused(() -> TokenSampler.studentT(KEY, d, 1), reason);
    assertRefused(() -> TokenSampler.rademacher(KEY, d, 1), reason);
    assertRefused(() -> TokenSampler.sphere(KEY, d, 1), reason);
  }

  @Test
  void componentsFitEachOtherAndTheirWeights() {
    assertRefused(
        () -> TokenSampler.mixture(KEY, new double[0], List.of()),
        "there are 0 components, allowed: 1 or more");
    assertRefused(
        () -> TokenSampler.mixture(KEY, new double[3], TokenLaw.TWO),
        "there are 3 weights, allowed: 2, one each");
    assertRefused(
        () -> TokenSampler.mixture(KEY, new double[] {1e308, 1e308}, TokenLaw.TWO),
        "the sum of the weights is Infinity, allowed: finite and > 0");
    Gaussian longer = Gaussian.centred(Covariance.identity(3, 1));
    assertRefused(
        () -> TokenSampler.mixture(KEY, new double[] {1, 1}, List.of(TokenLaw.TWO.get(0), longer)),
        "component 1 has dimension 3, allowed: 2, as component 0 has");
  }

  private static void assertRefused(ThrowingCallable make, String reason) {
    assertThatThrownBy(make)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot make a token sampler: " + reason);
  }

  @Test
  void keepsNoWeightsOfTheCaller() {
    double[] weights = {1, 3};
    TokenSampler sampler = TokenSampler.mixture(KEY, weights, TokenLaw.TWO);
    weights[0] = 1000;
    double[] x = new double[2 * SoftmaxSums.STRIDE];
    sampler.fill(x, 512);
    double[] y = new double[2 * SoftmaxSums.STRIDE];
    TokenSampler.mixture(KEY, new double[] {1, 3}, TokenLaw.TWO).fill(y, 512);
    assertThat(x).isEqualTo(y);
  }
}
