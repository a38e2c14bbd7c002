package dev.promptlimit.claim;

/** What a run says of a statement. */
public enum Verdict {
  /** The statement held where it could have failed, with the confidence of the family. */
  SUPPORTED,
  /** An observation contradicts the statement, with the confidence of the family. */
  REFUTED,
  /** The data, or this program, cannot tell yet. */
  UNDECIDED,
  /** The statement is not about these tokens, queries or heads: its assumptions fail. */
  INADMISSIBLE
}
