package dev.promptlimit.claim;

import dev.promptlimit.attention.Metric;
import dev.promptlimit.attention.Setting;
import dev.promptlimit.stat.Interval;
import dev.promptlimit.theory.QuerySpectrum;
import java.util.List;
import java.util.Optional;

/**
 * What a run has measured of one metric in one setting, with what theory says beside it. The
 * intervals of all observations of a run hold together, at any time, with the family's confidence.
 *
 * @param tokens name of the token measure
 * @param queries name of the query measure
 * @param head name of the head
 * @param setting what was simulated
 * @param metric what was measured
 * @param prompts prompts simulated
 * @param inadmissible prompts among them that have no limit
 * @param inadmissibleReason why one of them has none; empty if all have one
 * @param mean estimate of the mean-square error; NaN without admissible prompts
 * @param meanSquare its interval
 * @param spectrum how strongly the queries tilt the tokens; empty unless both are Gaussian, tokens
 *     prompt by prompt, and score variances depend on the query alone
 * @param exact the mean-square error by exact theory; NaN where it is not known
 * @param delta the delta-method constant over the prompt length; +∞ where it is infinite, NaN where
 *     it is not known
 * @param tail tail probabilities, deviations ascending
 */
public record Observation(
    String tokens,
    String queries,
    String head,
    Setting setting,
    Metric metric,
    long prompts,
    long inadmissible,
    Optional<String> inadmissibleReason,
    double mean,
    Interval meanSquare,
    Optional<QuerySpectrum> spectrum,
    double exact,
    double delta,
    List<TailPoint> tail) {
  /** Prompt length L. */
  public long length() {
    return setting.promptLength();
  }
}
