package dev.promptlimit.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.promptlimit.measure.Rademacher;
import dev.promptlimit.measure.TokenMeasure;
import dev.promptlimit.measure.Vocabulary;
import dev.promptlimit.random.Significance;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Brute force for measures of few atoms against all prompts of one to three tokens, each with its
 * probability: every deviation drawn is one of theirs, to rounding, and each is drawn as often as
 * it should be.
 *
 * <p>Seed 1, n = 50,000 prompts; Pearson's chi-square, 4 measures · 3 lengths · 3 metrics = 36
 * tests at α = 1e-8. A deviation of probability ½ is found to have another if it is off by 1.3 %.
 * The negative control takes the entries of a vocabulary for equally frequent.
 */
class AtomsTest {
  private static final int N = 50_000;

  /** A measure and its atoms. */
  private static final class Atoms {
    private final String name;
    private final TokenMeasure measure;
    private final double[] probabilities;
    private final double[][] x;

    Atoms(String name, TokenMeasure measure, double[] probabilities, double[][] x) {
      this.name = name;
      this.measure = measure;
      this.probabilities = probabilities;
      this.x = x;
    }

    static Atoms of(String name, double[] probabilities, double[][] x) {
      return new Atoms(name, new Vocabulary(probabilities, x), probabilities, x);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static final Atoms UNEVEN =
      Atoms.of(
          "vocabulary in 2",
          new double[] {0.4, 0.3, 0.2, 0.1},
          new double[][] {{1, 0.5}, {-1, 2}, {0, -1}, {2, 0.25}});

  static Stream<Arguments> cases() {
    double[] quarters = {0.25, 0.25, 0.25, 0.25};
    double[][] corners = {{0.8, 0.8}, {0.8, -0.8}, {-0.8, 0.8}, {-0.8, -0.8}};
    return Stream.of(
            new Atoms(
                "rademacher in 1",
                new Rademacher(1, 0.8),
                new double[] {0.5, 0.5},
                new double[][] {{0.8}, {-0.8}}),
            new Atoms("rademacher in 2", new Rademacher(2, 0.8), quarters, corners),
            Atoms.of(
                "vocabulary in 1", new double[] {0.5, 0.3, 0.2}, new double[][] {{1}, {-2}, {0.5}}),
            UNEVEN)
        .flatMap(
            atoms -> IntStream.rangeClosed(1, 3).mapToObj(length -> Arguments.of(atoms, length)));
  }

  /** A squared deviation and its probability. */
  private record Value(double squared, double probability) {}

  @ParameterizedTest
  @MethodSource("cases")
  void everyDeviationIsDrawnAsOftenAsItShouldBe(Atoms atoms, int length) {
    Setting setting = AnyMeasure.fixedQuery(atoms.measure, 2, length);
    Map<Metric, double[]> drawn =
        Situation.squared(new BruteForceSampler(setting, Situation.ALL), Situation.ALL, "atoms", N);
    drawn.forEach(
        (metric, squared) ->
            assertThat(pValue(squared, values(setting, atoms.probabilities, atoms.x, metric)))
                .as("%s", metric)
                .isGreaterThan(Significance.ALPHA));
  }

  @Test
  void frequenciesCount() {
    Setting setting = AnyMeasure.fixedQuery(UNEVEN.measure, 2, 2);
    double[] squared =
        Situation.squared(new BruteForceSampler(setting, Situation.ALL), Situation.ALL, "atoms", N)
            .get(Metric.OUTPUT);
    double[] equal = {0.25, 0.25, 0.25, 0.25};
    assertThat(pValue(squared, values(setting, equal, UNEVEN.x, Metric.OUTPUT)))
        .isLessThan(Significance.ALPHA);
  }

  private static double pValue(double[] squared, List<Value> values) {
    long[] counts = new long[values.size()];
    double largest = values.get(values.size() - 1).squared;
    for (double q : squared) {
      int nearest = 0;
      for (int i = 1; i < counts.length; i++) {
        if (Math.abs(values.get(i).squared - q) < Math.abs(values.get(nearest).squared - q)) {
          nearest = i;
        }
      }
      assertThat(q).isCloseTo(values.get(nearest).squared, within(1e-12 * largest));
      counts[nearest]++;
    }
    double[] probabilities = values.stream().mapToDouble(Value::probability).toArray();
    return counts.length == 1 ? 1 : Significance.chiSquare(counts, probabilities);
  }

  /** The deviations of all prompts in ascending order, those that are equal taken together. */
  private static List<Value> values(
      Setting setting, double[] probabilities, double[][] x, Metric metric) {
    List<Value> all = new ArrayList<>();
    int prompts = (int) Math.round(Math.pow(x.length, (double) setting.promptLength()));
    for (int prompt = 0; prompt < prompts; prompt++) {
      double probability = 1;
      double[][] tokens = new double[(int) setting.promptLength()][];
      for (int l = 0, rest = prompt; l < tokens.length; l++, rest /= x.length) {
        tokens[l] = x[rest % x.length];
        probability *= probabilities[rest % x.length];
      }
      all.add(new Value(squared(setting, tokens, metric), probability));
    }
    all.sort((a, b) -> Double.compare(a.squared, b.squared));
    double largest = all.get(all.size() - 1).squared;
    List<Value> distinct = new ArrayList<>(all.subList(0, 1));
    for (Value next : all.subList(1, all.size())) {
      Value last = distinct.get(distinct.size() - 1);
      if (next.squared - last.squared < 1e-11 * largest) {
        distinct.set(
            distinct.size() - 1, new Value(last.squared, last.probability + next.probability));
      } else {
        distinct.add(next);
      }
    }
    return distinct;
  }

  private static double squared(Setting setting, double[][] tokens, Metric metric) {
    RealVector z = MatrixUtils.createRealVector(setting.queries().mean());
    RealVector a = setting.head().u().operate(z);
    double[] weights =
        Arrays.stream(tokens)
            .mapToDouble(x -> Math.exp(a.dotProduct(MatrixUtils.createRealVector(x))))
            .toArray();
    double sum = Arrays.stream(weights).sum();
    int d = setting.dimension();
    RealVector mean = MatrixUtils.createRealVector(new double[d]);
    for (int l = 0; l < tokens.length; l++) {
      mean = mean.add(MatrixUtils.createRealVector(tokens[l]).mapMultiply(weights[l] / sum));
    }
    RealMatrix covariance = MatrixUtils.createRealMatrix(d, d);
    for (int l = 0; l < tokens.length; l++) {
      RealVector centred = MatrixUtils.createRealVector(tokens[l]).subtract(mean);
      covariance = covariance.add(centred.outerProduct(centred).scalarMultiply(weights[l] / sum));
    }
    RealMatrix v = setting.head().v();
    RealVector delta =
        mean.subtract(MatrixUtils.createRealVector(setting.tokens().tiltedMean(a.toArray())));
    RealMatrix spread = covariance.subtract(setting.tokens().tiltedCovariance(a.toArray()));
    return switch (metric) {
      case OUTPUT -> Math.pow(v.operate(delta).getNorm(), 2);
      case JACOBIAN_V -> v.getRowDimension() * delta.dotProduct(delta);
      case JACOBIAN_U -> Math.pow(v.multiply(spread).getFrobeniusNorm(), 2) * z.dotProduct(z);
    };
  }
}
