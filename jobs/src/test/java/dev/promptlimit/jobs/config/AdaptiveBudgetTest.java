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
import org.junit.jupiter.params.provider.ValueSource;

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
        "confidence = 0.9, max-prompts-per-cell = 9 | relative-error | allowed: numbers",
        "confidence = 0.9, relative-error = 0.1 | max-prompts-per-cell | allowed: whole numbers",
        "relative-error = null, max-prompts-per-cell = null | prompts-per-cell | allowed: whole",
      })
  void badBudgets(String text, String key, String reason) {
    assertThatThrownBy(() -> budget(text))
        .isInstanceOf(BadInputException.class)
        .hasMessageMatching("Cannot (use|find|read) budget\\." + Pattern.quote(key) + ".*")
        .hasMessageContaining(reason)
        .hasMessageMatching("[^\n]*");
  }

  @Test
  void confidenceAloneLacksTheOthers() {
    assertThatThrownBy(() -> budget("confidence = 0.9"))
        .isInstanceOf(BadInputException.class)
        .hasMessageMatching(
            "Cannot find budget[.]relative-error .*\nCannot find budget[.]max-prompts-per-cell .*");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "relative-error = 0.1, max-prompts-per-cell = 9",
        "relative-error = 0.1",
        "confidence = 0.5",
        "max-prompts-per-cell = x",
      })
  void budgetsOfBothKinds(String text) {
    String beside = text.replaceFirst(" .*", "");
    assertThat(
            SpoiltFile.problems(
                directory, SpoiltFile.with("budget { prompts-per-cell = 3, " + text + " }")))
        .containsExactly(
            "Cannot use budget.prompts-per-cell = 3 (FILE:15): "
                + beside
                + " stands beside it; a budget has either prompts-per-cell or relative-error,"
                + " confidence and max-prompts-per-cell");
  }

  /** From the command line, which can only add keys and replace values. */
  @Test
  void fromOneKindToTheOther() {
    String adaptive =
        SpoiltFile.with(
            "budget { relative-error = 0.1, confidence = 0.9, max-prompts-per-cell = 9 }");
    assertThat(SpoiltFile.problems(directory, adaptive, "budget.prompts-per-cell=100"))
        .singleElement()
        .asString()
        .startsWith(
            "Cannot use budget.prompts-per-cell = 100 (--set budget.prompts-per-cell=100):"
                + " relative-error stands beside it; a budget has either ");
    for (String[] overrides :
        List.of(
            new String[] {"budget=null", "budget.prompts-per-cell=100"},
            new String[] {
              "budget.relative-error=null",
              "budget.confidence=null",
              "budget.max-prompts-per-cell=null",
              "budget.prompts-per-cell=100"
            })) {
      Experiment fixed = TestExperiments.read(directory, adaptive, overrides);
      assertThat(fixed.budget()).isEqualTo(Budget.fixed(100));
      assertThat(ExperimentReader.parse(fixed.text(), "copy").budget()).isEqualTo(fixed.budget());
    }
    for (String gone : List.of("budget=null", "budget.prompts-per-cell=null")) {
      assertThat(
              TestExperiments.small(
                      directory,
                      gone,
                      "budget.relative-error=0.05",
                      "budget.max-prompts-per-cell=1000")
                  .budget())
          .isEqualTo(new Budget(1000, 0.05, 0.99));
    }
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

  /** conf/claims has a file for every claim. */
  @Test
  void everyClaimHasAnExperiment() throws IOException {
    List<String> all = Claims.all().stream().map(Claim::id).sorted().toList();
    try (Stream<Path> files = Files.list(CONF.resolve("claims"))) {
      assertThat(files.map(file -> file.getFileName().toString().replace(".conf", "")).sorted())
          .isEqualTo(all);
    }
    for (String id : all) {
      Experiment experiment =
          ExperimentReader.read(CONF.resolve("claims/" + id + ".conf"), List.of());
      assertThat(experiment.name()).isEqualTo(id);
      assertThat(experiment.claims()).containsExactly(Claims.of(id).orElseThrow());
    }
  }
}
