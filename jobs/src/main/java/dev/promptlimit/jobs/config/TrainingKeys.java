package dev.promptlimit.jobs.config;

import dev.promptlimit.attention.Setting;
import dev.promptlimit.regression.Activation;
import dev.promptlimit.regression.InputLaw;
import dev.promptlimit.regression.Parametrisation;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The keys of the section {@code training}, each with its default and range. */
final class TrainingKeys {
  /** Heads that are trained, and how. */
  static final Key.Sub TRAINING = new Key.Sub("training", "{ task, runs, flow }");

  // Task

  /** Tasks, inputs and queries of in-context linear regression. */
  static final Key.Sub TASK = new Key.Sub("task", "{ dimension, covariance, … }");

  /** Law of the independent coordinates that inputs are made of. */
  static final Key.Choice INPUTS =
      new Key.Choice(
          "inputs",
          Arrays.stream(InputLaw.values()).map(InputLaw::id).toList(),
          Optional.of(InputLaw.GAUSSIAN.id()));

  // Runs

  /** Stochastic training. */
  static final Key.Sub RUNS = new Key.Sub("runs", "{ prompt-lengths, optimiser, steps, … }");

  /** How trained heads weigh tokens. */
  static final Key.Words ACTIVATIONS =
      new Key.Words("activations", activationIds(), Optional.of(activationIds()));

  /** Runs of each activation and prompt length, from different weights and on other prompts. */
  static final Key.Whole REPLICATES = new Key.Whole("replicates", 1, 10_000, Optional.of(1L));

  /** What is trained. */
  static final Key.Choice PARAMETRISATION =
      new Key.Choice(
          "parametrisation",
          Arrays.stream(Parametrisation.values()).map(Parametrisation::id).toList(),
          Optional.of(Parametrisation.SEPARATE.id()));

  /** Weights before the first step. */
  static final Key.Sub START = new Key.Sub("start", "{ kind, … }");

  /** Kind of these weights. */
  static final Key.Choice START_KIND =
      new Key.Choice("kind", List.of("uniform", "balanced", "head"), Optional.empty());

  /** Whether the runs of a replicate, softmax and linear, short and long, start alike. */
  static final Key.Choice WEIGHTS =
      new Key.Choice("weights", List.of("shared", "independent"), Optional.of("shared"));

  /** How weights move. */
  static final Key.Sub OPTIMISER = new Key.Sub("optimiser", "{ kind, rate, … }");

  /** Kind of optimiser. */
  static final Key.Choice OPTIMISER_KIND =
      new Key.Choice("kind", List.of("sgd", "adam"), Optional.empty());

  /** Learning rate. */
  static final Key.Real RATE =
      new Key.Real(
          "rate",
          rate -> rate > 0 && rate < Double.POSITIVE_INFINITY,
          "finite numbers > 0",
          Optional.empty());

  /** Adam's memory of gradients. */
  static final Key.Real BETA1 = fraction("beta1", 0.9);

  /** Adam's memory of squared gradients. */
  static final Key.Real BETA2 = fraction("beta2", 0.999);

  /** What Adam adds to the root. */
  static final Key.Real EPSILON =
      new Key.Real(
          "epsilon",
          epsilon -> epsilon >= 0 && epsilon < Double.POSITIVE_INFINITY,
          "finite numbers ≥ 0",
          Optional.of(1e-8));

  /** What is minimised. */
  static final Key.Choice LOSS =
      new Key.Choice(
          "loss",
          List.of("squared-error", "half-squared-error"),
          Optional.of("half-squared-error"));

  /** Prompts per step. */
  static final Key.Whole BATCH = new Key.Whole("batch", 1, 1_000_000_000, Optional.of(128L));

  /** Steps of a run. */
  static final Key.Whole STEPS = new Key.Whole("steps", 1, 1_000_000_000_000L, Optional.empty());

  /** Steps from one checkpoint to the next. */
  static final Key.Whole CHECKPOINT_EVERY =
      new Key.Whole("checkpoint-every", 1, 10_000_000, Optional.of(1000L));

  /** Tasks and queries over which exact risks of heads are averaged. */
  static final Key.Whole TEST_PROMPTS =
      new Key.Whole("test-prompts", 64, 10_000_000, Optional.of(4096L));

  // Flow

  /** Gradient flow of the exact risk of finite prompts. */
  static final Key.Sub FLOW =
      new Key.Sub("flow", "{ alpha, or query-key and value; prompt-lengths, horizon, … }");

  /** How the head of the flow weighs tokens. */
  static final Key.Choice ACTIVATION =
      new Key.Choice("activation", activationIds(), Optional.of(Activation.SOFTMAX.id()));

  // Heads of kind trained

  /** Prompt length of the run a head is from. */
  static final Key.Whole PROMPT_LENGTH =
      new Key.Whole("prompt-length", 1, Setting.MAX_PROMPT_LENGTH, Optional.empty());

  /** Replicate of the run a head is from. */
  static final Key.Whole REPLICATE = new Key.Whole("replicate", 0, 9_999, Optional.of(0L));

  /** Steps after which heads are taken. */
  static final Key.Rising STEPS_AT =
      new Key.Rising("steps", 0, "a list of 1 to 1000 rising numbers ≥ 0");

  // Flow

  /** How long the flow is followed. */
  static final Key.Real HORIZON =
      new Key.Real(
          "horizon",
          t -> t >= 1e-3 && t <= 1e9,
          "numbers from 0.001 to 1000000000",
          Optional.of(300.0));

  /** Tasks and queries over which the risk that is followed is averaged. */
  static final Key.Whole FLOW_PROMPTS = new Key.Whole("prompts", 64, 1_000_000, Optional.of(1024L));

  /** Excesses ε of the risk for which the prompt length L(ε) is wanted. */
  static final Key.Vector ACCURACIES =
      new Key.Vector("accuracies", Optional.of(new double[] {0.1, 0.01}));

  private TrainingKeys() {}

  private static List<String> activationIds() {
    return Arrays.stream(Activation.values()).map(Activation::id).toList();
  }

  private static Key.Real fraction(String name, double fallback) {
    return new Key.Real(
        name, beta -> beta >= 0 && beta < 1, "numbers from 0, below 1", Optional.of(fallback));
  }
}
