package dev.promptlimit.claim;

import dev.promptlimit.measure.Lapack;
import dev.promptlimit.random.NormalStream;
import dev.promptlimit.random.StreamKey;
import java.util.ArrayList;
import java.util.List;
import org.hipparchus.distribution.continuous.NormalDistribution;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.special.Erf;
import org.hipparchus.special.Gamma;
import org.hipparchus.util.FastMath;

/**
 * Tests whether vectors are independent draws of N(μ, C). Whitened by the claimed law, y = Λ^{−1/2}
 * Oᵀ(x − μ) with C = OΛOᵀ, all n r coordinates must be independent standard normals, r the rank of
 * C. The tests, the first three exact:
 *
 * <ul>
 *   <li>mean: n‖ȳ‖² is χ² of r degrees of freedom;
 *   <li>size: Σ‖y‖² is χ² of n r, two-sided;
 *   <li>direction: Σ⟨w,y⟩² is χ² of n, two-sided, for {@value #DIRECTIONS} random w, which finds
 *       correlations and single scales;
 *   <li>shape: χ² of {@value #CELLS} equiprobable cells, n r ≥ 20 in each.
 * </ul>
 *
 * <p>Directions in which C is 0 must not move at all.
 */
final class LawTests {
  static final int DIRECTIONS = 8;
  private static final int CELLS = 16;

  /** Eigenvalues below this of the largest are rounding. */
  private static final double RANK = 1e-12;

  /** What does not move may seem to by the root of it times some standard deviations. */
  private static final double STILL = 1e-5;

  /** A test and its p-value; NaN where its statistic is not a finite number. */
  record Outcome(String test, double pValue) {}

  private LawTests() {}

  /** Number of tests of a law of rank 1 or more. */
  static final int TESTS = 3 + DIRECTIONS;

  /**
   * The tests; p-value 0 where a direction moves that must not.
   *
   * @param draws n rows of p entries
   * @param size scale of rounding errors of draws
   */
  static List<Outcome> of(
      List<double[]> draws, double[] mean, RealMatrix covariance, double size, StreamKey key) {
    Lapack.Spectrum spectrum = Lapack.spectrum(covariance);
    int p = mean.length;
    double largest = Math.max(0, spectrum.values().getEntry(p - 1));
    double still = STILL * Math.sqrt(largest) + Lemma21.QUADRATURE * size;
    List<double[]> white = new ArrayList<>(); // one row per direction that moves
    List<Outcome> outcomes = new ArrayList<>();
    for (int j = 0; j < p; j++) {
      double variance = spectrum.values().getEntry(j);
      double[] projected = project(draws, mean, spectrum.vectors().getColumn(j));
      if (variance > RANK * largest) {
        for (int i = 0; i < projected.length; i++) {
          projected[i] /= Math.sqrt(variance);
        }
        white.add(projected);
      } else {
        double moved = largestOf(projected);
        if (!(moved <= still)) {
          outcomes.add(
              new Outcome("still direction " + j, Double.isFinite(moved) ? 0 : Double.NaN));
        }
      }
    }
    if (!white.isEmpty()) {
      outcomes.add(new Outcome("mean", mean(white)));
      outcomes.add(new Outcome("size", size(white)));
      directions(white, key, outcomes);
      outcomes.add(new Outcome("shape", shape(white)));
    }
    return outcomes;
  }

  private static double[] project(List<double[]> draws, double[] mean, double[] direction) {
    double[] projected = new double[draws.size()];
    for (int n = 0; n < projected.length; n++) {
      for (int i = 0; i < mean.length; i++) {
        projected[n] += direction[i] * (draws.get(n)[i] - mean[i]);
      }
    }
    return projected;
  }

  private static double largestOf(double[] x) {
    double largest = 0;
    for (double value : x) {
      largest = Math.max(largest, Math.abs(value)); // NaN stays
    }
    return largest;
  }

  private static double sum(double[] x) {
    double sum = 0;
    for (double value : x) {
      sum += value;
    }
    return sum;
  }

  private static double squares(double[] x) {
    double sum = 0;
    for (double value : x) {
      sum += value * value;
    }
    return sum;
  }

  private static double mean(List<double[]> white) {
    double statistic = 0;
    for (double[] y : white) {
      double sum = sum(y);
      statistic += sum * sum / y.length;
    }
    return upper(statistic, white.size());
  }

  private static double size(List<double[]> white) {
    double statistic = 0;
    long n = 0;
    for (double[] y : white) {
      statistic += squares(y);
      n += y.length;
    }
    return twoSided(statistic, (double) n);
  }

  private static void directions(List<double[]> white, StreamKey key, List<Outcome> outcomes) {
    NormalStream normals = new NormalStream(key);
    double[] w = new double[white.size()];
    for (int k = 0; k < DIRECTIONS; k++) {
      normals.fill(w, 0, w.length);
      double norm = Math.sqrt(squares(w));
      double[] along = new double[white.get(0).length];
      for (int j = 0; j < w.length; j++) {
        for (int n = 0; n < along.length; n++) {
          along[n] += w[j] / norm * white.get(j)[n];
        }
      }
      outcomes.add(new Outcome("direction " + k, twoSided(squares(along), along.length)));
    }
  }

  private static double shape(List<double[]> white) {
    NormalDistribution normal = new NormalDistribution();
    double[] edges = new double[CELLS - 1];
    for (int k = 0; k < edges.length; k++) {
      edges[k] = normal.inverseCumulativeProbability((k + 1.0) / CELLS);
    }
    long[] counts = new long[CELLS];
    double n = 0;
    for (double[] row : white) {
      for (double y : row) {
        if (Double.isNaN(y)) {
          return Double.NaN;
        }
        int cell = 0;
        while (cell < edges.length && y > edges[cell]) {
          cell++;
        }
        counts[cell]++;
        n++;
      }
    }
    double expected = n / CELLS;
    double statistic = 0;
    for (long count : counts) {
      statistic += (count - expected) * (count - expected) / expected;
    }
    return upper(statistic, CELLS - 1);
  }

  /** P(χ² ≥ x). */
  private static double upper(double x, double freedom) {
    return Double.isFinite(x) ? Gamma.regularizedGammaQ(0.5 * freedom, 0.5 * x) : Double.NaN;
  }

  private static double twoSided(double x, double freedom) {
    if (!Double.isFinite(x)) {
      return Double.NaN;
    }
    double above = Gamma.regularizedGammaQ(0.5 * freedom, 0.5 * x);
    double below = Gamma.regularizedGammaP(0.5 * freedom, 0.5 * x);
    return Math.min(1, 2 * Math.min(above, below));
  }

  /** P(|N(0,1)| ≥ |t|). */
  static double normal(double t) {
    return Double.isNaN(t) ? Double.NaN : Erf.erfc(Math.abs(t) / FastMath.sqrt(2));
  }
}
