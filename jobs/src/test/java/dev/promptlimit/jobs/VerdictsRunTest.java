package dev.promptlimit.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.promptlimit.jobs.table.TestBlocks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.SaveMode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole runs with strata, rounds and claims. */
class VerdictsRunTest {
  static final String BASE =
      """
      name = verdicts
      seed = 3
      tokens { measure = gaussian, dimension = 2, covariance { kind = identity } }
      queries { measure = gaussian, covariance { kind = identity } }
      heads = [
        { name = mild, query-key { kind = scaled-identity, scale = 0.5 }, value { kind = identity } }
        { name = flat, query-key { kind = scaled-identity, scale = 0.1 }, value { kind = identity } }
      ]
      prompt-lengths = [2, 8]
      metrics = [output]
      """;

  private static final String ROUNDS =
      "budget { relative-error = 0.04, confidence = 0.99, max-prompts-per-cell = 60000 }\n";

  static final String CLAIMS =
      """
      budget { prompts-per-cell = 8192 }
      claims { ids = [exact-law, prop-3.1-literal, control-rademacher, control-student-t] }
      """;

  @TempDir private Path directory;

  @BeforeEach
  void configure() {
    TestSpark.configure();
  }

  @AfterEach
  void forgetSettings() {
    TestSpark.stop();
  }

  private CommandResult run(String text, String... options) {
    return new TestRuns(directory).run(text, options);
  }

  private CommandResult verify(String... options) throws IOException {
    return new TestRuns(directory).verify(options);
  }

  private RunFiles files() throws IOException {
    return new TestRuns(directory).files();
  }

  private static Map<String, JsonNode> claims(RunFiles run) throws IOException {
    Map<String, JsonNode> claims = new HashMap<>();
    run.json().get("claims").forEach(claim -> claims.put(claim.get("id").textValue(), claim));
    return claims;
  }

  /** Each cell doubles its whole cycles until its interval is narrow enough, and no further. */
  @Test
  void promptsGoWhereTheyAreNeeded() throws IOException {
    run(BASE + ROUNDS).lines();
    RunFiles run = files();
    Set<Long> rounds = new TreeSet<>();
    for (JsonNode cell : run.json().get("cells")) {
      boolean flat = cell.get("head").textValue().equals("flat");
      long cycle = flat ? 8192 : 24 * 1024;
      long prompts = cell.get("prompts").longValue();
      assertThat(prompts % cycle).isZero();
      assertThat(Long.bitCount(prompts / cycle)).isEqualTo(1);
      rounds.add(prompts / cycle);
      double effective = cell.get("effectivePrompts").doubleValue();
      assertThat(effective / prompts).isBetween(flat ? 1 : 0.1, flat ? 1 : 0.5);
      double exact = cell.get("exact").doubleValue();
      assertThat(exact)
          .isBetween(
              cell.get("meanSquareLow").doubleValue(), cell.get("meanSquareHigh").doubleValue());
    }
    assertThat(rounds).hasSizeGreaterThan(1).first().isEqualTo(1L);
    assertThat(verify().lines()).containsExactly("4 results and 0 verdicts as published");
  }

  /** A killed run left some blocks of a later round behind: the same numbers come out. */
  @Test
  void roundsGoTheSameWayAgain(@TempDir Path other) throws IOException {
    run(BASE + ROUNDS).lines();
    String summary = files().summary();
    List<String> rows = files().rows("cells.parquet");
    Path blocks = files().directory().resolve("blocks");
    TestBlocks.copy(blocks.resolve("batch=1"), other);
    // only a part of the second round's batch survives
    for (String gone : files().batches()) {
      if (!gone.equals("batch=0")) {
        TestBlocks.delete(blocks.resolve(gone));
      }
    }
    TestSpark.session()
        .read()
        .parquet(other.toString())
        .limit(5)
        .coalesce(1)
        .write()
        .mode(SaveMode.ErrorIfExists)
        .parquet(blocks.resolve("batch=7").toString());
    Files.delete(files().directory().resolve("summary.json"));
    run(BASE + ROUNDS).lines();
    assertThat(files().summary()).isEqualTo(summary);
    assertThat(files().rows("cells.parquet")).isEqualTo(rows);
    run(BASE + ROUNDS, "--set", "stream-version=2").lines();
    assertThat(files().simulatedBlocks()).isZero();
  }

  /**
   * Three blocks would be precise enough and two are not: four it is, also where the ledger holds
   * three already, as after a kill in the round of four.
   */
  @Test
  void roundsLookAtTheirOwnBlocksOnly(@TempDir Path fresh) throws IOException {
    String one =
        BASE.replace("prompt-lengths = [2, 8]", "prompt-lengths = [2]\nquery-strata = never");
    String error = "budget { relative-error = 0.025, max-prompts-per-cell = 1000000 }\n";
    new TestRuns(fresh).run(one + error).lines();
    RunFiles atOnce = new TestRuns(fresh).files();
    long prompts = atOnce.json().get("cells").get(1).get("prompts").longValue();
    assertThat(prompts).isEqualTo(4 * 8192);
    run(one + "budget { prompts-per-cell = 24576 }").lines();
    run(one + error).lines();
    assertThat(files().rows("cells.parquet")).isEqualTo(atOnce.rows("cells.parquet"));
  }

  @Test
  void budgetsRoundUpToWholeCycles() throws IOException {
    run(BASE + "budget { prompts-per-cell = 1 }").lines();
    for (JsonNode cell : files().json().get("cells")) {
      assertThat(cell.get("prompts").longValue())
          .isEqualTo(cell.get("head").textValue().equals("flat") ? 8192 : 24576);
    }
  }

  @Test
  void claimsAreJudgedAndControlsFail() throws IOException {
    List<String> lines = run(BASE + CLAIMS).lines();
    Map<String, JsonNode> claims = claims(files());
    assertThat(claims.get("exact-law").get("verdict").textValue()).isEqualTo("SUPPORTED");
    assertThat(claims.get("prop-3.1-literal").get("verdict").textValue()).isEqualTo("REFUTED");
    assertThat(claims.get("control-rademacher").get("verdict").textValue()).isEqualTo("REFUTED");
    assertThat(claims.get("control-student-t").get("verdict").textValue())
        .isEqualTo("INADMISSIBLE");
    assertThat(files().json().get("trustworthy").booleanValue()).isTrue();
    assertThat(lines).anyMatch(line -> line.startsWith("claim exact-law           SUPPORTED: "));
    // expected verdicts trip nothing
    assertThat(run(BASE + CLAIMS, "--fail-on", "undecided").exitCode()).isZero();
    assertThat(verify("--fail-on", "refuted").exitCode()).isZero();
    assertThat(verify().lines())
        .hasSize(5)
        .last()
        .isEqualTo("9 results and 4 verdicts as published");
  }

  /** A statement that cannot be decided, and a run without power: its control says so. */
  @ParameterizedTest
  @CsvSource({"refuted, 0", "undecided, 1"})
  void failOnComparesWithTheExpectedVerdict(String kind, int exitCode) {
    String text = BASE + "budget { prompts-per-cell = 1 }\nclaims { ids = [prop-3.1] }\n";
    assertThat(run(text, "--fail-on", kind).exitCode()).isEqualTo(exitCode);
  }

  @Test
  void failOnRefusesOtherWords() {
    CommandResult result = run(BASE + CLAIMS, "--fail-on", "never");
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains("it is 'never', allowed: refuted, undecided");
  }
}
