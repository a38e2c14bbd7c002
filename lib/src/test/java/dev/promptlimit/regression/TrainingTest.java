package dev.promptlimit.regression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.promptlimit.attention.Head;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.stat.SampleComparison;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Statistical tests reject a true hypothesis with probability 1e-8 each, 10 of them. */
class TrainingTest {
  private static final TaskFamily FAMILY = new TaskFamily(Covariance.toeplitz(2, 0.5, 1), 0.5, 0.1);

  private static Training training(
      Activation activation, long length, boolean bruteForce, Optimiser optimiser) {
    return new Training(
        FAMILY,
        InputLaw.GAUSSIAN,
        activation,
        length,
        bruteForce,
        Parametrisation.SEPARATE,
        optimiser,
        2,
        32,
        250,
        100);
  }

  private static TrainingState end(Training training, TrainingState from, long seed) {
    TrainingState state = from;
    while (state.checkpoint() < training.lastCheckpoint()) {
      state = training.trainer().next(state, seed, "run");
    }
    return state;
  }

  private static double[] weights(long seed) {
    return Parametrisation.SEPARATE.uniform(3, StreamKey.ofBlock(seed, "weights", 0));
  }

  @ParameterizedTest
  @EnumSource(Parametrisation.class)
  void derivativesGoThroughTheParametrisation(Parametrisation parametrisation) {
    double[] theta = parametrisation.uniform(4, StreamKey.ofBlock(1, "theta", 0));
    TaskFamily family = new TaskFamily(Covariance.toeplitz(3, 0.5, 1), 0.5, 0.1);
    HeadGradient byHead = PopulationRisk.gradient(family, parametrisation.head(theta, 4));
    double[] byU = new double[16];
    for (int i = 0; i < 4; i++) {
      System.arraycopy(byHead.u().getRow(i), 0, byU, 4 * i, 4);
    }
    double[] gradient = new double[theta.length];
    parametrisation.gradient(theta, byU, byHead.v().toArray(), gradient);
    double h = 1e-4;
    for (int i = 0; i < theta.length; i++) {
      double[] up = theta.clone();
      double[] down = theta.clone();
      up[i] += h;
      down[i] -= h;
      double difference =
          (PopulationRisk.value(family, parametrisation.head(up, 4))
                  - PopulationRisk.value(family, parametrisation.head(down, 4)))
              / (2 * h);
      assertThat(gradient[i]).as("entry %d", i).isCloseTo(difference, within(1e-6));
    }
  }

  @Test
  void separateMatricesGiveTheHeadOfTheirProducts() {
    double[] theta = weights(4);
    Head head = Parametrisation.SEPARATE.head(theta, 3);
    double u = 0; // U₀₁ = Σ_k W_K[k][0] W_Q[k][1] / √3
    double v = 0; // v₂ = Σ_k w_O[k] W_V[k][2]
    for (int k = 0; k < 3; k++) {
      u += theta[9 + 3 * k] * theta[3 * k + 1] / Math.sqrt(3);
      v += theta[27 + k] * theta[18 + 3 * k + 2];
    }
    assertThat(head.u().getEntry(0, 1)).isCloseTo(u, within(1e-15));
    assertThat(head.v().getEntry(0, 2)).isCloseTo(v, within(1e-15));
  }

  /** Numbers of one coordinate by hand: g = 1, then g = −0.5. */
  @Test
  void adamMovesAsPublished() {
    Optimiser adam = new Optimiser(true, 0.1, 0.9, 0.99, 0);
    double[] theta = {0};
    double[] memory = new double[2];
    adam.step(theta, memory, new double[] {1}, 1);
    assertThat(theta[0]).isCloseTo(-0.1, within(1e-15)); // the first step is of size η
    adam.step(theta, memory, new double[] {-0.5}, 2);
    double m = 0.9 * 0.1 - 0.1 * 0.5;
    double r = 0.99 * 0.01 + 0.01 * 0.25;
    double expected = -0.1 - 0.1 * (m / (1 - 0.81)) / Math.sqrt(r / (1 - 0.9801));
    assertThat(theta[0]).isCloseTo(expected, within(1e-14));
  }

