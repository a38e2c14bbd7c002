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
          new Theorem43(),
          new Theorem52(),
          new Section6(),
          new ExactLaw(),
          new DeltaLaw(),
          new SharpExponent(),
          new ControlRademacher(),
          new ControlCovariance(),
          new ControlStudentT(),
          new ControlTraining());

  private Claims() {}

  /** All of them, in the order of the paper, then ours, then controls. */
  public static List<Claim> all() {
    return ALL;
  }

  /** The claim of that name. */
  public static Optional<Claim> of(String id) {
    return ALL.stream().filter(claim -> claim.id().equals(id)).findFirst();
  }
}
