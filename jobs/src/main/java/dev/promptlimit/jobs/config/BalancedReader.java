package dev.promptlimit.jobs.config;

import dev.promptlimit.attention.Head;
import dev.promptlimit.jobs.config.MeasureReader.Described;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.regression.BalancedFlow;
import java.util.Optional;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;

/** Reads balanced starts: alpha and theta. */
final class BalancedReader {
  private BalancedReader() {}

  /** The flow from the balanced start of a section, which may have other keys too. */
  static Optional<Described<BalancedFlow>> flow(Section section, Covariance covariance) {
    int d = covariance.dimension();
    Optional<Double> alpha = section.number(Keys.ALPHA);
    Optional<Described<RealMatrix>> theta =
        section.has(Keys.THETA)
            ? section.section(Keys.THETA).flatMap(child -> theta(child, d))
            : Optional.of(new Described<>("identity", MatrixUtils.createRealIdentityMatrix(d)));
    if (alpha.isEmpty() || theta.isEmpty()) {
      return Optional.empty(); // reported already
    }
    try {
      return Optional.of(
          new Described<>(
              "balanced " + MeasureReader.hex(alpha.get()) + " theta " + theta.get().content(),
              new BalancedFlow(covariance, alpha.get(), theta.get().value())));
    } catch (IllegalArgumentException e) { // Σ or Θ is 0
      section.reject(Keys.THETA, e.getMessage().replaceFirst("^Cannot make a [^:]*: ", ""));
      return Optional.empty();
    }
  }

  private static Optional<Described<RealMatrix>> theta(Section section, int d) {
    Optional<String> kind = section.choice(Keys.THETA_KIND);
    Optional<Described<RealMatrix>> theta = Optional.empty();
    if (kind.filter("identity"::equals).isPresent()) {
      theta = Optional.of(new Described<>("identity", MatrixUtils.createRealIdentityMatrix(d)));
    } else if (kind.filter("random"::equals).isPresent()) {
      Optional<Long> seed = section.whole(Keys.SEED);
      theta = seed.map(s -> new Described<>("random " + s, Head.random(d, d, 1, s)));
    } else if (kind.isPresent()) {
      theta =
          section
              .matrix(Keys.ROWS, d)
              .filter(
                  rows -> {
                    if (rows.length != d) {
                      section.rejectShape(
                          Keys.ROWS, "it has " + rows.length + " rows, allowed: " + d);
                    }
                    return rows.length == d;
                  })
              .map(
                  rows ->
                      new Described<>(
                          "matrix " + MeasureReader.text(rows),
                          new Array2DRowRealMatrix(rows, true)));
    } else {
      section.know(Keys.SEED, Keys.ROWS);
    }
    section.done();
    return theta;
  }
}
