package dev.promptlimit.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.attention.BlockSummary;
import dev.promptlimit.claim.Memo;
import dev.promptlimit.jobs.TestExperiments;
import dev.promptlimit.jobs.config.Cell;
import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.jobs.table.CellResult;
import dev.promptlimit.jobs.table.Results;
import dev.promptlimit.jobs.table.TestBlocks;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConsoleReportTest {
  @TempDir private Path directory;

  private List<String> lines(String... overrides) {
    Experiment experiment = TestExperiments.small(directory, overrides);
    Map<String, BlockSummary> merged = new HashMap<>();
    experiment
        .cells()
        .forEach(cell -> merged.put(cell.key(), TestBlocks.simulate(cell, experiment.seed(), 0)));
    Cell last = experiment.cells().get(experiment.cells().size() - 1);
    merged.put(last.key(), TestBlocks.inadmissible(last));
    List<CellResult> results = TestBlocks.results(experiment, merged);
    return ConsoleReport.lines(Results.of(experiment, results, Optional.empty(), new Memo()));
  }

  @Test
  void alignsToTheRight() {
    assertThat(
            ConsoleReport.align(
                List.of(List.of("L", "prompts"), List.of("16384", "1"), List.of("", "22"))))
        .containsExactly("      L  prompts", "  16384        1", "              22");
  }

  @Test
  void oneTableForEachHeadAndMetric() {
    List<String> lines = lines("metrics = [output]");
    assertThat(lines).hasSize(2 * (2 + 1 + 3 + 1) + 1 + 2 + 2);
    assertThat(lines.get(0)).isEqualTo("head row, output (tokens gaussian, queries gaussian)");
    assertThat(lines.get(1))
        .startsWith("  H² = 0.")
        .contains(": L^-1.000, up to logarithms, is expected for long prompts (not proved)");
    assertThat(lines.get(2).strip().replaceAll("  +", "|"))
        .isEqualTo("L|prompts|mean square|low|high|exact|delta|ratio|median|99.9 %");
    for (int i = 3; i < 6; i++) {
      assertThat(lines.get(i)).hasSameSizeAs(lines.get(2));
      assertThat(lines.get(i).strip())
          .matches("(1|4|16) +8192( +[0-9.e-]+){6}( +[0-9.e-]+ \\[[0-9.e-]+, [0-9.e-]+\\]){2}");
    }
    assertThat(lines.get(6)).isEmpty();
    assertThat(lines.get(7)).isEqualTo("head square, output (tokens gaussian, queries gaussian)");
  }

  @Test
  void whatIsUnknownIsADash() {
    List<String> lines = lines("metrics = [output]");
    assertThat(lines.get(9))
        .isEqualTo(
            "  inadmissible prompts have no limit and are not averaged; one of L = 16: the"
                + " deviation is not a finite number");
    String last = lines.get(13).strip();
    assertThat(last).matches("16 +0 \\+ 3 inadmissible +- +- +-( +[0-9.e-]+){2} +- +- +-");
    String infinite = lines("metrics = [output]", "queries.covariance.variance = 100").get(3);
    assertThat(infinite.strip())
        .matches("1 +8192( +[0-9.e+]+){4} +- +[0-9.]+( +[0-9.e+]+ \\[[0-9.e+]+, [0-9.e+-]+\\]){2}");
  }

  @Test
  void endsWithTheMeaningOfColumnsAndTheClaims() {
    List<String> lines = lines();
    assertThat(lines.get(lines.size() - 3))
        .isEqualTo(
            "ratio: mean square / exact, or / delta where exact is not known; median and 99.9 %:"
                + " quantiles of the deviation. Intervals are simultaneous, family error 0.001, and hold at any time; those of mean squares are asymptotic.");
    assertThat(lines.get(lines.size() - 2)).matches("claim prop-3\\.1 +[A-Z]+ .*: .+");
    assertThat(lines.get(lines.size() - 1)).matches("claim delta-method +[A-Z]+.*: .+");
  }

  @Test
  void numbersDoNotDependOnTheLanguage() {
    Locale before = Locale.getDefault();
    List<String> lines = lines();
    try {
      Locale.setDefault(Locale.GERMANY);
      assertThat(lines()).isEqualTo(lines);
    } finally {
      Locale.setDefault(before);
    }
  }
}
