package dev.promptlimit.regression;

import dev.promptlimit.attention.Head;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.hipparchus.exception.MathRuntimeException;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.ode.ODEState;
import org.hipparchus.ode.OrdinaryDifferentialEquation;
import org.hipparchus.ode.nonstiff.DormandPrince853Integrator;
import org.hipparchus.ode.sampling.ODEStateInterpolator;
import org.hipparchus.ode.sampling.ODEStepHandler;

/*
 * Which entries move. The last column of U never meets a query (x_q, 0). With S = diag(I, −1), Γ_{−w} =
 * SΓ_wS, and the errors e of ConditionalError are even in (c, y): replacing w by −w turns the error of (U, v)
 * into that of (SU, −Sv), which differs from (U, v) in the signs of u₂₁ and v₁ alone. The law of w is
 * symmetric, so a risk is even in (u₂₁, v₁) jointly and its derivatives there vanish at u₂₁ = v₁ = 0: from
 * such a head only A = U₁₁ and b = v₂ move. A sample of tasks is not symmetric; it is read as if every task
 * came with its negative, which has the same error there and the opposite derivatives in u₂₁ and v₁.
 *
 * Along θ' = −∇R the risk falls, Ṙ = −‖∇R‖². A risk that is bilinear (HeadRisk) also keeps ‖U‖_F² − ‖v‖²,
 * whose derivative is −2(⟨U, ∂R/∂U⟩ − ⟨v, ∂R/∂v⟩) = 0. Both are looked at after every step: neither is built
 * into the method, so that they tell whether gradient and integration are right.
 *
 * Steps are made in stretches of time 2‖θ‖/‖∇R‖, in which much happens but not very much, so that a
 * tolerance relative to ‖θ‖ at their start is right for all of one. Only a step that is tried and much too
 * long gets far; the derivatives there are those at a bound, so that it has an error, not an overflow.
 */
/**
 * The gradient flow θ' = −∇R(θ) of any risk from any head, θ = (U, v) in the (d+1) × d entries of U
 * that meet a query and the d + 1 of v; from v₁ = 0 and u₂₁ = 0 these stay 0.
 *
 * <p>Integrated by the method of Dormand and Prince of order 8 with local tolerance 1e-11 relative
 * to ‖θ‖. The method is explicit: its steps are at most about 6 divided by the largest eigenvalue
 * of the Hessian, of twelve gradients each.
 */
public final class HeadFlow {
  private static final String ACTION = "follow a flow of heads";

  private static final double TOLERANCE = 1e-11;

  /** Relative to the risk at the start, a rise that is rounding. */
  private static final double RISE = 1e-9;

  /** Relative to ‖θ‖², a change of the invariant that is error of integration. */
  private static final double DRIFT = 1e-7;

  private static final double FAR = 1e6;

  private static final int MAX_GRADIENTS = 10_000_000;

  private final HeadRisk risk;
  private final Head start;
  private final boolean balanced; // u₂₁ = 0 and v₁ = 0
  private final int d;

  /**
   * One point of the flow.
   *
   * @param time t
   * @param head θ(t)
   * @param risk R(θ(t))
   * @param invariant ‖U‖_F² − ‖v‖² of the entries that move
   */
  public record State(double time, Head head, double risk, double invariant)
      implements Serializable {}

  /**
   * @param risk whose gradient has the symmetry w → −w, up to sampling
   * @param start θ(0), of dimension d + 1 ≥ 2 with one output
   */
  public HeadFlow(HeadRisk risk, Head start) {
    if (start.outputs() != 1 || start.dimension() < 2) {
      throw new IllegalArgumentException(
          "Cannot "
              + ACTION
              + ": the head has "
              + start.outputs()
              + " outputs and dimension "
              + start.dimension()
              + ", allowed: 1 output and dimension 2 or more");
    }
    this.risk = risk;
    this.start = start;
    d = start.dimension() - 1;
    boolean zero = true;
    for (int j = 0; j < d; j++) {
      zero &= start.u().getEntry(d, j) == 0 && start.v().getEntry(0, j) == 0;
    }
    balanced = zero;
  }

  /**
   * The states at these times, in their order.
   *
   * @param times finite, ≥ 0 and nowhere decreasing
   * @throws ArithmeticException if the risk rises or is not a number, an invariant is not kept, or
   *     it takes more than 10 million gradients; with the time where
   */
  public List<State> at(double... times) {
    Course course = new Course();
    List<State> states = new ArrayList<>();
    for (double next : times) {
      if (!(next >= course.time && Double.isFinite(next))) {
        throw new IllegalArgumentException(
            "Cannot "
                + ACTION
                + ": a time is "
                + next
                + ", allowed: finite and >= "
                + course.time
                + ", the time before");
      }
      course.followTo(next);
      Head head = head(course.theta);
      states.add(new State(next, head, risk.gradient(head).value(), invariant(course.theta)));
    }
    return states;
  }

