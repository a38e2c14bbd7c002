package dev.promptlimit.regression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.promptlimit.measure.Covariance;
import dev.promptlimit.random.Significance;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.stat.Moments;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.hipparchus.linear.LUDecomposition;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.special.Erf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each comparison of a mean rejects a true hypothesis with probability 1e-8. */
class BayesRiskTest {
  private static final StreamKey KEY = StreamKey.ofBlock(3, "bayes risk", 0);
  private static final int DRAWS = 20_000;

  private static BayesRisk risk(Covariance sigma, double tau2, double noise, long length) {
    return BayesRisk.of(new TaskFamily(sigma, tau2, noise), length, DRAWS, KEY);
  }

  private static void assertMean(BayesRisk risk, double expected) {
    assertThat(risk.mean())
        .isCloseTo(
            expected, within(Significance.ACCEPTED * risk.standardError() + 1e-12 * expected));
  }

  /**
   * Inputs drawn one by one and the trace of an inverse, 20,000 prompts each; ρ of inputs, of
   * queries.
   */
  @ParameterizedTest
  @CsvSource({
    "0.5, 0.5, 1",
    "0.5, 0.5, 3",
    "0.5, 0.5, 20",
    "0.5, -0.6, 1",
    "0.5, -0.6, 2",
    "0.5, -0.6, 4",
    "1, 1, 1",
    "1, 1, 3",
    "1, -0.6, 1",
    "1, -0.6, 3"
  })
  void riskIsThatOfDrawnInputs(double rho, double queryRho, int length) {
    Covariance sigma = Covariance.toeplitz(3, rho, 1); // rank one for ρ = 1
    Covariance query = Covariance.toeplitz(3, queryRho, 1);
    double tau2 = 0.4;
    double noise = 0.1;
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(4);
    double[] risks = new double[DRAWS];
    for (int k = 0; k < DRAWS; k++) {
      RealMatrix x = inputs(random, sigma, length);
      RealMatrix gram =
          x.transposeMultiply(x)
              .add(MatrixUtils.createRealIdentityMatrix(3).scalarMultiply(noise / tau2));
      RealMatrix inverse = new LUDecomposition(gram).getSolver().getInverse();
      risks[k] = 0.5 * noise * (1 + query.matrix().multiply(inverse).getTrace());
    }
    Moments drawn = Moments.of(risks, DRAWS);

    BayesRisk risk = BayesRisk.of(new TaskFamily(sigma, query, tau2, noise), length, DRAWS, KEY);

    assertThat(risk.mean())
        .isCloseTo(
            drawn.mean(),
            within(
                Significance.ACCEPTED
                    * Math.hypot(risk.standardError(), Math.sqrt(drawn.variance() / DRAWS))));
  }

  private static RealMatrix inputs(RandomGenerator random, Covariance sigma, int length) {
    int d = sigma.dimension();
    RealMatrix normals = MatrixUtils.createRealMatrix(length, d);
    for (int l = 0; l < length; l++) {
      for (int i = 0; i < d; i++) {
        normals.setEntry(l, i, random.nextGaussian());
      }
    }
    return normals.multiply(sigma.root());
  }

  /** Ridge regression on drawn prompts, from task to target; smallest effect found about 6 %. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void riskIsTheLossOfRidgeRegression(int length) {
    Covariance sigma = Covariance.toeplitz(2, 0.5, 1);
    double tau2 = 0.7;
    double noise = 0.2;
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(5);
    double[] losses = new double[DRAWS];
    for (int k = 0; k < DRAWS; k++) {
      double[] w = {
        Math.sqrt(tau2) * random.nextGaussian(), Math.sqrt(tau2) * random.nextGaussian()
      };
      RealMatrix x = inputs(random, sigma, length);
      double[] y = x.operate(w);
      Arrays.setAll(y, l -> y[l] + Math.sqrt(noise) * random.nextGaussian());
      RealMatrix gram =
          x.transposeMultiply(x)
              .add(MatrixUtils.createRealIdentityMatrix(2).scalarMultiply(noise / tau2));
      double[] estimate =
          new LUDecomposition(gram).getSolver().getInverse().operate(x.preMultiply(y));
      double[] query = inputs(random, sigma, 1).getRow(0);
      double miss = Math.sqrt(noise) * random.nextGaussian();
      for (int i = 0; i < 2; i++) {
        miss += (w[i] - estimate[i]) * query[i];
      }
      losses[k] = 0.5 * miss * miss;
    }
    Moments drawn = Moments.of(losses, DRAWS);

    BayesRisk risk = risk(sigma, tau2, noise, length);

    assertThat(risk.mean())
        .isCloseTo(
            drawn.mean(),
            within(
                Significance.ACCEPTED
                    * Math.hypot(risk.standardError(), Math.sqrt(drawn.variance() / DRAWS))));
  }

  /** E 1/(χ²_1 + κ) = √(π/2κ) e^{κ/2} erfc √(κ/2), κ = σ²/(τ²Σ). */
  @ParameterizedTest
  @ValueSource(doubles = {1e-3, 0.1, 1, 30})
  void oneCoordinateAndOneToken(double noise) {
    double kappa = noise / (0.5 * 2);
    double mean =
        Math.sqrt(Math.PI / (2 * kappa)) * Math.exp(kappa / 2) * Erf.erfc(Math.sqrt(kappa / 2));

    assertMean(risk(Covariance.identity(1, 2), 0.5, noise, 1), 0.5 * noise * (1 + mean));
  }

