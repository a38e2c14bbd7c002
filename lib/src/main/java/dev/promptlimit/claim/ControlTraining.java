package dev.promptlimit.claim;

import dev.promptlimit.attention.Head;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.regression.Activation;
import dev.promptlimit.regression.FiniteRisk;
import dev.promptlimit.regression.Onset;
import dev.promptlimit.regression.PopulationRisk;
import dev.promptlimit.regression.RiskSample;
import dev.promptlimit.regression.TaskFamily;
import dev.promptlimit.stat.Interval;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Control: the head to which R_∞ flows under Σ_ij = 2^{−|i−j|} ({@link
 * dev.promptlimit.regression.BalancedFlow}), held against the Bayes risk on prompts of covariance
 * I/3, by the comparison that judges {@link Theorem52}. Its risk on L tokens tends to its R_∞
 * there, which is far above ½σ² ({@link PopulationRisk}), like 1/L as scores vary little: H² = 0.22
 * (with (−2)^{−|i−j|} instead H² is 9.7, and a million tokens are too few). Must be refuted.
 */
public final class ControlTraining implements Claim {
  private static final int DIMENSION = 5;
  private static final double NOISE = 0.1;
  private static final List<Long> LENGTHS = List.of(100L, 100_000L, 1_000_000L);
  private static final List<Double> ACCURACIES = List.of(0.1, 0.01);
  private static final int TASKS = 2048;

  private final TaskFamily judged;

  /** Judged under another covariance than trained. */
  public ControlTraining() {
    this(Covariance.identity(DIMENSION, 1.0 / 3));
  }

  /** Judged under this one. */
  ControlTraining(Covariance covariance) {
    judged = family(covariance);
  }

  /** That of training: Σ_ij = 2^{−|i−j|}. */
  static Covariance trained() {
    return Covariance.toeplitz(DIMENSION, 0.5, 1);
  }

  private static TaskFamily family(Covariance covariance) {
    return new TaskFamily(covariance, 1, NOISE);
  }

  @Override
  public String id() {
    return "control-training";
  }

  @Override
  public Contract contract() {
    return new Contract(
        "Heads trained under one covariance meet the Bayes risk of long prompts of another.",
        "this project, must fail",
        "None: the setting is fixed, d = 5, σ² = 0.1, τ² = 1, the limit of the balanced flow under"
            + " Σ_ij = 2^(−|i−j|) judged on prompts with Σ = I/3.",
        "The intervals of the excess over ½σ² at L = 100, 1e5 and 1e6 for ε = 0.1 and 0.01, as"
            + " thm-5.2 compares.",
        "The excess falls below every ε.",
        "Half of it for the excesses, half for the head that is trained under the covariance it is"
            + " judged under.",
        "What refutes thm-5.2, which is what must happen; a run in which it does not proves"
            + " nothing.");
  }

  @Override
  public Verdict expected() {
    return Verdict.REFUTED;
  }

  @Override
  public boolean isControl() {
    return true;
  }

  @Override
  public boolean isAboutPrompts() {
    return false;
  }

  @Override
  public Judgement judge(Measured measured) {
    record Key(TaskFamily judged, long seed, double error) {}
    return measured
        .memo()
        .of(new Key(judged, measured.seed(), measured.testError()), () -> compute(measured));
  }

  private Judgement compute(Measured measured) {
    Head head = LimitExcess.limitHead(family(trained())).orElseThrow(); // Σ is regular
    double risk = 0.5 * NOISE;
    double alpha = measured.testError() / 2 / LENGTHS.size();
    List<LimitExcess.Length> lengths =
        LENGTHS.stream().map(length -> length(head, length, risk, alpha, measured.seed())).toList();
    Judgement judgement = new LimitExcess(judged, risk, lengths, ACCURACIES, measured).judge();
    double floor = PopulationRisk.value(judged, head) - risk;
    Map<String, Object> evidence = new LinkedHashMap<>(judgement.evidence());
    evidence.put("excessOfInfinitePrompt", floor);
    String reason =
        switch (judgement.verdict()) {
          case REFUTED -> judgement.reason() + "; it tends to " + Cells.text(floor);
          case SUPPORTED -> "the wrong covariance was not found out: " + judgement.reason();
          default -> judgement.reason();
        };
    return new Judgement(judgement.verdict(), reason, evidence);
  }

  /** Nothing moves: a fixed head has settled, and there is no horizon. */
  private LimitExcess.Length length(
      Head head, long promptLength, double risk, double alpha, long seed) {
    StreamKey key = StreamKey.ofBlock(seed, "control-training", promptLength);
    FiniteRisk finite =
        new FiniteRisk(judged, Activation.SOFTMAX, promptLength, RiskSample.of(judged, TASKS, key));
    Interval interval = finite.interval(head, alpha);
    Interval excess = new Interval(interval.low() - risk, interval.high() - risk);
    return new LimitExcess.Length(
        new Onset.Point(promptLength, finite.value(head) - risk, excess), 0, 0);
  }
}
