package dev.promptlimit.attention;

import java.util.EnumMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.EigenDecompositionSymmetric;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.QRDecomposition;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;

/**
 * The law that {@link ReducedSampler} claims, written down once more with plain matrices and other
 * normals, and able to leave one of its terms out.
 *
 * <p>u = Rᵀa, s = ‖u‖, E orthonormal with e₁ = u/s whose span holds u and RᵀVᵀ, K = EᵀRᵀVᵀ; γ_l ~
 * N(0, I_r), w = softmax(s γ_1), B = Σ w² [1; γ − γ̄][1; γ − γ̄]ᵀ = FFᵀ and [N₀ | N₁] = (I − EEᵀ) G
 * Fᵀ. Then m_w − m(a) = R(E(γ̄ − s e₁) + N₀) and (C_w − Γ)Vᵀ = R(E(Cov − I) + N₁)K.
 */
final class ReducedLaw {
  /** What is left out. */
  enum Omission {
    NOTHING,
    /** The first row of K, which belongs to the direction of the scores. */
    SCORE_ROW_OF_K,
    /** The second row of K. */
    SECOND_ROW_OF_K,
    /** N₀, which the components of the mean orthogonal to E come from. */
    N0,
    /** N₁, the same for the covariance. */
    N1,
    /** Σ w² (γ − γ̄) in B: N₀ and N₁ become independent given the weights. */
    COUPLING
  }

  private final Setting setting;
  private final Omission omission;
  private final RandomGenerator random;

  ReducedLaw(Setting setting, Omission omission, long seed) {
    this.setting = setting;
    this.omission = omission;
    random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }

  /** The squared deviations of n prompts. */
  Map<Metric, double[]> squared(int n) {
    Map<Metric, double[]> squared = new EnumMap<>(Metric.class);
    for (Metric metric : Metric.values()) {
      squared.put(metric, new double[n]);
    }
    for (int i = 0; i < n; i++) {
      prompt(squared, i);
    }
    return squared;
  }

  private void prompt(Map<Metric, double[]> squared, int index) {
    int d = setting.dimension();
    RealMatrix v = setting.head().v();
    int p = v.getRowDimension();
    int r = Math.min(p + 1, d);
    RealMatrix root = Situation.gaussianTokens(setting).covariance().root();
    RealVector z =
        new ArrayRealVector(setting.queries().mean())
            .add(setting.queries().covariance().root().operate(normals(d)));
    RealVector u = root.transpose().operate(setting.head().u().operate(z));
    double s = u.getNorm();

    RealMatrix span = MatrixUtils.createRealMatrix(d, d);
    span.setColumnVector(0, u);
    RealMatrix images = root.transpose().multiply(v.transpose());
    for (int j = 0; j < Math.min(p, d - 1); j++) {
      span.setColumnVector(j + 1, images.getColumnVector(j));
    }
    RealMatrix e = new QRDecomposition(span).getQ().getSubMatrix(0, d - 1, 0, r - 1);
    if (e.getColumnVector(0).dotProduct(u) < 0) {
      e.setColumnVector(0, e.getColumnVector(0).mapMultiply(-1));
    }
    RealMatrix k = e.transpose().multiply(images);
    if (omission == Omission.SCORE_ROW_OF_K) {
      k.setRow(0, new double[p]);
    } else if (omission == Omission.SECOND_ROW_OF_K) {
      k.setRow(1, new double[p]);
    }

    int length = Math.toIntExact(setting.promptLength());
    double[][] gamma = new double[length][];
    double[] w = new double[length];
    double total = 0;
    for (int l = 0; l < length; l++) {
      gamma[l] = normals(r).toArray();
      w[l] = Math.exp(s * gamma[l][0] - 0.5 * s * s); // no overflow at the tilts in use
      total += w[l];
    }
    RealVector mean = new ArrayRealVector(r);
    for (int l = 0; l < length; l++) {
      w[l] /= total;
      mean = mean.add(new ArrayRealVector(gamma[l]).mapMultiply(w[l]));
    }
    RealMatrix covariance = MatrixUtils.createRealMatrix(r, r);
    RealMatrix b = MatrixUtils.createRealMatrix(r + 1, r + 1);
    for (int l = 0; l < length; l++) {
      RealVector centred = new ArrayRealVector(gamma[l]).subtract(mean);
      RealVector extended = new ArrayRealVector(new double[] {1}).append(centred);
      covariance = covariance.add(centred.outerProduct(centred).scalarMultiply(w[l]));
      b = b.add(extended.outerProduct(extended).scalarMultiply(w[l] * w[l]));
    }
    if (omission == Omission.COUPLING) {
      for (int i = 1; i <= r; i++) {
        b.setEntry(0, i, 0);
        b.setEntry(i, 0, 0);
      }
    }
    RealMatrix rest = normals(d, r + 1).multiplyTransposed(rootOf(b));
    rest = rest.subtract(e.multiply(e.transpose().multiply(rest)));
    RealVector n0 = rest.getColumnVector(0);
    RealMatrix n1 = rest.getSubMatrix(0, d - 1, 1, r);

    mean.addToEntry(0, -s);
    RealVector xi = e.operate(mean);
    if (omission != Omission.N0) {
      xi = xi.add(n0);
    }
    RealMatrix bigXi = e.multiply(covariance.subtract(MatrixUtils.createRealIdentityMatrix(r)));
    if (omission != Omission.N1) {
      bigXi = bigXi.add(n1);
    }
    RealVector delta = root.operate(xi);
    RealVector output = v.operate(delta);
    double size = root.multiply(bigXi).multiply(k).getFrobeniusNorm();
    squared.get(Metric.OUTPUT)[index] = output.dotProduct(output);
    squared.get(Metric.JACOBIAN_V)[index] = p * delta.dotProduct(delta);
    squared.get(Metric.JACOBIAN_U)[index] = size * size * z.dotProduct(z);
  }

  private static RealMatrix rootOf(RealMatrix b) {
    EigenDecompositionSymmetric eigen = new EigenDecompositionSymmetric(b);
    RealMatrix f = eigen.getV();
    for (int j = 0; j < b.getColumnDimension(); j++) {
      double value = Math.max(0, eigen.getEigenvalue(j));
      f.setColumnVector(j, f.getColumnVector(j).mapMultiply(Math.sqrt(value)));
    }
    return f;
  }

  private RealVector normals(int n) {
    double[] normals = new double[n];
    for (int i = 0; i < n; i++) {
      normals[i] = random.nextGaussian();
    }
    return new ArrayRealVector(normals, false);
  }

  private RealMatrix normals(int rows, int columns) {
    RealMatrix matrix = new Array2DRowRealMatrix(rows, columns);
    for (int j = 0; j < columns; j++) {
      matrix.setColumnVector(j, normals(rows));
    }
    return matrix;
  }
}
