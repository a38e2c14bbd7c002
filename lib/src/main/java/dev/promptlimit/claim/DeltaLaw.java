package dev.promptlimit.claim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * L times the mean-square error tends to the delta-method constant, where that is finite ({@link
 * dev.promptlimit.theory.DeltaMethod}; this project): with ρ = e^{Λ(2a) − 2Λ(a)}, δ = m(2a) − m(a)
 *
 * <pre>
 *   L · E‖V(m_w − m(a))‖² → ρ tr V[C(2a) + δδᵀ]Vᵀ
 * </pre>
 *
 * and alike for the derivatives. A limit says nothing of any one length. It is supported where the
 * ratio L · error / constant at the longest prompts, of 16 tokens or more, is known to lie within
 * 10 % of 1, and refuted only where the next term of the expansion is finite and small there
 * ({@link DeltaGroup}), and yet the ratio is further off and no nearer than it was at prompts 16
 * times shorter.
 */
public final class DeltaLaw implements Claim {
  @Override
  public String id() {
    return "delta-method";
  }

  @Override
  public Contract contract() {
    return new Contract(
        "L times the mean-square error tends to the delta-method constant where that is finite.",
        "this project",
        "The constant is finite and above 0; a group is one of tokens, queries, head and metric,"
            + " cells with inadmissible prompts are left out. Refutation also needs the term of"
            + " order 1/L² to be finite (at one query, or H² < 1/6) and at most 1/256 of the first"
            + " at the longest prompts.",
        "The simultaneous interval of L · error / constant at the longest prompts of each group,"
            + " and at those at most 1/16 as long.",
        "The ratio tends to 1, with a departure that falls like 1/L.",
        "None of its own: the intervals of a run hold together at the family error.",
        "A group whose ratio at the longest prompts lies wholly outside 1 ± 0.1 with a departure"
            + " at least half of that at prompts 16 times shorter. Supported needs every group's"
            + " interval within 1 ± 0.1, at 16 tokens or more.");
  }

  @Override
  public Judgement judge(Measured measured) {
    List<DeltaGroup> groups = groups(measured);
    Map<String, Object> evidence = new LinkedHashMap<>();
    evidence.put("groups", groups.size());
    if (groups.isEmpty()) {
      return new Judgement(
          Verdict.INADMISSIBLE,
          "none of the " + measured.cells().size() + " cells has a finite constant above 0",
          evidence);
    }
    List<Map<String, Object>> entries = new ArrayList<>();
    Map<DeltaGroup, String> missing = new DeltaSearch(measured.memo()).missing(undecided(groups));
    Verdict verdict = Verdict.SUPPORTED;
    DeltaGroup deciding = groups.get(0);
    for (DeltaGroup group : groups) {
      Map<String, Object> entry = group.evidence();
      Optional.ofNullable(missing.get(group)).ifPresent(text -> entry.put("missing", text));
      entries.add(entry);
      boolean worse = rank(group.verdict()) > rank(verdict);
      boolean further =
          group.verdict() == verdict && group.reachOfRatio() > deciding.reachOfRatio();
      if (worse || further) {
        verdict = group.verdict();
        deciding = group;
      }
    }
    evidence.put("supported", count(groups, Verdict.SUPPORTED));
    evidence.put("refuted", count(groups, Verdict.REFUTED));
    evidence.put("undecided", count(groups, Verdict.UNDECIDED));
    evidence.put("decidingGroup", deciding.name());
    evidence.put("entries", entries.subList(0, Math.min(Cells.MOST_ENTRIES, entries.size())));
    String reason = deciding.reason();
    if (verdict == Verdict.UNDECIDED) {
      reason += "; " + missing.get(deciding);
    }
    return new Judgement(verdict, reason, evidence);
  }

  private static int rank(Verdict verdict) {
    return verdict == Verdict.REFUTED ? 2 : verdict == Verdict.UNDECIDED ? 1 : 0;
  }

  private static long count(List<DeltaGroup> groups, Verdict verdict) {
    return groups.stream().filter(group -> group.verdict() == verdict).count();
  }

  private static List<DeltaGroup> undecided(List<DeltaGroup> groups) {
    return groups.stream().filter(group -> group.verdict() == Verdict.UNDECIDED).toList();
  }

  /** Only prompts held against their own limit have this constant. */
  private static List<DeltaGroup> groups(Measured measured) {
    List<Observation> usable =
        measured.cells().stream()
            .filter(cell -> cell.setting().ownLimit())
            .filter(cell -> Double.isFinite(cell.delta()) && cell.delta() > 0)
            .filter(cell -> !Cells.isRounding(cell, cell.delta() * cell.length()))
            .filter(cell -> cell.inadmissible() == 0)
            .toList();
    return Cells.by(Cells.Group::of, usable).values().stream()
        .map(cells -> new DeltaGroup(cells, measured.memo()))
        .toList();
  }
}
