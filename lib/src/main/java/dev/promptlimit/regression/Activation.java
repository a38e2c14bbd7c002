package dev.promptlimit.regression;

import java.util.Arrays;
import java.util.stream.Collectors;

/** How a head weighs the tokens of a prompt: prediction Σ_l weight_l vᵀx_l, scores x_lᵀUz. */
public enum Activation {
  /** Weights softmax(scores). */
  SOFTMAX("softmax"),

  /** Weights scores/L. */
  LINEAR("linear");

  private final String id;

  Activation(String id) {
    this.id = id;
  }

  /** The name in configurations and tables. */
  public String id() {
    return id;
  }

  /**
   * The activation of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Activation of(String id) {
    return Arrays.stream(values())
        .filter(activation -> activation.id.equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Cannot find the activation: its name is \""
                        + id
                        + "\", allowed: "
                        + Arrays.stream(values())
                            .map(Activation::id)
                            .collect(Collectors.joining(", "))));
  }
}
