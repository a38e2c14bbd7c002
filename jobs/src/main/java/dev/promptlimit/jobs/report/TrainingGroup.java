package dev.promptlimit.jobs.report;

import dev.promptlimit.jobs.config.FlowPlan;
import dev.promptlimit.jobs.table.CheckpointResult;
import dev.promptlimit.jobs.table.TrainingResults;
import dev.promptlimit.jobs.table.TrajectoryResult;
import dev.promptlimit.regression.BayesRisk;
import dev.promptlimit.regression.InputLaw;
import dev.promptlimit.stat.Moments;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The ends of training runs: what a table shows. */
final class TrainingGroup {
  /** Names of the columns of {@link #rows}. */
  static final List<String> COLUMNS =
      List.of(
          "L",
          "activation",
          "replicate",
          "steps",
          "training loss",
          "test risk",
          "low",
          "high",
          "ridge",
          "R at L = ∞",
          "H²",
          "map to optimum",
          "softmax to linear");

  private TrainingGroup() {}

  /** What the columns mean. */
  static String legend(TrainingResults training) {
    boolean known = training.plan().law() == InputLaw.GAUSSIAN;
    return "risks and losses: half of squared errors; training loss: mean over the batches since the"
        + " checkpoint before ± its standard error; test risk: "
        + (known
            ? "exact on prompts of length L but for an average over tasks and queries"
            : "of simulated prompts of length L")
        + ", in [low, high]; ridge: of the best predictor; R at L = ∞: of the same head on infinite"
        + " prompts; H²: how strongly queries tilt tokens; distances: of the maps of infinite"
        + " prompts, root mean square over tasks.";
  }

  static String title(TrainingResults training) {
    return String.format(
        Locale.ROOT,
        "training: in-context regression, d = %d, noise variance %.4g, least risk %.4g",
        training.plan().family().dimension(),
        training.plan().family().noiseVariance(),
        BayesRisk.ofInfinitePrompt(training.plan().family()));
  }

  static List<List<String>> rows(TrainingResults training) {
    return training.trajectories().stream().map(each -> row(training, each)).toList();
  }

  private static List<String> row(TrainingResults training, TrajectoryResult trajectory) {
    CheckpointResult last = trajectory.last();
    TrainingResults.Ridge ridge = training.ridge().get(trajectory.run().promptLength());
    String steps = Long.toString(last.state().step());
    if (last.state().divergedAt().isPresent()) {
      steps = "diverged at " + last.state().divergedAt().getAsLong();
    }
    return List.of(
        Long.toString(trajectory.run().promptLength()),
        trajectory.run().activation().id(),
        Integer.toString(trajectory.run().replicate()),
        steps,
        loss(last),
        number(last.risk()),
        number(last.riskInterval().low()),
        number(last.riskInterval().high()),
        ridge == null
            ? "-"
            : number(ridge.risk())
                + " ["
                + number(ridge.interval().low())
                + ", "
                + number(ridge.interval().high())
                + "]",
        number(last.infiniteRisk()),
        number(last.h2()),
        number(last.toOptimum()),
        number(training.mapToPartner(trajectory, last)));
  }

  /** Names of the columns of {@link #flows}. */
  static final List<String> FLOW_COLUMNS =
      List.of(
          "L",
          "R_L(θ_L)",
          "low",
          "high",
          "fell since T/2",
          "R_∞(θ_∞)",
          "gap",
          "low",
          "high",
          "sup |θ_L - θ_∞|",
          "sup of maps");

  /** What the title of flows says: from where and how long. */
  static String flowTitle(TrainingResults training) {
    FlowPlan plan = training.plan().flow().orElseThrow();
    String title =
        String.format(
            Locale.ROOT,
            "gradient flow of exact %s risks to time T = %.6g",
            plan.activation().id(),
            plan.horizon());
    return plan.note().isEmpty()
        ? title
        : title + " (the theorem does not cover it: " + plan.note() + ")";
  }

  /** The flows, as text. */
  static List<List<String>> flows(TrainingResults training) {
    return training.flows().stream()
        .map(
            flow ->
                List.of(
                    Long.toString(flow.promptLength()),
                    number(flow.limit()),
                    number(flow.limitInterval().low()),
                    number(flow.limitInterval().high()),
                    number(flow.settling()),
                    number(flow.last().limitRisk()),
                    number(flow.last().gap()),
                    number(flow.last().gapInterval().low()),
                    number(flow.last().gapInterval().high()),
                    number(flow.largestDistance()),
                    number(flow.largestMapDistance())))
        .toList();
  }

  private static String loss(CheckpointResult at) {
    Moments losses = at.state().losses();
    return losses.n() < 2
        ? "-"
        : number(losses.mean()) + " ± " + number(Math.sqrt(losses.variance() / losses.n()));
  }

  /** What the columns of flows mean, and which flows there are not. */
  static List<String> flowNotes(TrainingResults training) {
    List<String> notes = new ArrayList<>();
    training
        .flowProblems()
        .forEach((length, problem) -> notes.add("not followed: L = " + length + ": " + problem));
    notes.add(
        "R_L(θ_L): risk on prompts of length L at time T, in [low, high] over tasks and queries; fell"
            + " since T/2: a hint of what it may still fall; R_∞(θ_∞): risk of infinite prompts along"
            + " their own flow; gap: R_L(θ_L) - R_∞(θ_∞); sup: largest distance of the two heads, and"
            + " of their maps, along the way. Time is that of gradient flow of the risk ½ E(…)².");
    return notes;
  }

  private static String number(double x) {
    return Double.isFinite(x) ? String.format(Locale.ROOT, "%.4g", x) : "-";
  }
}
