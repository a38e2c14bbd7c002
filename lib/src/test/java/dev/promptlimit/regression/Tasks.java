package dev.promptlimit.regression;

import dev.promptlimit.attention.Head;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import java.util.ArrayList;
import java.util.List;
import org.hipparchus.linear.RealMatrix;

/** Means over tasks w ~ N(0, τ²I_d) by a product of three-point Gauss-Hermite rules. */
final class Tasks {
  private static final double[] POINTS = {-Math.sqrt(3), 0, Math.sqrt(3)};
  private static final double[] WEIGHTS = {1 / 6.0, 2 / 3.0, 1 / 6.0};

  /** The tokens of one task. */
  record Node(Gaussian tokens, double weight) {}

  private Tasks() {}

  /** 3^d nodes: exact for polynomials of degree up to five in each coordinate of w. */
  static List<Node> nodes(TaskFamily family) {
    int d = family.dimension();
    List<Node> nodes = new ArrayList<>();
    for (int index = 0; index < Math.pow(3, d); index++) {
      double[] task = new double[d];
      double weight = 1;
      for (int i = 0, rest = index; i < d; i++, rest /= 3) {
        task[i] = Math.sqrt(family.taskVariance()) * POINTS[rest % 3];
        weight *= WEIGHTS[rest % 3];
      }
      Covariance covariance = Covariance.of(family.tokenCovariance(task).getData());
      nodes.add(new Node(Gaussian.centred(covariance), weight));
    }
    return nodes;
  }

  /** A head of dimension d + 1 with u₂₁ = 0, all other entries random. */
  static Head head(int d, int outputs, double norm) {
    RealMatrix u = Head.random(d + 1, d + 1, norm, 7);
    for (int j = 0; j < d; j++) {
      u.setEntry(d, j, 0);
    }
    return new Head(u, Head.random(outputs, d + 1, 1.3, 8));
  }
}
