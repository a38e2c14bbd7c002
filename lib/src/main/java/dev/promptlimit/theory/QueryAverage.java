package dev.promptlimit.theory;

import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.measure.Gaussian;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleFunction;
import org.hipparchus.complex.Complex;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.util.FastMath;

/*
 * At one query the error is (ExactError) a sum of forms of z times functions of q = s² = zᵀMz, with A =
 * ‖Vb‖², B = ‖b‖², C = bᵀΓVᵀVb, N = ‖z‖²:
 *
 *   output      A (F−G)/q + T_P G
 *   jacobian-v  p [B (F−G)/q + T_S G]
 *   jacobian-u  NAB Φ₁/q² + N (T_S A + T_P B) Φ₂/q + 2 NC Φ₃/q + N Φ₄
 *     Φ₁ = phi1 − 4phi2 + 2phi3 + phi4 + 2phi5,    Φ₂ = phi2 − phi3,
 *     Φ₃ = phi2 − phi3 − phi4 − phi5,    Φ₄ = phi3 (T_P T_S + T_PS) + phi4 T_PS.
 *
 * In the eigenbasis of J, z = m + Gξ and q = q₀ + λ_max r, r = Σ κ_i(ξ_i + ν_i)², κ_i = λ_i/λ_max, ν_i =
 * (GᵀMm)_i/λ_i. So the
 * average over z is an integral over r alone of these functions times the densities E[Q; r] of
 * QuadraticFormLaw, whatever the dimension, and the densities do not depend on L.
 *
 * The integral runs over x, ln r = ln r̄ + x − e^{−2}(e^{−x} − 1): in ln r, but for small r, where a power law turns
 * into a double exponential. Trapezoid rule between the points where Chernoff's bound on the density
 * is e^{−66}, for the mean itself may be as small as 1/L.
 */
/**
 * Exact mean-square errors of a head on Gaussian tokens, averaged over queries N(m_z, Σ_z), for
 * every L ≥ 1 and every H², also where the delta method has no finite constant.
 *
 * <p>Each value comes with an error estimate: its distance from that of every other node, and of
 * what the density misses of 1. Nodes are added until it is below 1e-9 or there are {@value
 * #MOST_NODES}. Cost: per node some 60 times O(d²), O(d³) for jacobian-u; above {@value
 * #MOST_OPERATIONS} operations in all that metric has no value ({@code NaN}), as has every metric
 * whose average needs s above 1000 or overflows.
 */
public final class QueryAverage {
  private static final int FEWEST_NODES = 64;
  private static final int MOST_NODES = 1024;
  private static final double MOST_OPERATIONS = 1e10;
  private static final double ENOUGH = 1e-9;
  private static final double NEGLIGIBLE = -66;
  private static final double MAX_S = UniversalQuadrature.MAX_S;
  private static final double CONSTANT = 1e-8; // an average over less changes 1e-16
  private static final double NO_TILT = 1e-30; // of q, which errors are linear in
  private static final double PATH_POINTS = 60;
  private static final double NONE = Double.NaN;
  private static final double SQUEEZE = FastMath.exp(-2);

  /** The mean squares of one prompt length and their error estimates; NaN where there is none. */
  public record Estimate(Map<Metric, Double> value, Map<Metric, Double> error) {}

  /**
   * Densities at one s times dx, with the powers of 1/q that go with them: of what multiplies F and
   * G, and of what multiplies Φ₁ to Φ₄.
   */
  private record Node(
      double s, double one, double a, double b, double phi1, double phi2, double phi3, double n) {

    Node halved() {
      return new Node(s, 0.5 * one, 0.5 * a, 0.5 * b, 0.5 * phi1, 0.5 * phi2, 0.5 * phi3, 0.5 * n);
    }
  }

  private final int outputs;
  private final QueryForms forms;
  private final boolean second;
  private final double[] mean;
  private final QueryMoments moments; // null where it overflows
  private final QueryMoments.Form formA;
  private final QueryMoments.Form formB;
  private final QueryMoments.Form left; // AB = left · right
  private final QueryMoments.Form right;
  private final QueryMoments.Form mixed; // T_S A + T_P B
  private final QueryMoments.Form formC;
  private final QueryMoments.Form formN;
  private double scale; // λ_max
  private double rest; // q₀
  private QuadraticFormLaw law; // null if q is constant
  private double low;
  private double high;
  private final Map<Integer, List<Node>> nodes = new HashMap<>();

