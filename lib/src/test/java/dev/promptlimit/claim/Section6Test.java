package dev.promptlimit.claim;

import static dev.promptlimit.claim.HandTrained.judge;
import static dev.promptlimit.claim.HandTrained.pair;
import static dev.promptlimit.claim.HandTrained.run;
import static dev.promptlimit.claim.HandTrained.runs;
import static dev.promptlimit.claim.HandTrained.stopped;
import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.regression.Activation;
import dev.promptlimit.regression.MapDistance;
import dev.promptlimit.stat.Interval;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Section6Test {
  private static final Claim CLAIM = new Section6();

  /** Replicates at L = 10, 100 and 1000 whose distances fall, with a spread over replicates. */
  private static List<Trained.Run> falling(int replicates) {
    List<Trained.Run> runs = new ArrayList<>();
    for (int r = 0; r < replicates; r++) {
      double spread = 1 + 0.1 * (r % 3);
      runs.addAll(pair(10, r, 0.3 * spread, 0.3 * spread));
      runs.addAll(pair(100, r, 0.4, 0.4)); // what is between is not judged
      runs.addAll(pair(1000, r, 0.02 * spread, 0.02 * spread));
    }
    return runs;
  }

  /** The same with short and long exchanged, in risks or in maps. */
  private static List<Trained.Run> rising(int replicates, boolean inRisks) {
    List<Trained.Run> runs = new ArrayList<>();
    for (int r = 0; r < replicates; r++) {
      double spread = 1 + 0.1 * (r % 3);
      double low = 0.02 * spread;
      double high = 0.3 * spread;
      runs.addAll(pair(10, r, inRisks ? low : high, inRisks ? high : low));
      runs.addAll(pair(1000, r, inRisks ? high : low, inRisks ? low : high));
    }
    return runs;
  }

  /** So many lengths that their order can hardly be chance. */
  private static List<Trained.Run> along(int replicates, boolean falling) {
    List<Trained.Run> runs = new ArrayList<>();
    for (int r = 0; r < replicates; r++) {
      for (int k = 0; k < 12; k++) {
        double distance = 0.02 * (falling ? 14 - k : 3 + k) * (1 + 0.1 * (r % 3));
        runs.addAll(pair(k == 0 ? 10 : 100L * k, r, distance, distance));
      }
    }
    return runs;
  }

  @Test
  void fewReplicatesSpeakByTheTrendAlongLengths() {
    for (int replicates : new int[] {1, 2, 5}) {
      Judgement judgement = judge(CLAIM, runs(along(replicates, true)));
      assertThat(judgement.verdict()).as(judgement.reason()).isEqualTo(Verdict.SUPPORTED);
      assertThat(judgement.reason())
          .contains(
              "the distance of risks falls along 12 lengths, p = ", "that of maps falls along");
      assertThat(judge(CLAIM, runs(along(replicates, false))).verdict()).isEqualTo(Verdict.REFUTED);
    }
  }

  /** Two or three lengths have too few orders. */
  @Test
  void fewReplicatesAtFewLengthsAreUndecided() {
    for (int replicates : new int[] {1, 2, 5}) {
      Judgement judgement = judge(CLAIM, runs(falling(replicates)));
      assertThat(judgement.verdict()).isEqualTo(Verdict.UNDECIDED);
      assertThat(judgement.reason()).contains("along 3 lengths, needed 2.5");
    }
  }

  @Test
  void manyReplicatesSpeakForAll() {
    Judgement judgement = judge(CLAIM, runs(falling(12)));
    assertThat(judgement.verdict()).isEqualTo(Verdict.SUPPORTED);
    assertThat(judgement.reason())
        .contains("risks falls over 12 replicates, p = ", "maps falls over");
    assertThat((List<?>) judgement.evidence().get("pairs")).hasSize(36);
    assertThat(judgement.evidence())
        .containsEntry("shortest", 10L)
        .containsEntry("longest", 1000L)
        .containsEntry("headsAgainstRidge", 72)
        .containsEntry("headsKnownToBeWorseThanRidge", 72);
    Map<?, ?> entry = (Map<?, ?>) ((List<?>) judgement.evidence().get("pairs")).get(0);
    assertThat(entry.get("mapDistance"))
        .isEqualTo(
            MapDistance.between(HandTrained.FAMILY, HandTrained.head(1.3), HandTrained.head(1)));
  }

  @Test
  void refutedByADistanceThatRises() {
    for (int replicates : new int[] {6, 12}) {
      for (boolean inRisks : new boolean[] {true, false}) {
        Judgement judgement = judge(CLAIM, runs(rising(replicates, inRisks)));
        assertThat(judgement.verdict()).isEqualTo(Verdict.REFUTED);
        assertThat(judgement.reason())
            .contains(inRisks ? "the distance of risks rises" : "that of maps rises");
      }
    }
  }

  @Test
  void undecidedWhereIntervalsOverlapOrReplicatesDiffer() {
    List<Trained.Run> close = new ArrayList<>(pair(10, 0, 0.003, 0.3));
    close.addAll(pair(1000, 0, 0.001, 0.02)); // known within ± 0.002 each
    Judgement overlap = judge(CLAIM, runs(close));
    assertThat(overlap.verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(overlap.reason())
        .contains("the distance of risks is not known to fall: it is smaller at 0 of 1 replicate");
    List<Trained.Run> mixed = new ArrayList<>(falling(1));
    mixed.addAll(pair(10, 1, 0.02, 0.3));
    mixed.addAll(pair(1000, 1, 0.3, 0.02));
    Judgement differ = judge(CLAIM, runs(mixed));
    assertThat(differ.verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(differ.reason()).contains("it is smaller at 1 of 2 replicates");
    List<Trained.Run> many = new ArrayList<>();
    for (int r = 0; r < 12; r++) {
      many.addAll(pair(10, r, r % 2 == 0 ? 0.3 : 0.1, 0.3));
      many.addAll(pair(1000, r, r % 2 == 0 ? 0.1 : 0.3, 0.02));
    }
    Judgement noTrend = judge(CLAIM, runs(many));
    assertThat(noTrend.verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(noTrend.reason()).contains("over 12 replicates, needed 2.5");
  }

  @Test
  void refutedByAHeadBetterThanTheBest() {
    List<Trained.Run> runs = new ArrayList<>(falling(8));
    runs.set(3, run(Activation.LINEAR, 100, 0, 0.188, 1)); // ridge is in [0.19, 0.21]
    Judgement judgement = judge(CLAIM, runs(runs));
    assertThat(judgement.verdict()).isEqualTo(Verdict.REFUTED);
    assertThat(judgement.reason())
        .startsWith("linear, L = 100, replicate 0 has the risk 0.1880 in [0.1870, 0.1890], below");
    runs.set(3, run(Activation.LINEAR, 100, 0, 0.189, 1)); // up to 0.19
    assertThat(judge(CLAIM, runs(runs)).verdict()).isEqualTo(Verdict.SUPPORTED);
  }

  @Test
  void undecidedWithoutRidgeOrGaussianInputs() {
    Trained trained = runs(falling(2));
    Judgement noRidge =
        judge(
            CLAIM,
            new Trained(
                trained.family(), true, trained.runs(), trained.ridge().subList(0, 2), List.of()));
    assertThat(noRidge.verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(noRidge.reason()).endsWith("ridge regression is not known at L = 1000");
    Judgement others =
        judge(CLAIM, new Trained(trained.family(), false, trained.runs(), List.of(), List.of()));
    assertThat(others.verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(others.reason()).contains("Gaussian inputs alone");
  }

  @Test
  void withoutBothHeadsThereIsNothingToJudge() {
    List<Trained.Run> linear =
        falling(2).stream().filter(run -> run.activation() == Activation.LINEAR).toList();
    for (Trained nothing : Arrays.asList(null, runs(List.of()), runs(linear))) {
      Judgement judgement = judge(CLAIM, nothing);
      assertThat(judgement.verdict()).isEqualTo(Verdict.INADMISSIBLE);
      assertThat(judgement.reason()).endsWith("this run trains no softmax head");
    }
    Judgement one = judge(CLAIM, runs(pair(10, 0, 0.1, 0.1)));
    assertThat(one.verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(one.reason()).isEqualTo("all heads were trained at L = 10, two lengths are needed");
  }

  /** A replicate counts where all four of its heads do; a length is not changed for another. */
  @Test
  void runsThatDidNotEndAreLeftOutByName() {
    double nan = Double.NaN;
    List<Trained.Run> runs = new ArrayList<>(falling(3)); // 6 runs a replicate
    runs.set(0, stopped(runs.get(0), true));
    runs.set(11, stopped(runs.get(11), false));
    Judgement judgement = judge(CLAIM, runs(runs));
    assertThat(judgement.verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(judgement.reason())
        .contains("at 1 of 1 replicate")
        .endsWith(
            "; left out: softmax, L = 10, replicate 0 (diverged at step 7),"
                + " linear, L = 1000, replicate 1 (incomplete)");
    runs.set(16, run(Activation.SOFTMAX, 1000, 2, nan, new Interval(nan, nan), 1));
    Judgement none = judge(CLAIM, runs(runs));
    assertThat(none.verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(none.reason())
        .startsWith("no replicate has both heads at both L = 10 and L = 1000; left out: ")
        .contains("softmax, L = 1000, replicate 2 (risk NaN)");
  }

  @Test
  void anUnboundedIntervalDecidesNothing() {
    for (int replicates : new int[] {1, 8}) {
      List<Trained.Run> runs = new ArrayList<>(falling(replicates));
      Interval unbounded = new Interval(0, Double.POSITIVE_INFINITY);
      runs.set(4, run(Activation.SOFTMAX, 1000, 0, 0.5, unbounded, 1.02));
      assertThat(judge(CLAIM, runs(runs)).verdict()).isEqualTo(Verdict.UNDECIDED);
    }
  }

  @Test
  void theOrderOfRunsDoesNotMatter() {
    List<Trained.Run> runs = new ArrayList<>(falling(7));
    runs.set(5, stopped(runs.get(5), false));
    Judgement judgement = judge(CLAIM, runs(runs));
    Collections.shuffle(runs, new Random(1));
    assertThat(judge(CLAIM, runs(runs))).isEqualTo(judgement);
  }
}
