package dev.promptlimit.claim;

import java.util.Arrays;
import java.util.Optional;

/**
 * A statement that a run can be asked to judge.
 *
 * <p>Paper: E. Boursier, C. Boyer, Softmax as Linear Attention in the Large-Prompt Regime: a
 * Measure-based Perspective, arXiv 2512.11784v2, ICML 2026.
 */
public enum Claim {
  LEMMA_2_1(
      "lemma-2.1",
      "paper, Lemma 2.1",
      "For tokens N(m,Γ) attention on an infinite prompt is the affine map z ↦ V(m + ΓUz), and it "
          + "maps queries N(m,Γ) to N(V(m + ΓUm), VΓUΓUᵀΓVᵀ)."),
  PROP_3_1(
      "prop-3.1",
      "paper, Proposition 3.1",
      "The mean-square error of the output is at most c₁ σ⁶ ln L / L^(c₂/σ²), from L = 2 on."),
  PROP_3_4_V(
      "prop-3.4-v",
      "paper, Proposition 3.4",
      "The mean-square error of the derivative in V is at most c₁ σ⁶ ln L / L^(c₂/σ²), from L = 2 "
          + "on."),
  PROP_3_4_U(
      "prop-3.4-u",
      "paper, Proposition 3.4",
      "The mean-square error of the derivative in U is at most c₁ σ¹² ln²L / L^(c₂/σ²), from L = 2 "
          + "on."),
  PROP_3_1_LITERAL(
      "prop-3.1-literal",
      "paper, Proposition 3.1 as written, from L = 1 on",
      "As prop-3.1, at L = 1 too, where the bound is 0 and the error is not: false as written."),
  PROP_3_4_V_LITERAL(
      "prop-3.4-v-literal",
      "paper, Proposition 3.4 as written, from L = 1 on",
      "As prop-3.4-v, at L = 1 too, where the bound is 0 and the error is not: false as written."),
  PROP_3_4_U_LITERAL(
      "prop-3.4-u-literal",
      "paper, Proposition 3.4 as written, from L = 1 on",
      "As prop-3.4-u, at L = 1 too, where the bound is 0 and the error is not: false as written."),
  THM_4_3(
      "thm-4.3",
      "paper, Theorem 4.3",
      "For every ε there is L(ε) with lim R_L(θ_L(t)) ≤ lim R_∞(θ_∞(t)) + ε for all L ≥ L(ε)."),
  THM_5_2(
      "thm-5.2",
      "paper, Theorem 5.2",
      "In-context linear regression from the balanced initialisation: the limit of R_L is within ε "
          + "of the Bayes risk for long prompts."),
  SEC_6(
      "sec-6",
      "paper, Section 6",
      "Test risks and maps of trained softmax and linear heads are closer at the longest than at "
          + "the shortest prompts, and ridge regression is not worse than either."),
  EXACT_LAW(
      "exact-law",
      "this project",
      "For Gaussian tokens the simulated mean-square errors equal the exact finite-prompt values."),
  DELTA_METHOD(
      "delta-method",
      "this project",
      "L times the mean-square error tends to the delta-method constant where that is finite."),
  SHARP_EXPONENT(
      "sharp-exponent",
      "this project",
      "For Gaussian queries the error falls like L^(−c) up to logarithms, c = 1 if H² ≤ 1/2, else "
          + "(√(1 + 4/H²) − 1)/2."),
  CONTROL_RADEMACHER(
      "control-rademacher",
      "this project, must fail",
      "The Gaussian limit holds for Rademacher tokens (tanh 2 = 0.964 against 2)."),
  CONTROL_COVARIANCE(
      "control-covariance",
      "this project, must fail",
      "The limit holds with another covariance than the tokens have."),
  CONTROL_STUDENT_T(
      "control-student-t",
      "this project, must be inadmissible",
      "Student-t tokens have an infinite-prompt limit."),
  CONTROL_TRAINING(
      "control-training",
      "this project, must fail",
      "Heads trained under one covariance meet the statements judged under another.");

  private final String id;
  private final String source;
  private final String statement;

  Claim(String id, String source, String statement) {
    this.id = id;
    this.source = source;
    this.statement = statement;
  }

  /** The name used in experiment files and results. */
  public String id() {
    return id;
  }

  /** Where the statement comes from. */
  public String source() {
    return source;
  }

  /**
   * The statement; σ is the sub-Gaussian scale of the tokens, c₁ and c₂ are not given by the paper.
   */
  public String statement() {
    return statement;
  }

  /** The claim of that name. */
  public static Optional<Claim> of(String id) {
    return Arrays.stream(values()).filter(claim -> claim.id.equals(id)).findFirst();
  }
}
