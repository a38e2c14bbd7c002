package dev.promptlimit.claim;

import dev.promptlimit.regression.Activation;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A statement about the limits of gradient flows of R_L, softmax attention on L tokens. */
interface FlowClaim extends Claim {
  /** The verdict where there are flows of softmax attention. */
  Judgement judge(Trained trained, List<Trained.Flow> flows, Measured measured);

  @Override
  default boolean isAboutPrompts() {
    return false;
  }

  @Override
  default Judgement judge(Measured measured) {
    Optional<Trained> trained = measured.trained();
    List<Trained.Flow> flows =
        trained.map(Trained::flow).orElse(List.of()).stream()
            .filter(flow -> flow.result().activation() == Activation.SOFTMAX)
            .toList();
    return flows.isEmpty()
        ? new Judgement(
            Verdict.INADMISSIBLE,
            "it is about gradient flows of softmax attention, and this run follows none",
            Map.of())
        : judge(trained.orElseThrow(), flows, measured);
  }

  /** The comparison of all these flows. */
  default LimitExcess excess(
      Trained trained, List<Trained.Flow> flows, double risk, Measured measured) {
    return new LimitExcess(
        trained.family(),
        risk,
        flows.stream().map(flow -> LimitExcess.Length.of(flow.result(), risk)).toList(),
        flows.stream().flatMap(flow -> flow.accuracies().stream()).toList(),
        measured);
  }

  /** Why the theorem on the balanced start does not speak of theirs. */
  static Optional<String> note(List<Trained.Flow> flows) {
    return flows.stream().map(Trained.Flow::note).filter(note -> !note.isEmpty()).findFirst();
  }

  /** The contract of {@link LimitExcess}. */
  static Contract contract(String statement, String source, String assumptions, String reference) {
    return new Contract(
        statement,
        source,
        assumptions,
        "The simultaneous intervals of the excess R_L(θ_L(T)) − r at the horizon T of each prompt"
            + " length, "
            + reference
            + "; L(ε) by interpolation for every ε that is asked for. Supported if all intervals"
            + " from some tested length on, at least the two longest, are at most ε, for every ε,"
            + " and the whole interval at the longest is below that at the shortest.",
        "The excess falls below every ε.",
        "Half of it for the excess of the head of least R_∞, half for what thm-5.2 shows of ridge"
            + " regression; the intervals of flows hold with the family's.",
        "At the longest length, less 4 times what R_L fell over the last half of the horizon and"
            + " what R_∞ is above r at T: an excess above some ε and at least half of that at"
            + " prompts 16 times shorter, although the head of least R_∞ has an excess of at most"
            + " ε/4 there. Lengths of which none is long enough refute nothing.");
  }
}
