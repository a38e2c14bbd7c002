package dev.promptlimit.regression;

import dev.promptlimit.attention.Head;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Lapack;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.hipparchus.exception.MathRuntimeException;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.ode.ODEState;
import org.hipparchus.ode.OrdinaryDifferentialEquation;
import org.hipparchus.ode.nonstiff.DormandPrince853Integrator;

/*
 * From the balanced initialisation only A = U₁₁ and b = v₂ ever move (PopulationRisk: with u₂₁ = 0 and
 * v₁ = 0 the gradients of all others vanish), and at τ = 1
 *
 *   Ȧ = bΣ² − b²Σ²AΣ,   ḃ = tr AᵀΣ² − b tr AᵀΣ²AΣ.
 *
 * d‖A‖_F²/dt = d(b²)/dt, and at the start ‖A‖_F = b = α > 0, so b = ‖A‖_F always: b is no variable of
 * ours. That removes the one neutral direction, (βA, b/β), along which errors would add up over long
 * times. In an eigenbasis of Σ, with eigenvalues D, the equations are those of single entries,
 *
 *   Ȧ_ij = b D_i² (δ_ij − b D_j A_ij),
 *
 * which vanish at A_ii = 1/(bD_i) and A_ij = 0; entries with D_i²D_j = 0 and i ≠ j never move, nor does
 * A_ii with D_i = 0. If n is the square sum of the entries that rest from the start, b⁴ − nb² = Σ D_i^{−2}
 * over D_i > 0; for regular Σ, n = 0 and b⁴ = tr Σ^{−2}.
 *
 * x(1 − bDx) ≤ 1/(4bD) gives d(b²)/dt ≤ ½ tr Σ: a stretch of time of order 1/‖Σ‖² leaves b below a small
 * multiple of its start and of its limit. Only a step that is tried and much too long gets further; far
 * outside the derivatives are those at a bound, so that such a step has an error, not an overflow.
 *
 * The rates lie between b²D_min³ and b²D_max³. The explicit method's steps are bounded by stability, about
 * 6/(b²D_max³), also where nothing moves at that rate any more; after some evaluations an implicit method,
 * StiffFlow, takes over. Within 1e-11 of the resting point that point is the answer.
 */
/**
 * The gradient flow of the infinite-prompt risk from the balanced initialisation (Boursier and
 * Boyer, arXiv 2512.11784, equation 9 and Theorem 5.1): U₁₁ = αΘΘᵀ/‖ΘΘᵀ‖_F, v₂ = α, all other
 * entries of the head 0.
 *
 * <p>Task variance τ² only rescales time, the noise variance does not matter. The flow is
 * integrated by the method of Dormand and Prince of order 8 and, where that takes more than {@value
 * #EXPLICIT_EVALUATIONS} evaluations of O(d²), by {@link StiffFlow}, both with local tolerance
 * 1e-12; states agree to about 1e-10 relative to b.
 */
public final class BalancedFlow {
  private static final double TOLERANCE = 1e-12;

  /** Relative to b, distance from the resting point at which the flow has arrived. */
  private static final double ARRIVED = 1e-11;

  /** Its square, and those of A's entries, are far from underflow. */
  private static final double LEAST_ALPHA = 1e-100;

  private static final int EXPLICIT_EVALUATIONS = 20_000;

  private final double rate; // τ²
  private final double alpha;
  private final double[] eigenvalues; // D, rounding set to 0
  private final RealMatrix basis;
  private final double[] start; // A(0) in the eigenbasis, row-major
  private final double[] resting;

  /**
   * One point of the flow.
   *
   * @param time t
   * @param a A(t), d × d
   * @param b b(t) = ‖A(t)‖_F &gt; 0
   */
  public record State(double time, RealMatrix a, double b) {
    /** The head of dimension d + 1 with U₁₁ = A, V = (0, b) and zeros elsewhere. */
    public Head head() {
      int d = a.getRowDimension();
      RealMatrix u = MatrixUtils.createRealMatrix(d + 1, d + 1);
      u.setSubMatrix(a.getData(), 0, 0);
      RealMatrix v = MatrixUtils.createRealMatrix(1, d + 1);
      v.setEntry(0, d, b);
      return new Head(u, v);
    }

    /** ‖A‖_F² − b², which the flow keeps at 0. */
    public double invariant() {
      double norm = a.getFrobeniusNorm();
      return (norm - b) * (norm + b);
    }
  }

  /**
   * The flow at τ² = 1.
   *
   * @param covariance Σ, d × d, not 0
   * @param alpha α, 1e-100 to 1e100; see {@link #outsideTheorem}
   * @param theta Θ, d rows, not 0
   * @throws IllegalArgumentException if one of them is not like that
   */
  public BalancedFlow(Covariance covariance, double alpha, RealMatrix theta) {
    this(covariance, 1, alpha, theta);
  }

