package dev.promptlimit.jobs;

import dev.promptlimit.jobs.config.FlowPlan;
import dev.promptlimit.jobs.config.TrainingPlan;
import dev.promptlimit.jobs.config.TrainingRun;
import dev.promptlimit.jobs.report.ConsoleReport;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the training of an experiment would do, as {@link PlanCommand} tells it. */
record PlannedTraining(TrainingPlan plan) {
  /** The tables: runs by activation and prompt length, flows by prompt length. */
  List<String> tables() {
    List<String> lines = new ArrayList<>();
    if (!plan.runs().isEmpty()) {
      List<List<String>> rows = new ArrayList<>();
      rows.add(List.of("training", "L", "replicates", "steps", "checkpoints", "tokens", "core s"));
      for (List<TrainingRun> group : groups()) {
        TrainingRun first = group.get(0);
        rows.add(
            List.of(
                first.activation().id(),
                Long.toString(first.promptLength()),
                Integer.toString(group.size()),
                Long.toString(first.training().steps()),
                Long.toString(checkpoints(group)),
                Long.toString(tokens(group)),
                PlanCommand.seconds(group.stream().mapToDouble(PlannedTraining::nanos).sum())));
      }
      lines.addAll(ConsoleReport.align(rows));
      lines.add("");
    }
    if (plan.flow().isPresent()) {
      FlowPlan flow = plan.flow().get();
      List<List<String>> rows = new ArrayList<>();
      rows.add(List.of("flow", "L", "prompts", "core s"));
      for (long length : flow.promptLengths()) {
        rows.add(
            List.of(
                flow.activation().id(),
                Long.toString(length),
                Integer.toString(flow.prompts()),
                PlanCommand.seconds(flow.nanos())));
      }
      lines.addAll(ConsoleReport.align(rows));
      lines.add("");
    }
    return lines;
  }

  /** The runs of each activation and prompt length. */
  private Collection<List<TrainingRun>> groups() {
    Map<List<Object>, List<TrainingRun>> groups = new LinkedHashMap<>();
    for (TrainingRun run : plan.runs()) {
      List<Object> key = List.of(run.activation(), run.promptLength());
      groups.computeIfAbsent(key, unused -> new ArrayList<>()).add(run);
    }
    return groups.values();
  }

  private static long checkpoints(List<TrainingRun> runs) {
    return runs.stream().mapToLong(run -> run.training().lastCheckpoint()).sum();
  }

  private static long tokens(List<TrainingRun> runs) {
    return (long) runs.stream().mapToDouble(TrainingRun::tokens).sum();
  }

  private static double nanos(TrainingRun run) {
    return run.nanosPerCheckpoint() * run.training().lastCheckpoint();
  }

  /** All of it in one line. */
  String total() {
    return String.format(
        Locale.ROOT,
        "%d training runs, %d checkpoints, %d tokens; %d flows",
        plan.runs().size(),
        checkpoints(plan.runs()),
        tokens(plan.runs()),
        flows());
  }

  private int flows() {
    return plan.flow().map(flow -> flow.promptLengths().size()).orElse(0);
  }

  /**
   * Nominal time on so many cores, in nanoseconds: a run is a task after the other unless its
   * batches are large, and so is a flow; flows begin when all runs have ended.
   */
  double nanos(int cores) {
    double all = plan.runs().stream().mapToDouble(PlannedTraining::nanos).sum();
    double longest =
        plan.runs().stream()
            .filter(run -> !run.isLarge(TrainingRun.LARGE_STEP_SECONDS))
            .mapToDouble(PlannedTraining::nanos)
            .max()
            .orElse(0);
    double flow = plan.flow().map(FlowPlan::nanos).orElse(0.0);
    double rounds = Math.ceil((double) flows() / cores);
    return Math.max(all / cores, longest) + flow * rounds;
  }
}