  /** No query meets the last column of U, whose derivatives are exactly 0. */
  @Test
  void adamWithoutEpsilonLeavesWhatHasNoGradient() {
    Optimiser adam = new Optimiser(true, 0.1, 0.9, 0.99, 0);
    double[] theta = {3, 3};
    adam.step(theta, new double[4], new double[] {0, Double.NaN}, 1);
    assertThat(theta).containsExactly(3, Double.NaN); // what is no number is not hidden
    Training training = training(Activation.SOFTMAX, 5, false, adam);
    assertThat(end(training, training.start(weights(1)), 1).divergedAt()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRunThatIsContinuedIsTheSameRun(boolean bruteForce) {
    for (Activation activation : Activation.values()) {
      for (Optimiser optimiser :
          new Optimiser[] {Optimiser.sgd(0.05), new Optimiser(true, 0.01, 0.9, 0.999, 1e-8)}) {
        Training training = training(activation, 9, bruteForce, optimiser);
        Trainer one = training.trainer();
        TrainingState state = training.start(weights(1));
        for (int k = 0; k < training.lastCheckpoint(); k++) {
          state = one.next(state, 7, "run");
        }
        assertThat(state.step()).isEqualTo(250);
        assertThat(end(training, training.start(weights(1)), 7)).isEqualTo(state);
        assertThat(end(training, training.start(weights(1)), 8)).isNotEqualTo(state);
      }
    }
  }

  /** Of a run that hardly moves, losses differ by their prompts alone. */
  @Test
  void everyStepHasPromptsOfItsOwn() {
    Training training = training(Activation.LINEAR, 5, false, Optimiser.sgd(1e-100));
    TrainingState first = training.trainer().next(training.start(weights(1)), 3, "run");
    TrainingState second = training.trainer().next(first, 3, "run");
    assertThat(first.losses().mean()).isNotEqualTo(second.losses().mean());
    double[] theta = weights(1);
    List<Double> losses = new ArrayList<>();
    for (int block = 0; block < 2; block++) {
      for (long step = 1; step <= 2; step++) {
        for (String run : List.of("one", "other")) {
          for (long seed = 0; seed < 2; seed++) {
            losses.add(large().trainer().block(theta, seed, run, step, block)[0]);
          }
        }
      }
    }
    assertThat(losses).doesNotHaveDuplicates();
    assertThat(large().trainer().block(theta, 1, "other", 2, 1)[0]).isEqualTo(losses.get(15));
  }

  /** A batch of two whole blocks and a bit. */
  private static Training large() {
    return new Training(
        FAMILY,
        InputLaw.GAUSSIAN,
        Activation.LINEAR,
        5,
        false,
        Parametrisation.SEPARATE,
        Optimiser.sgd(0.05),
        2,
        20_000,
        2,
        1);
  }

  @Test
  void trainingLowersTheLoss() {
    for (Activation activation : Activation.values()) {
      Training training =
          new Training(
              FAMILY,
              InputLaw.GAUSSIAN,
              activation,
              200,
              false,
              Parametrisation.SEPARATE,
              new Optimiser(true, 0.01, 0.9, 0.999, 1e-8),
              2,
              64,
              4000,
              1000);
      TrainingState state = end(training, training.start(weights(2)), 1);
      Head head = Parametrisation.SEPARATE.head(state.theta(), 3);
      double least = 0.5 * FAMILY.noiseVariance();
      assertThat(PopulationRisk.value(FAMILY, head)).isBetween(least, 1.1 * least);
      assertThat(state.losses().mean()).isBetween(least, 1.6 * least);
    }
  }

  @Test
  void aRateThatIsTooLargeIsNamedAndEndsTheRun() {
    Training training = training(Activation.LINEAR, 5, false, Optimiser.sgd(100));
    TrainingState state = end(training, training.start(weights(1)), 1);
    assertThat(state.divergedAt()).isPresent();
    assertThat(state.divergedAt().getAsLong()).isBetween(1L, 100L);
    assertThat(state.step()).isEqualTo(250);
    assertThat(Arrays.stream(state.theta()).allMatch(Double::isFinite)).isTrue();
    assertThat(state.losses().n()).isZero(); // of the last stretch
  }

  /** All labels are 0: nothing to compare a loss with, and nothing wrong with one that falls. */
  @Test
  void labelsWithoutVarianceAreNoDivergence() {
    TaskFamily silent = new TaskFamily(Covariance.toeplitz(2, 0.5, 1), 0, 0);
    for (Activation activation : Activation.values()) {
      Training training =
          new Training(
              silent,
              InputLaw.GAUSSIAN,
              activation,
              5,
              false,
              Parametrisation.SEPARATE,
              Optimiser.sgd(0.5),
              2,
              32,
              200,
              100);
      TrainingState first = training.trainer().next(training.start(weights(1)), 1, "run");
      TrainingState last = end(training, first, 1);
      assertThat(last.divergedAt()).isEmpty();
      assertThat(last.losses().mean()).isPositive().isLessThan(first.losses().mean());
    }
  }

  /** Weights may be finite and the head that they give not. */
  @ParameterizedTest
  @ValueSource(doubles = {1e120, 1e200, Double.MAX_VALUE})
  void whereverItEndsThereIsAHead(double rate) {
    Training training = training(Activation.LINEAR, 5, false, Optimiser.sgd(rate));
    TrainingState state = end(training, training.start(weights(1)), 1);
    assertThat(state.divergedAt()).hasValue(1);
    assertThat(state.theta()).isEqualTo(weights(1));
    Head head = Parametrisation.SEPARATE.head(state.theta(), 3);
    assertThat(PopulationRisk.value(FAMILY, head)).isFinite();
  }

  /** Fewer seeds would not do: of 200 the law must be off by 0.42 somewhere to be found surely. */
  @Test
  void fewCoordinatesTrainLikeAll() {
    double[][] reduced = runs(false, 9);
    double[][] all = runs(true, 9);
    for (int k = 0; k < reduced.length; k++) {
      assertThat(SampleComparison.kolmogorovSmirnov(reduced[k], all[k]))
          .as("%d", k)
          .isGreaterThan(1e-8);
    }
  }

  @Test
  void theComparisonOfRunsFindsAnotherLength() {
    double[][] nine = runs(false, 9);
    double[][] two = runs(true, 3);
    double least = 1;
    for (int k = 0; k < nine.length; k++) {
      least = Math.min(least, SampleComparison.kolmogorovSmirnov(nine[k], two[k]));
    }
    assertThat(least).isLessThan(1e-8);
  }

  /** Mean loss, risk of an infinite prompt and size of the head at three checkpoints, 200 seeds. */
  private static double[][] runs(boolean bruteForce, long length) {
    Training training =
        training(
            Activation.SOFTMAX, length, bruteForce, new Optimiser(true, 0.02, 0.9, 0.999, 1e-8));
    double[][] statistics = new double[9][200];
    Trainer trainer = training.trainer();
    for (int seed = 0; seed < 200; seed++) {
      TrainingState state = training.start(weights(bruteForce ? 1000 + seed : seed));
      for (int k = 0; k < 3; k++) {
        state = trainer.next(state, seed, bruteForce ? "all" : "few");
        Head head = Parametrisation.SEPARATE.head(state.theta(), 3);
        statistics[3 * k][seed] = state.losses().mean();
        statistics[3 * k + 1][seed] = PopulationRisk.value(FAMILY, head);
        statistics[3 * k + 2][seed] = head.u().getFrobeniusNorm() + head.v().getFrobeniusNorm();
      }
    }
    return statistics;
  }

  @Test
  void refusesWhatIsNoRun() {
    assertThatThrownBy(() -> Optimiser.sgd(0))
        .hasMessage("Cannot make an optimiser: the rate is 0.0, allowed: finite and > 0");
    assertThatThrownBy(() -> Optimiser.sgd(Double.NaN)).hasMessageContaining("the rate is NaN");
    assertThatThrownBy(() -> new Optimiser(true, 1, 1, 0.5, 0))
        .hasMessage("Cannot make an optimiser: beta1 is 1.0, allowed: at least 0 and below 1");
    assertThatThrownBy(() -> training(Activation.SOFTMAX, 0, false, Optimiser.sgd(1)))
        .hasMessage("Cannot train: the prompt length is 0, allowed: 1 or more");
    Training training = training(Activation.SOFTMAX, 5, false, Optimiser.sgd(1));
    assertThatThrownBy(() -> training.start(new double[4]))
        .hasMessage("Cannot train: theta has 4 entries, allowed: 30");
    assertThatThrownBy(() -> Parametrisation.MERGED.head(new double[4], 3))
        .hasMessage(
            "Cannot make a head: theta has 4 entries, allowed: 12, merged weights of dimension 3");
  }
}
