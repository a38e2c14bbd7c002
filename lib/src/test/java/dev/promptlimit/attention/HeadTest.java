package dev.promptlimit.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.SingularValueDecomposition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeadTest {
  @Test
  void holdsCopiesOfItsMatrices() {
    RealMatrix u = Head.scaledIdentity(2, 3);
    RealMatrix v = MatrixUtils.createRealMatrix(new double[][] {{1, 2}, {3, 4}, {5, 6}});
    Head head = new Head(u, v);
    u.setEntry(0, 0, 9);
    v.setEntry(0, 0, 9);
    head.u().setEntry(0, 0, 9);
    head.v().setEntry(0, 0, 9);
    assertThat(head.u()).isEqualTo(Head.scaledIdentity(2, 3));
    assertThat(head.v().getRow(0)).containsExactly(1, 2);
    assertThat(head.dimension()).isEqualTo(2);
    assertThat(head.outputs()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 2", "3, 3, 0.5", "2, 7, 1e-3", "7, 2, 1e3", "4, 4, 0"})
  void randomMatricesHaveTheirNorm(int rows, int columns, double norm) {
    RealMatrix matrix = Head.random(rows, columns, norm, 5);
    assertThat(matrix.getRowDimension()).isEqualTo(rows);
    assertThat(matrix.getColumnDimension()).isEqualTo(columns);
    assertThat(new SingularValueDecomposition(matrix).getNorm())
        .isCloseTo(norm, within(1e-13 * norm));
  }

  @Test
  void randomMatricesAreFunctionsOfSeedAndShape() {
    RealMatrix matrix = Head.random(3, 4, 1, 5);
    assertThat(Head.random(3, 4, 1, 5)).isEqualTo(matrix);
    assertThat(Head.random(3, 4, 1, 6)).isNotEqualTo(matrix);
    assertThat(Head.random(4, 3, 1, 5).transpose()).isNotEqualTo(matrix);
    RealMatrix twice = Head.random(3, 4, 2, 5);
    assertThat(twice.subtract(matrix.scalarMultiply(2)).getNorm1()).isLessThan(1e-14);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1, Double.NaN, Double.POSITIVE_INFINITY})
  void refusesNormsThatAreNone(double norm) {
    assertThatThrownBy(() -> Head.random(2, 2, norm, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot make a head: the operator norm is " + norm + ", allowed: finite and ≥ 0");
  }

  @Test
  void saysWhatIsWrong() {
    RealMatrix square = Head.scaledIdentity(2, 1);
    RealMatrix wide = MatrixUtils.createRealMatrix(2, 3);
    assertRefused(wide, wide, "U is 2 x 3 and must be square");
    assertRefused(square, wide, "V is 2 x 3 and U 2 x 2, they need as many columns");
    RealMatrix nan = square.copy();
    nan.setEntry(0, 1, Double.NaN);
    assertRefused(nan, square, "U has the entry NaN");
    RealMatrix infinite = square.copy();
    infinite.setEntry(1, 1, Double.NEGATIVE_INFINITY);
    assertRefused(square, infinite, "V has the entry -Infinity");
  }

  private static void assertRefused(RealMatrix u, RealMatrix v, String reason) {
    assertThatThrownBy(() -> new Head(u, v))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot make a head: " + reason);
  }
}
