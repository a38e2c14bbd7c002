package dev.promptlimit.claim;

import dev.promptlimit.stat.Interval;
import dev.promptlimit.theory.PublishedBounds;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.hipparchus.util.FastMath;

/**
 * Tails of one token measure's deviations at its three longest prompts, beside what follows from a
 * bound on the mean square and what they tend to.
 *
 * <ul>
 *   <li>Markov's inequality: P(dev &gt; u) ≤ min(1, B/u²). An interval that lies above it
 *       contradicts the bound.
 *   <li>The fluctuation limit ({@link FluctuationLimit}): how far it lies outside the intervals for
 *       P(√L dev &gt; v). Short prompts are not there yet, so this is told, not judged.
 *   <li>Collapse: the distance of the curves v ↦ P(√L dev &gt; v), middles of intervals, of
 *       successive lengths, which shrinks where there is a limit.
 * </ul>
 */
final class TailEvidence {
  private static final int LENGTHS = 3;

  private final List<Observation> observations;
  private final Map<String, Object> evidence = new LinkedHashMap<>();
  private final List<String> violations = new ArrayList<>();

  /** All that a fluctuation limit depends on. */
  private record Key(Cells.Group group, long seed) {}

  /**
   * @param observations of one token measure, lengths ascending
   * @param bounds what Markov's inequality is applied to; null for none
   */
  TailEvidence(
      List<Observation> observations, double sigma, PublishedBounds bounds, long seed, Memo memo) {
    int n = observations.size();
    this.observations = observations.subList(Math.max(0, n - LENGTHS), n);
    Observation last = observations.get(n - 1);
    Optional<FluctuationLimit> limit =
        last.tail().isEmpty()
            ? Optional.empty()
            : memo.of(
                new Key(Cells.Group.of(last), seed),
                () -> FluctuationLimit.of(last.setting(), last.metric(), seed));
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Observation observation : this.observations) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("length", observation.length());
      row.put("edges", observation.tail().size());
      row.put("widestInterval", widest(observation));
      if (bounds != null) {
        markov(observation, sigma, bounds, row);
      }
      limit.ifPresent(law -> distances(observation, law, row));
      rows.add(row);
    }
    evidence.put("tokens", last.tokens());
    evidence.put("sigma", sigma);
    evidence.put("lengths", rows);
    collapse();
  }

  Map<String, Object> evidence() {
    return evidence;
  }

  /** Where tails contradict the bound. */
  List<String> violations() {
    return violations;
  }

  private static double widest(Observation observation) {
    return observation.tail().stream()
        .mapToDouble(point -> (point.probability().high() - point.probability().low()) / 2)
        .max()
        .orElse(Double.NaN);
  }

  private void markov(
      Observation observation, double sigma, PublishedBounds bounds, Map<String, Object> row) {
    double b = bounds.meanSquare(observation.metric(), sigma, (double) observation.length());
    int above = 0;
    double closest = 0;
    for (TailPoint point : observation.tail()) {
      double markov = Math.min(1, b / (point.deviation() * point.deviation()));
      closest = Math.max(closest, point.probability().low() / markov);
      if (point.probability().low() > markov) {
        above++;
        violations.add(
            String.format(
                Locale.ROOT,
                "σ = %.4g, L = %d: P(deviation > %.4g) is at least %.3g, by the bound at most %.3g",
                sigma,
                observation.length(),
                point.deviation(),
                point.probability().low(),
                markov));
      }
    }
    row.put("bound", b);
    row.put("edgesAboveMarkov", above);
    row.put("largestLowOverMarkov", closest);
  }

  private static void distances(
      Observation observation, FluctuationLimit law, Map<String, Object> row) {
    double outside = 0;
    double apart = 0;
    for (TailPoint point : observation.tail()) {
      double limit =
          law.exceedance(FastMath.sqrt((double) observation.length()) * point.deviation());
      Interval p = point.probability();
      outside = Math.max(outside, Math.max(p.low() - limit, limit - p.high()));
      apart = Math.max(apart, Math.abs(middle(p) - limit));
    }
    row.put("limitOutsideIntervalsBy", outside);
    row.put("limitFromMiddles", apart);
  }

  private void collapse() {
    List<Double> distances = new ArrayList<>();
    for (int i = 1; i < observations.size(); i++) {
      distances.add(distance(observations.get(i - 1), observations.get(i)));
    }
    evidence.put("distanceOfSuccessiveLengths", distances);
    boolean shrinks = distances.size() == 2 && distances.get(1) < distances.get(0);
    evidence.put("collapses", shrinks);
  }

  /** The largest distance of two curves where both are known, linear in ln v between edges. */
  private static double distance(Observation shorter, Observation longer) {
    double shift = 0.5 * FastMath.log((double) longer.length() / shorter.length());
    List<TailPoint> curve = shorter.tail();
    double largest = Double.NaN;
    int k = 0;
    for (TailPoint point : longer.tail()) {
      double x = FastMath.log(point.deviation()) + shift;
      while (k + 2 < curve.size() && FastMath.log(curve.get(k + 1).deviation()) < x) {
        k++;
      }
      if (k + 1 >= curve.size()) {
        break;
      }
      double left = FastMath.log(curve.get(k).deviation());
      double right = FastMath.log(curve.get(k + 1).deviation());
      if (x < left || x > right) {
        continue;
      }
      double part = (x - left) / (right - left);
      double other =
          (1 - part) * middle(curve.get(k).probability())
              + part * middle(curve.get(k + 1).probability());
      double apart = Math.abs(middle(point.probability()) - other);
      largest = largest >= apart ? largest : apart;
    }
    return largest;
  }

  private static double middle(Interval interval) {
    return (interval.low() + interval.high()) / 2;
  }
}
