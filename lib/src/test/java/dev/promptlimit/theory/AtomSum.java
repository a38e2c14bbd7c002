package dev.promptlimit.theory;

import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.measure.Rademacher;
import dev.promptlimit.measure.TokenMeasure;
import dev.promptlimit.measure.UniformCube;
import dev.promptlimit.measure.UniformSphere;
import dev.promptlimit.measure.Vocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.hipparchus.analysis.integration.gauss.GaussIntegrator;
import org.hipparchus.analysis.integration.gauss.GaussIntegratorFactory;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;

/**
 * A token measure with atoms that have the same tilted moments, and the constants of the delta
 * method as sums over them.
 */
final class AtomSum {
  private final String name;
  private final TokenMeasure tokens;
  private final double[] probabilities;
  private final double[][] atoms;

  private AtomSum(String name, TokenMeasure tokens, double[] probabilities, double[][] atoms) {
    this.name = name;
    this.tokens = tokens;
    this.probabilities = probabilities;
    this.atoms = atoms;
  }

  private static AtomSum of(String name, TokenMeasure tokens, double[][] atoms) {
    double[] equal = new double[atoms.length];
    Arrays.fill(equal, 1.0 / atoms.length);
    return new AtomSum(name, tokens, equal, atoms);
  }

  TokenMeasure tokens() {
    return tokens;
  }

  @Override
  public String toString() {
    return name;
  }

  static AtomSum signs(int d, double scale) {
    return of("signs in " + d, new Rademacher(d, scale), corners(d, scale));
  }

  static Stream<AtomSum> all() {
    return Stream.of(
        signs(1, 0.8),
        signs(2, 0.8),
        signs(3, 1.3),
        vocabulary(2, 5),
        vocabulary(3, 7),
        vocabulary(4, 2),
        cube(1),
        cube(2),
        cube(3),
        of("sphere in 1", new UniformSphere(1, 1.4), corners(1, 1.4)),
        circle(),
        sphere());
  }

  private static double[][] corners(int d, double scale) {
    double[][] atoms = new double[1 << d][d];
    for (int i = 0; i < atoms.length; i++) {
      for (int j = 0; j < d; j++) {
        atoms[i][j] = (i >> j) % 2 == 0 ? scale : -scale;
      }
    }
    return atoms;
  }

  private static AtomSum vocabulary(int d, int size) {
    double[][] atoms = Head.random(size, d, 2, 71).getData();
    double[] probabilities = new double[size];
    double total = 0;
    for (int i = 0; i < size; i++) {
      probabilities[i] = 1 + i % 3;
      total += probabilities[i];
    }
    for (int i = 0; i < size; i++) {
      probabilities[i] /= total;
    }
    String name = "vocabulary of " + size + " in " + d;
    return new AtomSum(name, new Vocabulary(probabilities, atoms), probabilities, atoms);
  }

  private static AtomSum cube(int d) {
    GaussIntegrator rule = new GaussIntegratorFactory(30).legendre(24);
    int n = rule.getNumberOfPoints();
    int size = (int) Math.round(Math.pow(n, d));
    double[] probabilities = new double[size];
    double[][] atoms = new double[size][d];
    for (int i = 0; i < size; i++) {
      probabilities[i] = 1;
      for (int j = 0, rest = i; j < d; j++, rest /= n) {
        atoms[i][j] = 1.5 * rule.getPoint(rest % n);
        probabilities[i] *= rule.getWeight(rest % n) / 2;
      }
    }
    return new AtomSum("cube in " + d, new UniformCube(d, 1.5), probabilities, atoms);
  }

  private static AtomSum circle() {
    double[][] atoms = new double[60][];
    for (int i = 0; i < 60; i++) {
      double angle = 2 * Math.PI * i / 60;
      atoms[i] = new double[] {1.2 * Math.cos(angle), 1.2 * Math.sin(angle)};
    }
    return of("circle", new UniformSphere(2, 1.2), atoms);
  }

