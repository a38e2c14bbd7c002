package dev.promptlimit.claim;

import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.attention.Setting;
import dev.promptlimit.claim.BoundFit.Series;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.stat.Interval;
import dev.promptlimit.theory.ExactMeanSquares;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.LongStream;
import org.hipparchus.linear.MatrixUtils;

/** Errors to try the rules on: exact ones of Gaussian tokens and invented ones. */
final class BoundCases {
  static final List<Double> VARIANCES = List.of(1.0, 1.5, 2.0, 3.0, 4.0);

  /** Lengths from one to another by a factor, and the last one. */
  static final Map<String, List<Long>> LENGTHS = new LinkedHashMap<>();

  static {
    for (long factor : new long[] {2, 4}) {
      LENGTHS.put("2 to 1024 by " + factor, lengths(2, 1024, factor));
      LENGTHS.put("2 to 16384 by " + factor, lengths(2, 16384, factor));
      LENGTHS.put("16 to 1048576 by " + factor, lengths(16, 1 << 20, factor));
    }
  }

  private BoundCases() {}

  static List<Long> lengths(long from, long to, long factor) {
    List<Long> lengths = new ArrayList<>();
    for (long length = from; length < to; length *= factor) {
      lengths.add(length);
    }
    lengths.add(to);
    return lengths;
  }

  /** Tokens of largest variance v, queries N(0, I), U = √h I. */
  static Setting setting(int d, boolean toeplitz, double v, double h, boolean identity, long l) {
    double largest = toeplitz ? largest(Covariance.toeplitz(d, 0.5, 1)) : 1;
    Covariance covariance =
        toeplitz ? Covariance.toeplitz(d, 0.5, v / largest) : Covariance.identity(d, v);
    double[][] row = new double[1][d];
    row[0][0] = 1;
    Head head =
        new Head(
            Head.scaledIdentity(d, Math.sqrt(h)),
            identity ? Head.scaledIdentity(d, 1) : MatrixUtils.createRealMatrix(row));
    return new Setting(
        Gaussian.centred(covariance), Gaussian.centred(Covariance.identity(d, 1)), head, l);
  }

  private static double largest(Covariance covariance) {
    return Gaussian.centred(covariance).proxy().variance();
  }

  /** Exact errors at 2, 4, …, 2²⁰ of the variances, where the bounds' assumptions hold. */
  static Map<Metric, List<Series>> exact(
      int d, boolean toeplitz, double h, boolean identity, List<Double> variances) {
    List<Long> lengths = LongStream.rangeClosed(1, 20).mapToObj(k -> 1L << k).toList();
    Map<Metric, List<Series>> all = new EnumMap<>(Metric.class);
    for (Metric metric : Metric.values()) {
      all.put(metric, new ArrayList<>());
    }
    for (double variance : variances) {
      Setting setting = setting(d, toeplitz, variance, h, identity, 2);
      List<Map<Metric, Double>> errors =
          ExactMeanSquares.of(
              setting.tokens(),
              setting.head(),
              setting.queries(),
              lengths,
              EnumSet.allOf(Metric.class));
      for (Metric metric : Metric.values()) {
        if (metric != Metric.OUTPUT && variance * h >= 1) {
          continue;
        }
        SortedMap<Long, Interval> known = new TreeMap<>();
        for (int i = 0; i < lengths.size(); i++) {
          double error = errors.get(i).get(metric);
          known.put(lengths.get(i), new Interval(error, error));
        }
        all.get(metric)
            .add(
                new Series(
                    "v" + variance,
                    BoundAssumptions.sigma(setting),
                    BoundAssumptions.freezing(setting),
                    known));
      }
    }
    return all;
  }

  /** Invented errors, a function of σ² and L, of prompts that do not freeze. */
  static List<Series> invented(DoubleBinaryOperator error, List<Long> lengths) {
    List<Series> all = new ArrayList<>();
    for (double variance : VARIANCES) {
      SortedMap<Long, Interval> errors = new TreeMap<>();
      for (long length : lengths) {
        double e = error.applyAsDouble(variance, (double) length);
        errors.put(length, new Interval(e, e));
      }
      all.add(new Series("v" + variance, Math.sqrt(variance), 0, errors));
    }
    return all;
  }

  /**
   * The same at these lengths by intervals: estimates off by up to width, relative, as many ends
   * around them, stretched to hold the truth.
   */
  static List<Series> measured(
      List<Series> exact, List<Long> lengths, double width, SplittableRandom random) {
    List<Series> all = new ArrayList<>();
    for (Series one : exact) {
      SortedMap<Long, Interval> errors = new TreeMap<>();
      for (long length : lengths) {
        double e = one.errors().get(length).low();
        double estimate = e * (1 + width * (2 * random.nextDouble() - 1));
        errors.put(
            length,
            new Interval(Math.min(e, estimate * (1 - width)), Math.max(e, estimate * (1 + width))));
      }
      all.add(new Series(one.name(), one.sigma(), one.freezing(), errors));
    }
    return all;
  }

  static BoundPrediction predict(Metric metric, List<Series> series) {
    return new BoundPrediction(new BoundFit(metric, series));
  }
}
