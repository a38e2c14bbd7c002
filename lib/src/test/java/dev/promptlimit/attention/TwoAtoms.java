package dev.promptlimit.attention;

import java.util.EnumMap;
import java.util.Map;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;

/**
 * Tokens that are x with probability q, else y: of L tokens k are x with binomial probability, and
 * the prompt is known but for its order. With w = k e^⟨a,x⟩/(k e^⟨a,x⟩ + (L−k) e^⟨a,y⟩) and δ = x −
 * y, m_w = y + wδ and C_w = w(1−w) δδᵀ; in the limit w is the same with q and 1 − q for k and L −
 * k.
 */
public final class TwoAtoms {
  private final double q;
  private final RealVector delta;
  private final RealVector y;

  /** These atoms, the first of them with probability q. */
  public TwoAtoms(double q, double[] x, double[] y) {
    this.q = q;

    this.y = MatrixUtils.createRealVector(y);
    delta = MatrixUtils.createRealVector(x).subtract(this.y);
  }

  /**
   * Weights by binomial probability: E w′, E w′² and E (w(1−w))′², ′ the distance from the limit.
   */
  private double[] means(RealVector a, int length) {
    double odds = Math.exp(a.dotProduct(delta));
    double limit = q * odds / (q * odds + 1 - q);
    int mode = (int) Math.min(length, Math.floor(q * (length + 1.0)));
    double[] probability = new double[length + 1]; // up to a factor
    probability[mode] = 1;
    for (int k = mode; k > 0; k--) {
      probability[k - 1] = probability[k] * (k * (1 - q)) / ((length - k + 1) * q);
    }
    for (int k = mode; k < length; k++) {
      probability[k + 1] = probability[k] * ((length - k) * q) / ((k + 1) * (1 - q));
    }
    double total = 0;
    double[] sums = new double[3];
    for (int k = 0; k <= length; k++) {
      double w = k * odds / (k * odds + length - k);
      double spread = w * (1 - w) - limit * (1 - limit);
      total += probability[k];
      sums[0] += probability[k] * (w - limit);
      sums[1] += probability[k] * (w - limit) * (w - limit);
      sums[2] += probability[k] * spread * spread;
    }
    for (int i = 0; i < 3; i++) {
      sums[i] /= total;
    }
    return sums;
  }

  /** The mean squared deviations at the query z. */
  public Map<Metric, Double> meanSquares(Head head, double[] z, int length) {
    RealVector query = MatrixUtils.createRealVector(z);
    double[] means = means(head.u().operate(query), length);
    RealMatrix v = head.v();
    double norm = delta.dotProduct(delta);
    double output = Math.pow(v.operate(delta).getNorm(), 2);
    Map<Metric, Double> squares = new EnumMap<>(Metric.class);
    squares.put(Metric.OUTPUT, means[1] * output);
    squares.put(Metric.JACOBIAN_V, head.outputs() * means[1] * norm);
    squares.put(Metric.JACOBIAN_U, means[2] * output * norm * query.dotProduct(query));
    return squares;
  }

  /** E V(m_w − m(a)) at the query z. */
  public double[] bias(Head head, double[] z, int length) {
    RealVector a = head.u().operate(MatrixUtils.createRealVector(z));
    return head.v().operate(delta).mapMultiply(means(a, length)[0]).toArray();
  }

  /** qx + (1 − q)y. */
  double[] mean() {
    return y.add(delta.mapMultiply(q)).toArray();
  }

  /** q(1 − q) δδᵀ. */
  RealMatrix covariance() {
    return delta.outerProduct(delta).scalarMultiply(q * (1 - q));
  }
}
