package dev.promptlimit.jobs.table;

/** What this version says of every claim. */
public final class Verdicts {
  /** The claim was asked for and not put to the test. */
  public static final String NOT_JUDGED = "NOT_JUDGED";

  /** Why. */
  public static final String REASON = "this version simulates and measures, it does not judge yet";

  private Verdicts() {}
}