  /**
   * The flow of a family in its own time: on these heads R_∞ − ½σ² is τ² times what it is at τ² =
   * 1, so the same states are passed 1/τ² times as fast and the theorem holds for every τ² &gt; 0.
   *
   * @param family with τ² &gt; 0, whose queries have the covariance of the inputs
   * @param alpha as above
   * @param theta as above
   * @throws IllegalArgumentException if one of them is not like that
   */
  public BalancedFlow(TaskFamily family, double alpha, RealMatrix theta) {
    this(covarianceOf(family), family.taskVariance(), alpha, theta);
  }

  private static Covariance covarianceOf(TaskFamily family) {
    if (!family.queryCovariance().matrix().equals(family.covariance().matrix())) {
      throw refusal("the covariance of the query is not that of the inputs");
    }
    return family.covariance();
  }

  private BalancedFlow(Covariance covariance, double rate, double alpha, RealMatrix theta) {
    if (!(rate > 0)) {
      throw refusal("the task variance is " + rate + ", allowed: > 0");
    }
    this.rate = rate;
    int d = covariance.dimension();
    if (!(alpha >= LEAST_ALPHA && alpha <= 1 / LEAST_ALPHA)) {
      throw refusal("alpha is " + alpha + ", allowed: 1e-100 to 1e100");
    }
    if (theta.getRowDimension() != d) {
      throw refusal(
          "the number of rows of Theta is " + theta.getRowDimension() + ", allowed: " + d);
    }
    double size = largest(theta);
    if (!(size > 0 && Double.isFinite(size))) {
      throw refusal("the largest entry of Theta is " + size + ", allowed: finite and > 0");
    }
    Lapack.Spectrum spectrum = Lapack.spectrum(covariance.matrix());
    eigenvalues = spectrum.values().toArray();
    double norm = eigenvalues[d - 1];
    if (!(norm > 0)) {
      throw refusal("the largest eigenvalue of Sigma is " + norm + ", allowed: > 0");
    }
    for (int i = 0; i < d; i++) {
      if (eigenvalues[i] <= BayesRisk.SINGULAR * d * norm) {
        eigenvalues[i] = 0;
      }
    }
    this.alpha = alpha;
    basis = spectrum.vectors();
    RealMatrix rotated = basis.transposeMultiply(theta.scalarMultiply(1 / size));
    RealMatrix gram = rotated.multiplyTransposed(rotated);
    start = rows(gram.scalarMultiply(alpha / gram.getFrobeniusNorm()));
    resting = restingPoint();
  }

  private static IllegalArgumentException refusal(String reason) {
    return new IllegalArgumentException("Cannot make a balanced flow: " + reason);
  }

  /** The largest entry by size, NaN if one is. */
  private static double largest(RealMatrix a) {
    double largest = 0;
    for (double[] row : a.getData()) {
      for (double entry : row) {
        largest = Math.max(largest, Math.abs(entry));
      }
    }
    return largest;
  }

  private static double[] rows(RealMatrix a) {
    int d = a.getRowDimension();
    double[] rows = new double[d * d];
    for (int i = 0; i < d; i++) {
      System.arraycopy(a.getRow(i), 0, rows, i * d, d);
    }
    return rows;
  }

  private static double norm(double[] a) {
    double sum = 0;
    for (double entry : a) {
      sum += entry * entry;
    }
    return Math.sqrt(sum);
  }

  private double[] restingPoint() {
    int d = eigenvalues.length;
    double[] point = new double[d * d];
    double fixed = 0;
    double inverseSquares = 0;
    for (int i = 0; i < d; i++) {
      for (int j = 0; j < d; j++) {
        if (eigenvalues[i] == 0 || (i != j && eigenvalues[j] == 0)) {
          point[i * d + j] = start[i * d + j];
          fixed += start[i * d + j] * start[i * d + j];
        }
      }
      if (eigenvalues[i] > 0) {
        inverseSquares += 1 / (eigenvalues[i] * eigenvalues[i]);
      }
    }
    double half = 0.5 * fixed;
    double b = Math.sqrt(half + Math.sqrt(half * half + inverseSquares));
    for (int i = 0; i < d; i++) {
      if (eigenvalues[i] > 0) {
        point[i * d + i] = 1 / (b * eigenvalues[i]);
      }
    }
    return point;
  }

  /**
   * The limit t → ∞, A = Σ⁻¹/b and b = tr(Σ⁻²)^{1/4}, with time +∞; empty for singular Σ
   * (eigenvalues up to 1e-14 d of the largest count as 0), where no head has the least risk alone.
   */
  public Optional<State> limit() {
    if (Arrays.stream(eigenvalues).anyMatch(value -> value == 0)) {
      return Optional.empty();
    }
    return Optional.of(state(Double.POSITIVE_INFINITY, resting));
  }

