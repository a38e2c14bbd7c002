package dev.promptlimit.jobs.config;

import dev.promptlimit.jobs.config.MeasureReader.Described;
import dev.promptlimit.regression.Activation;
import dev.promptlimit.regression.BalancedFlow;
import dev.promptlimit.regression.TaskFamily;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Reads the section {@code training.flow}. */
final class FlowReader {
  private static final double MOST_ACCURATE = 1e-9;

  private FlowReader() {}

  /** What it asks for; empty if it is in trouble. */
  static Optional<FlowPlan> flow(Section section, Described<TaskFamily> family) {
    Optional<String> activation = section.choice(TrainingKeys.ACTIVATION);
    Optional<BalancedReader> start = BalancedReader.read(section, family.value().dimension());
    Optional<BalancedFlow> flow = start.flatMap(from -> from.flow(section, family.value()));
    List<Long> lengths = LengthsReader.lengths(section);
    Optional<Double> horizon = section.number(TrainingKeys.HORIZON);
    Optional<Long> prompts = section.whole(TrainingKeys.FLOW_PROMPTS);
    Optional<double[]> accuracies = section.numbers(TrainingKeys.ACCURACIES);
    accuracies
        .filter(all -> all.length == 0 || Arrays.stream(all).anyMatch(e -> !(e >= MOST_ACCURATE)))
        .ifPresent(
            wrong ->
                section.reject(
                    TrainingKeys.ACCURACIES,
                    "allowed: " + TrainingKeys.ACCURACIES.allowed() + " from 1e-9 on"));
    section.done();
    if (activation.isEmpty()
        || flow.isEmpty()
        || lengths.isEmpty()
        || horizon.isEmpty()
        || prompts.isEmpty()
        || accuracies.isEmpty()) {
      return Optional.empty(); // reported already
    }
    String key =
        Hash.of(
            String.join(
                "\n",
                "flow 1",
                "task " + family.content(),
                "activation " + activation.get(),
                start.get().content(),
                "horizon " + MeasureReader.hex(horizon.get()),
                "prompts " + prompts.get()),
            32);
    return Optional.of(
        new FlowPlan(
            key,
            family.value(),
            Activation.of(activation.get()),
            flow.get().at(0).get(0).head(),
            lengths.stream().sorted().toList(),
            horizon.get(),
            prompts.get().intValue(),
            Arrays.stream(accuracies.get()).boxed().sorted().toList(),
            flow.get().outsideTheorem().orElse("")));
  }
}