  /** By Archimedes: uniform along an axis and around it. */
  private static AtomSum sphere() {
    GaussIntegrator rule = new GaussIntegratorFactory(30).legendre(30);
    List<double[]> atoms = new ArrayList<>();
    List<Double> probabilities = new ArrayList<>();
    for (int i = 0; i < rule.getNumberOfPoints(); i++) {
      double height = rule.getPoint(i);
      double radius = Math.sqrt(1 - height * height);
      for (int k = 0; k < 60; k++) {
        double angle = 2 * Math.PI * k / 60;
        atoms.add(
            new double[] {
              1.2 * radius * Math.cos(angle), 1.2 * radius * Math.sin(angle), 1.2 * height
            });
        probabilities.add(rule.getWeight(i) / 2 / 60);
      }
    }
    return new AtomSum(
        "sphere in 3",
        new UniformSphere(3, 1.2),
        probabilities.stream().mapToDouble(p -> p).toArray(),
        atoms.toArray(new double[0][]));
  }

  /**
   * E (dμ_a/dμ)² ‖Vy‖² and so on, y = x − m(a), with μ_a the tilted measure: atom by atom, no ρ and
   * no 2a.
   */
  Map<Metric, Double> constants(Head head, double[] z) {
    RealVector a = head.u().operate(MatrixUtils.createRealVector(z));
    int d = head.dimension();
    double[] ratio = ratio(a);
    RealVector mean = MatrixUtils.createRealVector(new double[d]);
    for (int i = 0; i < ratio.length; i++) {
      mean = mean.add(atom(i).mapMultiply(probabilities[i] * ratio[i]));
    }
    RealMatrix covariance = MatrixUtils.createRealMatrix(d, d);
    for (int i = 0; i < ratio.length; i++) {
      RealVector y = atom(i).subtract(mean);
      covariance = covariance.add(y.outerProduct(y).scalarMultiply(probabilities[i] * ratio[i]));
    }
    Map<Metric, Double> constants = new EnumMap<>(Metric.class);
    double squaredNorm = Math.pow(MatrixUtils.createRealVector(z).getNorm(), 2);
    for (int i = 0; i < ratio.length; i++) {
      double weight = probabilities[i] * ratio[i] * ratio[i];
      RealVector y = atom(i).subtract(mean);
      RealMatrix excess = y.outerProduct(y).subtract(covariance);
      double output = Math.pow(head.v().operate(y).getNorm(), 2);
      double derivative = Math.pow(head.v().multiply(excess).getFrobeniusNorm(), 2);
      constants.merge(Metric.OUTPUT, weight * output, Double::sum);
      constants.merge(Metric.JACOBIAN_V, weight * head.outputs() * y.dotProduct(y), Double::sum);
      constants.merge(Metric.JACOBIAN_U, weight * squaredNorm * derivative, Double::sum);
    }
    return constants;
  }

  /** −E (dμ_a/dμ)² V(x − m(a)). */
  RealVector bias(Head head, double[] z) {
    double[] ratio = ratio(head.u().operate(MatrixUtils.createRealVector(z)));
    RealVector first = MatrixUtils.createRealVector(new double[head.dimension()]);
    RealVector second = first.copy();
    double squares = 0;
    for (int i = 0; i < ratio.length; i++) {
      double weight = probabilities[i] * ratio[i];
      first = first.add(atom(i).mapMultiply(weight));
      second = second.add(atom(i).mapMultiply(weight * ratio[i]));
      squares += weight * ratio[i];
    }
    return head.v().operate(first.mapMultiply(squares).subtract(second));
  }

  private RealVector atom(int i) {
    return MatrixUtils.createRealVector(atoms[i]);
  }

  /** e^{⟨a,x⟩ − Λ(a)}. */
  private double[] ratio(RealVector a) {
    double[] ratio = new double[atoms.length];
    double total = 0;
    for (int i = 0; i < ratio.length; i++) {
      ratio[i] = Math.exp(a.dotProduct(atom(i)));
      total += probabilities[i] * ratio[i];
    }
    for (int i = 0; i < ratio.length; i++) {
      ratio[i] /= total;
    }
    return ratio;
  }
}
