package dev.promptlimit.jobs.table;

import dev.promptlimit.claim.Claim;
import dev.promptlimit.claim.Judgement;
import dev.promptlimit.claim.Measured;
import dev.promptlimit.claim.Memo;
import dev.promptlimit.claim.Observation;
import dev.promptlimit.claim.Trained;
import dev.promptlimit.claim.Verdict;
import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.stat.ErrorBudget;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What a run says of a claim.
 *
 * @param claim the claim
 * @param judgement verdict, reason and evidence
 */
public record ClaimResult(Claim claim, Judgement judgement) {
  /**
   * The verdicts on all claims of an experiment, in its order.
   *
   * @param memo what a run that judges several times keeps from one time to the next
   */
  public static List<ClaimResult> of(
      Experiment experiment,
      List<CellResult> cells,
      Optional<TrainingResults> training,
      Memo memo) {
    Optional<Trained> trained = training.map(TrainingResults::trained);
    return experiment.claims().stream()
        .map(claim -> of(claim, experiment, cells, trained, memo))
        .toList();
  }

  private static ClaimResult of(
      Claim claim,
      Experiment experiment,
      List<CellResult> results,
      Optional<Trained> trained,
      Memo memo) {
    double testError =
        new ErrorBudget(experiment.familyError()).test(Math.max(1, experiment.claims().size()));
    Measured measured =
        new Measured(
            observations(results, result -> result.cell().isOwn()),
            observations(results, result -> result.cell().claim().equals(claim.id())),
            trained,
            testError,
            experiment.seed(),
            memo);
    return new ClaimResult(claim, claim.judge(measured));
  }

  private static List<Observation> observations(
      List<CellResult> results, Predicate<CellResult> which) {
    return results.stream().filter(which).map(CellResult::observation).toList();
  }

  /** Whether there are claims about prompts and none needs more of them than these results have. */
  public static boolean allDecided(
      Experiment experiment,
      List<CellResult> results,
      Optional<TrainingResults> training,
      Memo memo) {
    Optional<Trained> trained = training.map(TrainingResults::trained);
    List<Claim> judged = experiment.claims().stream().filter(Claim::isAboutPrompts).toList();
    return !judged.isEmpty()
        && judged.stream()
            .allMatch(
                claim ->
                    of(claim, experiment, results, trained, memo).verdict() != Verdict.UNDECIDED);
  }

  /** The verdict. */
  public Verdict verdict() {
    return judgement.verdict();
  }

  /** Whether it is what a run that is in order says. */
  public boolean asExpected() {
    return verdict() == claim.expected();
  }

  /** Whether it is refuted or supported, and the other is expected. */
  public boolean contradicts() {
    boolean decided = verdict() == Verdict.REFUTED || verdict() == Verdict.SUPPORTED;
    return decided && !asExpected();
  }

  /** Whether no control of these came out otherwise than expected. */
  public static boolean trustworthy(List<ClaimResult> results) {
    return untrustworthy(results).isEmpty();
  }

  /** Ids of the controls that did not come out as expected. */
  public static List<String> untrustworthy(List<ClaimResult> results) {
    return results.stream()
        .filter(result -> result.claim.isControl() && !result.asExpected())
        .map(result -> result.claim.id())
        .toList();
  }
}
