package dev.promptlimit.jobs.config;

import dev.promptlimit.jobs.config.MeasureReader.Described;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.regression.Activation;
import dev.promptlimit.regression.BalancedFlow;
import dev.promptlimit.regression.InputLaw;
import dev.promptlimit.regression.Optimiser;
import dev.promptlimit.regression.Parametrisation;
import dev.promptlimit.regression.TaskFamily;
import dev.promptlimit.regression.Training;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads the section {@code training}. */
final class TrainingReader {
  /** Checkpoints of all runs: their rows pass through the driver. */
  private static final int MOST_CHECKPOINTS = 1_000_000;

  private TrainingReader() {}

  /** What it asks for; empty if it is in trouble. */
  static Optional<TrainingPlan> training(Section section) {
    Optional<Section> task = section.section(TrainingKeys.TASK).map(Section::ofInputs);
    Optional<InputLaw> law = task.flatMap(TrainingReader::law);
    Optional<Integer> d =
        task.flatMap(each -> each.whole(Keys.INPUT_DIMENSION)).map(Long::intValue);
    Optional<Described<TaskFamily>> family =
        task.flatMap(
            each ->
                TaskReader.family(d.isPresent() ? each : each.ofUnknownShape(), d.orElse(1))
                    .filter(made -> d.isPresent()));
    task.ifPresent(Section::done);
    Optional<Section> runs = optional(section, TrainingKeys.RUNS, d.isPresent());
    Optional<Section> flow = optional(section, TrainingKeys.FLOW, d.isPresent());
    section.done();
    if (runs.isEmpty() && flow.isEmpty()) {
      section.reject(TrainingKeys.TRAINING, "it needs runs or flow");
    }
    // where the task is in trouble, the rest is searched for problems all the same
    Described<TaskFamily> tasks = family.orElseGet(() -> standIn(d.orElse(1)));
    InputLaw inputs = law.orElse(InputLaw.GAUSSIAN);
    Optional<Long> test = runs.flatMap(each -> each.whole(TrainingKeys.TEST_PROMPTS));
    List<TrainingRun> all = runs.map(each -> runs(each, tasks, inputs)).orElse(List.of());
    if (flow.isPresent() && inputs != InputLaw.GAUSSIAN) {
      section.reject(
          TrainingKeys.FLOW,
          "exact risks are known of gaussian inputs only, these are " + inputs.id());
    }
    Optional<FlowPlan> flowPlan = flow.flatMap(each -> FlowReader.flow(each, tasks));
    return family.isEmpty() || law.isEmpty()
        ? Optional.empty() // reported already
        : Optional.of(
            new TrainingPlan(tasks.value(), inputs, all, test.orElse(64L).intValue(), flowPlan));
  }

  private static Described<TaskFamily> standIn(int d) {
    return new Described<>("unknown", new TaskFamily(Covariance.identity(d, 1), 1, 0));
  }

  private static Optional<InputLaw> law(Section task) {
    return task.choice(TrainingKeys.INPUTS).flatMap(InputLaw::of);
  }

  private static Optional<Section> optional(Section section, Key.Sub key, boolean shapesKnown) {
    Optional<Section> found = section.has(key) ? section.section(key) : Optional.empty();
    return found.map(shapesKnown ? Section::ofInputs : Section::ofUnknownShape);
  }

  private static List<TrainingRun> runs(
      Section section, Described<TaskFamily> family, InputLaw law) {
    Optional<List<String>> activations = section.words(TrainingKeys.ACTIVATIONS);
    if (activations.isPresent() && activations.get().isEmpty()) {
      section.reject(
          TrainingKeys.ACTIVATIONS,
          "allowed: at least one of " + TrainingKeys.ACTIVATIONS.allowed());
    }
    List<Long> lengths = LengthsReader.lengths(section);
    Optional<Long> replicates = section.whole(TrainingKeys.REPLICATES);
    Optional<String> sampler = section.choice(Keys.SAMPLER);
    if (law != InputLaw.GAUSSIAN && sampler.filter("exact-reduced"::equals).isPresent()) {
      section.reject(
          Keys.SAMPLER,
          "it needs gaussian inputs, these are " + law.id() + ", allowed: auto, brute-force");
    }
    boolean bruteForce =
        law != InputLaw.GAUSSIAN || sampler.filter("brute-force"::equals).isPresent();
    Optional<Parametrisation> parametrisation =
        section.choice(TrainingKeys.PARAMETRISATION).flatMap(Parametrisation::of);
    Optional<Described<StartWeights>> start =
        section
            .section(TrainingKeys.START)
            .flatMap(
                each ->
                    start(each, family.value(), parametrisation.orElse(Parametrisation.MERGED)));
    Optional<Described<Optimiser>> optimiser =
        section.section(TrainingKeys.OPTIMISER).flatMap(TrainingReader::optimiser);
    Optional<String> loss = section.choice(TrainingKeys.LOSS);
    Optional<Long> batch = section.whole(TrainingKeys.BATCH);
    Optional<Long> steps = section.whole(TrainingKeys.STEPS);
    Optional<Long> every = section.whole(TrainingKeys.CHECKPOINT_EVERY);
    section.done();
    if (steps.isPresent() && every.isPresent() && steps.get() % every.get() != 0) {
      section.reject(
          TrainingKeys.STEPS,
          "allowed: multiples of checkpoint-every = " + every.get() + ", so that a run can go on");
      return List.of();
    }
    if (activations.isEmpty()
        || replicates.isEmpty()
        || parametrisation.isEmpty()
        || start.isEmpty()
        || optimiser.isEmpty()
        || loss.isEmpty()
        || batch.isEmpty()
        || steps.isEmpty()
        || every.isEmpty()) {
      return List.of(); // reported already
    }
    double checkpoints =
        (double) lengths.size()
            * activations.get().size()
            * replicates.get()
            * (steps.get() / every.get());
    if (checkpoints > MOST_CHECKPOINTS) {
      section.reject(
          TrainingKeys.STEPS,
          String.format(
              Locale.ROOT,
              "all runs have %.0f checkpoints then, one every %d steps, allowed: at most %d",
              checkpoints,
              every.get(),
              MOST_CHECKPOINTS));
      return List.of();
    }
    List<TrainingRun> runs = new ArrayList<>();
    for (long length : lengths) {
      for (String activation : activations.get()) {
        Training training =
            new Training(
                family.value(),
                law,
                Activation.of(activation),
                length,
                bruteForce,
                parametrisation.get(),
                optimiser.get().value(),
                loss.get().equals("squared-error") ? 2 : 1,
                batch.get().intValue(),
                steps.get(),
                every.get());
        for (int replicate = 0; replicate < replicates.get(); replicate++) {
          String key =
              Hash.of(
                  String.join(
                      "\n",
                      "training 1",
                      "task " + family.content() + " inputs " + law.id(),
                      "activation " + activation,
                      "prompt-length " + length,
                      "sampler " + (bruteForce ? "brute-force" : "exact-reduced"),
                      "parametrisation " + parametrisation.get().id(),
                      "start " + start.get().content(),
                      "optimiser " + optimiser.get().content(),
                      "loss " + loss.get(),
                      "batch " + batch.get(),
                      "checkpoint-every " + every.get(),
                      "replicate " + replicate),
                  32);
          runs.add(new TrainingRun(key, replicate, training, start.get().value()));
        }
      }
    }
    if (runs.stream().mapToDouble(TrainingRun::tokens).sum() >= 0x1p63) {
      section.reject(TrainingKeys.STEPS, "the runs need more than 2^63 - 1 tokens in all then");
    }
    return runs;
  }

