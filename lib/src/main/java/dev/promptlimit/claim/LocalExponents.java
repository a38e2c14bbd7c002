package dev.promptlimit.claim;

import dev.promptlimit.attention.Metric;
import dev.promptlimit.attention.Setting;
import dev.promptlimit.theory.QueryAverage;
import dev.promptlimit.theory.QueryForms;
import dev.promptlimit.theory.QuerySpectrum;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.DoubleStream;
import org.hipparchus.exception.MathRuntimeException;
import org.hipparchus.util.FastMath;

/**
 * Local exponents −d log E / d log L of exact mean squares E at lengths up to 1e32, by centred
 * differences over a factor 4.
 *
 * <p>An error L^{−c} (ln L)^p has the local exponent c − p/ln L, so what the one at 1e32 still
 * lacks may be p/74, and the extrapolation 2e(1e32) − e(1e16) lacks none of it. Near H² = 1/2,
 * where two regimes meet, the extrapolation overshoots; there the last exponent is the nearer one.
 * The nearer of the two was within 0.038 of c for H² from 0.01 to 1000 with d = 1, and to 4 with d
 * = 8 equal eigenvalues, output and jacobian-u, the worst being jacobian-u at H² = 0.45, d = 8; for
 * d = 1 within 0.017. That sets {@link #TOLERANCE}; since c falls like 1/H², more than half of c is
 * never allowed. p grows like half the number of equal eigenvalues, and what misses c for that
 * reason still approaches it, which leaves it undecided. So do queries that freeze prompts of 1e32
 * onto one token: there exponents fall before they rise, E s²/2 being far above ln L.
 *
 * @param name of the group
 * @param h2 H²
 * @param bohbot the exponent published elsewhere for a related error
 * @param claimed c
 * @param freezing E s²/2, the log of the length below which prompts freeze
 * @param values exponents at {@link #centres}; NaN where the exact error is not known
 */