  /**
   * Why the theorem does not speak of this α, empty if it does: it asks for 0 &lt; α &lt; √2 /
   * (d^{1/4} ‖Σ‖_op) and regular Σ. It is written for τ² = 1, but other τ² only rescale time, so
   * that it covers them, too. The flow converges for every α &gt; 0.
   */
  public Optional<String> outsideTheorem() {
    int d = eigenvalues.length;
    if (limit().isEmpty()) {
      return Optional.of("Sigma is singular");
    }
    double bound = Math.sqrt(2 / Math.sqrt(d)) / eigenvalues[d - 1];
    return alpha < bound
        ? Optional.empty()
        : Optional.of("alpha is " + alpha + ", covered by the theorem: > 0 and < " + bound);
  }

  /**
   * The states at these times, in their order.
   *
   * @param times finite, ≥ 0 and nowhere decreasing
   * @throws ArithmeticException if a state is not finite or, with eigenvalues of Σ absurdly far
   *     apart, cannot be reached
   */
  public List<State> at(double... times) {
    return at(EXPLICIT_EVALUATIONS, times);
  }

  /** The same, with so many explicit evaluations before the implicit method takes over. */
  List<State> at(int explicitEvaluations, double[] times) {
    List<State> states = new ArrayList<>();
    double[] a = start;
    double time = 0;
    double reached = 0; // τ² time, of the flow at τ² = 1
    int evaluations = 0;
    StiffFlow stiff = null;
    for (double next : times) {
      if (!(next >= time && Double.isFinite(next))) {
        throw new IllegalArgumentException(
            "Cannot follow a balanced flow: a time is "
                + next
                + ", allowed: finite and >= "
                + time
                + ", the time before");
      }
      double goal = Math.min(rate * next, Double.MAX_VALUE);
      for (double left = goal - reached; left > 0; ) {
        if (arrived(a)) {
          a = resting;
          break;
        }
        if (stiff == null && evaluations < explicitEvaluations) {
          double step = Math.min(left, segment(norm(a)));
          Segment segment = new Segment(eigenvalues, norm(a), norm(resting));
          try {
            a = segment.follow(a, step, explicitEvaluations - evaluations);
            evaluations += segment.evaluations();
            left -= step;
          } catch (MathRuntimeException e) { // too many evaluations, or too short a step
            evaluations = explicitEvaluations;
          }
        } else {
          stiff = stiff == null ? new StiffFlow(eigenvalues, a) : stiff;
          left -= stiff.step(left);
          a = stiff.a();
        }
      }
      time = next;
      reached = goal;
      states.add(state(time, a));
    }
    return states;
  }

  /** A time in which much happens, but not very much. */
  private double segment(double b) {
    double largest = eigenvalues[eigenvalues.length - 1];
    return 100 / (largest * largest * (1 + b * b * largest));
  }

  private boolean arrived(double[] a) {
    double farthest = 0;
    for (int i = 0; i < a.length; i++) {
      farthest = Math.max(farthest, Math.abs(a[i] - resting[i]));
    }
    return farthest <= ARRIVED * norm(resting);
  }

  private State state(double time, double[] rotated) {
    int d = eigenvalues.length;
    RealMatrix a = MatrixUtils.createRealMatrix(d, d);
    for (int i = 0; i < d; i++) {
      a.setRow(i, Arrays.copyOfRange(rotated, i * d, (i + 1) * d));
    }
    double b = norm(rotated);
    if (!Double.isFinite(b)) {
      throw new ArithmeticException("Cannot follow a balanced flow: ‖A‖ is " + b + " at " + time);
    }
    return new State(time, basis.multiply(a).multiplyTransposed(basis), b);
  }

  /** The flow over one stretch of time, with tolerances that suit the size of A there. */
  private static final class Segment implements OrdinaryDifferentialEquation {
    private final double[] d;
    private final double scale;
    private final double bound;
    private int evaluations;

    Segment(double[] d, double scale, double restingScale) {
      this.d = d;
      this.scale = scale;
      bound = 1e10 * (scale + restingScale);
    }

    int evaluations() {
      return evaluations;
    }

    double[] follow(double[] a, double duration, int maxEvaluations) {
      DormandPrince853Integrator integrator =
          new DormandPrince853Integrator(1e-15 * duration, duration, TOLERANCE * scale, TOLERANCE);
      integrator.setMaxEvaluations(maxEvaluations);
      double[] end = integrator.integrate(this, new ODEState(0, a), duration).getPrimaryState();
      evaluations = integrator.getEvaluations();
      return end;
    }

    @Override
    public int getDimension() {
      return d.length * d.length;
    }

    @Override
    public double[] computeDerivatives(double time, double[] a) {
      int n = d.length;
      double b = norm(a);
      if (!Double.isFinite(b)) {
        throw new ArithmeticException("Cannot follow a balanced flow: ‖A‖ is " + b);
      }
      double shrink = b > bound ? bound / b : 1;
      b *= shrink;
      double[] derivatives = new double[a.length];
      for (int i = 0; i < n; i++) {
        double rate = b * d[i] * d[i];
        for (int j = 0; j < n; j++) {
          double target = i == j ? 1 : 0;
          derivatives[i * n + j] = rate * (target - b * d[j] * (shrink * a[i * n + j]));
        }
      }
      return derivatives;
    }
  }
}
