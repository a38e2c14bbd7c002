package dev.promptlimit.claim;

import java.util.List;
import java.util.Optional;

/**
 * All statements that a run can be asked to judge.
 *
 * <p>Paper: E. Boursier, C. Boyer, Softmax as Linear Attention in the Large-Prompt Regime: a
 * Measure-based Perspective, arXiv 2512.11784v2, ICML 2026.
 */
public final class Claims {
  private static final List<Claim> ALL =
      List.of(
          new Lemma21(),
          new Proposition31(),
          new Proposition34V(),
          new Proposition34U(),
          new Proposition31Literal(),
          new Proposition34VLiteral(),
          new Proposition34ULiteral(),
          training(
              "thm-4.3",
              "paper, Theorem 4.3",
              "For every ε there is L(ε) with lim R_L(θ_L(t)) ≤ lim R_∞(θ_∞(t)) + ε for all L ≥ L(ε)."),
          training(
              "thm-5.2",
              "paper, Theorem 5.2",
              "In-context linear regression from the balanced initialisation: the limit of R_L is within ε of the Bayes risk for long prompts."),
          training(
              "sec-6",
              "paper, Section 6",
              "Test risks and maps of trained softmax and linear heads are closer at the longest than at the shortest prompts, and ridge regression is not worse than either."),
          new ExactLaw(),
          new DeltaLaw(),
          new SharpExponent(),
          new ControlRademacher(),
          new ControlCovariance(),
          new ControlStudentT(),
          new NeedsTraining(
              "control-training",
              "this project, must fail",
              "Heads trained under one covariance meet the statements judged under another.",
              true));

  private Claims() {}

  private static Claim training(String id, String source, String statement) {
    return new NeedsTraining(id, source, statement, false);
  }

  /** All of them, in the order of the paper, then ours, then controls. */
  public static List<Claim> all() {
    return ALL;
  }

  /** The claim of that name. */
  public static Optional<Claim> of(String id) {
    return ALL.stream().filter(claim -> claim.id().equals(id)).findFirst();
  }
}
