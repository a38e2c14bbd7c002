package dev.promptlimit.claim;

import dev.promptlimit.attention.Metric;
import dev.promptlimit.attention.Setting;
import dev.promptlimit.theory.QueryForms;
import dev.promptlimit.theory.QuerySpectrum;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * For Gaussian tokens, also of a covariance that each prompt draws while scores do not depend on
 * it, and random Gaussian queries the mean-square error falls like L^{−c} up to logarithms, with H²
 * = λ_max(Σ_z^{1/2}UᵀΓUΣ_z^{1/2}) and
 *
 * <pre>
 *   c = 1 if H² ≤ 1/2, else (√(1 + 4/H²) − 1)/2
 * </pre>
 *
 * ({@link QuerySpectrum}; this project, by a large-deviation argument). At no length that can be
 * simulated is a fitted slope near c, so none is compared with it. Instead the measured errors must
 * be the exact ones of their length ({@link ExactComparison}), and the local exponents of the exact
 * ones, far beyond what can be simulated, must approach c ({@link LocalExponents}).
 */
public final class SharpExponent implements Claim {
  private final ToDoubleFunction<QuerySpectrum> exponent;

  /** The claim. */
  public SharpExponent() {
    this(QuerySpectrum::sharpExponent);
  }

  /** Another exponent, for tests. */
  SharpExponent(ToDoubleFunction<QuerySpectrum> exponent) {
    this.exponent = exponent;
  }

  @Override
  public String id() {
    return "sharp-exponent";
  }

  @Override
  public Contract contract() {
    return new Contract(
        "For Gaussian queries the error falls like L^(−c) up to logarithms, c = 1 if H² ≤ 1/2, else"
            + " (√(1 + 4/H²) − 1)/2.",
        "this project",
        "Tokens are Gaussian (or those of regression, under a head whose scores do not see labels),"
            + " queries Gaussian and not fixed, the error is not 0; other cells are"
            + " left out.",
        "(a) the simultaneous intervals of the mean squares against exact values, as exact-law"
            + " compares; (b) −d log E / d log L of the exact values E, by centred differences over"
            + " a factor 4, at L = 1e4, 1e8, 1e16, 1e24, 1e32, and its extrapolation in 1/ln L.",
        "Every interval holds its exact value, and the local exponent tends to c.",
        "None of its own: the intervals of a run hold together at the family error, (b) is"
            + " computed.",
        "An interval that excludes its exact value; or a local exponent that is further from c at"
            + " 1e32 than at 1e16, there and extrapolated by more than min(0.04, c/2), for queries"
            + " with E s²/2 ≤ ln 1e8.");
  }

  @Override
  public Judgement judge(Measured measured) {
    List<Observation> cells =
        measured.cells().stream()
            .filter(cell -> Cells.forms(cell).isPresent())
            .filter(
                cell ->
                    !cell.setting().queries().isFixed() && !Cells.isRounding(cell, cell.exact()))
            .toList();
    if (cells.isEmpty()) {
      return new Judgement(
          Verdict.INADMISSIBLE,
          "no cell has Gaussian tokens, random Gaussian queries and an error above 0",
          Map.of("cellsCompared", 0));
    }
    ExactComparison comparison = ExactComparison.of(cells);
    Map<String, Object> evidence = new LinkedHashMap<>(comparison.evidence());
    if (comparison.verdict() == Verdict.REFUTED) {
      return new Judgement(Verdict.REFUTED, comparison.reason(), evidence);
    }
    List<LocalExponents> all = exponents(cells, measured.memo());
    LocalExponents deciding =
        all.stream()
            .reduce((best, next) -> next.worseThan(best) ? next : best)
            .orElseThrow(); // there is a cell
    evidence.put("centres", LocalExponents.centres());
    evidence.put(
        "exponents", all.stream().limit(Cells.MOST_ENTRIES).map(LocalExponents::evidence).toList());
    Verdict verdict = deciding.verdict();
    if (verdict == Verdict.SUPPORTED && comparison.verdict() != Verdict.SUPPORTED) {
      return new Judgement(comparison.verdict(), comparison.reason(), evidence);
    }
    String reason = deciding.reason();
    if (verdict == Verdict.SUPPORTED) {
      reason += "; " + comparison.reason();
    }
    return new Judgement(verdict, reason, evidence);
  }

  /** All that local exponents depend on. */
  private record Key(Cells.Names names, double claimed, Set<Metric> metrics) {}

  /** Those of each tokens, queries and head, once. */
  private List<LocalExponents> exponents(List<Observation> cells, Memo memo) {
    List<LocalExponents> all = new ArrayList<>();
    for (List<Observation> same : Cells.by(Cells.Names::of, cells).values()) {
      Observation first = same.get(0);
      Setting setting = first.setting();
      QueryForms forms = Cells.forms(first).orElseThrow();
      QuerySpectrum spectrum =
          first.spectrum().orElseGet(() -> new QuerySpectrum(forms, setting.queries()));
      Set<Metric> metrics = EnumSet.noneOf(Metric.class);
      same.forEach(cell -> metrics.add(cell.metric()));
      Key key = new Key(Cells.Names.of(first), exponent.applyAsDouble(spectrum), metrics);
      all.addAll(
          memo.of(
              key,
              () ->
                  LocalExponents.of(
                      key.names().text(), setting, forms, spectrum, key.claimed(), metrics)));
    }
    return all;
  }
}
