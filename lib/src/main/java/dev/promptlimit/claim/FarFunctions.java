package dev.promptlimit.claim;

import dev.promptlimit.theory.UniversalFunctions;
import dev.promptlimit.theory.UniversalLogarithms;
import dev.promptlimit.theory.UniversalQuadrature;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.hipparchus.util.FastMath;

/**
 * The universal functions of very long prompts, as far as averages over queries need them for local
 * exponents: their {@link UniversalLogarithms} are interpolated in arsinh(s/3), by the polynomial
 * through six equidistant points around s.
 *
 * <p>The step is 0.4 where prompts of 1e32 tokens freeze, s = 12. There all but F′, which is NaN,
 * are accurate to 5e-4 relative and phi5 to 2e-3 of √(phi1 phi4), elsewhere to 1e-5 mostly, errors
 * of either sign; local exponents of averages over queries are good to 1e-3. A point costs 10 to
 * 200 ms when it is first needed; some 70 are up to s = 14.
 */
final class FarFunctions {
  private static final double SCALE = 3;
  private static final double STEP = 1.0 / 30;
  private static final int POINTS = 6;

  /** The last point with s in the domain of the quadrature. */
  private static final int LAST = (int) (FastMath.asinh(UniversalQuadrature.MAX_S / SCALE) / STEP);

  private final double[] lengths;
  private final Map<Integer, double[][]> points = new ConcurrentHashMap<>();

  /**
   * @param lengths whole numbers from 4 to 1e40
   */
  FarFunctions(double... lengths) {
    this.lengths = lengths.clone();
  }

  /** The functions at s and the length of this index. */
  UniversalFunctions at(double s, int index) {
    double x = FastMath.asinh(s / SCALE) / STEP;
    int first = Math.min((int) x - POINTS / 2 + 1, LAST - POINTS + 1);
    double[] sum = new double[UniversalLogarithms.COUNT];
    for (int j = 0; j < POINTS; j++) {
      double weight = 1;
      for (int k = 0; k < POINTS; k++) {
        weight *= k == j ? 1 : (x - first - k) / (j - k);
      }
      double[] value = point(Math.abs(first + j))[index]; // all are even in s
      for (int f = 0; f < UniversalLogarithms.COUNT; f++) {
        sum[f] += weight * value[f];
      }
    }
    return UniversalLogarithms.functions(s, lengths[index], sum, Double.NaN);
  }

  private double[][] point(int i) {
    return points.computeIfAbsent(i, this::compute);
  }

  private double[][] compute(int i) {
    double s = SCALE * FastMath.sinh(i * STEP);
    return UniversalQuadrature.values(s, lengths).stream()
        .map(UniversalLogarithms::of)
        .toArray(double[][]::new);
  }
}
