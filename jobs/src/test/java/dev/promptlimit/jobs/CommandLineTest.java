package dev.promptlimit.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.claim.Claims;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
  @TempDir private Path directory;

  private String conf;

  @BeforeEach
  void write() {
    conf = TestExperiments.write(directory, TestExperiments.small()).toString();
  }

  @Test
  void help() {
    assertThat(CommandResult.of("--help").lines())
        .anyMatch(line -> line.startsWith("Usage: promptlimit [-hV] COMMAND"))
        .anyMatch(line -> line.matches(" +run +Simulates what the run directory lacks.*"))
        .anyMatch(line -> line.matches(" +plan +.*"))
        .anyMatch(line -> line.matches(" +evaluate +.*"))
        .anyMatch(line -> line.matches(" +claims +.*"))
        .anyMatch(line -> line.matches(" +bench +.*"))
        .anyMatch(line -> line.matches(" +3 +Spark or input/output failure"));
    for (String command : List.of("run", "plan", "evaluate", "claims", "bench")) {
      assertThat(CommandResult.of(command, "--help").out())
          .startsWith("Usage: promptlimit " + command);
    }
  }

  @Test
  void version() {
    assertThat(CommandResult.of("--version").lines())
        .singleElement()
        .asString()
        .matches("PromptLimit \\d+\\.\\d+\\.\\d+(-SNAPSHOT)? \\(([0-9a-f]{40}|unknown)\\)");
  }

  @Test
  void plan() {
    List<String> lines =
        CommandResult.of("plan", conf, "--cores", "4", "--set", "budget.prompts-per-cell=8193")
            .lines();
    assertThat(lines).hasSize(1 + 6 + 1 + 2);
    assertThat(lines.get(0).strip().split(" +", -1))
        .containsExactly(
            "tokens", "queries", "head", "L", "prompts", "blocks", "tokens", "core", "s");
    assertThat(lines.get(3).strip())
        .matches("gaussian +gaussian +row +16 +16384 +2 +262144 +0\\.0322"); // 16384 x 1963.5 ns
    assertThat(lines.get(8)).isEqualTo("6 cells, 12 blocks, 98304 prompts, 688128 tokens");
    assertThat(lines.get(9))
        .matches(
            "all of it: about 0\\.0\\d+ s of simulation on 4 idle cores, about 57\\d MiB of memory");
  }

  /** An adaptive budget may be left long before its end. */
  @Test
  void planOfAnAdaptiveBudget() {
    List<String> lines =
        CommandResult.of(
                "plan",
                conf,
                "--cores",
                "4",
                "--set",
                "budget = null",
                "--set",
                "budget = { relative-error = 0.1, max-prompts-per-cell = 8193 }")
            .lines();
    assertThat(lines.get(8)).isEqualTo("6 cells, at most 12 blocks, 98304 prompts, 688128 tokens");
    assertThat(lines.get(9))
        .matches("all of it: about 0\\.0\\d+ s of simulation on 4 idle cores, about .*");
  }

  /** Costs by hand: 16 prompts of 200 + 2·9 ns a step, and 2 ns a token where any are drawn. */
  @Test
  void planOfTraining() {
    String text = TestTraining.RUNS + TestTraining.FLOW;
    String file = TestExperiments.write(directory, text).toString();
    List<String> lines = CommandResult.of("plan", file, "--cores", "4").lines();
    assertThat(lines.stream().map(line -> line.strip().replaceAll(" +", " ")).toList())
        .startsWith(
            "training L replicates steps checkpoints tokens core s",
            "softmax 5 2 40 8 6400 0.000292",
            "linear 5 2 40 8 0 0.000279",
            "softmax 20 2 40 8 25600 0.000330",
            "linear 20 2 40 8 0 0.000279",
            "",
            "flow L prompts core s",
            "softmax 8 64 0.128",
            "softmax 200 64 0.128",
            "",
            "8 training runs, 32 checkpoints, 32000 tokens; 2 flows")
        .hasSize(12);
    assertThat(lines.get(11)) // all runs on 4 cores, both flows at a time
        .matches(
            "all of it: about 0\\.128 s of training on 4 idle cores, about \\d+ MiB of memory");
    String both = TestExperiments.small() + text.substring(text.indexOf("training {"));
    TestExperiments.write(directory, both);
    List<String> more = CommandResult.of("plan", file, "--cores", "1").lines();
    assertThat(more).hasSize(5 + 1 + 3 + 1 + 7 + 1 + 3);
    assertThat(more.get(18)).isEqualTo("8 training runs, 32 checkpoints, 32000 tokens; 2 flows");
    assertThat(more.get(19)).startsWith("6 cells, 6 blocks, ");
    assertThat(more.get(20)).contains(" s of training and simulation on 1 idle core, about ");
  }

  /** Strata follow from scores, which such heads do not have yet. */
  @Test
  void planOfHeadsThatAreNotTrainedYet() {
    assertThat(CommandResult.of("plan", "../conf/training.conf").lines())
        .contains("heads that are not trained yet may need strata of queries, and more blocks");
  }

  /** One long run among short ones cannot be shared by cores, unless its batches are large. */
  @Test
  void planOfALongRun() {
    String file = TestExperiments.write(directory, TestTraining.RUNS).toString();
    String[] options =
        TestTraining.with(
            "runs.activations = [softmax]", "runs.prompt-lengths = [1, 1000]", "runs.batch = 8000");
    for (String batch : List.of("8000", "800000")) {
      List<String> arguments = new ArrayList<>(List.of("plan", file, "--cores", "64"));
      arguments.addAll(List.of(options));
      arguments.addAll(List.of(TestTraining.with("runs.batch = " + batch)));
      String line =
          CommandResult.of(arguments.toArray(String[]::new)).lines().stream()
              .filter(each -> each.startsWith("all of it"))
              .findFirst()
              .orElseThrow();
      // 40 steps of 8000 prompts of 2218 ns; or 2 runs of a hundred times that, by 64 cores
      assertThat(line)
          .contains(batch.equals("8000") ? " about 0.710 s " : " about 7.04 s "); // short runs wait
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -3, 1_000_001, Integer.MAX_VALUE, Integer.MIN_VALUE})
  void planOnNoCores(int cores) {
    assertThat(CommandResult.of("plan", conf, "--cores", Integer.toString(cores)).failure(2))
        .isEqualTo("Cannot use --cores " + cores + ": allowed: whole numbers from 1 to 1000000");
  }

  @Test
  void planOnOneCore() {
    assertThat(CommandResult.of("plan", conf, "--cores", "1").lines().get(9))
        .contains(" s of simulation on 1 idle core, about ");
  }

  @Test
  void claims() {
    assertThat(CommandResult.of("claims").lines()).hasSize(9 * Claims.all().size());
    List<String> lines = CommandResult.of("claims", "exact-law").lines();
    assertThat(lines.get(0)).isEqualTo("exact-law");
    List<String> fields =
        List.of(
            "statement",
            "source",
            "assumptions",
            "statistic",
            "null",
            "error share",
            "refuted by",
            "expected");
    for (int i = 0; i < fields.size(); i++) {
      assertThat(lines.get(i + 1)).matches("  " + fields.get(i) + ": +[^ ].*");
    }
    assertThat(CommandResult.of("claims", "prop-9").failure(2))
        .startsWith("Cannot find claim prop-9: there are lemma-2.1, prop-3.1, ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "xyz", "run", "plan", "--nonsense", "plan x --nonsense", "bench x"})
  void wrongUsage(String arguments) {
    CommandResult result =
        CommandResult.of(
            Arrays.stream(arguments.split(" ", -1))
                .filter(argument -> !argument.isEmpty())
                .toArray(String[]::new));
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).contains("Usage: promptlimit").doesNotContain("\tat ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"run", "plan"})
  void badInput(String command) {
    assertThat(CommandResult.of(command, directory + "/absent.conf").failure(2))
        .isEqualTo(
            "Cannot read experiment " + directory + "/absent.conf: there is no such readable file");
    CommandResult several =
        CommandResult.of(command, conf, "--set", "seed=x", "--set", "sampler=fast");
    assertThat(several.exitCode()).isEqualTo(2);
    assertThat(several.err().lines())
        .hasSize(2)
        .allSatisfy(line -> assertThat(line).startsWith("Cannot use "));
  }

  /** Before Spark starts: nothing is made, nothing waited for. */
  @Test
  void badInputLeavesNothingBehind() {
    CommandResult.of("run", conf, "--runs", directory + "/runs", "--set", "seed=x").failure(2);
    assertThat(directory.resolve("runs")).doesNotExist();
  }

  /** Kernels are chosen when they are first used, long after the command line was read. */
  @Test
  void kernelsThatAreUnknown() throws IOException, InterruptedException {
    ChildJvm child =
        ChildJvm.start(
            directory, jar -> true, List.of("-Dpromptlimit.kernels=fast"), List.of("bench"));
    assertThat(child.await().failure(2))
        .isEqualTo(
            "Cannot choose kernels: promptlimit.kernels is fast, allowed: auto, vector, plain");
  }

  /** With the application, its own libraries and those it takes from Spark, but no Spark. */
  @Test
  void commandsThatNeedNoSparkLoadNoneOfIt() throws IOException, InterruptedException {
    String regression = Path.of("../lib/src/test/resources/reference/regression.json").toString();
    for (List<String> arguments :
        List.of(
            List.of("plan", conf),
            List.of("evaluate", "--input", regression),
            List.of("claims"),
            List.of("run", "--help"))) {
      ChildJvm child =
          ChildJvm.start(
              directory,
              jar ->
                  Files.isDirectory(Path.of(jar))
                      || jar.matches(
                          ".*/(promptlimit-lib|picocli|config|hipparchus-[a-z]+|blas|lapack"
                              + "|jackson-(core|databind|annotations)|arpack_combined_all|commons-text|commons-lang3)-[^/]*[.]jar"),
              List.of(),
              arguments);
      assertThat(child.await().lines()).hasSizeGreaterThan(5);
    }
  }
}
