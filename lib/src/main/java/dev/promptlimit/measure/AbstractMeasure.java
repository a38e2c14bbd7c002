package dev.promptlimit.measure;

import java.util.Locale;
import java.util.Optional;

/** What all measures share: checks of their parameters and of tilts. */
abstract class AbstractMeasure implements TokenMeasure {
  private static final long serialVersionUID = 1;

  private static final String OVERFLOW = "the log-MGF at this tilt overflows";

  private final int dimension;

  /**
   * @param name of the measure, for messages
   * @throws IllegalArgumentException if there is no coordinate
   */
  AbstractMeasure(String name, int dimension) {
    if (dimension < 1) {
      throw refusal(name, "d is " + dimension + ", allowed: 1 or more");
    }
    this.dimension = dimension;
  }

  static IllegalArgumentException refusal(String name, String reason) {
    return new IllegalArgumentException("Cannot make a " + name + " measure: " + reason);
  }

  static double finiteAndPositive(String name, String what, double value) {
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw refusal(name, what + " is " + value + ", allowed: finite and > 0");
    }
    return value;
  }

  static double finite(String name, String what, double value) {
    if (!Double.isFinite(value)) {
      throw refusal(name, what + " is " + value + ", allowed: finite");
    }
    return value;
  }

  @Override
  public final int dimension() {
    return dimension;
  }

  /** Λ(a) of d finite numbers in its domain; not finite where it overflows. */
  abstract double lambda(double[] a);

  /** Why d finite numbers are not in the domain of Λ; empty where they are. */
  Optional<String> outside(double[] a) {
    return Optional.empty();
  }

  @Override
  public final Optional<String> inadmissible(double[] a) {
    Optional<String> reason = misfit(a);
    if (reason.isEmpty() && !Double.isFinite(lambda(a))) {
      reason = Optional.of(OVERFLOW);
    }
    return reason;
  }

  private Optional<String> misfit(double[] a) {
    if (a.length != dimension) {
      throw cannotTilt("the tilt has " + a.length + " entries");
    }
    for (int i = 0; i < dimension; i++) {
      if (!Double.isFinite(a[i])) {
        return Optional.of("coordinate " + i + " of the tilt is " + a[i]);
      }
    }
    return outside(a);
  }

  @Override
  public double logMgf(double[] a) {
    if (misfit(a).isPresent()) {
      return Double.POSITIVE_INFINITY;
    }
    double lambda = lambda(a);
    return Double.isFinite(lambda) ? lambda : Double.POSITIVE_INFINITY;
  }

  /** Refuses a tilt that is inadmissible, unless it is so for an overflow. */
  final void checkFits(double[] a) {
    misfit(a)
        .ifPresent(
            reason -> {
              throw cannotTilt(reason);
            });
  }

  /** Refuses a tilt with this Λ(a) if it is an overflow. */
  final void checkFinite(double lambda) {
    if (!Double.isFinite(lambda)) {
      throw cannotTilt(OVERFLOW);
    }
  }

  /** Refuses a tilt that is inadmissible. */
  final void check(double[] a) {
    checkFits(a);
    checkFinite(lambda(a));
  }

  private IllegalArgumentException cannotTilt(String reason) {
    return new IllegalArgumentException(
        String.format(Locale.ROOT, "Cannot tilt a measure of dimension %d: %s", dimension, reason));
  }
}
