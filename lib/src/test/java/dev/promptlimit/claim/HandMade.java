package dev.promptlimit.claim;

import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.attention.Setting;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.TokenMeasure;
import dev.promptlimit.stat.Interval;
import dev.promptlimit.theory.DeltaMethod;
import dev.promptlimit.theory.ExactMeanSquares;
import dev.promptlimit.theory.QueryForms;
import dev.promptlimit.theory.QuerySpectrum;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Observations made by hand: what a run would measure of a setting, from exact theory. */
final class HandMade {
  static final long PROMPTS = 65536;

  private HandMade() {}

  /** N(0, v I_d). */
  static Gaussian normal(int d, double variance) {
    return Gaussian.centred(Covariance.identity(d, variance));
  }

  /** U = u I, V = I. */
  static Head head(int d, double u) {
    return new Head(Head.scaledIdentity(d, u), Head.scaledIdentity(d, 1));
  }

  static Gaussian fixed(double... z) {
    return Gaussian.fixed(z);
  }

  /**
   * Cells with their exact values and constants, measured within ± half-width with the true value
   * at a third of it below the mean.
   */
  static List<Observation> exact(
      TokenMeasure tokens,
      Gaussian queries,
      Head head,
      Set<Metric> metrics,
      double halfWidth,
      Long... lengths) {
    List<Long> list = List.of(lengths);
    List<Map<Metric, Double>> exact =
        ExactMeanSquares.of(tokens, head, queries, list, EnumSet.copyOf(metrics));
    Map<Metric, Double> constants =
        QueryForms.known(tokens, head)
            .map(forms -> DeltaMethod.constants(forms, head, queries))
            .orElseGet(() -> DeltaMethod.constants(tokens, head, queries.mean()));
    List<Observation> cells = new ArrayList<>();
    for (int i = 0; i < lengths.length; i++) {
      for (Metric metric : metrics) {
        double value = exact.get(i).get(metric);
        Observation cell =
            observation(
                new Setting(tokens, queries, head, lengths[i]),
                metric,
                value,
                new Interval(value, value),
                value,
                constants.get(metric) / lengths[i]);
        cells.add(within(cell, halfWidth));
      }
    }
    return cells;
  }

  /** The same cell, measured within ± this of its exact value, a third of it too high. */
  static Observation within(Observation cell, double halfWidth) {
    double mean = cell.exact() * (1 + halfWidth / 3);
    double half = halfWidth * cell.exact();
    return measured(cell, mean, mean - half, mean + half);
  }

  static Observation observation(
      Setting setting, Metric metric, double mean, Interval interval, double exact, double delta) {
    Optional<QuerySpectrum> spectrum =
        QueryForms.known(setting.tokens(), setting.head())
            .map(forms -> new QuerySpectrum(forms, setting.queries()));
    return new Observation(
        "tokens",
        "queries",
        "head",
        setting,
        metric,
        PROMPTS,
        0,
        Optional.empty(),
        mean,
        interval,
        spectrum,
        exact,
        delta,
        List.of());
  }

  /** The same cell, measured otherwise. */
  static Observation measured(Observation cell, double mean, double low, double high) {
    return with(cell, cell.prompts(), 0, mean, new Interval(low, high), cell.exact(), cell.delta());
  }

  /** The same cell with mean and interval multiplied. */
  static Observation times(Observation cell, double factor) {
    return measured(
        cell,
        factor * cell.mean(),
        factor * cell.meanSquare().low(),
        factor * cell.meanSquare().high());
  }

  static Observation withExact(Observation cell, double exact) {
    return with(cell, cell.prompts(), 0, cell.mean(), cell.meanSquare(), exact, cell.delta());
  }

  static Observation withDelta(Observation cell, double delta) {
    return with(cell, cell.prompts(), 0, cell.mean(), cell.meanSquare(), cell.exact(), delta);
  }

  /** The same cell without a limit in some prompts. */
  static Observation inadmissible(Observation cell, long count) {
    return with(
        cell, cell.prompts(), count, cell.mean(), cell.meanSquare(), cell.exact(), cell.delta());
  }

  /** The same cell without prompts. */
  static Observation unseen(Observation cell) {
    Interval nothing = new Interval(Double.NaN, Double.NaN);
    return with(cell, 0, 0, Double.NaN, nothing, cell.exact(), cell.delta());
  }

  /** The same cell of another head's name. */
  static Observation named(Observation cell, String head) {
    return named(cell, cell.tokens(), cell.queries(), head);
  }

  /** The same cell under other names. */
  static Observation named(Observation cell, String tokens, String queries, String head) {
    return new Observation(
        tokens,
        queries,
        head,
        cell.setting(),
        cell.metric(),
        cell.prompts(),
        cell.inadmissible(),
        cell.inadmissibleReason(),
        cell.mean(),
        cell.meanSquare(),
        cell.spectrum(),
        cell.exact(),
        cell.delta(),
        cell.tail());
  }

  private static Observation with(
      Observation cell,
      long prompts,
      long inadmissible,
      double mean,
      Interval interval,
      double exact,
      double delta) {
    return new Observation(
        cell.tokens(),
        cell.queries(),
        cell.head(),
        cell.setting(),
        cell.metric(),
        prompts,
        inadmissible,
        inadmissible > 0 ? Optional.of("no limit") : Optional.empty(),
        mean,
        interval,
        cell.spectrum(),
        exact,
        delta,
        cell.tail());
  }

  static Judgement judge(Claim claim, List<Observation> cells) {
    return claim.judge(new Measured(cells, List.of(), 1e-4, 20251212, new Memo()));
  }

  static Judgement judgeFixtures(Claim claim, List<Observation> fixtures) {
    return claim.judge(new Measured(List.of(), fixtures, 1e-4, 20251212, new Memo()));
  }
}
