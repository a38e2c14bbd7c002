package dev.promptlimit.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs that grow by many calls, compacted in between: the bytes are those of one call. */
class SweepTest {
  /** Bounded tokens, whose intervals know the order of blocks, and stratified queries. */
  private static final String TEXT =
      """
      name = sweep
      seed = 11
      tokens = [
        { name = signs, measure = rademacher, dimension = 2 }
        { name = normal, measure = gaussian, dimension = 2, covariance { kind = identity } }
      ]
      queries { measure = gaussian, covariance { kind = identity } }
      heads = [
        { name = one, query-key { kind = scaled-identity, scale = 0.4 }, value { kind = identity } }
      ]
      prompt-lengths = [2, 64]
      metrics = [output]
      """;

  private static final String FIXED = TEXT + "budget { prompts-per-cell = 50000 }\n";

  private static final String ADAPTIVE =
      TEXT
          + "budget { relative-error = 0.02, confidence = 0.99, max-prompts-per-cell = 100000 }\n"
          + "claims { ids = [delta-method] }\n";

  @TempDir private Path directory;

  @BeforeEach
  void configure() {
    TestSpark.configure();
  }

  @AfterEach
  void forgetSettings() {
    TestSpark.stop();
  }

  private static JsonNode json(CommandResult result) throws IOException {
    assertThat(result.out().lines()).as(result.err()).hasSize(1);
    return new ObjectMapper().readTree(result.out());
  }

  private RunFiles undisturbed(String text) throws IOException {
    TestRuns once = new TestRuns(Files.createDirectories(directory.resolve("once")));
    assertThat(json(once.run(text, "--json")).get("complete").booleanValue()).isTrue();
    return once.files();
  }

  private static void assertSameResults(RunFiles ours, RunFiles theirs) throws IOException {
    assertThat(ours.summary()).isEqualTo(theirs.summary());
    assertThat(ours.pages("cells.parquet")).isEqualTo(theirs.pages("cells.parquet"));
    assertThat(ours.pages("claims.parquet")).isEqualTo(theirs.pages("claims.parquet"));
  }

  private CommandResult compact(TestRuns runs) throws IOException {
    return CommandResult.of("compact", runs.files().directory().toString());
  }

  private static void assertVerified(TestRuns runs) throws IOException {
    CommandResult verified = runs.verify();
    assertThat(verified.exitCode()).as(verified.err()).isZero();
    assertThat(verified.out()).contains(" as published");
  }

  /** No time at all, then some prompts, of which every cell gets some, then the rest. */
  @Test
  void threeCallsAreOne() throws IOException {
    TestRuns runs = new TestRuns(directory);
    CommandResult result = runs.run(FIXED, "--json", "--budget", "1ns", "--fail-on", "refuted");
    assertThat(result.exitCode()).isZero();
    assertThat(json(result).get("addedBlocks").longValue()).isZero();
    assertThat(json(result).get("complete").booleanValue()).isFalse();

    JsonNode some = json(runs.run(FIXED, "--json", "--prompts", "120000"));
    assertThat(some.get("addedPrompts").longValue()).isBetween(1L, 120_000L);
    assertThat(some.get("complete").booleanValue()).isFalse();
    JsonNode cells = runs.files().json().get("cells");
    assertThat(cells).hasSize(4);
    for (JsonNode cell : cells) {
      assertThat(cell.get("prompts").longValue()).isEqualTo(24 * 1024);
    }
    assertThat(compact(runs).lines()).hasSize(1);
    assertVerified(runs);

    JsonNode rest = json(runs.run(FIXED, "--json", "--budget", "1h"));
    assertThat(rest.get("complete").booleanValue()).isTrue();
    assertThat(rest.get("leftBlocks").longValue()).isZero();
    assertThat(rest.get("prompts").longValue())
        .isEqualTo(some.get("addedPrompts").longValue() + rest.get("addedPrompts").longValue());
    assertSameResults(runs.files(), undisturbed(FIXED));
  }

  /**
   * Calls until nothing is left, compacted after every second one: looks at the blocks of earlier
   * rounds have to be there when these are merged for good.
   */
  @Test
  @Tag("nightly")
  void manyCallsOfAnAdaptiveBudgetAreOne() throws IOException {
    TestRuns runs = new TestRuns(directory);
    JsonNode last;
    long added = 0;
    int calls = 0;
    do {
      last = json(runs.run(ADAPTIVE, "--json", "--prompts", "60000"));
      assertThat(last.get("addedPrompts").longValue()).isBetween(1L, 60_000L);
      added += last.get("addedPrompts").longValue();
      if (++calls % 2 == 1) {
        assertThat(compact(runs).lines()).hasSize(1);
        assertVerified(runs);
      }
    } while (!last.get("complete").booleanValue());
    assertThat(calls).isGreaterThan(2);
    assertThat(last.get("prompts").longValue()).isEqualTo(added);
    assertSameResults(runs.files(), undisturbed(ADAPTIVE));
    assertThat(json(runs.run(ADAPTIVE, "--json")).get("addedBlocks").longValue()).isZero();
  }

  @Test
  void lessThanABlock() throws IOException {
    TestRuns runs = new TestRuns(directory);
    CommandResult refused = runs.run(FIXED, "--prompts", "100");
    assertThat(refused.failure(2))
        .matches("Cannot keep to --prompts 100: the next block, of signs/.* L=2, has \\d+");
    JsonNode line = json(runs.run(FIXED, "--prompts", "100", "--json"));
    assertThat(line.get("exitCode").intValue()).isEqualTo(2);
    assertThat(line.get("error").textValue()).startsWith("Cannot keep to --prompts 100: ");
  }

  @ParameterizedTest
  @CsvSource({
    "--budget, 0s", "--budget, 2", "--budget, -1h", "--budget, soon", "--budget, NaNh",
    "--budget, 366d", "--prompts, 0", "--prompts, -5", "--prompts, 1e6", "--prompts, all"
  })
  void limitsThatAreNone(String option, String value) {
    CommandResult refused = new TestRuns(directory).run(FIXED, option, value);
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("it is '" + value + "', allowed: ");
    assertThat(directory.resolve("runs")).doesNotExist();
  }
}
