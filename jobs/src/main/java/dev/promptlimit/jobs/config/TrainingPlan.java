package dev.promptlimit.jobs.config;

import dev.promptlimit.regression.InputLaw;
import dev.promptlimit.regression.TaskFamily;
import java.util.List;
import java.util.Optional;

/**
 * What an experiment trains.
 *
 * @param family tasks, inputs and queries
 * @param law of the inputs' coordinates
 * @param runs stochastic training: lengths, then activations, then replicates
 * @param testPrompts tasks and queries over which the exact risks of their heads are averaged
 * @param flow gradient flow
 */
public record TrainingPlan(
    TaskFamily family,
    InputLaw law,
    List<TrainingRun> runs,
    int testPrompts,
    Optional<FlowPlan> flow) {}
