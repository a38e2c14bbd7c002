package dev.promptlimit.jobs.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.claim.Claims;
import dev.promptlimit.claim.Judgement;
import dev.promptlimit.claim.Memo;
import dev.promptlimit.claim.Verdict;
import dev.promptlimit.jobs.TestExperiments;
import dev.promptlimit.jobs.config.Experiment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClaimResultTest {
  @TempDir private static Path directory;

  private static ClaimResult result(String claim, Verdict verdict) {
    return new ClaimResult(
        Claims.of(claim).orElseThrow(), new Judgement(verdict, "by hand", Map.of()));
  }

  /** What is inadmissible or undecided is not as expected, and contradicts nothing. */
  @Test
  void onlyTheOppositeOfWhatIsExpectedContradicts() {
    assertThat(result("exact-law", Verdict.REFUTED).contradicts()).isTrue();
    assertThat(result("prop-3.1-literal", Verdict.SUPPORTED).contradicts()).isTrue();
    for (Verdict verdict : List.of(Verdict.INADMISSIBLE, Verdict.UNDECIDED)) {
      assertThat(result("exact-law", verdict).contradicts()).isFalse();
      assertThat(result("exact-law", verdict).asExpected()).isFalse();
    }
    assertThat(result("exact-law", Verdict.SUPPORTED).contradicts()).isFalse();
    assertThat(result("prop-3.1-literal", Verdict.REFUTED).contradicts()).isFalse();
  }

  @Test
  void controlsThatDoNotFailLeaveARunUntrustworthy() {
    assertThat(ClaimResult.untrustworthy(List.of(result("exact-law", Verdict.REFUTED)))).isEmpty();
    for (String control : List.of("control-rademacher", "control-training")) {
      List<ClaimResult> failed = List.of(result(control, Verdict.UNDECIDED));
      assertThat(ClaimResult.untrustworthy(failed)).containsExactly(control);
      assertThat(ClaimResult.trustworthy(List.of(result(control, Verdict.REFUTED)))).isTrue();
    }
  }

  /** Prompts cannot decide what is about training, so it keeps no run going. */
  @Test
  void whatIsAboutTrainingDoesNotKeepARunGoing() {
    assertThat(allDecided("thm-4.3, lemma-2.1")).isTrue();
    assertThat(allDecided("thm-4.3")).isFalse();
    assertThat(allDecided("lemma-2.1, prop-3.1")).isFalse();
  }

  private static boolean allDecided(String claims) {
    Experiment experiment =
        TestExperiments.small(directory, "claims.ids = [" + claims + "]", "metrics = [output]");
    List<CellResult> results =
        TestBlocks.results(
            experiment,
            Map.of(
                experiment.cells().get(0).key(),
                TestBlocks.simulate(experiment.cells().get(0), 1, 0)));
    return ClaimResult.allDecided(experiment, results, Optional.empty(), new Memo());
  }
}
