package dev.promptlimit.claim;

import static java.util.stream.Collectors.joining;

import dev.promptlimit.attention.Metric;
import dev.promptlimit.attention.Setting;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.GaussianPrompts;
import dev.promptlimit.theory.MeanScores;
import dev.promptlimit.theory.QueryForms;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.util.FastMath;

/** What claims share in reading and naming observations. */
final class Cells {
  /** Entries of a list of evidence: what a reader can still look through. */
  static final int MOST_ENTRIES = 200;

  /** Some 500 units in the last place: sums over up to 1024 coordinates leave less. */
  private static final double ROUNDING = 1e-13;

  private Cells() {}

  /** The names of tokens, queries and head, by which an experiment tells its settings apart. */
  record Names(String tokens, String queries, String head) {
    static Names of(Observation cell) {
      return new Names(cell.tokens(), cell.queries(), cell.head());
    }

    /** For readers. A fixture has one name for all three. */
    String text() {
      boolean same = tokens.equals(queries) && queries.equals(head);
      return same ? tokens : tokens + ", " + queries + ", " + head;
    }
  }

  /** What all prompt lengths together have in common. */
  record Group(Names names, Metric metric) {
    static Group of(Observation cell) {
      return new Group(Names.of(cell), cell.metric());
    }

    /** For readers. */
    String text() {
      return names.text() + ", " + metric.id();
    }
  }

  /** The name of a cell in reasons and evidence. */
  static String name(Observation cell) {
    return String.format(
        Locale.ROOT, "%s, L = %d, %s", Names.of(cell).text(), cell.length(), cell.metric().id());
  }

  /** Whether its tokens are Gaussian and held against their own limit. */
  static boolean isGaussian(Observation cell) {
    return cell.setting().tokens() instanceof Gaussian && cell.setting().ownLimit();
  }

  /**
   * Whether the tokens of every prompt are Gaussian, of one covariance or each of its own, and held
   * against their own limit.
   */
  static boolean hasGaussianPrompts(Observation cell) {
    return cell.setting().tokens() instanceof GaussianPrompts && cell.setting().ownLimit();
  }

  /** The forms of its errors, empty where these are not known. */
  static Optional<QueryForms> forms(Observation cell) {
    Setting setting = cell.setting();
    return setting.ownLimit()
        ? QueryForms.known(setting.tokens(), setting.head())
        : Optional.empty();
  }

  /**
   * Whether a mean square is 0 up to rounding: 1e-13 of ‖V‖² tr Γ or less, of p tr Γ for
   * jacobian-v, of ‖V‖² (tr Γ)² E‖z‖² for jacobian-u, with Γ the covariance of the limit's tokens.
   * What is 0 in exact numbers, the error along a direction in which tokens do not vary, comes out
   * as such.
   */
  static boolean isRounding(Observation cell, double meanSquare) {
    Setting setting = cell.setting();
    double tokens = MeanScores.covariance(setting.limit()).getTrace();
    double head = FastMath.pow(setting.head().v().getFrobeniusNorm(), 2);
    double queries =
        setting.queries().covariance().matrix().getTrace()
            + MatrixUtils.createRealVector(setting.queries().mean())
                .dotProduct(MatrixUtils.createRealVector(setting.queries().mean()));
    double size =
        switch (cell.metric()) {
          case OUTPUT -> head * tokens;
          case JACOBIAN_V -> setting.head().outputs() * tokens;
          case JACOBIAN_U -> head * tokens * tokens * queries;
        };
    return Math.abs(meanSquare) <= ROUNDING * size;
  }

  /** Whether prompts were simulated and none of them has a limit. */
  static boolean allInadmissible(Observation cell) {
    return cell.prompts() > 0 && cell.inadmissible() == cell.prompts();
  }

  /** The cells by what they have in common, in their order. */
  static <K> Map<K, List<Observation>> by(
      Function<Observation, K> common, List<Observation> cells) {
    Map<K, List<Observation>> groups = new LinkedHashMap<>();
    for (Observation cell : cells) {
      groups.computeIfAbsent(common.apply(cell), key -> new ArrayList<>()).add(cell);
    }
    return groups;
  }

  /** A number in a reason: four digits. */
  static String text(double x) {
    return String.format(Locale.ROOT, "%.4g", x);
  }

  /** Things in a reason: the first few of them. */
  static String list(List<?> things) {
    int shown = Math.min(4, things.size());
    String text = things.stream().limit(shown).map(Object::toString).collect(joining(", "));
    return shown < things.size() ? text + " and " + (things.size() - shown) + " more" : text;
  }

  /** A share in a reason, in percent. */
  static String percent(double x) {
    return String.format(Locale.ROOT, "%.3g %%", 100 * x);
  }
}
