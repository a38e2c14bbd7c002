package dev.promptlimit.claim;

import dev.promptlimit.attention.Head;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;

/**
 * Control: Gaussian tokens of correlation 1/2 held against the limit V(m + ΓUz) with Γ = I (Lemma
 * 2.1 of E. Boursier, C. Boyer, arXiv 2512.11784, with a wrong covariance). At the query (1, −1)
 * the limits are (1, −1)/2 and (1, −1). Must be refuted.
 */
public final class ControlCovariance extends WrongLaw {
  /** Two coordinates, U = V = I, the query (1, −1). */
  public ControlCovariance() {
    super(
        "control-covariance",
        Gaussian.centred(Covariance.toeplitz(2, 0.5, 1)),
        Gaussian.centred(Covariance.identity(2, 1)),
        new Head(Head.scaledIdentity(2, 1), Head.scaledIdentity(2, 1)),
        new double[] {1, -1});
  }

  @Override
  public String id() {
    return "control-covariance";
  }

  @Override
  public Contract contract() {
    return contract(
        "The limit holds with another covariance than the tokens have.",
        "None: the setting is fixed, d = 2, tokens N(0, [[1, 1/2], [1/2, 1]]) held against"
            + " N(0, I), U = V = I, the query (1, −1).");
  }
}
