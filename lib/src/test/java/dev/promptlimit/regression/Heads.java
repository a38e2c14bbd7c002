package dev.promptlimit.regression;

import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.attention.Head;
import java.util.function.ToDoubleFunction;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;

/** Random heads of one output, and derivatives by differences. */
final class Heads {
  private Heads() {}

  /** Dimension n, entries of size about scale. */
  static Head random(int n, double scale, long seed) {
    return new Head(
        Head.random(n, n, scale * Math.sqrt(n), seed), Head.random(1, n, Math.sqrt(n), seed));
  }

  /** Holds a gradient against central differences of fourth order, entry by entry. */
  static void assertGradient(
      HeadGradient gradient, Head head, ToDoubleFunction<Head> function, double tolerance) {
    assertThat(gradient.value()).isEqualTo(function.applyAsDouble(head));
    int n = head.dimension();
    RealMatrix u = MatrixUtils.createRealMatrix(n, n);
    RealVector v = MatrixUtils.createRealVector(new double[n]);
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        int row = i;
        int column = j;
        u.setEntry(i, j, difference(x -> function.applyAsDouble(movedU(head, row, column, x))));
      }
      int entry = i;
      v.setEntry(i, difference(x -> function.applyAsDouble(movedV(head, entry, x))));
    }
    assertThat(gradient.u().subtract(u).getNorm1()).as("U").isLessThan(tolerance);
    assertThat(gradient.v().subtract(v).getNorm()).as("v").isLessThan(tolerance);
  }

  private static double difference(ToDoubleFunction<Double> f) {
    double h = 1e-3;
    return (8 * (f.applyAsDouble(h) - f.applyAsDouble(-h))
            - (f.applyAsDouble(2 * h) - f.applyAsDouble(-2 * h)))
        / (12 * h);
  }

  private static Head movedU(Head head, int i, int j, double x) {
    RealMatrix u = head.u();
    u.addToEntry(i, j, x);
    return new Head(u, head.v());
  }

  private static Head movedV(Head head, int i, double x) {
    RealMatrix v = head.v();
    v.addToEntry(0, i, x);
    return new Head(head.u(), v);
  }
}
