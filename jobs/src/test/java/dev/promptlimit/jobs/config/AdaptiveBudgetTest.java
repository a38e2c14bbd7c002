package dev.promptlimit.jobs.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.promptlimit.claim.Claim;
import dev.promptlimit.claim.Claims;
import dev.promptlimit.jobs.TestExperiments;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Budgets in rounds, strata, fixtures, and the experiment files of the claims. */
class AdaptiveBudgetTest {
  private static final Path CONF = Path.of("..", "conf");

  @TempDir private Path directory;

  private Experiment budget(String text) {
    return TestExperiments.read(
        directory,
        TestExperiments.small()
            .replace("budget { prompts-per-cell = 8192 }", "budget { " + text + " }"));
  }

  @Test
  void confidenceHasADefault() {
    assertThat(budget("relative-error = 0.05, max-prompts-per-cell = 1000").budget())
        .isEqualTo(new Budget(1000, 0.05, 0.99));
    assertThat(Budget.fixed(7).isAdaptive()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "relative-error = 0, max-prompts-per-cell = 9 | relative-error = 0 |"
            + " allowed: numbers from 0.0001 to 1",
        "relative-error = 2, max-prompts-per-cell = 9 | relative-error = 2 | allowed: numbers",
        "relative-error = x, max-prompts-per-cell = 9 | relative-error = \"x\" | allowed: numbers",
        "relative-error = 0.1 | max-prompts-per-cell | allowed: whole numbers from 1 to",
        "max-prompts-per-cell = 9 | relative-error | allowed: numbers",
        "relative-error = 0.1, max-prompts-per-cell = 0 | max-prompts-per-cell = 0 | allowed: whole",
        "relative-error = 0.1, confidence = 1, max-prompts-per-cell = 9 | confidence = 1 |"
            + " allowed: numbers from 0.5",
        "relative-error = 0.1, confidence = 0, max-prompts-per-cell = 9 | confidence = 0 | allowed",
        "relative-error = 0.1, max-prompts-per-cell = 9, prompts-per-cell = 3 | prompts-per-cell |"
            + " key",
      })
  void badBudgets(String text, String key, String reason) {
    assertThatThrownBy(() -> budget(text))
        .isInstanceOf(BadInputException.class)
        .hasMessageMatching("Cannot (use|find|read) budget\\." + Pattern.quote(key) + ".*")
        .hasMessageContaining(reason)
        .hasMessageMatching("[^\n]*");
  }

  /** Strata are part of the key: other prompts, another cell. */
  @Test
  void strataChangeTheKeyWhereThereAreSome() {
    Cell never = TestExperiments.small(directory).cells().get(0);
    Cell auto = TestExperiments.small(directory, "query-strata = auto").cells().get(0);
    Cell always = TestExperiments.small(directory, "query-strata = always").cells().get(0);
    assertThat(always.strata().count()).isEqualTo(13);
    assertThat(always.key()).isNotEqualTo(never.key());
    assertThat(auto.key()).isIn(never.key(), always.key());
    assertThat(Blocks.of(always))
        .isEqualTo(new Blocks(1024, Blocks.of(always).nanosPerBlock(), 24));
    assertThat(Blocks.of(always).count(1)).isEqualTo(24);
    assertThat(Blocks.of(always).roundUp(24 * 1024 + 1)).isEqualTo(2 * 24 * 1024);
    assertThatThrownBy(() -> TestExperiments.small(directory, "query-strata = some"))
        .hasMessageContaining("allowed: auto, always, never");
  }

  /** Fixtures come last and belong to their claims; their keys do not depend on the experiment. */
  @Test
  void claimsBringTheirFixtures() {
    Experiment plain = TestExperiments.small(directory);
    Experiment both =
        TestExperiments.small(directory, "claims.ids = [control-rademacher, prop-3.1-literal]");
    assertThat(plain.cells()).hasSize(6).allMatch(Cell::isOwn);
    assertThat(both.cells()).hasSize(6 + 3 + 1);
    assertThat(both.cells().subList(0, 6).stream().map(Cell::key))
        .isEqualTo(plain.cells().stream().map(Cell::key).toList());
    assertThat(both.cells().subList(6, 10).stream().map(Cell::claim))
        .containsExactly(
            "control-rademacher", "control-rademacher", "control-rademacher", "prop-3.1-literal");
    Experiment one =
        TestExperiments.small(directory, "claims.ids = [prop-3.1-literal]", "seed = 8");
    assertThat(one.cells().get(6).key()).isEqualTo(both.cells().get(9).key());
  }

  @Test
  void thePaperIsOneExperiment() {
    Experiment paper = ExperimentReader.read(CONF.resolve("paper.conf"), List.of());
    assertThat(paper.claims()).hasSize(13).doesNotHaveDuplicates();
  }

  /** conf/claims has a file for every claim that this version judges. */
  @Test
  void everyJudgedClaimHasAnExperiment() throws IOException {
    List<String> judged =
        ExperimentReader.read(CONF.resolve("paper.conf"), List.of()).claims().stream()
            .map(Claim::id)
            .sorted()
            .toList();
    try (Stream<Path> files = Files.list(CONF.resolve("claims"))) {
      assertThat(files.map(file -> file.getFileName().toString().replace(".conf", "")).sorted())
          .isEqualTo(judged);
    }
    for (String id : judged) {
      Experiment experiment =
          ExperimentReader.read(CONF.resolve("claims/" + id + ".conf"), List.of());
      assertThat(experiment.name()).isEqualTo(id);
      assertThat(experiment.claims()).containsExactly(Claims.of(id).orElseThrow());
    }
  }
}
