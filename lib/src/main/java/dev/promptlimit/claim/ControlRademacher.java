package dev.promptlimit.claim;

import dev.promptlimit.attention.Head;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.Rademacher;

/**
 * Control: Rademacher tokens have the same mean and covariance as N(0, 1), but not its limit. At
 * tilt a = 2 attention tends to tanh 2 = 0.964, the Gaussian formula says 2 (theory of {@link
 * Rademacher}; this project). Must be refuted.
 */
public final class ControlRademacher extends WrongLaw {
  /** One coordinate, U = 2, V = 1, the query 1. */
  public ControlRademacher() {
    super(
        "control-rademacher",
        new Rademacher(1, 1),
        Gaussian.centred(Covariance.identity(1, 1)),
        new Head(Head.scaledIdentity(1, 2), Head.scaledIdentity(1, 1)),
        new double[] {1});
  }

  @Override
  public String id() {
    return "control-rademacher";
  }

  @Override
  public Contract contract() {
    return contract(
        "The Gaussian limit holds for Rademacher tokens (tanh 2 = 0.964 against 2).",
        "None: the setting is fixed, d = 1, U = 2, V = 1, the query 1.");
  }
}
