package dev.promptlimit.claim;

import dev.promptlimit.attention.Metric;
import dev.promptlimit.attention.Setting;
import dev.promptlimit.claim.BoundAssumptions.TiltedMoments;
import dev.promptlimit.claim.BoundFit.Largest;
import dev.promptlimit.claim.BoundFit.Row;
import dev.promptlimit.claim.BoundFit.Series;
import dev.promptlimit.stat.Interval;
import dev.promptlimit.stat.PowerLaw;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A published bound with unknown constants, c₁ σ⁶ ln L / L^{c₂/σ²} or c₁ σ¹² ln² L / L^{c₂/σ²}
 * (Boursier and Boyer, arXiv 2512.11784, Propositions 3.1 and 3.4), judged head by head by {@link
 * BoundPrediction}, for the constants depend on the head. Shown beside the verdict, and judged only
 * where tails contradict the bound: the smallest c₁ for every c₂ ({@link BoundFit}), the exponents
 * of power laws through all lengths ({@link PowerLaw}), the sharp one, and tails ({@link
 * TailEvidence}).
 */
abstract class PublishedBoundClaim implements Claim {
  private final String id;
  private final Metric metric;
  private final boolean needsMoments;
  private final Contract contract;

  PublishedBoundClaim(String id, String source, Metric metric, String error, boolean needsMoments) {
    this.id = id;
    this.metric = metric;
    this.needsMoments = needsMoments;
    String bound =
        metric == Metric.JACOBIAN_U ? "c₁ σ¹² ln²L / L^(c₂/σ²)" : "c₁ σ⁶ ln L / L^(c₂/σ²)";
    contract =
        new Contract(
            "The mean-square error of "
                + error
                + " is at most "
                + bound
                + ", from L = 2 on, with c₁ and c₂ > 0 of the dimension and the head"
                + (needsMoments ? " and a bound on tilted moments" : "")
                + " only.",
            source,
            "Tokens are centred and sub-Gaussian with scale σ, read as at least 1; queries are"
                + " centred with largest variance 1; every prompt has a limit, that of its own"
                + " tokens"
                + (needsMoments ? "; tilted moments of order 0, 4 and 8 are finite." : "."),
            "Head by head: c₂ is 2/3 of the smallest σ² times exponent, and c₁ the smallest"
                + " constant, that the shorter half of the lengths shows at the smaller half of the"
                + " scales; they must bound all other errors (level), every error must fall at least"
                + " like L^(-c₂/σ²), at the larger scales at least like the bound, from there to the"
                + " longest prompts (growth), and faster than 1/ln L (decay). Needs two scales and four lengths.",
            "These constants hold at the scales and lengths that they were not chosen by. (Tokens with"
                + " values so rare that short prompts never meet them can fail this although some"
                + " constants hold.)",
            "none of its own: the simultaneous intervals of the cells",
            "An error surely above the bound; an exponent surely below the predicted one, or surely below"
                + " 1/(2 ln L) of the longest L (both only where that L is above the length below"
                + " which prompts freeze onto one token); a tail probability surely above what Markov's"
                + " inequality makes of the bound.");
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public Contract contract() {
    return contract;
  }

  /** Heads are told apart by name, as in experiments. */
  private record Group(String head, String queries, int dimension) {
    static Group of(Observation observation) {
      return new Group(
          observation.head(), observation.queries(), observation.setting().dimension());
    }

    String text() {
      return String.format(Locale.ROOT, "head %s, queries %s, d = %d", head, queries, dimension);
    }
  }

  /** All that tilted moments depend on. */
  private record Key(Cells.Names names) {}

  private record Outcome(Verdict verdict, String reason) {}

  @Override
  public Judgement judge(Measured measured) {
    Map<Group, Map<String, List<Observation>>> groups = new LinkedHashMap<>();
    for (Observation observation : measured.cells()) {
      if (observation.metric() == metric) {
        groups
            .computeIfAbsent(Group.of(observation), key -> new LinkedHashMap<>())
            .computeIfAbsent(observation.tokens(), key -> new ArrayList<>())
            .add(observation);
      }
    }
    List<Map<String, Object>> all = new ArrayList<>();
    List<Outcome> outcomes = new ArrayList<>();
    groups.forEach(
        (group, byTokens) -> {
          Map<String, Object> evidence = new LinkedHashMap<>();
          evidence.put("head", group.head());
          evidence.put("queries", group.queries());
          evidence.put("dimension", group.dimension());
          Outcome outcome = judge(byTokens, measured, evidence);
          evidence.put("verdict", outcome.verdict().name());
          evidence.put("reason", outcome.reason());
          all.add(evidence);
          outcomes.add(new Outcome(outcome.verdict(), group.text() + ": " + outcome.reason()));
        });
    return together(outcomes, all);
  }

  /** Refuted if one head is; else undecided if one is; supported if all that are admissible are. */
  private Judgement together(List<Outcome> outcomes, List<Map<String, Object>> all) {
    Map<String, Object> evidence = Map.of("groups", all);
    for (Verdict verdict : List.of(Verdict.REFUTED, Verdict.UNDECIDED, Verdict.SUPPORTED)) {
      List<Outcome> such = outcomes.stream().filter(o -> o.verdict() == verdict).toList();
      if (!such.isEmpty()) {
        long admissible =
            outcomes.stream().filter(o -> o.verdict() != Verdict.INADMISSIBLE).count();
        String reason = such.get(0).reason();
        if (admissible > 1) {
          reason =
              String.format(
                  Locale.ROOT, "%d of %d heads, first %s", such.size(), admissible, reason);
        }
        return new Judgement(verdict, reason, evidence);
      }
    }
    return new Judgement(
        Verdict.INADMISSIBLE,
        outcomes.isEmpty()
            ? "nothing was measured of metric " + metric.id()
            : outcomes.get(0).reason(),
        evidence);
  }

  private Outcome judge(
      Map<String, List<Observation>> byTokens, Measured measured, Map<String, Object> evidence) {
    List<Map<String, Object>> refused = new ArrayList<>();
    List<Map<String, Object>> moments = new ArrayList<>();
    List<Series> series = new ArrayList<>();
    Map<String, List<Observation>> kept = new LinkedHashMap<>();
    byTokens.forEach(
        (tokens, observations) -> {
          List<Observation> admissible =
              admissible(tokens, observations, refused, moments, measured.memo()).stream()
                  .filter(observation -> observation.length() >= 2)
                  .sorted(Comparator.comparingLong(Observation::length))
                  .toList();
          if (!admissible.isEmpty()) {
            kept.put(tokens, admissible);
            series.add(series(tokens, admissible));
          }
        });
    evidence.put("inadmissible", refused);
    if (needsMoments) {
      evidence.put("tiltedMoments", moments);
    }
    if (series.isEmpty()) {
      return refused.isEmpty()
          ? new Outcome(Verdict.UNDECIDED, "no prompts of two or more tokens were measured")
          : new Outcome(
              Verdict.INADMISSIBLE,
              refused.get(0).get("tokens") + ": " + refused.get(0).get("reason"));
    }
    BoundFit fit = new BoundFit(metric, series);
    constants(fit, kept, evidence);
    BoundPrediction prediction = new BoundPrediction(fit);
    evidence.put("prediction", prediction.evidence());
    List<Map<String, Object>> tails = new ArrayList<>();
    List<String> violations = new ArrayList<>();
    for (Series one : series) {
      TailEvidence tail =
          new TailEvidence(
              kept.get(one.name()),
              one.sigma(),
              prediction.bounds(),
              measured.seed(),
              measured.memo());
      tails.add(tail.evidence());
      violations.addAll(tail.violations());
    }
    evidence.put("tails", tails);
    return prediction.verdict() == Verdict.REFUTED || violations.isEmpty()
        ? new Outcome(prediction.verdict(), prediction.reason() + leftOut(refused))
        : new Outcome(Verdict.REFUTED, violations.get(0));
  }

  private static String leftOut(List<Map<String, Object>> refused) {
    return refused.isEmpty()
        ? ""
        : String.format(
            Locale.ROOT,
            "; %d cells left out, first %s, L = %s: %s",
            refused.size(),
            refused.get(0).get("tokens"),
            refused.get(0).get("length"),
            refused.get(0).get("reason"));
  }

  /** What the bound is about; whatever is not goes to the list of refusals. */
  private List<Observation> admissible(
      String tokens,
      List<Observation> observations,
      List<Map<String, Object>> refused,
      List<Map<String, Object>> moments,
      Memo memo) {
    List<Observation> admissible = new ArrayList<>();
    for (Observation observation : observations) {
      Optional<String> refusal = BoundAssumptions.refusal(observation);
      if (refusal.isPresent()) {
        refused.add(refusal(tokens, refusal.get(), observation.length()));
      } else {
        admissible.add(observation);
      }
    }
    if (!needsMoments || admissible.isEmpty()) {
      return admissible;
    }
    Observation first = admissible.get(0); // the same at every length
    TiltedMoments tilted =
        memo.of(
            new Key(Cells.Names.of(first)), () -> BoundAssumptions.tiltedMoments(first.setting()));
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("tokens", tokens);
    row.putAll(tilted.evidence());
    moments.add(row);
    if (tilted.refusal().isPresent()) {
      admissible.forEach(o -> refused.add(refusal(tokens, tilted.refusal().get(), o.length())));
      return List.of();
    }
    return admissible;
  }

  private static Map<String, Object> refusal(String tokens, String reason, long length) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("tokens", tokens);
    row.put("length", length);
    row.put("reason", reason);
    return row;
  }

