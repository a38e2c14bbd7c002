package dev.promptlimit.jobs.table;

import java.io.IOException;
import java.util.concurrent.ExecutionException;

/** What went wrong underneath, and in other threads. */
public final class RootCause {
  private RootCause() {}

  /** What to throw where a task of another thread has failed; throws what is not checked itself. */
  public static IOException of(ExecutionException e) {
    if (e.getCause() instanceof IOException failure) {
      return failure;
    }
    if (e.getCause() instanceof RuntimeException failure) {
      throw failure;
    }
    if (e.getCause() instanceof Error failure) {
      throw failure;
    }
    throw new IllegalStateException(e.getCause());
  }

  /** The first line of the message of the last cause; its class where there is no message. */
  public static String line(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    String message = cause.getMessage();
    return message == null || message.isBlank()
        ? cause.getClass().getName()
        : message.strip().lines().findFirst().orElseThrow();
  }
}
