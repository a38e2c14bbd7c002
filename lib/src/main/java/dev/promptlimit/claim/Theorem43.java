package dev.promptlimit.claim;

import dev.promptlimit.regression.BayesRisk;
import java.util.List;

/**
 * For every ε &gt; 0 there is L(ε) such that, for all L ≥ L(ε),
 *
 * <pre>
 *   lim_t R_L(θ_L(t)) ≤ lim_t R_∞(θ_∞(t)) + ε
 * </pre>
 *
 * where both gradient flows leave one head (E. Boursier, C. Boyer, arXiv 2512.11784, Theorem 4.3).
 * From the balanced start the limit on the right is the Bayes risk of an infinite prompt, ½σ² where
 * every query lies in the range of Σ, for every size of the start ({@link
 * dev.promptlimit.regression.BalancedFlow}). That holds for singular Σ too: A moves on the range
 * alone, as for a regular Σ but with b² − ‖A‖² = c ≥ 0 of the part that does not move, so that b ≠
 * 0 and the flow rests only where A is Σ⁻¹/b there. The paper gives no L(ε), the evidence has it as
 * a number ({@link dev.promptlimit.regression.Onset}).
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
        "r = lim R_∞, which is ½σ², and ½τ² tr Σ_q of the directions that no input has");
  }

  @Override
  public Judgement judge(Trained trained, List<Trained.Flow> flows, Measured measured) {
    double risk = BayesRisk.ofInfinitePrompt(trained.family());
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
}