  /**
   * @param second whether jacobian-u is wanted
   */
  public QueryAverage(Gaussian tokens, Head head, Gaussian queries, boolean second) {
    this(QueryForms.of(tokens, head), head.outputs(), queries, second);
  }

  /**
   * The averages for tokens whose forms these are.
   *
   * @param outputs number p of outputs of the head
   */
  public QueryAverage(QueryForms forms, int outputs, Gaussian queries, boolean second) {
    this.outputs = outputs;
    this.forms = forms;
    QuerySpectrum spectrum = new QuerySpectrum(forms, queries);
    mean = queries.mean();
    int d = mean.length;
    if (spectrum.eigenvalues() == null) {
      moments = null;
      formA = null;
      formB = null;
      left = null;
      right = null;
      mixed = null;
      formC = null;
      formN = null;
      this.second = second;
      return;
    }
    ScoreForm form = ScoreForm.of(spectrum, queries);
    split(form);
    moments = new QueryMoments(mean, form.basis(), form.kappa(), form.nu());
    formA = moments.new Form(forms.output());
    formB = moments.new Form(forms.tilt());
    left = second ? moments.new Form(forms.left()) : null;
    right = second ? moments.new Form(forms.right()) : null;
    mixed = second ? moments.new Form(forms.mixed()) : null;
    formC = second ? moments.new Form(forms.cross()) : null;
    formN = second ? moments.new Form(MatrixUtils.createRealIdentityMatrix(d)) : null;
    this.second = second && (law == null || operations(FEWEST_NODES) < MOST_OPERATIONS);
  }

  private double operations(int n) {
    return n * PATH_POINTS * mean.length * formN.entries();
  }

  /** Finds the law of r and the interval of x. */
  private void split(ScoreForm form) {
    scale = form.scale();
    rest = form.rest();
    if (form.isConstant()) {
      return;
    }
    QuadraticFormLaw r = form.law();
    double average = rest + scale * r.mean();
    if (scale * r.deviation() < CONSTANT * average || !(FastMath.sqrt(average) <= MAX_S)) {
      rest = average; // constant, or beyond reach
      return;
    }
    if (average < NO_TILT) {
      rest = 0;
      return;
    }
    law = r;
    low = end(-1);
    high = end(1);
  }

  private double r(double x) {
    return law.mean() * FastMath.exp(x - SQUEEZE * FastMath.expm1(-x));
  }

  /** The x on one side of the mean where the density is negligible, to two percent. */
  private double end(int side) {
    double near = 0;
    double far = side;
    while (bound(far) > NEGLIGIBLE) {
      near = far;
      far = 1.5 * far + 0.5 * side;
    }
    while (Math.abs(far - near) > 0.02 * Math.abs(far)) {
      double middle = (near + far) / 2;
      if (bound(middle) > NEGLIGIBLE) {
        near = middle;
      } else {
        far = middle;
      }
    }
    return far;
  }

  /** Log of the bound on the density of x: Chernoff's on P(r or beyond), a power law as r → 0. */
  private double bound(double x) {
    double r = r(x);
    return r < 1e-100 * law.mean() ? Double.NEGATIVE_INFINITY : law.logDensityBound(r);
  }

  private List<Node> nodes(int n) {
    List<Node> known = nodes.get(n);
    if (known == null) {
      known = makeNodes(n);
      nodes.put(n, known);
    }
    return known;
  }

  /** n + 1 nodes; the even ones are those of n/2, at half the weight. */
  private List<Node> makeNodes(int n) {
    if (law == null) {
      return List.of(node(rest, real(means(Complex.ONE)), 1));
    }
    List<Node> before = nodes.getOrDefault(n / 2, List.of());
    double dx = (high - low) / n;
    List<Node> list = new ArrayList<>();
    for (int i = 0; i <= n; i++) {
      if (i % 2 == 0 && !before.isEmpty()) {
        list.add(before.get(i / 2).halved());
      } else {
        double x = low + i * dx;
        double r = r(x);
        double dr = r * (1 + SQUEEZE * FastMath.exp(-x)) * dx;
        list.add(node(rest + scale * r, law.densities(r, this::means), dr));
      }
    }
    return list;
  }

  private static double[] real(Complex[] means) {
    double[] values = new double[means.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = means[i].getReal();
    }
    return values;
  }