record LocalExponents(
    String name, double h2, double bohbot, double claimed, double freezing, List<Double> values) {
  static final double TOLERANCE = 0.04;

  /** At small H² the limit is reached to more digits than differences keep. */
  private static final double REACHED = 1e-3;

  /** An error known to this, relative, gives its exponent to 1e-4. */
  private static final double ACCURATE = 1e-4;

  private static final double[] CENTRES = {1e4, 1e8, 1e16, 1e24, 1e32};
  private static final int MIDDLE = 2; // 1e16
  private static final int LAST = 4;
  private static final double[] LENGTHS = lengths();

  /** Departures from c count only where 1e16 is at least the square of the freezing length. */
  private static final double MOST_FREEZING = 8 * FastMath.log(10);

  /** Filled by whoever comes first, for a few seconds, once in a process. */
  private static final FarFunctions FAR = new FarFunctions(LENGTHS);

  private static double[] lengths() {
    double[] lengths = new double[2 * CENTRES.length];
    for (int i = 0; i < CENTRES.length; i++) {
      lengths[2 * i] = CENTRES[i] / 2;
      lengths[2 * i + 1] = CENTRES[i] * 2;
    }
    return lengths;
  }

  static List<Double> centres() {
    return DoubleStream.of(CENTRES).boxed().toList();
  }

  /** Those of every metric of one setting, whatever its prompt length. */
  static List<LocalExponents> of(
      String name,
      Setting setting,
      QueryForms forms,
      QuerySpectrum spectrum,
      double claimed,
      Set<Metric> metrics) {
    List<Map<Metric, Double>> errors = errors(setting, forms, metrics);
    List<LocalExponents> all = new ArrayList<>();
    for (Metric metric : metrics) {
      List<Double> values = new ArrayList<>();
      for (int i = 0; i < CENTRES.length; i++) {
        double shorter = errors.get(2 * i).get(metric);
        double longer = errors.get(2 * i + 1).get(metric);
        values.add(FastMath.log(shorter / longer) / FastMath.log(4));
      }
      all.add(
          new LocalExponents(
              name + ", " + metric.id(),
              spectrum.h2(),
              spectrum.bohbotExponent(),
              claimed,
              BoundAssumptions.freezing(setting),
              values));
    }
    return all;
  }

  /** The exact errors at {@link #LENGTHS}, NaN where they are not known. */
  private static List<Map<Metric, Double>> errors(
      Setting setting, QueryForms forms, Set<Metric> metrics) {
    List<Map<Metric, Double>> errors = new ArrayList<>();
    QueryAverage average =
        new QueryAverage(
            forms,
            setting.head().outputs(),
            setting.queries(),
            metrics.contains(Metric.JACOBIAN_U));
    for (int i = 0; i < LENGTHS.length; i++) {
      int index = i;
      Map<Metric, Double> known = new LinkedHashMap<>();
      try {
        QueryAverage.Estimate estimate = average.at(s -> FAR.at(s, index));
        for (Metric metric : metrics) {
          double value = estimate.value().get(metric);
          boolean good = estimate.error().get(metric) <= ACCURATE * Math.abs(value);
          known.put(metric, good ? value : Double.NaN);
        }
      } catch (MathRuntimeException e) { // a saddle point that could not be found
        metrics.forEach(metric -> known.put(metric, Double.NaN));
      }
      errors.add(known);
    }
    return errors;
  }

  private double distance(int i) {
    return Math.abs(values.get(i) - claimed);
  }

  /** Without the terms of order 1/ln L. */
  private double extrapolated() {
    return 2 * values.get(LAST) - values.get(MIDDLE);
  }

  /** The nearer of the last and the extrapolated exponent. */
  private double nearest() {
    return Math.min(distance(LAST), Math.abs(extrapolated() - claimed));
  }

  private boolean frozen() {
    return !(freezing <= MOST_FREEZING);
  }

  Verdict verdict() {
    boolean near = nearest() <= Math.min(TOLERANCE, claimed / 2);
    boolean approached = distance(LAST) < distance(0) || distance(LAST) <= REACHED;
    if (near && approached) {
      return Verdict.SUPPORTED;
    }
    boolean leaves = !near && distance(LAST) > distance(MIDDLE) && distance(LAST) > REACHED;
    return leaves && !frozen() ? Verdict.REFUTED : Verdict.UNDECIDED;
  }

  /** Whether this decides rather than that. */
  boolean worseThan(LocalExponents that) {
    int mine = rank(verdict());
    int theirs = rank(that.verdict());
    return mine > theirs || (mine == theirs && nearest() > that.nearest());
  }

  private static int rank(Verdict verdict) {
    return verdict == Verdict.REFUTED ? 2 : verdict == Verdict.UNDECIDED ? 1 : 0;
  }

  String reason() {
    String seen =
        String.format(
            Locale.ROOT,
            "%s: H² = %s, local exponent %.3f at L = 1e16, %.3f at 1e32, extrapolated %.3f, against"
                + " c = %.3f",
            name,
            Cells.text(h2),
            values.get(MIDDLE),
            values.get(LAST),
            extrapolated(),
            claimed);
    return switch (verdict()) {
      case SUPPORTED -> seen + ", the furthest of all groups";
      case REFUTED -> seen + ", from which it departs";
      default ->
          Double.isNaN(nearest())
              ? name + ": exact errors are not known at 1e32"
              : seen + (frozen() ? ", where prompts are still frozen" : ", not near");
    };
  }

  Map<String, Object> evidence() {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("group", name);
    entry.put("verdict", verdict().name());
    entry.put("h2", h2);
    entry.put("sharpExponent", claimed);
    entry.put("bohbotExponent", bohbot);
    entry.put("freezingLogLength", freezing);
    entry.put("localExponents", values);
    entry.put("extrapolatedExponent", extrapolated());
    return entry;
  }
}
