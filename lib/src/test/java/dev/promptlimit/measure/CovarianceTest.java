package dev.promptlimit.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.DefaultRealMatrixPreservingVisitor;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CovarianceTest {
  /** Entries are of order one: the errors of the eigenvectors are some d · 2⁻⁵³. */
  private static final double TOLERANCE = 1e-13;

  static Stream<Arguments> covariances() {
    Random random = new Random(1);
    RealMatrix thin = MatrixUtils.createRealMatrix(6, 2);
    RealMatrix square = MatrixUtils.createRealMatrix(6, 6);
    for (int i = 0; i < 6; i++) {
      thin.setRow(i, new double[] {random.nextGaussian(), random.nextGaussian()});
      for (int j = 0; j < 6; j++) {
        square.setEntry(i, j, random.nextGaussian());
      }
    }
    RealMatrix singular = thin.multiplyTransposed(thin);
    RealMatrix regular = square.multiplyTransposed(square);
    return Stream.of(
        Arguments.of(Covariance.identity(3, 2), identity(3).scalarMultiply(2)),
        Arguments.of(Covariance.identity(1, 0), identity(1).scalarMultiply(0)),
        Arguments.of(
            Covariance.diagonal(new double[] {0, 0.5, 3}),
            MatrixUtils.createRealDiagonalMatrix(new double[] {0, 0.5, 3})),
        Arguments.of(Covariance.toeplitz(5, 0.5, 2), toeplitz(5, 0.5, 2)),
        Arguments.of(Covariance.toeplitz(5, -0.9, 1), toeplitz(5, -0.9, 1)),
        Arguments.of(Covariance.toeplitz(4, 0, 3), toeplitz(4, 0, 3)),
        Arguments.of(Covariance.toeplitz(4, 1, 1), toeplitz(4, 1, 1)), // rank one
        Arguments.of(Covariance.toeplitz(4, -1, 1), toeplitz(4, -1, 1)),
        Arguments.of(Covariance.toeplitz(2, 0.3, 0), toeplitz(2, 0.3, 0)),
        Arguments.of(Covariance.of(regular.getData()), regular),
        Arguments.of(Covariance.of(singular.getData()), singular),
        Arguments.of(Covariance.of(new double[][] {{0}}), identity(1).scalarMultiply(0)));
  }

  private static RealMatrix toeplitz(int d, double rho, double variance) {
    RealMatrix matrix = new Array2DRowRealMatrix(d, d);
    for (int i = 0; i < d; i++) {
      for (int j = 0; j < d; j++) {
        matrix.setEntry(i, j, variance * Math.pow(rho, Math.abs(i - j)));
      }
    }
    return matrix;
  }

  private static RealMatrix identity(int d) {
    return MatrixUtils.createRealIdentityMatrix(d);
  }

  @ParameterizedTest
  @MethodSource("covariances")
  void isTheMatrixAndTheSquareOfItsSymmetricRoot(Covariance covariance, RealMatrix gamma) {
    RealMatrix root = covariance.root();
    assertThat(covariance.dimension()).isEqualTo(gamma.getRowDimension());
    double tolerance = TOLERANCE * (1 + gamma.getNorm1());
    assertClose(covariance.matrix(), gamma, 1e-15 * (1 + gamma.getNorm1()));
    assertClose(root, root.transpose(), 0);
    assertClose(root.multiplyTransposed(root), gamma, tolerance);
    assertThat(Lapack.spectrum(root).values().getMinValue()).isGreaterThan(-1e-7);
  }

  @ParameterizedTest
  @MethodSource("covariances")
  void multipliesByItsRoot(Covariance covariance, RealMatrix gamma) {
    int d = covariance.dimension();
    double[] x = new Random(2).doubles(d + 2, -1, 1).toArray();
    double[] y = new double[d + 3];
    covariance.multiplyRoot(x, 2, y, 1);

    double[] expected = covariance.root().operate(Arrays.copyOfRange(x, 2, d + 2));
    for (int i = 0; i < d; i++) {
      assertThat(y[1 + i] - expected[i])
          .isBetween(-TOLERANCE * (1 + gamma.getNorm1()), TOLERANCE * (1 + gamma.getNorm1()));
    }
    assertThat(y[0]).isEqualTo(0);
    assertThat(y[d + 1]).isEqualTo(0);
  }

  @ParameterizedTest
  @MethodSource("covariances")
  void coloursTokensWithItsRoot(Covariance covariance, RealMatrix gamma) {
    int d = covariance.dimension();
    double[][] eps = new double[d][];
    double[] mean = new Random(99).doubles(d, -1, 1).toArray();
    int stride = 40;
    double[] table = new double[d * stride];
    double[] x = new double[d * stride];
    Arrays.fill(x, 99); // what was there does not count
    for (int i = 0; i < d; i++) {
      eps[i] = new Random(i).doubles(16, -1, 1).toArray();
      System.arraycopy(eps[i], 0, table, i * stride + 3, 16);
    }
    covariance.colour(mean, table, x, stride, 3, 16);
    RealMatrix expected = covariance.root().multiply(new Array2DRowRealMatrix(eps));
    for (int i = 0; i < d; i++) {
      for (int l = 0; l < 16; l++) {
        assertThat(x[i * stride + 3 + l] - mean[i] - expected.getEntry(i, l))
            .isBetween(-TOLERANCE * (2 + gamma.getNorm1()), TOLERANCE * (2 + gamma.getNorm1()));
      }
      assertThat(x[i * stride + 2]).isEqualTo(99);
      assertThat(x[i * stride + 19]).isEqualTo(99);
    }
  }

  @Test
  void acceptsRoundingErrors() {
    double[][] almost = {{1, 1 + 1e-13}, {1, 1}}; // not symmetric, smallest eigenvalue −5e-14
    assertClose(Covariance.of(almost).matrix(), toeplitz(2, 1, 1), 1e-12);
  }

  @Test
  void isSymmetricWhereItsArgumentIsAlmost() {
    RealMatrix matrix = Covariance.of(new double[][] {{1, 0.5 + 1e-13}, {0.5, 1}}).matrix();
    assertThat(matrix.getEntry(0, 1)).isEqualTo(matrix.getEntry(1, 0));
  }

  @Test
  void copiesItsArguments() {
    double[] variances = {1, 2};
    double[][] rows = {{1, 0}, {0, 1}};
    Covariance diagonal = Covariance.diagonal(variances);
    Covariance dense = Covariance.of(rows);
    variances[0] = 9;
    rows[0][0] = 9;
    dense.matrix().setEntry(0, 0, 9);
    dense.root().setEntry(0, 0, 9);
    assertThat(diagonal.matrix().getEntry(0, 0)).isEqualTo(1);
    assertThat(dense.matrix().getEntry(0, 0)).isEqualTo(1);
    assertThat(dense.root().getEntry(0, 0)).isEqualTo(1);
  }

  static Stream<Arguments> refusals() {
    double nan = Double.NaN;
    double inf = Double.POSITIVE_INFINITY;
    Map<String, ThrowingCallable> refusals = new LinkedHashMap<>();
    refusals.put("it has no rows", () -> Covariance.of(new double[0][]));
    refusals.put(
        "it is not square: row 1 has 1 entries, not 2",
        () -> Covariance.of(new double[][] {{1, 0}, {0}}));
    refusals.put(
        "it is not square: row 0 has 3 entries, not 2",
        () -> Covariance.of(new double[][] {{1, 0, 0}, {0, 1, 0}}));
    refusals.put(
        "it is not symmetric: entry (0, 1) is 0.5, entry (1, 0) is 0.25",
        () -> Covariance.of(new double[][] {{1, 0.5}, {0.25, 1}}));
    refusals.put("row 1 has the entry NaN", () -> Covariance.of(new double[][] {{1, 0}, {nan, 1}}));
    refusals.put(
        "row 0 has the entry Infinity", () -> Covariance.of(new double[][] {{inf, 0}, {0, 1}}));
    refusals.put(
        "row 0 has the entry -Infinity",
        () -> Covariance.of(new double[][] {{1, -inf}, {-inf, 1}}));
    refusals.put(
        "it is not positive semidefinite: its smallest eigenvalue is -1.0",
        () -> Covariance.of(new double[][] {{-1}}));
    refusals.put(
        "variance 1 is -0.5, allowed: finite and ≥ 0",
        () -> Covariance.diagonal(new double[] {1, -0.5}));
    refusals.put(
        "variance 0 is NaN, allowed: finite and ≥ 0",
        () -> Covariance.diagonal(new double[] {nan}));
    refusals.put(
        "variance 0 is Infinity, allowed: finite and ≥ 0", () -> Covariance.identity(2, inf));
    refusals.put("rho is 1.5, allowed: -1 to 1", () -> Covariance.toeplitz(2, 1.5, 1));
    refusals.put(
        "rho is -1.0000001, allowed: -1 to 1", () -> Covariance.toeplitz(2, -1.0000001, 1));
    refusals.put("rho is NaN, allowed: -1 to 1", () -> Covariance.toeplitz(2, nan, 1));
    return refusals.entrySet().stream().map(e -> Arguments.of(e.getKey(), e.getValue()));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void saysWhatIsWrong(String reason, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot make a covariance: " + reason);
  }

  @Test
  void refusesEmptyDiagonals() {
    for (ThrowingCallable call :
        new ThrowingCallable[] {
          () -> Covariance.diagonal(new double[0]),
          () -> Covariance.identity(0, 1),
          () -> Covariance.toeplitz(0, 0.5, 1)
        }) {
      assertThatThrownBy(call)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Cannot make a covariance: it has no rows");
    }
  }

  @Test
  void refusesNegativeVarianceInEveryForm() {
    for (ThrowingCallable call :
        new ThrowingCallable[] {
          () -> Covariance.toeplitz(2, 0.5, -1),
          () -> Covariance.toeplitz(2, 0.5, Double.NaN),
          () -> Covariance.identity(2, -1e-300),
          () -> Covariance.of(new double[][] {{1, 2}, {2, 1}})
        }) {
      assertThatThrownBy(call)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("Cannot make a covariance: ");
    }
  }

  private static void assertClose(RealMatrix actual, RealMatrix expected, double tolerance) {
    double distance = actual.subtract(expected).walkInOptimizedOrder(new LargestEntry());
    assertThat(distance).isLessThanOrEqualTo(tolerance);
  }

  private static final class LargestEntry extends DefaultRealMatrixPreservingVisitor {
    private double largest;

    @Override
    public void visit(int row, int column, double value) {
      largest = Math.max(largest, Math.abs(value));
    }

    @Override
    public double end() {
      return largest;
    }
  }
}
