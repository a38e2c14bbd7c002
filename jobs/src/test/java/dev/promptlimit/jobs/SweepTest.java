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

  /** Calls until nothing is left, compacted after every second one. */
  @Test
  void manyCallsAreOne() throws IOException {
    assertSameInManyCalls(FIXED, 90_000);
  }

  /** Looks at the blocks of earlier rounds have to be there when these are merged for good. */
  @Test
  @Tag("nightly")
  void manyCallsOfAnAdaptiveBudgetAreOne() throws IOException {
    assertSameInManyCalls(ADAPTIVE, 60_000);
  }

  private void assertSameInManyCalls(String text, long prompts) throws IOException {
    TestRuns runs = new TestRuns(directory);
    JsonNode last = null;
    long added = 0;
    int calls = 0;
    do {
      CommandResult result = runs.run(text, "--json", "--prompts", Long.toString(prompts));
      assertThat(result.exitCode()).as(result.err()).isZero();
      last = json(result);
      assertThat(last.get("addedPrompts").longValue()).isBetween(1L, prompts);
      added += last.get("addedPrompts").longValue();
      if (++calls % 2 == 1) {
        assertThat(compact(runs).lines()).hasSize(1);
        assertVerified(runs);
      }
    } while (!last.get("complete").booleanValue());
    assertThat(calls).isGreaterThan(2);
    assertThat(last.get("leftBlocks").longValue()).isZero();
    assertThat(last.get("prompts").longValue()).isEqualTo(added);
    assertVerified(runs);
    assertSameResults(runs.files(), undisturbed(text));
    JsonNode again = json(runs.run(text, "--json"));
    assertThat(again.get("addedBlocks").longValue()).isZero();
  }

  /** Every cell has something before one has much. */
  @Test
  void cellsGrowEvenly() throws IOException {
    TestRuns runs = new TestRuns(directory);
    assertThat(runs.run(FIXED, "--prompts", "120000").exitCode()).isZero();
    RunFiles files = runs.files();
    assertThat(files.json().get("timing").get("complete").booleanValue()).isFalse();
    assertThat(files.json().get("cells")).hasSize(4);
    long least = Long.MAX_VALUE;
    long most = 0;
    for (JsonNode cell : files.json().get("cells")) {
      least = Math.min(least, cell.get("prompts").longValue());
      most = Math.max(most, cell.get("prompts").longValue());
    }
    assertThat(most).isLessThanOrEqualTo(2 * Math.max(least, 24 * 1024));
  }

  /** The time is up at once: what is there is published, and the next call goes on. */
  @Test
  void noTimeAtAll() throws IOException {
    TestRuns runs = new TestRuns(directory);
    CommandResult result = runs.run(FIXED, "--json", "--budget", "1ns", "--fail-on", "refuted");
    JsonNode line = json(result);
    assertThat(line.get("addedBlocks").longValue()).isZero();
    assertThat(line.get("complete").booleanValue()).isFalse();
    assertThat(result.exitCode()).isZero();
    assertVerified(runs);
    assertThat(json(runs.run(FIXED, "--json", "--budget", "1h")).get("complete").booleanValue())
        .isTrue();
    assertSameResults(runs.files(), undisturbed(FIXED));
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
