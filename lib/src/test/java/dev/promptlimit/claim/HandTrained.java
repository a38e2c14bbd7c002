package dev.promptlimit.claim;

import dev.promptlimit.attention.Head;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.regression.Activation;
import dev.promptlimit.regression.FlowResult;
import dev.promptlimit.regression.TaskFamily;
import dev.promptlimit.stat.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;

/** Trained heads and flows made by hand: d = 2, Σ_ij = 2^{−|i−j|}, τ² = 1, σ² = 0.1. */
final class HandTrained {
  static final TaskFamily FAMILY = new TaskFamily(Covariance.toeplitz(2, 0.5, 1), 1, 0.1);

  private HandTrained() {}

  /** U₁₁ = size I, v₂ = 1: the map w ↦ size Σw. */
  static Head head(double size) {
    RealMatrix u = MatrixUtils.createRealMatrix(3, 3);
    u.setEntry(0, 0, size);
    u.setEntry(1, 1, size);
    return new Head(u, MatrixUtils.createRealMatrix(new double[][] {{0, 0, 1}}));
  }

  /** A run that is complete, its risk known within ± 0.001. */
  static Trained.Run run(
      Activation activation, long length, int replicate, double risk, double size) {
    return run(activation, length, replicate, risk, new Interval(risk - 1e-3, risk + 1e-3), size);
  }

  static Trained.Run run(
      Activation activation,
      long length,
      int replicate,
      double risk,
      Interval interval,
      double size) {
    return new Trained.Run(
        activation, length, replicate, true, OptionalLong.empty(), head(size), risk, interval);
  }

  /** The same run, not complete or diverged. */
  static Trained.Run stopped(Trained.Run run, boolean diverged) {
    return new Trained.Run(
        run.activation(),
        run.promptLength(),
        run.replicate(),
        false,
        diverged ? OptionalLong.of(7) : OptionalLong.empty(),
        run.head(),
        run.risk(),
        run.riskInterval());
  }

  /** Two heads whose risks are about ½ and differ by risks, their sizes by maps. */
  static List<Trained.Run> pair(long length, int replicate, double risks, double maps) {
    return List.of(
        run(Activation.SOFTMAX, length, replicate, 0.5 + risks, 1 + maps),
        run(Activation.LINEAR, length, replicate, 0.5, 1));
  }

  static Trained runs(List<Trained.Run> runs) {
    List<Trained.Ridge> ridge = new ArrayList<>();
    runs.stream()
        .map(Trained.Run::promptLength)
        .distinct()
        .sorted()
        .forEach(length -> ridge.add(new Trained.Ridge(length, 0.2, new Interval(0.19, 0.21))));
    return new Trained(FAMILY, true, runs, ridge, List.of());
  }

  /** A flow whose risk at the horizon is ½σ² + excess, within ± 5 % of the excess. */
  static FlowResult flow(long length, double excess) {
    return flow(Activation.SOFTMAX, length, excess, 0, 0);
  }

  static FlowResult flow(
      Activation activation, long length, double excess, double settling, double lag) {
    double risk = 0.05 + excess;
    Interval interval = new Interval(0.05 + 0.95 * excess, 0.05 + 1.05 * excess);
    FlowResult.Point point =
        new FlowResult.Point(
            64, 0.1, 0.1, risk, 0.05 + lag, excess - lag, new Interval(excess - lag, excess - lag));
    return new FlowResult(activation, length, List.of(point), risk, interval, settling);
  }

  /** Flows of a family, asked for ε = 0.1 and 0.01. */
  static Trained flows(TaskFamily family, String note, FlowResult... flows) {
    List<Trained.Flow> all = new ArrayList<>();
    for (FlowResult flow : flows) {
      all.add(new Trained.Flow(flow, note, List.of(0.1, 0.01)));
    }
    return new Trained(family, true, List.of(), List.of(), all);
  }

  static Judgement judge(Claim claim, Trained trained) {
    return claim.judge(
        new Measured(
            List.of(), List.of(), Optional.ofNullable(trained), 1e-4, 20251212, new Memo()));
  }
}
