package dev.promptlimit.claim;

import dev.promptlimit.measure.Gaussian;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** What claims share in reading and naming observations. */
final class Cells {
  /** Entries of a list of evidence: what a reader can still look through. */
  static final int MOST_ENTRIES = 200;

  private Cells() {}

  /** The name of a cell in reasons and evidence. */
  static String name(Observation cell) {
    return String.format(
        Locale.ROOT, "%s, L = %d, %s", setting(cell), cell.length(), cell.metric().id());
  }

  /** The name of all its prompt lengths together. */
  static String group(Observation cell) {
    return setting(cell) + ", " + cell.metric().id();
  }

  /** The name of its tokens, queries and head. */
  static String setting(Observation cell) {
    return cell.tokens() + ", " + cell.queries() + ", " + cell.head();
  }

  /** Whether its tokens are Gaussian and held against their own limit. */
  static boolean isGaussian(Observation cell) {
    return cell.setting().tokens() instanceof Gaussian && cell.setting().ownLimit();
  }

  /** Whether prompts were simulated and none of them has a limit. */
  static boolean allInadmissible(Observation cell) {
    return cell.prompts() > 0 && cell.inadmissible() == cell.prompts();
  }

  /** The cells by a name, in their order. */
  static Map<String, List<Observation>> by(
      Function<Observation, String> name, List<Observation> cells) {
    Map<String, List<Observation>> groups = new LinkedHashMap<>();
    for (Observation cell : cells) {
      groups.computeIfAbsent(name.apply(cell), key -> new ArrayList<>()).add(cell);
    }
    return groups;
  }

  /** A number in a reason: four digits. */
  static String text(double x) {
    return String.format(Locale.ROOT, "%.4g", x);
  }

  /** A share in a reason, in percent. */
  static String percent(double x) {
    return String.format(Locale.ROOT, "%.3g %%", 100 * x);
  }
}
