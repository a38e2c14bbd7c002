package dev.promptlimit.jobs.config;

import static dev.promptlimit.jobs.config.SpoiltFile.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.promptlimit.jobs.TestExperiments;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Unknown keys, several problems at once, overrides, and text that wants to be more than text. */
class BadKeysTest {
  private static final String EVERY_LONG =
      "whole numbers from -9223372036854775808 to 9223372036854775807";
  private static final String LENGTHS =
      "{ from, to, factor }, or a list of 1 to 1000 different whole numbers from 1 to 1000000000000";

  @TempDir private Path directory;

  private List<String> problems(String text, String... overrides) {
    return SpoiltFile.problems(directory, text, overrides);
  }

  @ParameterizedTest
  @CsvSource({
    "sead, sead = 1, seed",
    "tokens.dimenson, tokens.dimenson = 2, dimension",
    "tokens.covariance.row, tokens.covariance.row = 2, rows",
    "queries.maen, queries.maen = 2, mean",
    "queries.covariance.varianc, queries.covariance.varianc = 2, variance",
    "heads.nam, heads.nam = x, name",
    "heads.querykey, heads.querykey = x, query-key",
    "heads.query-key.knd, heads.query-key.knd = x, kind",
    "heads.value.vectr, heads.value.vectr = x, vector",
    "budget.prompts-pr-cell, budget.prompts-pr-cell = 1, prompts-per-cell",
    "claims.family-eror, claims.family-eror = 1, family-error",
    "claims.id, claims.id = 1, ids",
  })
  void unknownKeyAtAnyDepthGetsASuggestion(String path, String line, String suggestion) {
    assertThat(problems(with("seed = 1") + line))
        .containsExactly(
            "Cannot use " + path + " (FILE:16): unknown key, did you mean " + suggestion + "?");
  }

  /** A misspelt key is missing too; its section is searched for other problems all the same. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tokens.measure | tokens.mesure = gaussian",
        "tokens.dimension | tokens.dimensoin = 2",
        "tokens.covariance.kind | tokens.covariance.kin = matrix",
        "queries.measure | queries.mesure = gaussian",
        "queries.covariance.kind | queries.covariance.kid = identity",
        "heads.query-key.kind | heads.query-key.kimd = matrix",
        "heads.value.kind | heads.value.kinds = row",
      })
  void misspeltKeyIsMissingAndUnknownAndNothingElse(String key, String misspelt) {
    String text = with("seed = 1").replaceAll("(?m)^" + Pattern.quote(key) + " .*", misspelt);
    assertThat(problems(text))
        .hasSize(2)
        .anySatisfy(
            line ->
                assertThat(line)
                    .startsWith("Cannot find " + key + " (FILE")
                    .contains(": it must be given, allowed: "))
        .anySatisfy(
            line ->
                assertThat(line)
                    .startsWith("Cannot use " + misspelt.replaceFirst(" .*", "") + " (FILE:")
                    .endsWith("unknown key, did you mean " + key.replaceFirst(".*\\.", "") + "?"));
  }

  @Test
  void allProblemsAtOnceEachWithItsLine() {
    assertThat(
            problems(
                """
                name = ../x
                sede = 3
                tokens {
                  measure = gaussian
                  dimension = 0
                  covariance { kind = identity, variance = -1 }
                }
                queries {
                  measure = uniform
                }
                heads = [
                  {
                    name = h
                    query-key { kind = scaled-identity, scale = Infinity }
                    value { kind = row, vector = [1, x] }
                  }
                  {
                    name = h
                    query-key { kind = random }
                    value { kind = matrix, rows = [[1], []], extra = 1 }
                  }
                ]
                prompt-lengths = [0]
                sampler = magic
                budget { prompts-per-cell = 0.5 }
                claims { family-error = 1 }
                """))
        .containsExactlyInAnyOrder(
            "Cannot use name = \"../x\" (FILE:1): allowed: 1 to 64 letters, digits, dots, dashes and"
                + " underscores, a letter or digit first",
            "Cannot use sede (FILE:2): unknown key, did you mean seed?",
            "Cannot find seed (FILE:1): it must be given, allowed: " + EVERY_LONG,
            "Cannot use tokens.dimension = 0 (FILE:5): allowed: whole numbers from 1 to 1024",
            "Cannot use tokens.covariance.variance = -1 (FILE:6): allowed: finite numbers ≥ 0",
            "Cannot use queries.measure = \"uniform\" (FILE:9): allowed: gaussian, fixed",
            "Cannot use heads[0].query-key.scale = \"Infinity\" (FILE:14): allowed: finite numbers",
            "Cannot use heads[0].value.vector = [1,\"x\"] (FILE:15): allowed: a list of finite"
                + " numbers",
            "Cannot use heads[1].name = \"h\" (FILE:18): another one has this name",
            "Cannot find heads[1].query-key.seed (FILE:19): it must be given, allowed: "
                + EVERY_LONG,
            "Cannot use heads[1].value.extra (FILE:20): unknown key, did you mean kind?",
            "Cannot use prompt-lengths = 0 (FILE:23): allowed: " + LENGTHS,
            "Cannot use sampler = \"magic\" (FILE:24): allowed: auto, exact-reduced, brute-force",
            "Cannot use budget.prompts-per-cell = 0.5 (FILE:25): allowed: whole numbers from 1 to"
                + " 9007199254740992",
            "Cannot use claims.family-error = 1 (FILE:26): allowed: numbers from 1e-12 to 0.5");
  }

  @Test
  void anEmptyFileLacksEverythingThatMustBeGiven() {
    assertThat(problems(""))
        .hasSize(7)
        .allSatisfy(line -> assertThat(line).startsWith("Cannot find ").contains(" (FILE"))
        .extracting(line -> line.replaceAll("Cannot find (\\S+) .*", "$1"))
        .containsExactlyInAnyOrder(
            "name", "seed", "tokens", "queries", "heads", "prompt-lengths", "budget");
  }

  /** The copy in a run directory is not for people to complete. */
  @ParameterizedTest
  @ValueSource(strings = {"", " \n", "# nothing", "{}"})
  void anEmptyCopyIsOneProblem(String text) {
    assertThatThrownBy(() -> ExperimentReader.parse(text, "runs/x/experiment.conf"))
        .isInstanceOf(BadInputException.class)
        .hasMessage("Cannot read experiment runs/x/experiment.conf: it is empty");
  }

