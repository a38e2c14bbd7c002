package dev.promptlimit.jobs.table;

/** What went wrong underneath. */
public final class RootCause {
  private RootCause() {}

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
