package dev.promptlimit.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.util.Arrays;
import java.util.Random;
import org.hipparchus.linear.EigenDecompositionSymmetric;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.SingularValueDecomposition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Backward errors of Householder methods are some n · 2⁻⁵³ of the norm: 1e-13 leaves a margin. */
class LapackTest {
  private static final double TOLERANCE = 1e-13;

  private final Random random = new Random(1);

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8, 40, 100})
  void spectrumRebuildsTheMatrix(int n) {
    RealMatrix half = random(n, n);
    RealMatrix a = half.add(half.transpose());
    Lapack.Spectrum spectrum = Lapack.spectrum(a);

    double[] values = spectrum.values().toArray();
    RealMatrix q = spectrum.vectors();
    assertThat(values).isSorted();
    double scale = Math.max(Math.abs(values[0]), Math.abs(values[n - 1]));
    assertClose(q.transposeMultiply(q), identity(n), TOLERANCE);
    RealMatrix diagonal = MatrixUtils.createRealDiagonalMatrix(values);
    assertClose(q.multiply(diagonal).multiplyTransposed(q), a, TOLERANCE * scale);

    double[] others = new EigenDecompositionSymmetric(a).getEigenvalues();
    Arrays.sort(others);
    for (int i = 0; i < n; i++) {
      assertThat(values[i] - others[i]).isBetween(-TOLERANCE * scale, TOLERANCE * scale);
    }
  }

  @Test
  void spectrumLeavesItsArgumentAlone() {
    RealMatrix a = identity(3);
    Lapack.spectrum(a);
    assertClose(a, identity(3), 0);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 7", "7, 1", "5, 5", "3, 20", "20, 3"})
  void operatorNormIsTheLargestSingularValue(int rows, int columns) {
    RealMatrix a = random(rows, columns);
    double expected = new SingularValueDecomposition(a).getNorm();
    assertThat(Lapack.operatorNorm(a) / expected).isBetween(1 - TOLERANCE, 1 + TOLERANCE);
    assertThat(Lapack.operatorNorm(a.scalarMultiply(0))).isEqualTo(0);
  }

  /** Full rank, repeated columns, zero columns, zero matrix: orthonormal all the same. */
  @ParameterizedTest
  @CsvSource({"1, 1", "5, 1", "5, 3", "5, 5", "16, 4", "16, 16"})
  void orthonormalisesWhateverTheRank(int m, int n) {
    RealMatrix full = random(m, n);
    RealMatrix rankOne = random(m, 1).multiply(random(1, n));
    RealMatrix leadingZero = full.copy();
    leadingZero.setColumn(0, new double[m]);
    for (RealMatrix a : new RealMatrix[] {full, rankOne, leadingZero, full.scalarMultiply(0)}) {
      double[] entries = columns(a);
      Lapack.orthonormalise(m, n, entries, new double[n], new double[n]);
      RealMatrix e = matrix(m, n, entries);
      assertClose(e.transposeMultiply(e), identity(n), TOLERANCE);
      // the span holds the columns: projecting on it changes nothing
      assertClose(e.multiply(e.transposeMultiply(a)), a, TOLERANCE * (1 + a.getNorm1()));
    }
  }

  @Test
  void orthonormalisingKeepsTheFirstDirection() {
    double[] entries = {3, 4, 0, 1, 1, 1};
    Lapack.orthonormalise(3, 2, entries, new double[2], new double[2]);
    double sign = Math.signum(entries[0]);
    assertThat(entries[0] * sign).isCloseTo(0.6, offset(TOLERANCE));
    assertThat(entries[1] * sign).isCloseTo(0.8, offset(TOLERANCE));
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "3, 3", "3, 1", "10, 4", "5, 0"})
  void rootOfAnyRankRebuildsTheMatrix(int n, int rank) {
    RealMatrix b = MatrixUtils.createRealMatrix(n, n);
    for (int i = 0; i < rank; i++) {
      RealMatrix column = random(n, 1);
      b = b.add(column.multiplyTransposed(column));
    }
    double[] entries = columns(b);
    for (int j = 1; j < n; j++) {
      Arrays.fill(entries, j * n, j * n + j, Double.NaN); // above the diagonal nothing is read
    }
    Lapack.root(n, entries, new double[n], new double[3 * n]);
    RealMatrix f = matrix(n, n, entries);
    assertClose(f.multiplyTransposed(f), b, TOLERANCE * (1 + b.getNorm1()));
  }

  @Test
  void rootCutsOffWhatRoundingMadeNegative() {
    double[] entries = {1, 0, 0, -1e-17};
    Lapack.root(2, entries, new double[2], new double[6]);
    RealMatrix f = matrix(2, 2, entries);
    assertClose(
        f.multiplyTransposed(f), MatrixUtils.createRealDiagonalMatrix(new double[] {1, 0}), 0);
  }

  private RealMatrix random(int rows, int columns) {
    RealMatrix matrix = MatrixUtils.createRealMatrix(rows, columns);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        matrix.setEntry(i, j, random.nextGaussian());
      }
    }
    return matrix;
  }

  private static RealMatrix identity(int n) {
    return MatrixUtils.createRealIdentityMatrix(n);
  }

  private static double[] columns(RealMatrix a) {
    double[] entries = new double[a.getRowDimension() * a.getColumnDimension()];
    for (int j = 0; j < a.getColumnDimension(); j++) {
      System.arraycopy(a.getColumn(j), 0, entries, j * a.getRowDimension(), a.getRowDimension());
    }
    return entries;
  }

  private static RealMatrix matrix(int rows, int columns, double[] entries) {
    RealMatrix matrix = MatrixUtils.createRealMatrix(rows, columns);
    for (int j = 0; j < columns; j++) {
      matrix.setColumn(j, Arrays.copyOfRange(entries, j * rows, (j + 1) * rows));
    }
    return matrix;
  }

  private static void assertClose(RealMatrix actual, RealMatrix expected, double tolerance) {
    for (int i = 0; i < expected.getRowDimension(); i++) {
      for (int j = 0; j < expected.getColumnDimension(); j++) {
        assertThat(actual.getEntry(i, j) - expected.getEntry(i, j))
            .as("entry (%d, %d)", i, j)
            .isBetween(-tolerance, tolerance);
      }
    }
  }
}
