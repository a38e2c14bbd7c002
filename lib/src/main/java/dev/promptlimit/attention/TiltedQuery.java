package dev.promptlimit.attention;

import dev.promptlimit.kernel.ColumnMatrix;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.random.NormalStream;

/** Draws the query z = m_z + R_z ε of each prompt and its tilt a = Uz. */
final class TiltedQuery {
  private final double[] mean;
  private final Covariance covariance;
  private final ColumnMatrix u;
  private final double[] eps;
  private final double[] z;
  private final double[] a;

  TiltedQuery(Gaussian queries, Head head) {
    int d = head.dimension();
    mean = queries.mean();
    covariance = queries.covariance();
    u = ColumnMatrix.of(head.u());
    eps = new double[d];
    z = new double[d];
    a = new double[d];
  }

  /** Draws the next query; takes d normals. */
  void next(NormalStream normals) {
    normals.fill(eps, 0, eps.length);
    covariance.multiplyRoot(eps, 0, z, 0);
    for (int i = 0; i < z.length; i++) {
      z[i] += mean[i];
    }
    u.multiply(z, 0, a, 0);
  }

  /** The tilt a = Uz; overwritten by the next query. */
  double[] tilt() {
    return a;
  }

  /** ‖z‖². */
  double squaredNorm() {
    return ColumnMatrix.dot(z, 0, z, 0, z.length);
  }
}
