package dev.promptlimit.claim;

import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.attention.Setting;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.StudentT;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Control: Student-t tokens have Λ(a) = +∞ for every a ≠ 0, so that attention on an infinite prompt
 * does not exist ({@link StudentT}; this project). Every prompt must come out inadmissible, and no
 * number may be made of it.
 */
public final class ControlStudentT implements Claim {
  private static final double DEGREES_OF_FREEDOM = 5;
  private static final long LENGTH = 16;

  @Override
  public String id() {
    return "control-student-t";
  }

  @Override
  public Contract contract() {
    return new Contract(
        "Student-t tokens have an infinite-prompt limit.",
        "this project, must be inadmissible",
        "The log-MGF of the tokens is finite at the tilt of the query, prompt by prompt, which it"
            + " never is.",
        "The number of inadmissible prompts, d = 1, 5 degrees of freedom, U = V = 1, queries N(0,"
            + " 1), L = 16.",
        "Prompts have a limit.",
        "None: inadmissibility is decided, not estimated.",
        "Inadmissible if every prompt is, which is what must happen; refuted if some prompts are"
            + " and others not; supported if none is.");
  }

  @Override
  public Verdict expected() {
    return Verdict.INADMISSIBLE;
  }

  @Override
  public boolean isControl() {
    return true;
  }

  @Override
  public List<Fixture> fixtures() {
    Setting setting =
        new Setting(
            new StudentT(1, DEGREES_OF_FREEDOM),
            Gaussian.centred(Covariance.identity(1, 1)),
            new Head(Head.scaledIdentity(1, 1), Head.scaledIdentity(1, 1)),
            LENGTH);
    return List.of(new Fixture(id(), setting, EnumSet.of(Metric.OUTPUT)));
  }

  @Override
  public Judgement judge(Measured measured) {
    long prompts = measured.fixtures().stream().mapToLong(Observation::prompts).sum();
    long inadmissible = measured.fixtures().stream().mapToLong(Observation::inadmissible).sum();
    Map<String, Object> evidence = new LinkedHashMap<>();
    evidence.put("prompts", prompts);
    evidence.put("inadmissible", inadmissible);
    measured.fixtures().stream()
        .flatMap(cell -> cell.inadmissibleReason().stream())
        .findFirst()
        .ifPresent(reason -> evidence.put("inadmissibleReason", reason));
    String counted = inadmissible + " of " + prompts + " prompts are inadmissible";
    if (prompts == 0) {
      return new Judgement(Verdict.UNDECIDED, "no prompts were simulated", evidence);
    }
    if (inadmissible == prompts) {
      Object why = evidence.getOrDefault("inadmissibleReason", "they have no limit");
      return new Judgement(Verdict.INADMISSIBLE, counted + ": " + why, evidence);
    }
    Verdict verdict = inadmissible == 0 ? Verdict.SUPPORTED : Verdict.REFUTED;
    return new Judgement(verdict, counted + ", all of them should be", evidence);
  }
}
