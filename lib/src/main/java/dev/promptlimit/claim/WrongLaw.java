package dev.promptlimit.claim;

import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.attention.Setting;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.TokenMeasure;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * A control: prompts of one measure held against the limit and the exact errors of another, by the
 * comparison that judges {@link ExactLaw}. It must find the difference.
 */
abstract class WrongLaw implements Claim {
  private static final List<Long> LENGTHS = LongStream.of(16, 256, 4096).boxed().toList();

  private final String name;
  private final TokenMeasure tokens;
  private final Gaussian limit;
  private final Head head;
  private final double[] query;

  /**
   * @param name how results call the setting
   * @param limit the wrong measure
   * @param query the one query
   */
  WrongLaw(String name, TokenMeasure tokens, Gaussian limit, Head head, double[] query) {
    this.name = name;
    this.tokens = tokens;
    this.limit = limit;
    this.head = head;
    this.query = query.clone();
  }

  @Override
  public final Verdict expected() {
    return Verdict.REFUTED;
  }

  @Override
  public final boolean isControl() {
    return true;
  }

  @Override
  public final List<Fixture> fixtures() {
    return LENGTHS.stream()
        .map(length -> new Setting(tokens, Gaussian.fixed(query), head, length, limit))
        .map(setting -> new Fixture(name, setting, EnumSet.of(Metric.OUTPUT)))
        .toList();
  }

  /** The squared distance of the two limits at the query: what the error cannot fall below. */
  final double floor() {
    double[] a = head.u().operate(query);
    double[] right = head.v().operate(tokens.tiltedMean(a));
    double[] wrong = head.v().operate(limit.tiltedMean(a));
    double sum = 0;
    for (int i = 0; i < right.length; i++) {
      sum += (right[i] - wrong[i]) * (right[i] - wrong[i]);
    }
    return sum;
  }

  @Override
  public final Judgement judge(Measured measured) {
    ExactComparison comparison = ExactComparison.of(measured.fixtures());
    Map<String, Object> evidence = new LinkedHashMap<>(comparison.evidence());
    evidence.put("squaredDistanceOfLimits", floor());
    Optional<Observation> longest =
        measured.fixtures().stream().max(Comparator.comparing(Observation::length));
    longest.ifPresent(
        cell -> {
          evidence.put("longestPrompt", cell.length());
          evidence.put("errorAtLongestPrompt", cell.mean());
          evidence.put("errorLowAtLongestPrompt", cell.meanSquare().low());
          evidence.put("wrongTheoryAtLongestPrompt", cell.exact());
        });
    return new Judgement(comparison.verdict(), reason(comparison, longest), evidence);
  }

  private String reason(ExactComparison comparison, Optional<Observation> longest) {
    return switch (comparison.verdict()) {
      case REFUTED ->
          comparison.reason()
              + longest
                  .map(
                      cell ->
                          String.format(
                              Locale.ROOT,
                              "; at L = %d the error is %s, the limits are %s apart",
                              cell.length(),
                              Cells.text(cell.mean()),
                              Cells.text(floor())))
                  .orElse("");
      case SUPPORTED -> "the wrong theory was not found out: " + comparison.reason();
      default -> comparison.reason();
    };
  }

  /** The contract but for what is claimed. */
  static Contract contract(String statement, String assumptions) {
    return new Contract(
        statement,
        "this project, must fail",
        assumptions,
        "The simultaneous intervals of the output's mean square at L = 16, 256 and 4096 against the"
            + " exact values of the wrong measure, as exact-law compares.",
        "Every interval holds the value of the wrong theory.",
        "None of its own: the intervals of a run hold together at the family error.",
        "One interval that excludes its value, which is what must happen; a run in which it does"
            + " not proves nothing.");
  }
}
