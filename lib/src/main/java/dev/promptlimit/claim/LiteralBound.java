package dev.promptlimit.claim;

import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.attention.Setting;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.theory.PublishedBounds;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A published bound as it is written, for every L ≥ 1 (E. Boursier, C. Boyer, arXiv 2512.11784,
 * Propositions 3.1 and 3.4). It has a factor ln L, which is 0 at L = 1, whatever c₁ and c₂ are,
 * while one token is not the limit: for d = 1, tokens and queries N(0, 1), U = 0, V = 1 the error
 * is the square of the token for output and jacobian-v, of mean 1, and the square of the query for
 * jacobian-u, of mean 1. One witness refutes it; what is worth validating starts at L = 2.
 */
abstract class LiteralBound implements Claim {
  private static final String SETTING =
      "d = 1, tokens N(0, 1), queries N(0, 1), U = 0, V = 1, L = 1";

  private final String validated;
  private final String source;
  private final Metric metric;

  /**
   * @param validated id of the statement that starts at L = 2
   * @param source where the bound comes from
   */
  LiteralBound(String validated, String source, Metric metric) {
    this.validated = validated;
    this.source = source;
    this.metric = metric;
  }

  @Override
  public final String id() {
    return validated + "-literal";
  }

  @Override
  public final Contract contract() {
    return new Contract(
        "As "
            + validated
            + ", at L = 1 too, where the bound is 0 and the error is not: false as written.",
        source + " as written, from L = 1 on",
        "The witness meets them: sub-Gaussian scale 1, 1-sub-Gaussian queries, every tilted moment"
            + " finite.",
        "The simultaneous interval of the mean square at " + SETTING + ".",
        "The mean square is at most the bound, which is 0 at L = 1 for every c₁ and c₂.",
        "None of its own: the intervals of a run hold together at the family error.",
        "An interval that lies above 0.");
  }

  @Override
  public final Verdict expected() {
    return Verdict.REFUTED;
  }

  @Override
  public final List<Fixture> fixtures() {
    Gaussian standard = Gaussian.centred(Covariance.identity(1, 1));
    Head head = new Head(Head.scaledIdentity(1, 0), Head.scaledIdentity(1, 1));
    return List.of(new Fixture(id(), new Setting(standard, standard, head, 1), EnumSet.of(metric)));
  }

  @Override
  public final Judgement judge(Measured measured) {
    double bound = new PublishedBounds(1, 1).meanSquare(metric, 1, 1); // 0 for every c₁ and c₂
    Map<String, Object> evidence = new LinkedHashMap<>();
    evidence.put("setting", SETTING);
    evidence.put("metric", metric.id());
    evidence.put("bound", bound);
    evidence.put("validatedStatement", validated);
    Optional<Observation> witness =
        measured.fixtures().stream()
            .filter(cell -> cell.metric() == metric && cell.prompts() > cell.inadmissible())
            .findFirst();
    if (witness.isEmpty()) {
      return new Judgement(Verdict.UNDECIDED, "no prompts were simulated", evidence);
    }
    Observation cell = witness.get();
    evidence.put("prompts", cell.prompts());
    evidence.put("meanSquare", cell.mean());
    evidence.put("meanSquareLow", cell.meanSquare().low());
    evidence.put("meanSquareHigh", cell.meanSquare().high());
    evidence.put("exact", cell.exact());
    String seen =
        String.format(
            Locale.ROOT,
            "at L = 1 the bound is 0 for every c₁ and c₂, the mean square is %s in [%s, %s]",
            Cells.text(cell.mean()),
            Cells.text(cell.meanSquare().low()),
            Cells.text(cell.meanSquare().high()));
    if (cell.meanSquare().low() > bound) {
      return new Judgement(
          Verdict.REFUTED,
          seen + "; the statement from L = 2 on, " + validated + ", is the one that is validated",
          evidence);
    }
    boolean holds = cell.meanSquare().high() <= bound;
    return new Judgement(holds ? Verdict.SUPPORTED : Verdict.UNDECIDED, seen, evidence);
  }
}
