package dev.promptlimit.claim;

import dev.promptlimit.attention.Head;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.regression.Activation;
import dev.promptlimit.regression.BalancedFlow;
import dev.promptlimit.regression.FiniteRisk;
import dev.promptlimit.regression.FlowResult;
import dev.promptlimit.regression.Onset;
import dev.promptlimit.regression.RiskSample;
import dev.promptlimit.regression.TaskFamily;
import dev.promptlimit.stat.Interval;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.hipparchus.linear.MatrixUtils;

/*
 * What is known of e_L = lim_t R_L(θ_L(t)) − r after a horizon T: R_L only falls, so e_L ≤ R_L(θ_L(T)) − r. By how
 * much it still falls is not known. If it falls like t^{−p} then the fall after T is 1/(2^p − 1) times that of
 * [T/2, T], which is at most 4 times for p ≥ 0.33, and less if it falls exponentially. The flow of R_∞ gives
 * another hint, its lag R_∞(θ_∞(T)) − r: where that is not small the horizon is too short for either flow. Hence
 *
 *   e_L ≥ R_L(θ_L(T)) − r − 4 (settling + lag),
 *
 * which is used to refute, never to support.
 *
 * No finite list of lengths contradicts "there is L(ε)". It is refuted as a prediction, as the bounds are:
 *
 *   (1) at the longest length e_L > ε;
 *   (2) the head of least R_∞ has on prompts of that length an excess of at most ε/4: they are long enough for a
 *       head to do well, and the flow of R_∞ gets there;
 *   (3) e_L is at least half of what it was at prompts 16 times shorter, a fall slower than L^{−1/4}.
 *
 * At a true statement (2) fails until prompts are long; from then on R_L and R_∞ are close around the path of the
 * flow, and (1) and (3) fail. A statement with a floor, e_L → f > 0, trips the rule at every ε < f that is asked
 * for once prompts are long.
 */
/**
 * Whether the limits of gradient flows of R_L come within every accuracy ε of a risk r as prompts
 * grow: the one comparison behind {@link Theorem43}, {@link Theorem52} and {@link ControlTraining}.
 */
final class LimitExcess {
  /** Lengths this many times shorter show whether an excess falls. */
  private static final double SHORTER = 16;

  /** The fall that is left in units of {@link Length#settling} and {@link Length#lag}. */
  private static final double LEFT = 4;

  /** Part of ε that a known head's excess may take at lengths that are long enough. */
  private static final double LONG_ENOUGH = 0.25;

  private static final int TASKS = 2048;

  /**
   * What a flow of one length gave.
   *
   * @param point length and excess over r at the horizon
   * @param settling {@link FlowResult#settling}
   * @param lag R_∞(θ_∞) − r at the horizon
   */
  record Length(Onset.Point point, double settling, double lag) {
    /** Of a flow. */
    static Length of(FlowResult flow, double risk) {
      return new Length(flow.excess(risk), flow.settling(), flow.last().limitRisk() - risk);
    }

    boolean isKnown() {
      return Double.isFinite(point.excess())
          && point.interval().low() <= point.interval().high()
          && Double.isFinite(settling)
          && Double.isFinite(lag);
    }

    /** What the excess will not fall below. */
    double floor() {
      return point.interval().low() - LEFT * (Math.max(0, settling) + Math.max(0, lag));
    }

    /** For readers. */
    String text() {
      return String.format(
          Locale.ROOT,
          "%s in [%s, %s] at L = %d",
          Cells.text(point.excess()),
          Cells.text(point.interval().low()),
          Cells.text(point.interval().high()),
          point.promptLength());
    }
  }

  private final TaskFamily family;
  private final double risk;
  private final List<Length> lengths; // ascending, known
  private final List<Long> unknown;
  private final List<Double> accuracies; // descending
  private final Measured measured;

  /**
   * @param family tasks that the risks are of
   * @param risk r
   * @param lengths each once, in any order
   * @param accuracies every ε
   * @param measured half of its error probability is used
   */
  LimitExcess(
      TaskFamily family,
      double risk,
      List<Length> lengths,
      List<Double> accuracies,
      Measured measured) {
    this.family = family;
    this.risk = risk;
    this.measured = measured;
    Comparator<Length> ascending = Comparator.comparingLong(length -> length.point.promptLength());
    this.lengths = lengths.stream().filter(Length::isKnown).sorted(ascending).toList();
    this.unknown =
        lengths.stream()
            .filter(length -> !length.isKnown())
            .map(length -> length.point.promptLength())
            .sorted()
            .toList();
    this.accuracies = accuracies.stream().distinct().sorted(Comparator.reverseOrder()).toList();
  }

  /** The head of least risk to which R_∞ flows from a balanced start; none for singular Σ. */
  static Optional<Head> limitHead(TaskFamily family) {
    int d = family.dimension();
    return new BalancedFlow(family.covariance(), 1, MatrixUtils.createRealIdentityMatrix(d))
        .limit()
        .map(BalancedFlow.State::head);
  }

  private Length longest() {
    return lengths.get(lengths.size() - 1);
  }

