package dev.promptlimit.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.promptlimit.jobs.table.TestBlocks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import org.apache.spark.sql.SaveMode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole runs with strata, rounds and claims, and what verify says of them. */
class VerdictsRunTest {
  private static final String BASE =
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

  private static final String CLAIMS =
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

  private CommandResult run(String text, String... more) {
    List<String> arguments = new ArrayList<>();
    arguments.add("run");
    arguments.add(TestExperiments.write(directory, text).toString());
    if (!List.of(more).contains("--runs")) {
      arguments.addAll(List.of("--runs", directory.resolve("runs").toString()));
    }
    arguments.addAll(List.of(more));
    return CommandResult.of(arguments.toArray(new String[0]));
  }

  private RunFiles files() throws IOException {
    return RunFiles.below(directory.resolve("runs"));
  }

  private CommandResult verify(String... more) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("verify", files().directory().toString()));
    arguments.addAll(List.of(more));
    return CommandResult.of(arguments.toArray(new String[0]));
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
        delete(blocks.resolve(gone));
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
    run(one + error, "--runs", fresh.toString()).lines();
    RunFiles atOnce = RunFiles.below(fresh);
    long prompts = atOnce.json().get("cells").get(1).get("prompts").longValue();
    assertThat(prompts).isEqualTo(4 * 8192);
    run(one + "budget { prompts-per-cell = 24576 }").lines();
    run(one + error).lines();
    assertThat(files().rows("cells.parquet")).isEqualTo(atOnce.rows("cells.parquet"));
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
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

  @Test
  void verifyFindsWhatWasChanged() throws IOException {
    run(BASE + CLAIMS).lines();
    Path summary = files().directory().resolve("summary.json");
    SortedMap<String, String> before = TestBlocks.listing(files().directory());
    assertThat(verify().exitCode()).isZero();
    assertThat(TestBlocks.listing(files().directory())).isEqualTo(before); // it writes nothing

    String text = Files.readString(summary);
    Files.writeString(
        summary, text.replaceFirst("\"verdict\" : \"SUPPORTED\"", "\"verdict\" : \"REFUTED\""));
    CommandResult changed = verify();
    assertThat(changed.exitCode()).isEqualTo(1);
    assertThat(changed.err().strip())
        .startsWith("Cannot verify ")
        .endsWith(": summary.json: claims differs from what the ledger gives");
    assertThat(changed.out()).contains("NOT as published");
    Files.writeString(summary, text);

    delete(files().directory().resolve("claims.parquet"));
    assertThat(verify().err()).contains("claims.parquet is not there");
    Files.writeString(summary, "{");
    assertThat(verify().err()).contains("summary.json is not JSON");
    Files.delete(summary);
    assertThat(verify().err()).contains("summary.json is not there");
  }

  @Test
  void verifyRefusesWhatIsNoRunDirectory() {
    assertThat(CommandResult.of("verify", directory.toString()).failure(2))
        .isEqualTo(
            "Cannot read run directory " + directory + ": it has no experiment.conf and blocks");
  }

  /** A directory that was renamed is not the one its experiment makes. */
  @Test
  void verifyRefusesAnothersDirectory() throws IOException {
    run(BASE + "budget { prompts-per-cell = 1 }").lines();
    Path moved = directory.resolve("verdicts-0123456789ab");
    Files.move(files().directory(), moved);
    assertThat(CommandResult.of("verify", moved.toString()).failure(2))
        .contains("it belongs to another experiment, with hash = 0123456789ab");
  }
}
