package dev.promptlimit.theory;

import dev.promptlimit.attention.Head;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.GaussianPrompts;
import java.util.Optional;

/**
 * Tokens N(0, Γ) whose covariance Γ is drawn anew with each prompt, independently of its query. As
 * a measure they have no tilted mean: each prompt has a limit of its own.
 */
public interface RandomTokens extends GaussianPrompts {
  /** N(0, E Γ): the score variance of a query is aᵀΓa, in the mean that of these tokens. */
  Gaussian average();

  /**
   * The forms of a query's errors averaged over Γ, where they give the averaged errors: where aᵀΓa,
   * on which errors depend otherwise than by a polynomial in Γ, is the same for every Γ. Empty
   * where it is not.
   */
  Optional<QueryForms> forms(Head head);
}
