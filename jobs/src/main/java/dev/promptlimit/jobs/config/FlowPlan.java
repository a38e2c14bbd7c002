package dev.promptlimit.jobs.config;

import dev.promptlimit.attention.Head;
import dev.promptlimit.regression.Activation;
import dev.promptlimit.regression.TaskFamily;
import java.io.Serializable;
import java.util.List;

/**
 * Gradient flows of the exact risks of finite prompts, each from the same head.
 *
 * @param key hash of the content, prompt lengths and accuracies left out
 * @param family tasks, inputs and queries
 * @param activation of the head
 * @param start the balanced head the flows start from
 * @param promptLengths prompt lengths L, ascending
 * @param horizon time until which flows are followed
 * @param prompts tasks and queries over which the risk is averaged
 * @param accuracies excesses ε for which L(ε) is wanted
 * @param note why the theorem does not speak of this start; empty if it does
 */
public record FlowPlan(
    String key,
    TaskFamily family,
    Activation activation,
    Head start,
    List<Long> promptLengths,
    double horizon,
    int prompts,
    List<Double> accuracies,
    String note)
    implements Serializable {}
