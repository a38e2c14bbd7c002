package dev.promptlimit.measure;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.hipparchus.analysis.integration.gauss.GaussIntegrator;
import org.hipparchus.analysis.integration.gauss.GaussIntegratorFactory;

/** Measures to test, and finite ones that stand for them: the nodes of quadrature rules. */
final class Measures {
  private Measures() {}

  /**
   * A measure with a vocabulary whose tilted moments of order up to four are, up to rounding, the
   * same for tilts of at most this size.
   */
  record Pair(String name, TokenMeasure measure, Vocabulary nodes, double largestTilt) {
    @Override
    public String toString() {
      return name;
    }
  }

  /** Measures of few parameters, one of a kind or more. */
  static List<TokenMeasure> all() {
    return List.of(
        new Gaussian(new double[] {1, -2, 0.5}, Covariance.toeplitz(3, 0.5, 2)),
        new Gaussian(new double[] {1, -2}, Covariance.diagonal(new double[] {0.5, 2})),
        new Rademacher(3, 0.8),
        new UniformCube(3, 1.5),
        new UniformSphere(1, 2),
        new UniformSphere(2, 2),
        new UniformSphere(3, 0.7),
        new UniformSphere(16, 2),
        mixture(),
        new Vocabulary(
            new double[] {0.1, 2, 0, 0.9, 1},
            new double[][] {{1, 0.5}, {-1, 2}, {7, 7}, {0, -1}, {3, 0.25}}),
        new Laplace(3, 0.25));
  }

  static GaussianMixture mixture() {
    return new GaussianMixture(
        new double[] {5, 1, 2},
        List.of(
            new Gaussian(new double[] {0.5, 0, -0.5}, Covariance.toeplitz(3, 0.6, 1)),
            new Gaussian(new double[] {-2, 1, 2}, Covariance.diagonal(new double[] {0.5, 1, 2})),
            new Gaussian(new double[] {0, 1, 0}, Covariance.toeplitz(3, -1, 0.5))));
  }

  private static final GaussIntegratorFactory GAUSS = new GaussIntegratorFactory(30);

  static Stream<Pair> pairs() {
    GaussIntegrator legendre = GAUSS.legendre(40);
    GaussIntegrator hermite = GAUSS.hermite(40);
    return Stream.of(
        new Pair("Rademacher", new Rademacher(2, 0.8), signs(0.8), Double.POSITIVE_INFINITY),
        new Pair("cube", new UniformCube(2, 1.5), product(legendre, 1.5, 0), 8),
        new Pair("sphere in 1", new UniformSphere(1, 2), line(2), Double.POSITIVE_INFINITY),
        new Pair("sphere in 2", new UniformSphere(2, 2), circle(2), 8),
        new Pair("sphere in 3", new UniformSphere(3, 2), sphere(2), 8),
        new Pair("Laplace", new Laplace(1, 0.25), laplace(0.25), 2),
        new Pair(
            "Gaussian",
            new Gaussian(new double[] {0.5, 0.5}, Covariance.diagonal(new double[] {0.49, 0.49})),
            product(hermite, 0.7 * Math.sqrt(2), 0.5),
            4),
        new Pair(
            "Gaussian, dense",
            new Gaussian(new double[] {0.3, -1}, Covariance.of(DENSE)),
            coloured(hermite),
            4),
        mixed(hermite));
  }

  private static Vocabulary line(double c) {
    return new Vocabulary(new double[] {1, 1}, new double[][] {{c}, {-c}});
  }

  private static Vocabulary signs(double c) {
    return new Vocabulary(
        new double[] {1, 1, 1, 1}, new double[][] {{c, c}, {c, -c}, {-c, c}, {-c, -c}});
  }

  /** The rule in the plane, its nodes scaled and moved. */
  private static Vocabulary product(GaussIntegrator rule, double scale, double shift) {
    List<double[]> nodes = new ArrayList<>();
    List<Double> weights = new ArrayList<>();
    for (int i = 0; i < rule.getNumberOfPoints(); i++) {
      for (int j = 0; j < rule.getNumberOfPoints(); j++) {
        nodes.add(
            new double[] {shift + scale * rule.getPoint(i), shift + scale * rule.getPoint(j)});
        weights.add(rule.getWeight(i) * rule.getWeight(j));
      }
    }
    return vocabulary(weights, nodes);
  }

