package dev.promptlimit.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.junit.jupiter.api.Test;

class ColumnMatrixTest {
  private final Random random = new Random(1);

  @Test
  void isACopyOfTheMatrix() {
    RealMatrix a = random(3, 5);
    ColumnMatrix copy = ColumnMatrix.of(a);
    double first = a.getEntry(0, 0);
    a.setEntry(0, 0, 99);

    assertThat(copy.rows()).isEqualTo(3);
    assertThat(copy.columns()).isEqualTo(5);
    assertThat(copy.get(0, 0)).isEqualTo(first);
    assertThat(copy.get(2, 4)).isEqualTo(a.getEntry(2, 4));
    assertThat(copy.get(1, 3)).isEqualTo(a.getEntry(1, 3));
  }

  @Test
  void copiesColumnsOneAfterTheOther() {
    RealMatrix a = random(3, 4);
    double[] to = new double[8];
    ColumnMatrix.of(a).copyColumns(2, to, 1);

    assertThat(Arrays.copyOfRange(to, 1, 4)).isEqualTo(a.getColumn(0));
    assertThat(Arrays.copyOfRange(to, 4, 7)).isEqualTo(a.getColumn(1));
    assertThat(to[0]).isEqualTo(0);
    assertThat(to[7]).isEqualTo(0);
  }

  /** Sums of n products differ by order and fusing, by at most 2 n · 2⁻⁵³ Σ|A_ij x_j|. */
  @Test
  void multipliesLikeAnyOther() {
    for (int rows = 1; rows <= 20; rows += 3) {
      for (int columns = 1; columns <= 20; columns += 3) {
        RealMatrix a = random(rows, columns);
        double[] x = random.doubles(columns, -1, 1).toArray();
        double[] padded = new double[columns + 2];
        System.arraycopy(x, 0, padded, 2, columns);
        double[] y = new double[rows + 3];
        Arrays.fill(y, 7); // what was there does not count

        ColumnMatrix.of(a).multiply(padded, 2, y, 1);

        double[] expected = a.operate(x);
        for (int i = 0; i < rows; i++) {
          double tolerance = 2 * columns * 0x1p-53 * columns;
          assertThat(y[1 + i] - expected[i]).isBetween(-tolerance, tolerance);
        }
        assertThat(y[0]).isEqualTo(7);
        assertThat(y[rows + 1]).isEqualTo(7);
      }
    }
  }

  @Test
  void productsAreFusedInColumnOrder() {
    RealMatrix a = random(2, 3);
    double[] x = random.doubles(3).toArray();
    double[] y = new double[2];
    ColumnMatrix.of(a).multiply(x, 0, y, 0);
    for (int i = 0; i < 2; i++) {
      double expected = a.getEntry(i, 0) * x[0];
      expected = Math.fma(a.getEntry(i, 1), x[1], expected);
      expected = Math.fma(a.getEntry(i, 2), x[2], expected);
      assertThat(y[i]).isEqualTo(expected);
    }
  }

  @Test
  void dotsAndAxpyAreFusedInOrder() {
    RealMatrix a = random(3, 2);
    double[] x = {0, 0.1, 0.2, 0.3};
    double expected = a.getEntry(0, 1) * x[1];
    expected = Math.fma(a.getEntry(1, 1), x[2], expected);
    expected = Math.fma(a.getEntry(2, 1), x[3], expected);

    assertThat(ColumnMatrix.dot(a.getColumn(1), 0, x, 1, 3)).isEqualTo(expected);
    assertThat(ColumnMatrix.dot(x, 0, x, 0, 0)).isEqualTo(0);

    double[] y = {1, 2, 3};
    ColumnMatrix.axpy(0.7, x, 1, y, 1, 2);
    assertThat(y).containsExactly(1, Math.fma(0.7, 0.1, 2), Math.fma(0.7, 0.2, 3));
  }

  @Test
  void combinesRowsOfATableByAColumn() {
    RealMatrix a = random(3, 2);
    double[] x = random.doubles(1 + 3 * 20, -1, 1).toArray();
    double[] out = new double[18];
    ColumnMatrix.of(a).combineColumn(0.3, 1, x, 1, 20, out, 1, 16);
    for (int l = 0; l < 16; l++) {
      double expected = Math.fma(a.getEntry(0, 1), x[1 + l], 0.3);
      expected = Math.fma(a.getEntry(1, 1), x[21 + l], expected);
      expected = Math.fma(a.getEntry(2, 1), x[41 + l], expected);
      assertThat(out[1 + l]).isEqualTo(expected);
    }
    assertThat(out[0]).isEqualTo(0);
    assertThat(out[17]).isEqualTo(0);
  }

  private RealMatrix random(int rows, int columns) {
    RealMatrix matrix = MatrixUtils.createRealMatrix(rows, columns);
    for (int i = 0; i < rows; i++) {
      matrix.setRow(i, random.doubles(columns, -1, 1).toArray());
    }
    return matrix;
  }
}
