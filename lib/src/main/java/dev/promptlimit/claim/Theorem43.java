package dev.promptlimit.claim;

import dev.promptlimit.regression.TaskFamily;
import java.util.List;

/**
 * For every ε &gt; 0 there is L(ε) such that, for all L ≥ L(ε),
 *
 * <pre>
 *   lim_t R_L(θ_L(t)) ≤ lim_t R_∞(θ_∞(t)) + ε
 * </pre>
 *
 * where both gradient flows leave one head (E. Boursier, C. Boyer, arXiv 2512.11784, Theorem 4.3).
 * From the balanced start and for regular Σ the limit on the right is ½σ², for every size of the
 * start ({@link dev.promptlimit.regression.BalancedFlow}). The paper gives no L(ε), the evidence
 * has it as a number ({@link dev.promptlimit.regression.Onset}).
 */
public final class Theorem43 implements FlowClaim {
  @Override
  public String id() {
    return "thm-4.3";
  }

  @Override
  public Contract contract() {
    return FlowClaim.contract(
        "For every ε there is L(ε) with lim R_L(θ_L(t)) ≤ lim R_∞(θ_∞(t)) + ε for all L ≥ L(ε).",
        "paper, Theorem 4.3",
        "The flow of infinite prompts converges, which it does from every balanced start; a start"
            + " outside Theorem 5.1's interval is named and judged all the same.",
        "r = lim R_∞, which is ½σ² for regular Σ and R_∞ at the horizon for singular Σ");
  }

  @Override
  public Judgement judge(Trained trained, List<Trained.Flow> flows, Measured measured) {
    double risk = limitRisk(trained.family(), flows);
    Judgement judgement = excess(trained, flows, risk, measured).judge();
    return FlowClaim.note(flows)
        .map(
            note ->
                new Judgement(
                    judgement.verdict(),
                    judgement.reason() + "; the start is outside Theorem 5.1: " + note,
                    judgement.evidence()))
        .orElse(judgement);
  }

  private static double limitRisk(TaskFamily family, List<Trained.Flow> flows) {
    return LimitExcess.limitHead(family).isPresent()
        ? 0.5 * family.noiseVariance()
        : flows.stream()
            .mapToDouble(flow -> flow.result().last().limitRisk())
            .filter(Double::isFinite)
            .min()
            .orElse(Double.NaN);
  }
}
