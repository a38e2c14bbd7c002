package dev.promptlimit.jobs.config;

import java.util.List;

/** Input that cannot be used; each problem is one line {@code Cannot <do> <what>: <reason>}. */
public final class BadInputException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** One problem. */
  public BadInputException(String problem) {
    this(List.of(problem));
  }

  /** Several problems, at least one. */
  public BadInputException(List<String> problems) {
    super(String.join("\n", problems));
  }
}
