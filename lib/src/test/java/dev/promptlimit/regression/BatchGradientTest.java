package dev.promptlimit.regression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.promptlimit.measure.Covariance;
import dev.promptlimit.random.Significance;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.stat.Moments;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Brute force is held against central differences with its tokens fixed, the reduced simulation
 * against brute force and against exact conditional errors. Statistical comparisons are at {@link
 * Significance#ACCEPTED} standard errors, fewer than 600 of them: false alarms 6e-6. The smallest
 * effect they find is 1.5 % of the loss and of the largest derivatives.
 */
class BatchGradientTest {
  private static final int BATCH = 128;

  private static TaskFamily family(int d, double noise) {
    return new TaskFamily(Covariance.toeplitz(d, 0.5, 1.1), 0.7, noise);
  }

  /** U and v, v last. */
  private static double[] head(int d, double scale, long seed) {
    double[] theta = Parametrisation.MERGED.uniform(d + 1, StreamKey.ofBlock(seed, "head", 0));
    for (int i = 0; i < theta.length; i++) {
      theta[i] *= scale;
    }
    return theta;
  }

  private static double loss(BatchGradient of, StreamKey key, double[] theta, int n, double[] by) {
    int dimension = dimension(theta);
    double[] u = Arrays.copyOf(theta, dimension * dimension);
    double[] v = Arrays.copyOfRange(theta, dimension * dimension, theta.length);
    double[] byU = new double[u.length];
    double[] byV = new double[v.length];
    of.begin(key);
    double loss = of.add(u, v, n, byU, byV);
    System.arraycopy(byU, 0, by, 0, byU.length);
    System.arraycopy(byV, 0, by, byU.length, byV.length);
    return loss;
  }

  private static int dimension(double[] theta) {
    return (int) Math.sqrt(theta.length);
  }

  @ParameterizedTest
  @EnumSource(InputLaw.class)
  void bruteForceGradientsAreThoseOfItsLoss(InputLaw law) {
    for (Activation activation : Activation.values()) {
      for (int d : new int[] {1, 3}) {
        for (int n : new int[] {1, 21, 150}) {
          BatchGradient batch = new BatchGradient(family(d, 0.2), law, activation, 7, true);
          assertGradient(batch, head(d, 2, d), n);
        }
      }
    }
  }

  private static void assertGradient(BatchGradient batch, double[] theta, int n) {
    StreamKey key = StreamKey.ofBlock(3, "pathwise", 0);
    double[] unused = new double[theta.length];
    double[] gradient = new double[theta.length];
    loss(batch, key, theta, n, gradient);
    double h = 1e-3;
    for (int i = 0; i < theta.length; i++) {
      double[] at = new double[4];
      for (int k = 0; k < 4; k++) {
        double[] moved = theta.clone();
        moved[i] += h * new double[] {-2, -1, 1, 2}[k];
        at[k] = loss(batch, key, moved, n, unused);
      }
      double difference = (8 * (at[2] - at[1]) - (at[3] - at[0])) / (12 * h);
      assertThat(gradient[i]).as("entry %d", i).isCloseTo(difference, within(1e-6));
    }
  }

  /** Moments of loss and derivatives over batches. */
  private static Moments[] moments(
      BatchGradient batch, double[] theta, int batches, int n, String name) {
    double[][] values = new double[theta.length + 1][batches];
    double[] by = new double[theta.length];
    for (int k = 0; k < batches; k++) {
      values[theta.length][k] = loss(batch, StreamKey.ofBlock(5, name, k), theta, n, by) / n;
      for (int i = 0; i < theta.length; i++) {
        values[i][k] = by[i] / n;
      }
    }
    return Arrays.stream(values).map(x -> Moments.of(x, batches)).toArray(Moments[]::new);
  }

  private static double farthest(Moments[] one, Moments[] other) {
    double farthest = 0;
    for (int i = 0; i < one.length; i++) {
      double error = Math.sqrt(one[i].variance() / one[i].n() + other[i].variance() / other[i].n());
      double distance = Math.abs(one[i].mean() - other[i].mean());
      farthest = Math.max(farthest, distance == 0 ? 0 : distance / error);
    }
    return farthest;
  }

  static Stream<Arguments> settings() {
    return Stream.of(
        Arguments.of(3, 6L, 0.2, 2.0, BATCH),
        Arguments.of(3, 1L, 0.2, 2.0, BATCH),
        Arguments.of(3, 2L, 0.2, 2.0, 50),
        Arguments.of(1, 5L, 0.0, 1.5, BATCH), // tilt and value are parallel
        Arguments.of(2, 70L, 0.1, 3.0, BATCH),
        Arguments.of(2, 40L, 0.1, 40.0, BATCH), // large scores
        Arguments.of(5, 10L, 0.1, 1.0, 20));
  }

  @ParameterizedTest
  @MethodSource("settings")
  void fewCoordinatesHaveTheLawOfAll(int d, long length, double noise, double scale, int n) {
    for (Activation activation : Activation.values()) {
      TaskFamily family = family(d, noise);
      double[] theta = head(d, scale, 10 + d);
      for (int j = 0; scale == 40 && j < d + 1; j++) {
        theta[theta.length - 1 - j] /= scale; // large scores, not large values
      }
      BatchGradient reduced =
          new BatchGradient(family, InputLaw.GAUSSIAN, activation, length, false);
      BatchGradient all = new BatchGradient(family, InputLaw.GAUSSIAN, activation, length, true);
      Moments[] expected = moments(all, theta, 250, n, "all");
      assertThat(farthest(moments(reduced, theta, 250, n, "reduced"), expected))
          .as("%s", activation)
          .isLessThan(Significance.ACCEPTED);
    }
  }

  /**
   * Derivatives of single prompts are of the same size, by means of ln(x² + 1e-12), whose tails are
   * light: what moves at random, across all that means depend on, is part of the law too. That part
   * halved is 8 standard errors away.
   */
  @ParameterizedTest
  @CsvSource({"2, 2", "3, 3", "3, 10"})
  void fewCoordinatesScatterLikeAll(int d, long length) {
    double[] theta = head(d, 1, 20 + d);
    for (Activation activation : Activation.values()) {
      Moments[][] sizes = new Moments[2][];
      for (int all = 0; all < 2; all++) {
        BatchGradient batch =
            new BatchGradient(family(d, 0.1), InputLaw.GAUSSIAN, activation, length, all == 1);
        sizes[all] = sizes(batch, theta, 8000, "sizes " + all);
      }
      assertThat(farthest(sizes[0], sizes[1]))
          .as("%s", activation)
          .isLessThan(Significance.ACCEPTED);
    }
  }

  private static Moments[] sizes(BatchGradient batch, double[] theta, int prompts, String name) {
    double[][] values = new double[theta.length][prompts];
    double[] by = new double[theta.length];
    for (int k = 0; k < prompts; k++) {
      loss(batch, StreamKey.ofBlock(6, name, k), theta, 1, by);
      for (int i = 0; i < theta.length; i++) {
        values[i][k] = Math.log(by[i] * by[i] + 1e-12);
      }
    }
    return Arrays.stream(values).map(x -> Moments.of(x, prompts)).toArray(Moments[]::new);
  }

  @Test
  void theComparisonFindsAnotherLaw() {
    double[] theta = head(3, 2, 13);
    BatchGradient seven =
        new BatchGradient(family(3, 0.2), InputLaw.GAUSSIAN, Activation.SOFTMAX, 7, false);
    BatchGradient five =
        new BatchGradient(family(3, 0.2), InputLaw.GAUSSIAN, Activation.SOFTMAX, 5, true);
    assertThat(
            farthest(moments(seven, theta, 250, BATCH, "a"), moments(five, theta, 250, BATCH, "b")))
        .isGreaterThan(Significance.ACCEPTED);
  }

  /**
   * Without tilt all weights are equal: the loss is ½(vᵀ x̄ − y)², of mean ½(E vᵀΓ_wv/L + E y²).
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 30})
  void withoutTiltOnlyAveragesMatter(long length) {
    int d = 2;
    TaskFamily family = new TaskFamily(Covariance.identity(d, 1), 1, 0.5);
    double[] theta = new double[12];
    theta[11] = 2; // v₂
    BatchGradient batch =
        new BatchGradient(family, InputLaw.GAUSSIAN, Activation.SOFTMAX, length, false);
    Moments loss = moments(batch, theta, 400, BATCH, "none")[12];
    double y = d + 0.5;
    assertThat(loss.mean())
        .isCloseTo(
            0.5 * (4 * y / length + y),
            within(Significance.ACCEPTED * Math.sqrt(loss.variance() / 400)));
  }

  @Test
  void heedsTheQueryOfReleasedData() {
    TaskFamily family = TaskFamily.asReleased(Covariance.toeplitz(2, 0.5, 1), 1, 0);
    double[] theta = new double[12];
    BatchGradient batch = new BatchGradient(family, InputLaw.GAUSSIAN, Activation.LINEAR, 5, false);
    Moments loss = moments(batch, theta, 400, BATCH, "released")[12];
    assertThat(loss.mean()) // ½ E(wᵀx_q)² = ½ tr I
        .isCloseTo(1, within(Significance.ACCEPTED * Math.sqrt(loss.variance() / 400)));
  }

  @Test
  void refusesWhatItCannotDraw() {
    assertThatThrownBy(
            () -> new BatchGradient(family(2, 0), InputLaw.GAUSSIAN, Activation.SOFTMAX, 0, false))
        .hasMessage("Cannot simulate batches: the prompt length is 0, allowed: 1 or more");
    assertThatThrownBy(
            () -> new BatchGradient(family(2, 0), InputLaw.LAPLACE, Activation.SOFTMAX, 5, false))
        .hasMessage(
            "Cannot draw few coordinates of laplace inputs: only gaussian ones have the exact law"
                + " for it");
  }
}
