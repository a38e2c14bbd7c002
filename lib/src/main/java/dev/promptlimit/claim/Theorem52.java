package dev.promptlimit.claim;

import dev.promptlimit.random.StreamKey;
import dev.promptlimit.regression.BayesRisk;
import dev.promptlimit.regression.FlowResult;
import dev.promptlimit.regression.TaskFamily;
import dev.promptlimit.stat.Interval;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * In-context linear regression, gradient flow of R_L from the balanced start U₁₁ = αΘΘᵀ/‖ΘΘᵀ‖_F, v₂
 * = α, 0 &lt; α &lt; √2/(d^{1/4}‖Σ‖_op): for every ε &gt; 0 and all prompts that are long enough
 *
 * <pre>
 *   lim_t R_L(θ_L(t)) ≤ ½σ² + ε,
 * </pre>
 *
 * the Bayes risk of an infinite prompt (E. Boursier, C. Boyer, arXiv 2512.11784, equation 9 and
 * Theorem 5.2). The evidence also has the excess over the Bayes risk of the same length, which is
 * ridge regression's ({@link BayesRisk}).
 */
public final class Theorem52 implements FlowClaim {
  /** Draws of a Bayes risk, fewer where d³ makes them slow. */
  private static final int MOST_DRAWS = 16_384;

  private static final double MOST_WORK = 1e8;
  private static final int LEAST_DRAWS = 64;

  @Override
  public String id() {
    return "thm-5.2";
  }

  @Override
  public Contract contract() {
    return FlowClaim.contract(
        "In-context linear regression from the balanced initialisation: the limit of R_L is within"
            + " ε of the Bayes risk for long prompts.",
        "paper, Theorem 5.2",
        "The start is balanced (equation 9) with 0 < α < √2/(d^(1/4) ‖Σ‖), Σ is regular"
            + " and the covariance of the queries too; inadmissible otherwise.",
        "r = ½σ², the Bayes risk of an infinite prompt");
  }

  @Override
  public Judgement judge(Trained trained, List<Trained.Flow> flows, Measured measured) {
    Optional<String> note = FlowClaim.note(flows);
    if (note.isPresent()) {
      return new Judgement(
          Verdict.INADMISSIBLE,
          "the theorem does not speak of this start: " + note.get(),
          Map.of("note", note.get()));
    }
    double risk = 0.5 * trained.family().noiseVariance();
    Judgement judgement = excess(trained, flows, risk, measured).judge();
    Map<String, Object> evidence = new LinkedHashMap<>(judgement.evidence());
    evidence.put("overRidge", overRidge(trained, flows, measured));
    return new Judgement(judgement.verdict(), judgement.reason(), evidence);
  }

  /** Excesses over the Bayes risks of the same lengths, from the ends of both intervals. */
  private static List<Map<String, Object>> overRidge(
      Trained trained, List<Trained.Flow> flows, Measured measured) {
    List<Map<String, Object>> entries = new ArrayList<>();
    List<FlowResult> results =
        flows.stream()
            .map(Trained.Flow::result)
            .sorted((a, b) -> Long.compare(a.promptLength(), b.promptLength()))
            .toList();
    double alpha = measured.testError() / 2 / results.size();
    for (FlowResult flow : results) {
      long length = flow.promptLength();
      Trained.Ridge ridge =
          trained.ridge().stream()
              .filter(known -> known.promptLength() == length)
              .findFirst()
              .orElseGet(() -> ridge(trained.family(), length, alpha, measured));
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("promptLength", length);
      entry.put("ridge", ridge.risk());
      entry.put("excess", flow.limit() - ridge.risk());
      entry.put("low", flow.limitInterval().low() - ridge.interval().high());
      entry.put("high", flow.limitInterval().high() - ridge.interval().low());
      entries.add(entry);
    }
    return entries;
  }

  private static Trained.Ridge ridge(
      TaskFamily family, long length, double alpha, Measured measured) {
    record Key(TaskFamily family, long promptLength, double alpha, long seed) {}
    return measured
        .memo()
        .of(
            new Key(family, length, alpha, measured.seed()),
            () -> {
              double d = family.dimension();
              int draws =
                  (int) Math.max(LEAST_DRAWS, Math.min(MOST_DRAWS, MOST_WORK / (d * d * d)));
              StreamKey key = StreamKey.ofBlock(measured.seed(), "ridge regression", length);
              BayesRisk risk = BayesRisk.of(family, length, draws, key);
              Interval interval = risk.interval(alpha);
              return new Trained.Ridge(length, risk.mean(), interval);
            });
  }
}
