package dev.promptlimit.regression;

import dev.promptlimit.attention.Head;
import dev.promptlimit.stat.Interval;
import java.util.ArrayList;
import java.util.List;

/**
 * The gradient flow of a finite prompt's risk R_L beside that of R_∞ from the same head, up to a
 * horizon (Boursier and Boyer, arXiv 2512.11784, Theorems 4.3 and 5.2, as numbers).
 *
 * <p>θ_L descends the risk of one sample of tasks and is judged on another, of which it is
 * independent. All intervals are those of one time, with error probability α each, of sampling
 * tasks and queries; flows and R_∞ are exact to about 1e-9.
 *
 * @param family tasks, inputs and queries
 * @param start θ(0)
 * @param horizon T, finite and &gt; 0; half of it is one of the times
 * @param octaves how many factors of two there are from the first time above 0 to T, 1 to 1000
 * @param alpha error probability of each interval, 0 &lt; α &lt; 1
 */
public record FlowComparison(
    TaskFamily family, Head start, double horizon, int octaves, double alpha) {
  private static final String ACTION = "compare flows";

  /**
   * @throws IllegalArgumentException if an argument is not like that
   */
  public FlowComparison {
    family.requireHead(ACTION, start);
    require(horizon > 0 && Double.isFinite(horizon), "the horizon", horizon, "finite and > 0");
    require(octaves >= 1 && octaves <= 1000, "the number of octaves", octaves, "1 to 1000");
    require(alpha > 0 && alpha < 1, "alpha", alpha, "> 0 and < 1");
  }

  private static void require(boolean holds, String what, Number value, String allowed) {
    if (!holds) {
      throw new IllegalArgumentException(
          "Cannot " + ACTION + ": " + what + " is " + value + ", allowed: " + allowed);
    }
  }

  /** 0 and T/2^k, 3/4 of T/2^k, ascending to T: two to an octave, by exact products. */
  public double[] times() {
    double[] times = new double[2 * octaves + 2];
    double time = horizon;
    for (int k = octaves; k >= 1; k--) {
      times[2 * k + 1] = time;
      times[2 * k] = 0.75 * time;
      time *= 0.5;
    }
    times[1] = time;
    return times;
  }

  /** The flow of a risk at {@link #times}. */
  public List<HeadFlow.State> follow(HeadRisk risk) {
    return new HeadFlow(risk, start).at(times());
  }

  /**
   * The comparison at one length.
   *
   * @param infinite the flow of the {@link PopulationRisk}, the same for every length
   * @param promptLength L
   * @param fitted sample whose R_L is descended
   * @param evaluation another, independent of it
   */
  public FlowResult at(
      List<HeadFlow.State> infinite,
      Activation activation,
      long promptLength,
      RiskSample fitted,
      RiskSample evaluation) {
    return compare(
        infinite,
        follow(new FiniteRisk(family, activation, promptLength, fitted)),
        new FiniteRisk(family, activation, promptLength, evaluation));
  }

  /**
   * The same from flows that are known.
   *
   * @param infinite the flow of R_∞ at {@link #times}
   * @param finite that of R_L on one sample
   * @param judge R_L on another sample
   */
  public FlowResult compare(
      List<HeadFlow.State> infinite, List<HeadFlow.State> finite, FiniteRisk judge) {
    int n = 2 * octaves + 2;
    require(infinite.size() == n, "the number of times of R_∞", infinite.size(), "" + n);
    require(finite.size() == n, "the number of times of R_L", finite.size(), "" + n);
    List<FlowResult.Point> points = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      points.add(point(finite.get(i), infinite.get(i), judge));
    }
    HeadFlow.State end = finite.get(n - 1);
    return new FlowResult(
        judge.activation(),
        judge.promptLength(),
        List.copyOf(points),
        judge.value(end.head()),
        judge.interval(end.head(), alpha),
        finite.get(n - 3).risk() - end.risk()); // from T/2 on
  }

  private FlowResult.Point point(HeadFlow.State finite, HeadFlow.State limit, FiniteRisk judge) {
    require(finite.time() == limit.time(), "a time of R_∞", limit.time(), "" + finite.time());
    Interval interval = judge.interval(finite.head(), alpha);
    double du = finite.head().u().subtract(limit.head().u()).getFrobeniusNorm();
    double dv = finite.head().v().subtract(limit.head().v()).getFrobeniusNorm();
    return new FlowResult.Point(
        finite.time(),
        Math.sqrt(du * du + dv * dv),
        MapDistance.between(family, finite.head(), limit.head()),
        finite.risk(),
        limit.risk(),
        judge.value(finite.head()) - limit.risk(),
        new Interval(interval.low() - limit.risk(), interval.high() - limit.risk()));
  }
}