  /** The entries that move: U row by row, then v; A and b alone for a balanced start. */
  private double[] theta(RealMatrix u, double[] v) {
    int rows = balanced ? d : d + 1;
    int first = balanced ? d : 0;
    double[] theta = new double[rows * d + d + 1 - first];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < d; j++) {
        theta[i * d + j] = u.getEntry(i, j);
      }
    }
    System.arraycopy(v, first, theta, rows * d, d + 1 - first);
    return theta;
  }

  private Head head(double[] theta) {
    int rows = balanced ? d : d + 1;
    int first = balanced ? d : 0;
    RealMatrix u = start.u();
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < d; j++) {
        u.setEntry(i, j, theta[i * d + j]);
      }
    }
    RealMatrix v = MatrixUtils.createRealMatrix(1, d + 1);
    for (int i = first; i <= d; i++) {
      v.setEntry(0, i, theta[rows * d + i - first]);
    }
    return new Head(u, v);
  }

  private double invariant(double[] theta) {
    int rows = balanced ? d : d + 1;
    double invariant = 0;
    for (int i = 0; i < theta.length; i++) {
      invariant += i < rows * d ? theta[i] * theta[i] : -theta[i] * theta[i];
    }
    return invariant;
  }

  private static double norm(double[] theta) {
    double sum = 0;
    for (double entry : theta) {
      sum += entry * entry;
    }
    return Math.sqrt(sum);
  }

  private double[] slope(double[] theta) {
    HeadGradient gradient = risk.gradient(head(theta));
    double[] slope = theta(gradient.u(), gradient.v().toArray());
    for (int i = 0; i < slope.length; i++) {
      slope[i] = -slope[i];
    }
    return slope;
  }

  private static ArithmeticException failure(String reason, double time) {
    return new ArithmeticException("Cannot " + ACTION + ": " + reason + " at time " + time);
  }

  /** From the start on, checking every step. */
  private final class Course implements ODEStepHandler {
    private double time;
    private double[] theta = theta(start.u(), start.v().getRow(0));
    private double lowest = risk.gradient(start).value();
    private final double rise = RISE * Math.abs(lowest);
    private final double invariant = invariant(theta);
    private double step;
    private int gradients;
    private double offset; // of the stretch

    Course() {
      if (!Double.isFinite(lowest)) {
        throw failure("the risk is " + lowest, 0);
      }
    }

    void followTo(double end) {
      while (time < end) {
        double norm = norm(theta);
        double stretch = 2 * norm / norm(slope(theta)); // NaN where all is 0
        double duration = stretch < end - time ? stretch : end - time;
        offset = time;
        double scale = Math.max(Double.MIN_NORMAL, TOLERANCE * norm);
        DormandPrince853Integrator integrator =
            new DormandPrince853Integrator(1e-14 * duration, duration, scale, TOLERANCE);
        integrator.setInitialStepSize(step > 0 ? Math.min(step, duration) : 1e-2 * duration);
        integrator.setMaxEvaluations(MAX_GRADIENTS - gradients);
        integrator.addStepHandler(this);
        step = 0;
        try {
          theta =
              integrator
                  .integrate(new Slope(theta.length, FAR * norm), new ODEState(0, theta), duration)
                  .getPrimaryState();
        } catch (MathRuntimeException e) { // too many evaluations, or too short a step
          throw failure(e.getMessage(), time);
        }
        gradients += integrator.getEvaluations();
        time = duration == end - offset ? end : offset + duration;
      }
    }

    @Override
    public void handleStep(ODEStateInterpolator interpolator) {
      double[] now = interpolator.getCurrentState().getPrimaryState();
      time = offset + interpolator.getCurrentState().getTime();
      step =
          Math.max(
              step,
              interpolator.getCurrentState().getTime() - interpolator.getPreviousState().getTime());
      double value = risk.gradient(head(now)).value();
      if (!(value <= lowest + rise)) {
        throw failure("the risk rises from " + lowest + " to " + value, time);
      }
      lowest = Math.min(lowest, value);
      double norm = norm(now);
      double drift = invariant(now) - invariant;
      if (risk.isBilinear() && !(Math.abs(drift) <= DRIFT * norm * norm)) {
        throw failure("the invariant changes by " + drift, time);
      }
    }
  }

  /** −∇R, from a bound on that of the bound. */
  private final class Slope implements OrdinaryDifferentialEquation {
    private final int dimension;
    private final double bound;

    Slope(int dimension, double bound) {
      this.dimension = dimension;
      this.bound = bound;
    }

    @Override
    public int getDimension() {
      return dimension;
    }

    @Override
    public double[] computeDerivatives(double time, double[] theta) {
      double norm = norm(theta);
      if (!(norm > bound)) {
        return slope(theta);
      }
      double[] near = theta.clone();
      for (int i = 0; i < near.length; i++) {
        near[i] *= bound / norm;
      }
      return slope(near);
    }
  }
}
