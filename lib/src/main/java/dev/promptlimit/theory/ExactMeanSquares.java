package dev.promptlimit.theory;

import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.TokenMeasure;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.hipparchus.exception.MathRuntimeException;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;
import org.hipparchus.util.FastMath;

/*
 * One token has weight 1 and C_w = 0, so that at one query of tilt a, with Δ = m(0) − m(a), the mean
 * squares are tr V[C(0) + ΔΔᵀ]Vᵀ, the same with V = I times p, and ‖z‖² ‖VC(a)‖_F².
 */
/**
 * Mean-square errors of attention on finite prompts without simulation, where they are known: for
 * Gaussian tokens at every prompt length and all queries ({@link QueryAverage}), also averaged over
 * a covariance of each prompt's own where there are {@link RandomTokens#forms}; for other tokens at
 * L = 1 and one query.
 *
 * <p>Accuracy for Gaussian tokens 1e-9 relative or better, as estimated by two resolutions; what
 * misses {@value #WORST} is not given. Cost: some 65 evaluations of the universal functions, 2 to
 * 50 ms each on one core, whatever the number of lengths.
 */
public final class ExactMeanSquares {
  private static final double WORST = 1e-6;

  private ExactMeanSquares() {}

  /**
   * The mean squares by prompt length, NaN where they are not known.
   *
   * @param lengths prompt lengths ≥ 1
   * @param metrics those that are wanted
   */
  public static List<Map<Metric, Double>> of(
      TokenMeasure tokens, Head head, Gaussian queries, List<Long> lengths, Set<Metric> metrics) {
    Optional<QueryForms> forms = QueryForms.known(tokens, head);
    if (forms.isPresent()) {
      return known(forms.get(), head.outputs(), queries, lengths, metrics);
    }
    Map<Metric, Double> oneToken =
        queries.isFixed() && lengths.contains(1L)
            ? oneToken(tokens, head, queries.mean())
            : Map.of();
    List<Map<Metric, Double>> all = new ArrayList<>();
    for (long length : lengths) {
      Map<Metric, Double> known = new EnumMap<>(Metric.class);
      for (Metric metric : metrics) {
        known.put(metric, length == 1 ? oneToken.getOrDefault(metric, Double.NaN) : Double.NaN);
      }
      all.add(known);
    }
    return Collections.unmodifiableList(all);
  }

  private static List<Map<Metric, Double>> known(
      QueryForms forms, int outputs, Gaussian queries, List<Long> lengths, Set<Metric> metrics) {
    try {
      return averages(forms, outputs, queries, lengths, metrics);
    } catch (MathRuntimeException e) { // a saddle point or a spectrum that could not be found
      return lengths.stream().map(length -> unknown(metrics)).toList();
    }
  }

  private static Map<Metric, Double> unknown(Set<Metric> metrics) {
    Map<Metric, Double> unknown = new EnumMap<>(Metric.class);
    metrics.forEach(metric -> unknown.put(metric, Double.NaN));
    return unknown;
  }

  private static List<Map<Metric, Double>> averages(
      QueryForms forms, int outputs, Gaussian queries, List<Long> lengths, Set<Metric> metrics) {
    QueryAverage average =
        new QueryAverage(forms, outputs, queries, metrics.contains(Metric.JACOBIAN_U));
    double[] all = lengths.stream().mapToDouble(length -> length).toArray();
    Map<Double, List<UniversalFunctions>> functions = new ConcurrentHashMap<>();
    List<Map<Metric, Double>> means = new ArrayList<>();
    for (int i = 0; i < all.length; i++) {
      int index = i;
      QueryAverage.Estimate estimate =
          average.at(
              s ->
                  functions
                      .computeIfAbsent(s, key -> UniversalQuadrature.values(key, all))
                      .get(index));
      Map<Metric, Double> known = new EnumMap<>(Metric.class);
      for (Metric metric : metrics) {
        double value = estimate.value().get(metric);
        boolean good = estimate.error().get(metric) <= WORST * Math.abs(value);
        known.put(metric, good ? value : Double.NaN);
      }
      means.add(known);
    }
    return Collections.unmodifiableList(means);
  }

  private static Map<Metric, Double> oneToken(TokenMeasure tokens, Head head, double[] z) {
    double[] a = head.u().operate(z);
    Map<Metric, Double> means = new EnumMap<>(Metric.class);
    double[] zero = new double[a.length];
    if (tokens.inadmissible(a).isPresent() || tokens.inadmissible(zero).isPresent()) {
      return means;
    }
    RealVector delta =
        MatrixUtils.createRealVector(tokens.tiltedMean(zero))
            .subtract(MatrixUtils.createRealVector(tokens.tiltedMean(a)));
    RealMatrix square = tokens.tiltedCovariance(zero).add(delta.outerProduct(delta));
    RealMatrix v = head.v();
    double norm = v.multiply(tokens.tiltedCovariance(a)).getFrobeniusNorm();
    double squaredNorm = FastMath.pow(MatrixUtils.createRealVector(z).getNorm(), 2);
    means.put(Metric.OUTPUT, v.multiply(square).multiplyTransposed(v).getTrace());
    means.put(Metric.JACOBIAN_V, head.outputs() * square.getTrace());
    means.put(Metric.JACOBIAN_U, squaredNorm * norm * norm);
    return means;
  }
}