  Judgement judge() {
    Map<String, Object> evidence = new LinkedHashMap<>();
    evidence.put("risk", risk);
    evidence.put("lengths", lengths.stream().map(LimitExcess::entry).toList());
    if (!unknown.isEmpty()) {
      evidence.put("leftOut", unknown.stream().map(length -> "L = " + length).toList());
    }
    if (lengths.size() < 2 || accuracies.isEmpty()) {
      String reason =
          accuracies.isEmpty()
              ? "no accuracy was asked for"
              : "limits of flows are known at fewer than two prompt lengths";
      return new Judgement(Verdict.UNDECIDED, reason + leftOut(), evidence);
    }
    List<Onset.Point> points = lengths.stream().map(Length::point).toList();
    List<Onset> onsets = accuracies.stream().map(epsilon -> Onset.of(epsilon, points)).toList();
    evidence.put("onsets", onsets.stream().map(LimitExcess::entry).toList());
    Optional<String> refutation = refutation(evidence);
    if (refutation.isPresent()) {
      return new Judgement(Verdict.REFUTED, refutation.get() + leftOut(), evidence);
    }
    Optional<String> missing = missing(onsets);
    return missing.isPresent()
        ? new Judgement(Verdict.UNDECIDED, missing.get() + leftOut(), evidence)
        : new Judgement(Verdict.SUPPORTED, support(onsets) + leftOut(), evidence);
  }

  private static Map<String, Object> entry(Length length) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("promptLength", length.point.promptLength());
    entry.put("excess", length.point.excess());
    entry.put("low", length.point.interval().low());
    entry.put("high", length.point.interval().high());
    entry.put("settling", length.settling);
    entry.put("lag", length.lag);
    return entry;
  }

  private static Map<String, Object> entry(Onset onset) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("accuracy", onset.epsilon());
    entry.put("promptLength", onset.estimate());
    entry.put("low", onset.low());
    entry.put("high", onset.high());
    return entry;
  }

  private String leftOut() {
    return unknown.isEmpty() ? "" : "; left out, not finite: L = " + Cells.list(unknown);
  }

  /** Why the prediction fails, none if it does not. */
  private Optional<String> refutation(Map<String, Object> evidence) {
    Length last = longest();
    double floor = last.floor();
    Optional<Length> before =
        lengths.stream()
            .filter(length -> SHORTER * length.point.promptLength() <= last.point.promptLength())
            .reduce((shorter, longer) -> longer);
    boolean falls = before.isEmpty() || !(floor >= 0.5 * before.get().point.interval().high());
    if (falls || !(floor > accuracies.get(accuracies.size() - 1))) {
      return Optional.empty();
    }
    Optional<Interval> known = knownHead(last.point.promptLength());
    known.ifPresent(interval -> evidence.put("knownHeadExcessHigh", interval.high()));
    double high = known.map(Interval::high).orElse(Double.POSITIVE_INFINITY);
    return accuracies.stream()
        .filter(epsilon -> floor > epsilon && high <= LONG_ENOUGH * epsilon)
        .findFirst()
        .map(
            epsilon ->
                String.format(
                    Locale.ROOT,
                    "the excess is %s, above ε = %s and not half of what it was, %s, although a"
                        + " head is known whose excess there is at most %s",
                    last.text(),
                    Cells.text(epsilon),
                    before.get().text(),
                    Cells.text(high)));
  }

  /** The excess of the limit head on prompts of a length; none if there is no such head. */
  private Optional<Interval> knownHead(long promptLength) {
    record Key(TaskFamily family, long promptLength, long seed, double error) {}
    Key key = new Key(family, promptLength, measured.seed(), measured.testError());
    return limitHead(family)
        .map(head -> measured.memo().of(key, () -> ofHead(family, head, promptLength, measured)))
        .map(interval -> new Interval(interval.low() - risk, interval.high() - risk));
  }

  /** R_L of a fixed head under softmax attention, with half the error probability of a claim. */
  private static Interval ofHead(
      TaskFamily family, Head head, long promptLength, Measured measured) {
    StreamKey key = StreamKey.ofBlock(measured.seed(), "limit head", promptLength);
    RiskSample sample = RiskSample.of(family, TASKS, key);
    return new FiniteRisk(family, Activation.SOFTMAX, promptLength, sample)
        .interval(head, measured.testError() / 2);
  }

  /** What is missing to a statement that is supported. */
  private Optional<String> missing(List<Onset> onsets) {
    Length last = longest();
    double second = (double) lengths.get(lengths.size() - 2).point.promptLength();
    for (Onset onset : onsets) {
      if (onset.high() <= second) {
        continue;
      }
      String epsilon = "ε = " + Cells.text(onset.epsilon());
      if (last.lag > onset.epsilon()) {
        return Optional.of(
            "the horizon is too short for "
                + epsilon
                + ": the flow of infinite prompts is still "
                + Cells.text(last.lag)
                + " above its limit");
      }
      return Optional.of(
          onset.high() < Double.POSITIVE_INFINITY
              ? epsilon + " is reached at the longest prompts alone, " + last.text()
              : epsilon + " is not reached, the excess is " + last.text() + ", the longest");
    }
    return falls()
        ? Optional.empty()
        : Optional.of(
            "the excess is not known to fall, it is "
                + lengths.get(0).text()
                + " and "
                + last.text());
  }

  private boolean falls() {
    return longest().point.interval().high() < lengths.get(0).point.interval().low();
  }

  private String support(List<Onset> onsets) {
    List<String> texts = new ArrayList<>();
    for (Onset onset : onsets) {
      texts.add(
          String.format(
              Locale.ROOT,
              "L(%s) = %s in [%.0f, %.0f]",
              Cells.text(onset.epsilon()),
              Cells.text(onset.estimate()),
              onset.low(),
              onset.high()));
    }
    return String.join(", ", texts)
        + "; the excess falls from "
        + lengths.get(0).text()
        + " to "
        + longest().text();
  }
}
