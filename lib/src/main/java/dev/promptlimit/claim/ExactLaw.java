package dev.promptlimit.claim;

import java.util.List;
import java.util.Map;

/**
 * For Gaussian tokens the mean-square errors of finite prompts are those of exact theory, at every
 * prompt length: at one query, with s² = aᵀΓa, a = Uz,
 *
 * <pre>
 *   output      ‖VΓa‖²/s² F(s, L) + (tr VΓVᵀ − ‖VΓa‖²/s²) G(s, L)
 *   jacobian-v  the same with V = I, times p
 *   jacobian-u  ‖z‖² times a combination of phi1(s, L) … phi5(s, L)
 * </pre>
 *
 * averaged over queries, and over tasks where each prompt draws its own ({@link
 * dev.promptlimit.theory.ExactError}, {@link dev.promptlimit.theory.QueryAverage}; this project).
 * Every simulated interval must hold its exact value and be narrow enough to have seen an error of
 * a quarter of it.
 */
public final class ExactLaw implements Claim {
  @Override
  public String id() {
    return "exact-law";
  }

  @Override
  public Contract contract() {
    return new Contract(
        "For tokens that are Gaussian in every prompt the simulated mean-square errors equal the exact finite-prompt values.",
        "this project",
        "Tokens are Gaussian, with one covariance or each prompt with its own, the exact value is known to 1e-6 or better, no prompt of the cell is"
            + " inadmissible; other cells are counted and not compared.",
        "The simultaneous interval of every cell's mean square against the exact value of that"
            + " prompt length.",
        "Every interval holds its exact value, up to rounding (1e-9 of it).",
        "None of its own: the intervals of a run hold together at the family error.",
        "One interval that excludes its exact value. Supported needs every half-width to be at most"
            + " 25 % of the exact value.");
  }

  @Override
  public Judgement judge(Measured measured) {
    List<Observation> cells = measured.cells().stream().filter(Cells::hasGaussianPrompts).toList();
    if (cells.isEmpty()) {
      return new Judgement(
          Verdict.INADMISSIBLE,
          "none of the " + measured.cells().size() + " cells has Gaussian tokens",
          Map.of("cellsCompared", 0));
    }
    ExactComparison comparison = ExactComparison.of(cells);
    if (cells.stream().allMatch(Cells::allInadmissible)) {
      return new Judgement(
          Verdict.INADMISSIBLE,
          "all prompts of the " + cells.size() + " cells with Gaussian tokens are inadmissible",
          comparison.evidence());
    }
    return new Judgement(comparison.verdict(), comparison.reason(), comparison.evidence());
  }
}
