package dev.promptlimit.jobs;

import java.util.ArrayList;
import java.util.List;

/** Small experiments that train. */
public final class TestTraining {
  /** Both heads at two lengths, two runs each, four checkpoints of ten steps. */
  public static final String RUNS =
      """
      name = training
      seed = 3
      training {
        task {
          dimension = 2, covariance { kind = toeplitz, rho = 0.5 }
          task-variance = 0.5, noise-variance = 0.1
        }
        runs {
          prompt-lengths = [5, 20], replicates = 2, batch = 16, steps = 40, checkpoint-every = 10
          start { kind = uniform }, optimiser { kind = adam, rate = 0.01 }, test-prompts = 2048
        }
      }
      """;

  /** Flows at two lengths, to be added. */
  public static final String FLOW =
      "training.flow { alpha = 0.3, prompt-lengths = [8, 200], horizon = 3, prompts = 64 }\n";

  private TestTraining() {}

  /** Options that replace keys of {@code training}. */
  public static String[] with(String... assignments) {
    List<String> options = new ArrayList<>();
    for (String assignment : assignments) {
      options.addAll(List.of("--set", "training." + assignment));
    }
    return options.toArray(String[]::new);
  }
}
