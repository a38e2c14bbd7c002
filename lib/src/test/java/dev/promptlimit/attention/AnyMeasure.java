package dev.promptlimit.attention;

import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.GaussianMixture;
import dev.promptlimit.measure.Laplace;
import dev.promptlimit.measure.Rademacher;
import dev.promptlimit.measure.TokenMeasure;
import dev.promptlimit.measure.UniformCube;
import dev.promptlimit.measure.UniformSphere;
import dev.promptlimit.measure.Vocabulary;
import java.util.List;

/** Measures other than one Gaussian, in three dimensions, and settings for them. */
public final class AnyMeasure {
  private AnyMeasure() {}

  /** All that have limits for tilts below 4 in every coordinate. */
  public static List<TokenMeasure> all() {
    return List.of(
        new Rademacher(3, 0.8),
        new UniformCube(3, 1.5),
        new UniformSphere(3, 1.2),
        mixture(),
        new Vocabulary(
            new double[] {0.1, 2, 0, 0.9, 1},
            new double[][] {{1, 0.5, 0}, {-1, 2, 1}, {7, 7, 7}, {0, -1, 0.5}, {3, 0.25, -2}}),
        new Laplace(3, 0.25));
  }

  private static GaussianMixture mixture() {
    return new GaussianMixture(
        new double[] {5, 1, 2},
        List.of(
            new Gaussian(new double[] {0.5, 0, -0.5}, Covariance.toeplitz(3, 0.6, 1)),
            new Gaussian(new double[] {-2, 1, 2}, Covariance.diagonal(new double[] {0.5, 1, 2})),
            new Gaussian(new double[] {0, 1, 0}, Covariance.toeplitz(3, -1, 0.5))));
  }

  /** Dense heads of p outputs, the query (0.3, −1.2, 0.8, …). */
  static Setting fixedQuery(TokenMeasure tokens, int p, long length) {
    double[] z = new double[tokens.dimension()];
    for (int i = 0; i < z.length; i++) {
      z[i] = new double[] {0.3, -1.2, 0.8}[i % 3];
    }
    return new Setting(tokens, Gaussian.fixed(z), head(z.length, p), length);
  }

  /** The same with standard normal queries. */
  public static Setting randomQueries(TokenMeasure tokens, int p, long length) {
    int d = tokens.dimension();
    Gaussian queries = Gaussian.centred(Covariance.identity(d, 1));
    return new Setting(tokens, queries, head(d, p), length);
  }

  private static Head head(int d, int p) {
    return new Head(Head.random(d, d, 0.9, 21), Head.random(p, d, 1.5, 22));
  }
}
