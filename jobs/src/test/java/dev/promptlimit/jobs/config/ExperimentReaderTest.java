package dev.promptlimit.jobs.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.promptlimit.attention.Metric;
import dev.promptlimit.claim.Claims;
import dev.promptlimit.jobs.TestExperiments;
import dev.promptlimit.measure.Gaussian;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExperimentReaderTest {
  private static final String EVERYTHING =
      """
      name = everything
      seed = -5
      tokens = [
        { name = a, measure = gaussian, dimension = 2, mean = [1, -2],
          covariance { kind = identity, variance = 4 } }
        { name = b, measure = gaussian, dimension = 2,
          covariance { kind = diagonal, diagonal = [1, 0] } }
        { name = c, measure = gaussian, dimension = 2,
          covariance { kind = toeplitz, rho = -0.5, variance = 2 } }
        { name = d, measure = gaussian, dimension = 2,
          covariance { kind = matrix, rows = [[2, 1], [1, 3]] } }
      ]
      queries = [
        { name = q, measure = gaussian, dimension = 2, mean = [0, 1],
          covariance { kind = identity } }
        { name = z, measure = fixed, vector = [0.5, 0.25] }
      ]
      heads = [
        { name = h, query-key { kind = matrix, rows = [[0, 1], [2, 3]] },
          value { kind = matrix, rows = [[4, 5], [6, 7], [8, 9]] } }
        { name = i, query-key { kind = random, norm = 2, seed = 1 },
          value { kind = random, outputs = 5, norm = 3, seed = 2 } }
      ]
      prompt-lengths = [7, 3]
      metrics = [jacobian-u, output]
      sampler = brute-force
      budget { prompts-per-cell = 12 }
      claims { ids = [thm-4.3, prop-3.1], family-error = 0.01 }
      """;

  @TempDir private Path directory;

  private Experiment read(String text, String... overrides) {
    return TestExperiments.read(directory, text, overrides);
  }

  private Experiment small(String... overrides) {
    return TestExperiments.small(directory, overrides);
  }

  private static List<Long> lengths(Experiment experiment) {
    return experiment.cells().stream().map(cell -> cell.setting().promptLength()).toList();
  }

  private static List<String> keys(Experiment experiment) {
    return experiment.cells().stream().map(Cell::key).toList();
  }

  @Test
  void readsTopLevel() {
    Experiment experiment = read(EVERYTHING);
    assertThat(experiment.name()).isEqualTo("everything");
    assertThat(experiment.seed()).isEqualTo(-5);
    assertThat(experiment.budget()).isEqualTo(Budget.fixed(12));
    assertThat(experiment.claims())
        .containsExactly(Claims.of("thm-4.3").orElseThrow(), Claims.of("prop-3.1").orElseThrow());
    assertThat(experiment.familyError()).isEqualTo(0.01);
    assertThat(experiment.cells())
        .hasSize(4 * 2 * 2 * 2)
        .allSatisfy(
            cell -> {
              assertThat(cell.sampler()).isEqualTo(Cell.Sampler.BRUTE_FORCE);
              assertThat(cell.metrics()).containsExactly(Metric.OUTPUT, Metric.JACOBIAN_U);
            });
    assertThat(keys(experiment)).doesNotHaveDuplicates();
  }

  private static Gaussian gaussian(Cell cell) {
    return (Gaussian) cell.setting().tokens();
  }

  @Test
  void readsMeasuresAndHeads() {
    List<Cell> cells = read(EVERYTHING).cells();
    double[][][] covariances = {
      {{4, 0}, {0, 4}}, {{1, 0}, {0, 0}}, {{2, -1}, {-1, 2}}, {{2, 1}, {1, 3}}
    };
    for (int i = 0; i < 4; i++) {
      Gaussian tokens = gaussian(cells.get(8 * i));
      assertThat(tokens.mean()).isEqualTo(i == 0 ? new double[] {1, -2} : new double[] {0, 0});
      assertThat(tokens.covariance().matrix().getData()).isDeepEqualTo(covariances[i]);
    }
    Cell first = cells.get(0);
    assertThat(first.setting().queries().mean()).containsExactly(0, 1);
    assertThat(first.setting().head().u().getData()).isDeepEqualTo(new double[][] {{0, 1}, {2, 3}});
    assertThat(first.setting().head().v().getData())
        .isDeepEqualTo(new double[][] {{4, 5}, {6, 7}, {8, 9}});
    Cell random = cells.get(2);
    assertThat(random.setting().head().outputs()).isEqualTo(5);
    assertThat(random.setting().head().dimension()).isEqualTo(2);
    Gaussian fixed = cells.get(4).setting().queries();
    assertThat(fixed.mean()).containsExactly(0.5, 0.25);
    assertThat(fixed.covariance().matrix().getFrobeniusNorm()).isZero();
  }

  @Test
  void cellsAreTheProductInTheOrderTokensQueriesHeadsLengths() {
    assertThat(read(EVERYTHING).cells())
        .extracting(
            cell -> cell.tokens() + cell.queries() + cell.head() + cell.setting().promptLength())
        .startsWith("aqh7", "aqh3", "aqi7", "aqi3", "azh7", "azh3", "azi7", "azi3", "bqh7")
        .endsWith("dzi7", "dzi3");
  }

  @Test
  void defaults() {
    Experiment experiment =
        read(
            """
            name = least
            seed = 1
            tokens { measure = gaussian, dimension = 1, covariance { kind = identity } }
            queries { measure = gaussian, covariance { kind = toeplitz, rho = 0 } }
            heads {
              name = h
              query-key { kind = random, seed = 3 }
              value { kind = identity }
            }
            prompt-lengths { from = 1, to = 9 }
            budget { prompts-per-cell = 1 }
            """);
    assertThat(experiment.claims()).isEmpty();
    assertThat(experiment.familyError()).isEqualTo(1e-3);
    assertThat(lengths(experiment)).containsExactly(1L, 2L, 4L, 8L);
    Cell cell = experiment.cells().get(0);
    assertThat(cell.tokens()).isEqualTo("gaussian");
    assertThat(cell.queries()).isEqualTo("gaussian");
    assertThat(cell.head()).isEqualTo("h");
    assertThat(cell.sampler()).isEqualTo(Cell.Sampler.EXACT_REDUCED);
    assertThat(cell.metrics()).containsExactly(Metric.values());
    assertThat(gaussian(cell).mean()).containsExactly(0);
    assertThat(gaussian(cell).covariance().matrix().getEntry(0, 0)).isEqualTo(1);
    assertThat(cell.setting().queries().covariance().matrix().getEntry(0, 0)).isEqualTo(1);
    double u = Math.abs(cell.setting().head().u().getEntry(0, 0));
    assertThat(u).isBetween(Math.nextDown(1.0), Math.nextUp(1.0));
  }

  @Test
  void aSingleMeasureMayHaveAName() {
    Experiment experiment = small("tokens.name = mine", "queries.name = theirs");
    assertThat(experiment.cells())
        .extracting(Cell::tokens, Cell::queries)
        .containsOnly(tuple("mine", "theirs"));
    assertThat(keys(experiment)).isEqualTo(keys(small()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ from = 2, to = 16384, factor = 2 } |"
            + " 2 4 8 16 32 64 128 256 512 1024 2048 4096 8192 16384",
        "{ from = 1, to = 10, factor = 1.5 } | 1 2 3 5 8", // 1 1.5 2.25 3.375 5.06 7.59
        "{ from = 1, to = 6, factor = 1.2 } | 1 2 3 4 5", // equal lengths once
        "{ from = 100, to = 121, factor = 1.1 } | 100 110 121", // 100 · 1.1 · 1.1 > 121
        "{ from = 5, to = 5 } | 5",
        "{ from = 5, to = 9 } | 5",
        "{ from = 1, to = 1000000000000, factor = 1000000 } | 1 1000000 1000000000000",
        "[3] | 3",
        "[16, 1, 4] | 16 1 4",
        "[1e3, 2.0] | 1000 2",
        "[1000000000000] | 1000000000000",
      })
  void promptLengths(String written, String expected) {
    Experiment experiment = small("prompt-lengths = null", "prompt-lengths = " + written);
    assertThat(lengths(experiment).stream().distinct().map(String::valueOf))
        .isEqualTo(List.of(expected.strip().split(" ", -1)));
  }

  @Test
  void overridesReplaceWhatTheFileSaysTheLastOneWins() {
    Experiment experiment =
        small(
            "budget.prompts-per-cell=1",
            "budget.prompts-per-cell=30000",
            "tokens.covariance.rho = 0.25",
            "claims.family-error=1e-6",
            "name = other");
    assertThat(experiment.budget()).isEqualTo(Budget.fixed(30_000));
    assertThat(experiment.familyError()).isEqualTo(1e-6);
    assertThat(experiment.name()).isEqualTo("other");
    assertThat(experiment.claims()).isEqualTo(small().claims());
    assertThat(gaussian(experiment.cells().get(0)).covariance().matrix().getEntry(0, 1))
        .isEqualTo(0.25);
  }

  @Test
  void substitutionsSeeOverrides() {
    Experiment experiment =
        read(
            TestExperiments.small()
                + "\nqueries = { measure = gaussian, covariance = ${tokens.covariance} }",
            "tokens.covariance.rho = 0.125");
    assertThat(experiment.cells().get(0).setting().queries().covariance().matrix().getEntry(0, 1))
        .isEqualTo(0.125);
  }

  @Test
  void includesAreRelativeToTheFile() throws IOException {
    Files.createDirectories(directory.resolve("shared"));
    Files.writeString(
        directory.resolve("shared/tokens.conf"),
        "tokens { measure = gaussian, dimension = 3, covariance { kind = identity } }");
    Experiment experiment =
        read(TestExperiments.small() + "\ntokens = null\ninclude \"shared/tokens.conf\"");
    assertThat(gaussian(experiment.cells().get(0)).covariance().matrix().getEntry(0, 1)).isZero();
    assertThat(experiment.text()).doesNotContain("include").contains("identity");
  }

  /** A file of the working directory, named without it. */
  @Test
  void includesOfAFileWithoutAFolder() throws IOException {
    Path included = Files.createTempFile(Path.of("").toAbsolutePath(), "included", ".conf");
    Path file = Files.createTempFile(Path.of("").toAbsolutePath(), "including", ".conf");
    try {
      Files.writeString(included, "seed = 99");
      Files.writeString(
          file, TestExperiments.small() + "\ninclude required(\"" + included.getFileName() + "\")");
      assertThat(ExperimentReader.read(file.getFileName(), List.of()).seed()).isEqualTo(99);
    } finally {
      Files.delete(included);
      Files.delete(file);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "9223372036854775807",
        "-9223372036854775808",
        "9007199254740993", // 2^53 + 1 is no double
        "1152921504606846977",
        "9007199254740993.0",
        "9223372036854775807.0",
        "0"
      })
  void seedKeepsAllItsBits(String seed) {
    Experiment experiment = small("seed = " + seed);
    assertThat(experiment.seed()).isEqualTo(new BigDecimal(seed).longValueExact());
    assertThat(read(experiment.text()).seed()).isEqualTo(new BigDecimal(seed).longValueExact());
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e3", "1000.0", "1000"})
  void oneSeedInAnySpellingIsOneRunDirectory(String seed) {
    Experiment experiment = small("seed = " + seed);
    assertThat(experiment.seed()).isEqualTo(1000);
    assertThat(experiment.directoryName()).isEqualTo(small("seed = 1000").directoryName());
    assertThat(experiment.resolved().getNumber("seed").toString()).isEqualTo("1000");
  }

  @Test
  void resolvedTextCanBeReadAgain() {
    for (String text : List.of(EVERYTHING, TestExperiments.small())) {
      Experiment experiment = read(text, "name = again-1e3");
      Experiment again = read(experiment.text());
      assertThat(again.text()).isEqualTo(experiment.text());
      assertThat(keys(again)).isEqualTo(keys(experiment));
      assertThat(again.cells())
          .extracting(Cell::tokens, Cell::queries, Cell::head)
          .isEqualTo(
              experiment.cells().stream()
                  .map(cell -> tuple(cell.tokens(), cell.queries(), cell.head()))
                  .toList());
      assertThat(again.directoryName()).isEqualTo(experiment.directoryName());
      assertThat(again.budget()).isEqualTo(experiment.budget());
      assertThat(again.claims()).isEqualTo(experiment.claims());
    }
    assertThat(small().text()).contains("stream-version=2");
  }

  @Test
  void aNameThatLooksLikeANumberStaysAsWritten() {
    Experiment experiment = small("name = 1e3");
    assertThat(experiment.name()).isEqualTo("1e3");
    assertThat(read(experiment.text()).name()).isEqualTo("1e3");
  }

  @Test
  void identityIsNameAndSeedOnly() {
    Experiment small = small();
    assertThat(small.directoryName()).matches("small-[0-9a-f]{12}");
    assertThat(small("budget.prompts-per-cell=99", "prompt-lengths=[5]", "claims=null").hash())
        .isEqualTo(small.hash());
    assertThat(small("seed=8").hash()).isNotEqualTo(small.hash());
    assertThat(small("name=smaller").hash()).isNotEqualTo(small.hash());
  }

  @Test
  void aKeySetToNullIsAsIfItWereNotThere() {
    Experiment experiment = small("claims = null", "tokens.mean = null", "metrics = null");
    assertThat(experiment.claims()).isEmpty();
    assertThat(keys(experiment)).isEqualTo(keys(small()));
  }
}
