package dev.promptlimit.claim;

import dev.promptlimit.regression.Activation;
import dev.promptlimit.regression.MapDistance;
import dev.promptlimit.regression.TaskFamily;
import dev.promptlimit.stat.Interval;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A softmax and a linear head that were trained at the same prompt length, in the same replicate.
 *
 * @param mapDistance {@link MapDistance} of the two
 */
record HeadPair(Trained.Run softmax, Trained.Run linear, double mapDistance) {
  /** All pairs of these runs, by length and replicate. */
  static List<HeadPair> of(TaskFamily family, List<Trained.Run> runs) {
    List<HeadPair> pairs = new ArrayList<>();
    for (Trained.Run run : runs) {
      if (run.activation() == Activation.SOFTMAX) {
        partner(run, runs)
            .ifPresent(
                linear ->
                    pairs.add(
                        new HeadPair(
                            run, linear, MapDistance.between(family, run.head(), linear.head()))));
      }
    }
    pairs.sort(Comparator.comparing(HeadPair::promptLength).thenComparing(HeadPair::replicate));
    return pairs;
  }

  private static Optional<Trained.Run> partner(Trained.Run run, List<Trained.Run> runs) {
    return runs.stream()
        .filter(
            other ->
                other.activation() == Activation.LINEAR
                    && other.promptLength() == run.promptLength()
                    && other.replicate() == run.replicate())
        .findFirst();
  }

  long promptLength() {
    return softmax.promptLength();
  }

  int replicate() {
    return softmax.replicate();
  }

  /** What is known of |R_softmax − R_linear|. */
  Interval riskDistance() {
    Interval one = softmax.riskInterval();
    Interval other = linear.riskInterval();
    double apart = Math.max(one.low() - other.high(), other.low() - one.high());
    double most = Math.max(one.high() - other.low(), other.high() - one.low());
    return new Interval(Math.max(0, apart), most);
  }

  Map<String, Object> evidence() {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("promptLength", promptLength());
    entry.put("replicate", replicate());
    entry.put("softmaxRisk", softmax.risk());
    entry.put("linearRisk", linear.risk());
    entry.put("riskDistance", Math.abs(softmax.risk() - linear.risk()));
    entry.put("riskDistanceLow", riskDistance().low());
    entry.put("riskDistanceHigh", riskDistance().high());
    entry.put("mapDistance", mapDistance);
    return entry;
  }
}
