package dev.promptlimit.claim;

import java.util.List;

/** A statement that a run can be asked to judge. Implementations are stateless. */
public interface Claim {
  /** The name used in experiment files and results. */
  String id();

  /** What is claimed and how it is put to the test. */
  Contract contract();

  /**
   * The verdict of a run that is in order: a statement is {@link Verdict#SUPPORTED}, a control is
   * not.
   */
  default Verdict expected() {
    return Verdict.SUPPORTED;
  }

  /**
   * Whether it is a control: a run in which it comes out otherwise than expected proves nothing.
   */
  default boolean isControl() {
    return false;
  }

  /** Whether more prompts can change the verdict; they cannot where it is about training. */
  default boolean isAboutPrompts() {
    return true;
  }

  /** What is simulated for this claim beside the experiment's own cells. */
  default List<Fixture> fixtures() {
    return List.of();
  }

  /** The verdict, a pure function of what was measured. */
  Judgement judge(Measured measured);
}
