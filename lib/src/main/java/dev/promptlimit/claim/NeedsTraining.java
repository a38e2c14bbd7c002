package dev.promptlimit.claim;

import java.util.Map;

/** A statement about trained heads, which this version does not make: it stays undecided. */
record NeedsTraining(String id, String source, String statement, boolean isControl)
    implements Claim {
  @Override
  public Verdict expected() {
    return isControl ? Verdict.REFUTED : Verdict.SUPPORTED;
  }

  @Override
  public boolean isJudged() {
    return false;
  }

  @Override
  public Contract contract() {
    return new Contract(
        statement,
        source,
        "not checked yet",
        "none yet: heads are not trained by this version",
        "none yet",
        "none",
        "nothing yet: it stays undecided, whatever is simulated");
  }

  @Override
  public Judgement judge(Measured measured) {
    return new Judgement(
        Verdict.UNDECIDED, "it is about trained heads, and this version does not train", Map.of());
  }
}
