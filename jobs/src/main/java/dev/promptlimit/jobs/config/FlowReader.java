package dev.promptlimit.jobs.config;

import dev.promptlimit.attention.Head;
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

  /** Where flows begin. */
  private record Start(String content, Head head, String note) {}

  private static Optional<Start> balanced(Section section, TaskFamily family) {
    Optional<BalancedReader> read = BalancedReader.read(section, family.dimension());
    return read.flatMap(from -> from.flow(section, family))
        .map(
            flow ->
                new Start(
                    "balanced " + read.orElseThrow().content(),
                    flow.at(0).get(0).head(),
                    note(flow, family)));
  }

  private static Optional<Start> given(Section section, TaskFamily family) {
    return HeadReader.given(section, family.dimension() + 1)
        .map(made -> new Start("head " + made.content(), made.value(), "it is not balanced"));
  }

  /** What it asks for; empty if it is in trouble. */
  static Optional<FlowPlan> flow(Section section, Described<TaskFamily> family) {
    Optional<String> activation = section.choice(TrainingKeys.ACTIVATION);
    Optional<Start> start =
        section.has(Keys.QUERY_KEY)
            ? given(section, family.value())
            : balanced(section, family.value());
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
        || start.isEmpty()
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
            start.get().head(),
            lengths.stream().sorted().toList(),
            horizon.get(),
            prompts.get().intValue(),
            Arrays.stream(accuracies.get()).boxed().sorted().toList(),
            start.get().note()));
  }

  /** Why the theorem does not speak of a flow; empty if it does. */
  private static String note(BalancedFlow flow, TaskFamily family) {
    boolean same = family.covariance().matrix().equals(family.queryCovariance().matrix());
    return same
        ? flow.outsideTheorem().orElse("")
        : "queries have another covariance than the inputs";
  }
}
