package dev.promptlimit.jobs.config;

import dev.promptlimit.attention.Head;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads heads of kind {@code trained}: those of one training run at some of its checkpoints. */
final class CheckpointReader {
  /** Name of the kind. */
  static final String KIND = "trained";

  private CheckpointReader() {}

  /**
   * The heads of a section of this kind, for tokens of dimension d.
   *
   * @param owner the section of the head
   * @param section its query-key
   */
  static Optional<HeadSource> heads(
      Section owner, String name, Section section, int d, TrainedHeads trained) {
    section.choice(Keys.QUERY_KEY_KIND);
    Optional<String> activation = section.choice(TrainingKeys.ACTIVATION);
    Optional<Long> length = section.whole(TrainingKeys.PROMPT_LENGTH);
    Optional<Long> replicate = section.whole(TrainingKeys.REPLICATE);
    Optional<double[]> steps = section.rising(TrainingKeys.STEPS_AT);
    section.done();
    if (activation.isEmpty() || length.isEmpty() || replicate.isEmpty() || steps.isEmpty()) {
      return Optional.empty(); // reported already
    }
    List<TrainingRun> runs = trained.plan().map(TrainingPlan::runs).orElse(List.of());
    Optional<TrainingRun> run =
        runs.stream()
            .filter(
                each ->
                    each.activation().id().equals(activation.get())
                        && each.promptLength() == length.get()
                        && each.replicate() == replicate.get())
            .findFirst();
    if (run.isEmpty()) {
      owner.reject(
          Keys.QUERY_KEY,
          "training.runs has no run of that activation, prompt-length and replicate");
      return Optional.empty();
    }
    int dimension = run.get().training().family().dimension() + 1;
    if (d != dimension) {
      owner.rejectShape(
          Keys.QUERY_KEY,
          "trained heads have dimension " + dimension + ", the tokens have dimension " + d);
      return Optional.empty();
    }
    long every = run.get().training().checkpointEvery();
    for (double step : steps.get()) {
      if (step % every != 0 || step > run.get().training().steps()) {
        section.reject(
            TrainingKeys.STEPS_AT,
            "allowed: multiples of checkpoint-every = "
                + every
                + ", up to training.runs.steps = "
                + run.get().training().steps());
        return Optional.empty();
      }
    }
    List<Named<Head>> heads =
        Arrays.stream(steps.get())
            .mapToObj(step -> head(name, run.get(), (long) step, trained))
            .toList();
    return Optional.of(new HeadSource(name, tokens -> heads));
  }

  private static Named<Head> head(String name, TrainingRun run, long step, TrainedHeads trained) {
    TrainedHeads.Trained at = trained.at(run, step);
    OptionalLong diverged = at.divergedAt();
    String mark = diverged.isPresent() ? " (diverged at " + diverged.getAsLong() + ")" : "";
    return new Named<>(
        name + "@" + step + mark, KIND + " " + TrainedHeads.name(run, step), at.head());
  }
}
