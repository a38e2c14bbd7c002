package dev.promptlimit.measure;

import dev.promptlimit.random.StreamKey;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;
import org.hipparchus.special.Gamma;

/**
 * A token measure by its sampler and by what is known of it in closed form.
 *
 * @param fourth E x_i⁴
 * @param logMgf Λ
 */
record TokenLaw(
    String name,
    Function<StreamKey, TokenSampler> sampler,
    RealVector mean,
    RealMatrix covariance,
    RealVector fourth,
    ToDoubleFunction<RealVector> logMgf) {

  static final double[] WEIGHTS = {0.25, 0.75};
  static final List<Gaussian> TWO =
      List.of(
          new Gaussian(new double[] {2, -1}, Covariance.diagonal(new double[] {0.5, 2})),
          new Gaussian(new double[] {-0.5, 1}, Covariance.diagonal(new double[] {1, 0.25})));

  static TokenLaw gaussian() {
    return independent("gaussian", key -> TokenSampler.gaussian(key, 3), 3, 1, 3, a -> a * a / 2);
  }

  static TokenLaw cube() {
    double c = 1.5;
    return independent(
        "cube",
        key -> TokenSampler.cube(key, 3, c),
        3,
        c * c / 3,
        Math.pow(c, 4) / 5,
        a -> Math.log(Math.sinh(c * a) / (c * a)));
  }

  static TokenLaw rademacher() {
    double c = 0.75; // its fourth power is exact
    return independent(
        "rademacher",
        key -> TokenSampler.rademacher(key, 3, c),
        3,
        c * c,
        Math.pow(c, 4),
        a -> Math.log(Math.cosh(c * a)));
  }

  private static TokenLaw independent(
      String name,
      Function<StreamKey, TokenSampler> sampler,
      int d,
      double variance,
      double fourth,
      Function<Double, Double> logMgf) {
    return new TokenLaw(
        name,
        sampler,
        new ArrayRealVector(d),
        MatrixUtils.createRealIdentityMatrix(d).scalarMultiply(variance),
        new ArrayRealVector(d, fourth),
        a -> a.map(logMgf::apply).dotProduct(new ArrayRealVector(d, 1)));
  }

  static TokenLaw sphere(int d) {
    double rho = 2;
    return new TokenLaw(
        "sphere in " + d,
        key -> TokenSampler.sphere(key, d, rho),
        new ArrayRealVector(d),
        MatrixUtils.createRealIdentityMatrix(d).scalarMultiply(rho * rho / d),
        new ArrayRealVector(d, 3 * Math.pow(rho, 4) / (d * (d + 2.0))),
        a -> logSphere(rho * a.getNorm(), d));
  }

  /**
   * log of gamma(d/2) (2/r)^{d/2−1} I_{d/2−1}(r) by the power series of the Bessel function, for
   * small r.
   */
  private static double logSphere(double r, int d) {
    double sum = 0;
    for (int k = 0; k < 40; k++) {
      sum +=
          Math.exp(
              2 * k * Math.log(r / 2)
                  + Gamma.logGamma(0.5 * d)
                  - Gamma.logGamma(k + 1.0)
                  - Gamma.logGamma(k + 0.5 * d));
    }
    return Math.log(sum);
  }

  /** A dense covariance and a mean. */
  static TokenLaw coloured() {
    Gaussian measure =
        new Gaussian(new double[] {0.5, -1, 0.25}, Covariance.toeplitz(3, -0.4, 1.5));
    TokenLaw law = mixture("coloured", new double[] {1}, List.of(measure));
    return law.drawnBy(measure);
  }

  /** Rows of several probabilities, one of them 0. */
  static TokenLaw vocabulary() {
    double[][] rows = {{1, 0.5}, {-1, 2}, {50, 50}, {0, -1}, {3, 0.25}};
    double[] probabilities = {0.05, 0.5, 0, 0.2, 0.25};
    RealVector mean = new ArrayRealVector(2);
    RealMatrix second = MatrixUtils.createRealMatrix(2, 2);
    RealVector fourth = new ArrayRealVector(2);
    for (int k = 0; k < rows.length; k++) {
      RealVector row = new ArrayRealVector(rows[k]);
      double p = probabilities[k];
      mean = mean.add(row.mapMultiply(p));
      second = second.add(row.outerProduct(row).scalarMultiply(p));
      fourth = fourth.add(row.map(x -> p * Math.pow(x, 4)));
    }
    ToDoubleFunction<RealVector> logMgf =
        a -> {
          double mgf = 0;
          for (int k = 0; k < rows.length; k++) {
            mgf += probabilities[k] * Math.exp(a.dotProduct(new ArrayRealVector(rows[k])));
          }
          return Math.log(mgf);
        };
    Vocabulary measure = new Vocabulary(probabilities, rows);
    RealMatrix covariance = second.subtract(mean.outerProduct(mean));
    return new TokenLaw("vocabulary", measure::sampler, mean, covariance, fourth, logMgf);
  }

  /** The sampler of a measure, to be held against this law. */
  private TokenLaw drawnBy(TokenMeasure measure) {
    return new TokenLaw(name, measure::sampler, mean, covariance, fourth, logMgf);
  }

  static TokenLaw mixtureOfTwo() {
    return mixture("mixture of two", WEIGHTS, TWO);
  }

  /** A dense, a diagonal and a singular covariance; weights that do not add up to one. */
  static TokenLaw mixtureOfThree() {
    return mixture(
        "mixture of three",
        new double[] {5, 1, 2},
        List.of(
            new Gaussian(new double[] {0.5, 0, -0.5}, Covariance.toeplitz(3, 0.6, 1)),
            new Gaussian(new double[] {-2, 1, 2}, Covariance.diagonal(new double[] {0.5, 1, 2})),
            new Gaussian(new double[] {0, 1, 0}, Covariance.toeplitz(3, -1, 0.5))));
  }

  private static TokenLaw mixture(String name, double[] weights, List<Gaussian> components) {
    int d = components.get(0).dimension();
    double total = 0;
    for (double weight : weights) {
      total += weight;
    }
    RealVector mean = new ArrayRealVector(d);
    RealMatrix second = MatrixUtils.createRealMatrix(d, d);
    RealVector fourth = new ArrayRealVector(d);
    for (int k = 0; k < weights.length; k++) {
      double p = weights[k] / total;
      RealVector m = new ArrayRealVector(components.get(k).mean());
      RealMatrix gamma = components.get(k).covariance().matrix();
      mean = mean.add(m.mapMultiply(p));
      second = second.add(gamma.add(m.outerProduct(m)).scalarMultiply(p));
      for (int i = 0; i < d; i++) {
        double square = m.getEntry(i) * m.getEntry(i);
        double v = gamma.getEntry(i, i);
        fourth.addToEntry(i, p * (square * square + 6 * square * v + 3 * v * v));
      }
    }
    double all = total;
    return new TokenLaw(
        name,
        key -> TokenSampler.mixture(key, weights, components),
        mean,
        second.subtract(mean.outerProduct(mean)),
        fourth,
        a -> {
          double mgf = 0;
          for (int k = 0; k < weights.length; k++) {
            mgf += weights[k] / all * Math.exp(components.get(k).logMgf(a.toArray()));
          }
          return Math.log(mgf);
        });
  }

  int dimension() {
    return mean.getDimension();
  }

  @Override
  public String toString() {
    return name;
  }
}