  /** 1, A, B and N, N(T_S A + T_P B), NC, NAB under the tilted law. */
  private Complex[] means(Complex p) {
    if (!second) {
      moments.moveTo(p, formA, formB);
      return new Complex[] {Complex.ONE, formA.mean(), formB.mean()};
    }
    moments.moveTo(p, formA, formB, left, right, mixed, formC, formN);
    return new Complex[] {
      Complex.ONE,
      formA.mean(),
      formB.mean(),
      formN.mean(),
      moments.mean(formN, mixed),
      moments.mean(formN, formC),
      moments.mean(formN, left, right)
    };
  }

  /**
   * What the forms of b and the densities lose to cancellation where q is small would be divided by
   * q and q². With e = Γ^{1/2}a, q = ‖e‖², they obey A ≤ T_P q, B ≤ T_S q and |C| ≤ T_P T_S q; so
   * do means over Γ where q does not depend on it.
   */
  private Node node(double q, double[] density, double weight) {
    double inverse = q > 0 ? 1 / q : 0; // at q = 0 the forms of b vanish and F = G
    double byQ = weight * inverse;
    double one = weight * density[0];
    double tp = forms.traceOutput();
    double ts = forms.traceGamma();
    double a = byQ * atMost(tp * q * density[0], density[1]);
    double b = byQ * atMost(ts * q * density[0], density[2]);
    double s = FastMath.sqrt(q);
    if (!second) {
      return new Node(s, one, a, b, NONE, NONE, NONE, NONE);
    }
    double n = density[3];
    double product = forms.traceProduct() * q * n;
    double nm = atMost(2 * product, density[4]);
    double nc = atMost(product, density[5]);
    double nab = atMost(product * q, density[6]);
    return new Node(s, one, a, b, byQ * inverse * nab, byQ * nm, 2 * byQ * nc, weight * n);
  }

  private static double atMost(double bound, double x) {
    return Math.max(-Math.abs(bound), Math.min(Math.abs(bound), x));
  }

  /**
   * The averages at one prompt length.
   *
   * @param functions the universal functions of that length by s; several threads call it
   */
  public Estimate at(DoubleFunction<UniversalFunctions> functions) {
    if (moments == null || beyond()) {
      return new Estimate(all(Double.NaN), all(Double.NaN));
    }
    for (int n = FEWEST_NODES; ; n *= 2) {
      Estimate estimate = at(functions, nodes(n));
      boolean most = 2 * n > MOST_NODES || (second && operations(2 * n) > MOST_OPERATIONS);
      if (law == null || most || enough(estimate)) {
        return estimate;
      }
    }
  }

  private boolean beyond() {
    double q = law == null ? rest : rest + scale * r(high);
    return !(FastMath.sqrt(q) <= MAX_S);
  }

  private static boolean enough(Estimate estimate) {
    for (Metric metric : Metric.values()) {
      if (estimate.error().get(metric) > ENOUGH * Math.abs(estimate.value().get(metric))) {
        return false;
      }
    }
    return true;
  }

  private static Map<Metric, Double> all(double value) {
    Map<Metric, Double> map = new EnumMap<>(Metric.class);
    for (Metric metric : Metric.values()) {
      map.put(metric, value);
    }
    return map;
  }

  private Estimate at(DoubleFunction<UniversalFunctions> functions, List<Node> list) {
    List<UniversalFunctions> values =
        list.parallelStream().map(n -> functions.apply(n.s())).toList();
    double lost = 1 - list.stream().mapToDouble(Node::one).sum();
    Map<Metric, Double> value = new EnumMap<>(Metric.class);
    Map<Metric, Double> error = new EnumMap<>(Metric.class);
    for (Metric metric : Metric.values()) {
      double all = 0;
      double even = 0;
      for (int i = 0; i < list.size(); i++) {
        double term = term(metric, list.get(i), values.get(i));
        all += term;
        even += i % 2 == 0 ? term : 0;
      }
      value.put(metric, all);
      error.put(metric, law == null ? 0 : Math.abs(all - 2 * even) + Math.abs(lost * all));
    }
    return new Estimate(value, error);
  }

  private double term(Metric metric, Node node, UniversalFunctions at) {
    double excess = at.f() - at.g();
    return switch (metric) {
      case OUTPUT -> node.a() * excess + node.one() * forms.traceOutput() * at.g();
      case JACOBIAN_V -> outputs * (node.b() * excess + node.one() * forms.traceGamma() * at.g());
      case JACOBIAN_U -> forms.covarianceError(node.phi1(), node.phi2(), node.phi3(), node.n(), at);
    };
  }
}
