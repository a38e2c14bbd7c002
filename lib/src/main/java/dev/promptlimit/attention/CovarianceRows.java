package dev.promptlimit.attention;

import dev.promptlimit.kernel.ColumnMatrix;
import dev.promptlimit.kernel.SoftmaxSums;
import java.util.Arrays;

/** Row after row of products with the weighted covariance of a prompt. */
final class CovarianceRows {
  private final int d;
  private final ColumnMatrix left; // d × p
  private final double[] covariance; // d × d
  private final double[] row;

  /** For the p rows of AᵀCov_w(ξ), A with d rows and p columns. */
  CovarianceRows(ColumnMatrix a) {
    d = a.rows();
    left = a;
    covariance = new double[Math.multiplyExact(d, d)];
    row = new double[d];
  }

  /** Takes Cov_w(ξ) of a prompt. */
  void read(SoftmaxSums sums) {
    for (int j = 0; j < d; j++) {
      for (int i = 0; i < d; i++) {
        covariance[j * d + i] = sums.covariance(i, j);
      }
    }
  }

  /** Takes Cov_w(ξ) − C of a prompt, C being d × d. */
  void read(SoftmaxSums sums, ColumnMatrix c) {
    for (int j = 0; j < d; j++) {
      for (int i = 0; i < d; i++) {
        covariance[j * d + i] = sums.covariance(i, j) - c.get(i, j);
      }
    }
  }

  /** Row k of the product; overwritten by the next one. */
  double[] row(int k) {
    Arrays.fill(row, 0);
    for (int j = 0; j < d; j++) {
      ColumnMatrix.axpy(left.get(j, k), covariance, j * d, row, 0, d);
    }
    return row;
  }
}