  private static Series series(String tokens, List<Observation> observations) {
    TreeMap<Long, Interval> errors = new TreeMap<>();
    observations.forEach(o -> errors.put(o.length(), o.meanSquare()));
    Setting setting = observations.get(0).setting();
    return new Series(
        tokens, BoundAssumptions.sigma(setting), BoundAssumptions.freezing(setting), errors);
  }

  /** The exponents of the power laws that pass through all intervals, where there are any. */
  private static void powerLaw(Series series, Map<String, Object> row) {
    if (series.errors().size() < 2) {
      return;
    }
    PowerLaw law =
        PowerLaw.fit(
            series.errors().keySet().stream().mapToDouble(Long::doubleValue).toArray(),
            series.errors().values().toArray(Interval[]::new));
    row.put("powerLaw", law.exists());
    if (law.exists()) {
      row.put("exponentLow", law.exponents().low());
      row.put("exponentHigh", law.exponents().high());
    }
    row.put("exponentLeastSquares", law.leastSquares());
  }

  /** What constants the errors allow, and the sharp one. */
  private static void constants(
      BoundFit fit, Map<String, List<Observation>> kept, Map<String, Object> evidence) {
    List<Map<String, Object>> scales = new ArrayList<>();
    double sharp = Double.POSITIVE_INFINITY;
    for (Series one : fit.series()) {
      Observation first = kept.get(one.name()).get(0);
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("tokens", one.name());
      row.put("sigma", one.sigma());
      row.put("freezingLogLength", one.freezing());
      row.put("proxyIsExact", first.setting().tokens().proxy().exact());
      powerLaw(one, row);
      scales.add(row);
      sharp =
          first.spectrum().isPresent()
              ? Math.min(sharp, one.variance() * first.spectrum().get().sharpExponent())
              : Double.NaN; // and stays so: some tokens are not Gaussian
    }
    evidence.put("scales", scales);
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Row row : fit.frontier(fit.grid())) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("c2", row.c2());
      map.put("c1Low", row.c1().low());
      map.put("c1High", row.c1().high());
      map.put("sigma", row.sigma());
      map.put("length", row.length());
      rows.add(map);
    }
    evidence.put("frontier", rows);
    if (fit.lengths().size() >= 2) {
      Largest largest = fit.largest();
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("low", largest.c2().low());
      map.put("high", largest.c2().high());
      map.put("sigma", largest.sigma());
      map.put("from", largest.from());
      map.put("to", largest.to());
      evidence.put("largestC2WithoutGrowth", map);
    }
    evidence.put("sharpC2", sharp);
  }
}
