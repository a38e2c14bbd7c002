package dev.promptlimit.claim;

import dev.promptlimit.attention.Metric;
import dev.promptlimit.attention.Setting;
import dev.promptlimit.theory.ExactMeanSquares;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What an undecided delta-method group needs: more prompts, or longer ones, by the exact values of
 * Gaussian tokens at 4^k times the longest length, up to the longest that can be simulated. Cost:
 * one {@link ExactMeanSquares} for every setting, at most {@value #MOST} of them.
 */
final class DeltaSearch {
  private static final int MOST = 16;
  private static final long FACTOR = 4;

  /** What one search serves: a setting and its longest prompts. */
  private record Search(Cells.Names names, long longest) {}

  /** All that the exact values of a search depend on. */
  private record Key(Search search, Set<Metric> metrics) {}

  private final Memo memo;

  DeltaSearch(Memo memo) {
    this.memo = memo;
  }

  /** What each of them needs, in words. */
  Map<DeltaGroup, String> missing(List<DeltaGroup> undecided) {
    Map<Search, List<DeltaGroup>> bySetting = new LinkedHashMap<>();
    for (DeltaGroup group : undecided) {
      Observation cell = group.longest();
      Search search = new Search(Cells.Names.of(cell), cell.length());
      bySetting.computeIfAbsent(search, key -> new ArrayList<>()).add(group);
    }
    Map<DeltaGroup, String> missing = new LinkedHashMap<>();
    int searched = 0;
    for (Map.Entry<Search, List<DeltaGroup>> entry : bySetting.entrySet()) {
      List<DeltaGroup> groups = entry.getValue();
      Setting setting = groups.get(0).longest().setting();
      Set<Metric> metrics = EnumSet.noneOf(Metric.class);
      for (DeltaGroup group : groups) {
        if (Double.isFinite(group.longest().exact()) && !near(group.longest().exact(), group, 1)) {
          metrics.add(group.longest().metric());
        }
      }
      boolean search = !metrics.isEmpty() && Cells.forms(groups.get(0).longest()).isPresent();
      List<Long> lengths = search && searched < MOST ? lengths(setting.promptLength()) : List.of();
      searched += search ? 1 : 0;
      List<Map<Metric, Double>> exact =
          lengths.isEmpty()
              ? List.of()
              : memo.of(
                  new Key(entry.getKey(), metrics),
                  () ->
                      ExactMeanSquares.of(
                          setting.tokens(), setting.head(), setting.queries(), lengths, metrics));
      groups.forEach(group -> missing.put(group, missing(group, lengths, exact)));
    }
    return missing;
  }

  private static List<Long> lengths(long longest) {
    List<Long> lengths = new ArrayList<>();
    for (long length = longest; length <= Setting.MAX_PROMPT_LENGTH; length *= FACTOR) {
      lengths.add(length);
    }
    return lengths;
  }

  /** Whether a value is within the tolerance of the constant at factor times the longest length. */
  private static boolean near(double exact, DeltaGroup group, double factor) {
    return Math.abs(exact * factor / group.longest().delta() - 1) <= DeltaGroup.TOLERANCE;
  }

  private static String missing(
      DeltaGroup group, List<Long> lengths, List<Map<Metric, Double>> exact) {
    Observation cell = group.longest();
    if (!Double.isFinite(cell.exact())) {
      return "longer prompts or more of them are needed, exact values are not known here";
    }
    if (near(cell.exact(), group, 1)) {
      return String.format(
          Locale.ROOT,
          "the exact ratio there is %s, more prompts are needed",
          Cells.text(cell.exact() / cell.delta()));
    }
    if (lengths.isEmpty()) {
      return "longer prompts are needed, from which length on was not computed";
    }
    int from = lengths.size();
    while (from > 0) {
      double value = exact.get(from - 1).get(cell.metric());
      if (!near(value, group, (double) lengths.get(from - 1) / cell.length())) {
        break;
      }
      from--;
    }
    return from == lengths.size()
        ? String.format(
            Locale.ROOT,
            "by exact theory the ratio is not within 10 %% of 1 up to L = %.3g",
            (double) lengths.get(from - 1))
        : "by exact theory the ratio is within 10 % of 1 from L = " + lengths.get(from) + " on";
  }
}