  /** d = 1, E 1/(χ²_L + κ) by the trapezoid rule over log χ². */
  @ParameterizedTest
  @ValueSource(longs = {2, 5, 40})
  void oneCoordinateAndMoreTokens(long length) {
    double kappa = 0.3 / 2;
    double mass = 0;
    double sum = 0;
    for (double u = -40; u < 8; u += 0.01) {
      double x = Math.exp(u);
      double density = Math.exp(0.5 * length * u - 0.5 * x);
      mass += density;
      sum += density / (x + kappa);
    }

    assertMean(risk(Covariance.identity(1, 2), 1, 0.3, length), 0.15 * (1 + sum / mass));
  }

  /** Wishart's E tr W⁻¹ = d/(L − d − 1), when there is next to no noise. */
  @ParameterizedTest
  @ValueSource(longs = {12, 100, 1_000_000_000_000L})
  void littleNoiseLeavesTheInverseWishart(long length) {
    double noise = 1e-12;

    BayesRisk risk = risk(Covariance.toeplitz(4, 0.9, 1), 1, noise, length);

    assertMean(risk, 0.5 * noise * (1 + 4.0 / (length - 5)));
    assertThat(risk.interval(1e-8).contains(risk.mean())).isTrue();
  }

  @Test
  void longPromptsLeaveTheNoise() {
    assertThat(risk(Covariance.toeplitz(5, 0.5, 1), 0.2, 0.1, 1_000_000_000_000L).mean())
        .isCloseTo(0.05, withinPercentage(1e-9));
  }

  /** For d = 2, L = 1 the mean of tr Σ(I − P) is √det Σ. */
  @ParameterizedTest
  @ValueSource(doubles = {0, 1e-24})
  void withoutNoiseWhatIsNotSeenRemains(double noise) {
    assertMean(
        risk(Covariance.diagonal(new double[] {0.3, 2}), 0.6, noise, 1), 0.3 * Math.sqrt(0.6));
    // Σ = I: exactly d − L directions are not seen
    BayesRisk isotropic = risk(Covariance.identity(5, 1), 0.6, noise, 2);
    assertThat(isotropic.mean()).isCloseTo(0.9, within(1e-13));
    assertThat(isotropic.standardError()).isLessThan(1e-13);
  }

  /** What no input shows keeps its prior: here the second coordinate, τ²/2 of each query's risk. */
  @ParameterizedTest
  @ValueSource(doubles = {0, 1e-30})
  void directionsThatInputsLackKeepTheirPrior(double noise) {
    Covariance inputs = Covariance.diagonal(new double[] {2, 0});
    Covariance queries = Covariance.toeplitz(2, 0.5, 3);

    BayesRisk risk = BayesRisk.of(new TaskFamily(inputs, queries, 0.4, noise), 5, DRAWS, KEY);

    assertThat(risk.mean()).isCloseTo(0.5 * 0.4 * 3, withinPercentage(1e-10));
    assertThat(
            BayesRisk.of(
                    new TaskFamily(Covariance.identity(2, 0), queries, 0.4, noise), 5, DRAWS, KEY)
                .mean())
        .isCloseTo(0.4 * 3, withinPercentage(1e-10));
  }

  @Test
  void withoutNoiseAsManyInputsAsDirectionsTellAll() {
    assertThat(risk(Covariance.toeplitz(3, 0.5, 1), 1, 0, 3).moments())
        .isEqualTo(new Moments(DRAWS, 0, 0, 0, 0));
    assertThat(risk(Covariance.toeplitz(3, 1, 1), 1, 0, 1).mean()).isZero(); // rank one
  }

  @Test
  void knownTasksLeaveTheNoise() {
    assertThat(risk(Covariance.identity(3, 1), 0, 0.4, 1).moments())
        .isEqualTo(new Moments(DRAWS, 0.2, 0, 0, 0));
    assertThat(risk(Covariance.identity(3, 0), 1, 0.4, 1).mean()).isEqualTo(0.2);
  }

  @Test
  void riskIsAFunctionOfItsArguments() {
    Covariance sigma = Covariance.toeplitz(3, 0.5, 1);

    assertThat(risk(sigma, 1, 0.1, 7)).isEqualTo(risk(sigma, 1, 0.1, 7));
    assertThat(
            BayesRisk.of(
                    new TaskFamily(sigma, 1, 0.1), 7, DRAWS, StreamKey.ofBlock(3, "bayes risk", 1))
                .mean())
        .isNotEqualTo(risk(sigma, 1, 0.1, 7).mean());
  }
}