  @Test
  void overridesAreNamedAsSuch() {
    assertThat(problems(with("seed = 1"), "sead = 2", "budget.prompts-per-cell=zero"))
        .containsExactlyInAnyOrder(
            "Cannot use budget.prompts-per-cell = \"zero\" (--set budget.prompts-per-cell=zero):"
                + " allowed: whole numbers from 1 to 9007199254740992",
            "Cannot use sead (--set sead = 2): unknown key, did you mean seed?");
    for (String broken : List.of("seed", "seed=[", "=1", "{")) {
      assertThat(problems(with("seed = 1"), broken))
          .singleElement()
          .asString()
          .startsWith("Cannot read experiment FILE: --set " + broken + ": 1: ");
    }
  }

  @Test
  void longTextsAreShortened() {
    String big = "x".repeat(10_000);
    String list = "[" + "1, ".repeat(10_000) + "x]";
    for (String line :
        List.of(
            "name = " + big,
            "seed = " + big,
            "heads.value.vector = " + list,
            "sampler = " + big,
            big + " = 1",
            "claims { ids = [" + big + "] }")) {
      assertThat(problems(with("seed = 1") + line))
          .allSatisfy(problem -> assertThat(problem.length()).isLessThan(700));
      assertThat(problems(with("seed = 1"), line))
          .allSatisfy(problem -> assertThat(problem.length()).isLessThan(700));
    }
    assertThat(problems("a = " + big + " {"))
        .allSatisfy(p -> assertThat(p.length()).isLessThan(700));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../x",
        "/etc/passwd",
        "a/b",
        "..",
        ".hidden",
        "-x",
        "a b",
        "a:b",
        "a%2fb",
        "<script>",
        "a\\nb",
        "é",
        "",
        "a*"
      })
  void namesThatAreNoFileNames(String name) {
    assertThat(problems(with("seed = 1") + "name = \"" + name + "\""))
        .singleElement()
        .asString()
        .startsWith("Cannot use name = \"" + name)
        .endsWith("underscores, a letter or digit first");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "a\\nb", "a\\u001b[31m", "\\u009b31m", "\\u2028", "\\ud800", "\\uffff"})
  void labelsThatCannotBePrinted(String name) {
    assertThat(problems(with("seed = 1") + "heads.name = \"" + name + "\""))
        .singleElement()
        .asString()
        .startsWith("Cannot use heads.name = \"")
        .endsWith(" (FILE:16): allowed: 1 to 100 characters, no control characters");
  }

  @Test
  void otherNamesAreOnlyText() {
    Experiment experiment =
        TestExperiments.read(
            directory, with("seed = 1") + "heads.name = \"<script>../é 😀</script>\"");
    assertThat(experiment.cells().get(0).head()).isEqualTo("<script>../é 😀</script>");
  }

  @Test
  void hostileKeysStayOnOneLine() {
    assertThat(problems(with("seed = 1") + "\"a\\n\\u001b[31mCannot\" = 1"))
        .containsExactly(
            "Cannot use \"a\\n\\u001b[31mCannot\" (FILE:16): unknown key, did you mean name?");
  }
}
