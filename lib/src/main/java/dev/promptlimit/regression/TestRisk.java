package dev.promptlimit.regression;

import dev.promptlimit.attention.Head;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.stat.Interval;
import dev.promptlimit.stat.Intervals;
import dev.promptlimit.stat.MeanSequence;
import dev.promptlimit.stat.Moments;

/**
 * The risk ½ E(prediction − y_q)² of heads on prompts of one length that were not trained on: for
 * Gaussian inputs exact but for an average over a sample of tasks and queries ({@link FiniteRisk}),
 * for others the mean loss of simulated prompts. All heads meet the same sample.
 */
public final class TestRisk {
  /** Simulated prompts are averaged in groups of so many. */
  private static final int GROUP = 16;

  private final TaskFamily family;
  private final FiniteRisk exact; // null where it is not known
  private final BatchGradient simulated; // null where it is
  private final int prompts;
  private final StreamKey key;

  /**
   * @param prompts tasks and queries in the sample
   * @param key names the sample
   */
  public TestRisk(
      TaskFamily family,
      InputLaw law,
      Activation activation,
      long promptLength,
      int prompts,
      StreamKey key) {
    this.family = family;
    this.prompts = prompts;
    this.key = key;
    boolean known = law == InputLaw.GAUSSIAN;
    exact =
        known
            ? new FiniteRisk(family, activation, promptLength, RiskSample.of(family, prompts, key))
            : null;
    simulated = known ? null : new BatchGradient(family, law, activation, promptLength, true);
  }

  /** Moments over the sample of a quantity whose mean is the risk. */
  public Moments moments(Head head) {
    if (exact != null) {
      Moments excess = exact.excess(head);
      double mean = PopulationRisk.value(family, head) + excess.mean();
      return new Moments(excess.n(), mean, excess.m2(), excess.m3(), excess.m4());
    }
    int dimension = head.dimension();
    double[] u = new double[dimension * dimension];
    for (int i = 0; i < dimension; i++) {
      System.arraycopy(head.u().getRow(i), 0, u, i * dimension, dimension);
    }
    double[] v = head.v().getRow(0);
    double[] byU = new double[u.length];
    double[] byV = new double[v.length];
    double[] means = new double[(prompts - 1) / GROUP + 1];
    simulated.begin(key);
    for (int k = 0; k < means.length; k++) {
      means[k] = simulated.add(u, v, GROUP, byU, byV) / GROUP;
    }
    return Moments.of(means, means.length);
  }

  /**
   * The interval of {@link Intervals#mean} for the risk whose moments these are; [0, ∞] where there
   * are fewer prompts than {@link MeanSequence#firstLook} asks for.
   */
  public Interval interval(Moments moments, double alpha) {
    return prompts < MeanSequence.firstLook(alpha)
        ? new Interval(0, Double.POSITIVE_INFINITY)
        : Intervals.mean(moments, alpha, moments.freedom());
  }
}