  private static Optional<Described<StartWeights>> start(
      Section section, TaskFamily family, Parametrisation parametrisation) {
    Optional<String> kind = section.choice(TrainingKeys.START_KIND);
    Optional<Described<StartWeights>> start = Optional.empty();
    if (kind.filter("uniform"::equals).isPresent()) {
      start =
          section
              .choice(TrainingKeys.WEIGHTS)
              .map(
                  word ->
                      new Described<>(
                          "uniform " + word,
                          new StartWeights(Optional.empty(), word.equals("shared"))));
    } else if (kind.filter("head"::equals).isPresent()) {
      ofOtherKind(section, "uniform", TrainingKeys.WEIGHTS);
      requireMerged(section, parametrisation);
      start =
          HeadReader.given(section, family.dimension() + 1)
              .filter(made -> parametrisation == Parametrisation.MERGED)
              .map(
                  made ->
                      new Described<>(
                          "head " + made.content(),
                          new StartWeights(Optional.of(made.value()), true)));
    } else if (kind.isPresent()) {
      ofOtherKind(section, "uniform", TrainingKeys.WEIGHTS);
      requireMerged(section, parametrisation);
      Optional<BalancedReader> from = BalancedReader.read(section, family.dimension());
      Optional<BalancedFlow> flow = from.flatMap(read -> read.flow(section, family));
      start =
          flow.filter(made -> parametrisation == Parametrisation.MERGED)
              .map(
                  made ->
                      new Described<>(
                          "balanced " + from.orElseThrow().content(),
                          new StartWeights(Optional.of(made.at(0).get(0).head()), true)));
    } else {
      section.know(TrainingKeys.WEIGHTS, Keys.ALPHA, Keys.THETA, Keys.QUERY_KEY, Keys.VALUE);
    }
    section.done();
    return start;
  }

  private static void ofOtherKind(Section section, String kind, Key<?>... keys) {
    for (Key<?> key : keys) {
      if (section.has(key)) {
        section.reject(key, "it is a key of kind = " + kind + " alone");
      }
    }
  }

  private static void requireMerged(Section section, Parametrisation parametrisation) {
    if (parametrisation != Parametrisation.MERGED) {
      section.reject(
          TrainingKeys.START_KIND,
          "such a start is one of (U, v), the parametrisation must be merged");
    }
  }

  private static Optional<Described<Optimiser>> optimiser(Section section) {
    Optional<String> kind = section.choice(TrainingKeys.OPTIMISER_KIND);
    Optional<Double> rate = section.number(TrainingKeys.RATE);
    Optional<Described<Optimiser>> optimiser = Optional.empty();
    if (kind.filter("sgd"::equals).isPresent()) {
      optimiser = rate.map(r -> new Described<>("sgd " + MeasureReader.hex(r), Optimiser.sgd(r)));
      ofOtherKind(section, "adam", TrainingKeys.BETA1, TrainingKeys.BETA2, TrainingKeys.EPSILON);
    } else {
      Optional<Double> beta1 = section.number(TrainingKeys.BETA1);
      Optional<Double> beta2 = section.number(TrainingKeys.BETA2);
      Optional<Double> epsilon = section.number(TrainingKeys.EPSILON);
      if (kind.isPresent()
          && rate.isPresent()
          && beta1.isPresent()
          && beta2.isPresent()
          && epsilon.isPresent()) {
        double[] numbers = {rate.get(), beta1.get(), beta2.get(), epsilon.get()};
        optimiser =
            Optional.of(
                new Described<>(
                    "adam " + MeasureReader.text(numbers),
                    new Optimiser(true, numbers[0], numbers[1], numbers[2], numbers[3])));
      }
    }
    section.done();
    return optimiser;
  }
}
