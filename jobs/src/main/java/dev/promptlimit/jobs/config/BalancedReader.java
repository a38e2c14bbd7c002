package dev.promptlimit.jobs.config;

import dev.promptlimit.jobs.config.MeasureReader.Described;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.regression.BalancedFlow;
import dev.promptlimit.regression.TaskFamily;
import java.util.Optional;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;

/**
 * Reads balanced starts.
 *
 * @param alpha α
 * @param theta Θ
 */
record BalancedReader(double alpha, Described<RealMatrix> theta) {
  /** The start of a section that may have other keys too, with inputs of d coordinates. */
  static Optional<BalancedReader> read(Section section, int d) {
    Optional<Double> alpha = section.number(Keys.ALPHA);
    Optional<Described<RealMatrix>> theta =
        section.has(Keys.THETA)
            ? section.section(Keys.THETA).flatMap(child -> theta(section, child, d))
            : Optional.of(identity(d));
    return alpha.isEmpty() || theta.isEmpty()
        ? Optional.empty()
        : Optional.of(new BalancedReader(alpha.get(), theta.get()));
  }

  /** What it is, for keys. */
  String content() {
    return "alpha " + MeasureReader.hex(alpha) + " theta " + theta.content();
  }

  /** The flow from here, for a family; what lib refuses is a problem of the section. */
  Optional<BalancedFlow> flow(Section section, TaskFamily family) {
    try {
      BalancedFlow flow = flow(family.covariance());
      flow.at(0);
      flow.limit();
      return Optional.of(flow);
    } catch (IllegalArgumentException e) {
      section.reject(e.getMessage().replaceFirst("^Cannot make a [^:]*: ", ""));
    } catch (ArithmeticException e) { // numbers too large or eigenvalues absurdly far apart
      section.reject(e.getMessage().replaceFirst("^Cannot [^:]*: ", ""));
    }
    return Optional.empty();
  }

  /**
   * The flow from here.
   *
   * @throws IllegalArgumentException if there is none
   */
  BalancedFlow flow(Covariance covariance) {
    return new BalancedFlow(covariance, alpha, theta.value());
  }

  private static Described<RealMatrix> identity(int d) {
    return new Described<>("identity", MatrixUtils.createRealIdentityMatrix(d));
  }

  private static Optional<Described<RealMatrix>> theta(Section owner, Section section, int d) {
    Optional<String> kind = section.choice(Keys.THETA_KIND);
    if (kind.isEmpty()) {
      section.know(Keys.ROWS, Keys.NORM, Keys.SEED);
      section.done();
      return Optional.empty();
    }
    Optional<Described<RealMatrix>> theta =
        switch (kind.get()) {
          case "identity" -> Optional.of(identity(d));
          case "matrix" -> section.matrix(Keys.ROWS, d).flatMap(rows -> square(owner, rows, d));
          default -> HeadReader.random(section, d, d);
        };
    section.done();
    return theta;
  }

  private static Optional<Described<RealMatrix>> square(Section owner, double[][] rows, int d) {
    if (rows.length != d) {
      owner.rejectShape(
          Keys.THETA,
          "it has " + rows.length + " rows, inputs have dimension " + d + ": it must be square");
      return Optional.empty();
    }
    return Optional.of(
        new Described<>(
            "matrix " + MeasureReader.text(rows), new Array2DRowRealMatrix(rows, true)));
  }
}