  private static Vocabulary vocabulary(List<Double> weights, List<double[]> nodes) {
    return new Vocabulary(
        weights.stream().mapToDouble(w -> w).toArray(), nodes.toArray(new double[0][]));
  }

  /** A root with rows (0.8, 0.6) and (−0.5, 1), and the covariance that it gives. */
  private static final double[][] DENSE = {{1, 0.2}, {0.2, 1.25}};

  private static Vocabulary coloured(GaussIntegrator hermite) {
    List<double[]> nodes = new ArrayList<>();
    List<Double> weights = new ArrayList<>();
    for (int i = 0; i < hermite.getNumberOfPoints(); i++) {
      for (int j = 0; j < hermite.getNumberOfPoints(); j++) {
        double s = Math.sqrt(2) * hermite.getPoint(i);
        double t = Math.sqrt(2) * hermite.getPoint(j);
        nodes.add(new double[] {0.3 + 0.8 * s + 0.6 * t, -1 - 0.5 * s + t});
        weights.add(hermite.getWeight(i) * hermite.getWeight(j));
      }
    }
    return vocabulary(weights, nodes);
  }

  private static Pair mixed(GaussIntegrator hermite) {
    double[][] means = {{0.5, -1}, {-2, 1}};
    double[] sigmas = {0.5, 1};
    List<double[]> nodes = new ArrayList<>();
    List<Double> weights = new ArrayList<>();
    for (int k = 0; k < 2; k++) {
      for (int i = 0; i < hermite.getNumberOfPoints(); i++) {
        for (int j = 0; j < hermite.getNumberOfPoints(); j++) {
          nodes.add(
              new double[] {
                means[k][0] + sigmas[k] * Math.sqrt(2) * hermite.getPoint(i),
                means[k][1] + sigmas[k] * Math.sqrt(2) * hermite.getPoint(j)
              });
          weights.add((1 + 2 * k) * hermite.getWeight(i) * hermite.getWeight(j));
        }
      }
    }
    GaussianMixture mixture =
        new GaussianMixture(
            new double[] {1, 3},
            List.of(
                new Gaussian(means[0], Covariance.of(new double[][] {{0.25, 0}, {0, 0.25}})),
                new Gaussian(means[1], Covariance.identity(2, 1))));
    return new Pair("mixture", mixture, vocabulary(weights, nodes), 4);
  }

  /** The trapezoid rule. */
  private static Vocabulary circle(double rho) {
    int n = 128;
    double[][] nodes = new double[n][];
    Arrays.setAll(
        nodes,
        k ->
            new double[] {
              rho * Math.cos(2 * Math.PI * k / n), rho * Math.sin(2 * Math.PI * k / n)
            });
    double[] weights = new double[n];
    Arrays.fill(weights, 1);
    return new Vocabulary(weights, nodes);
  }

  /** Archimedes: height and longitude are independent and uniform. */
  private static Vocabulary sphere(double rho) {
    GaussIntegrator legendre = GAUSS.legendre(40);
    int n = 128;
    List<double[]> nodes = new ArrayList<>();
    List<Double> weights = new ArrayList<>();
    for (int i = 0; i < legendre.getNumberOfPoints(); i++) {
      double z = legendre.getPoint(i);
      double across = rho * Math.sqrt(1 - z * z);
      for (int k = 0; k < n; k++) {
        double phi = 2 * Math.PI * k / n;
        nodes.add(new double[] {across * Math.cos(phi), across * Math.sin(phi), rho * z});
        weights.add(legendre.getWeight(i));
      }
    }
    return vocabulary(weights, nodes);
  }

  /** Panels of width 4b up to 120b: beyond, with tilts up to 1/2b, is e^−60. */
  private static Vocabulary laplace(double b) {
    GaussIntegrator legendre = GAUSS.legendre(20);
    List<double[]> nodes = new ArrayList<>();
    List<Double> weights = new ArrayList<>();
    for (int panel = -30; panel < 30; panel++) {
      for (int i = 0; i < legendre.getNumberOfPoints(); i++) {
        double x = 4 * panel + 2 + 2 * legendre.getPoint(i);
        nodes.add(new double[] {b * x});
        weights.add(legendre.getWeight(i) * Math.exp(-Math.abs(x)));
      }
    }
    return vocabulary(weights, nodes);
  }
}
