package dev.promptlimit.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.promptlimit.jobs.report.ReportPage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs of tokens that are not Gaussian. */
class MeasuresRunTest {
  private static final String REST =
      """
      name = measures
      query-strata = never
      seed = 1
      heads = { name = h, query-key { kind = scaled-identity, scale = 1 }, value { kind = identity } }
      prompt-lengths = [4, 64]
      budget { prompts-per-cell = 1 }
      """;

  private static final String RANDOM =
      "queries { measure = gaussian, covariance { kind = identity, variance = 0.25 } }\n";

  @TempDir private Path directory;

  @BeforeEach
  void configure() {
    TestSpark.configure();
  }

  @AfterEach
  void forgetSettings() {
    TestSpark.stop();
  }

  private List<String> lines(String text) {
    return new TestRuns(directory).run(text).lines();
  }

  private RunFiles files() throws IOException {
    return new TestRuns(directory).files();
  }

  private static void assertNoGaussianTheory(List<String> lines, RunFiles run) throws IOException {
    assertThat(String.join("\n", lines)).doesNotContain("H²");
    assertThat(ReportPage.in(run.directory()).column("heads", "H²")).allMatch(JsonNode::isNull);
    for (JsonNode cell : run.json().get("cells")) {
      assertThat(cell.get("exact").isNull()).isTrue();
      assertThat(cell.get("delta").isNull()).isTrue();
    }
  }

  @Test
  void rademacher() throws IOException {
    List<String> lines =
        lines(REST + RANDOM + "tokens { measure = rademacher, dimension = 2, scale = 0.8 }");
    assertThat(lines)
        .contains(
            "head h, output (tokens rademacher, queries gaussian)",
            "  tokens are sub-Gaussian with σ² = 0.6400");
    assertNoGaussianTheory(lines, files());
    for (JsonNode cell : files().cells(64)) {
      assertThat(cell.get("prompts").longValue()).isEqualTo(8192);
      assertThat(cell.get("inadmissible").longValue()).isZero();
      assertThat(cell.has("inadmissibleReason")).isFalse();
      assertThat(cell.get("meanSquare").doubleValue())
          .isBetween(
              cell.get("meanSquareLow").doubleValue(), cell.get("meanSquareHigh").doubleValue())
          .isBetween(1e-4, 0.1);
    }
  }

  /** At a fixed query the delta method knows every measure, and one token is all its own mean. */
  @Test
  void theoryAtAFixedQuery() throws IOException {
    lines(
        REST.replace("[4, 64]", "[1, 64]")
            + "queries { measure = fixed, vector = [0.5, -0.25] }\n"
            + "tokens { measure = rademacher, dimension = 2, scale = 0.8 }");
    double first = 0.64 + square(0.8 * Math.tanh(0.4));
    double second = 0.64 + square(0.8 * Math.tanh(0.2));
    for (JsonNode cell : files().json().get("cells")) {
      double low = cell.get("meanSquareLow").doubleValue();
      double high = cell.get("meanSquareHigh").doubleValue();
      if (cell.get("promptLength").longValue() == 1) {
        double rounding = 1e-13 * high; // C_w = 0: the second derivative is the same every time
        assertThat(cell.get("exact").doubleValue()).isBetween(low - rounding, high + rounding);
        if (cell.get("metric").textValue().equals("output")) {
          assertThat(cell.get("exact").doubleValue()).isCloseTo(first + second, within(1e-12));
        }
      } else {
        assertThat(cell.get("exact").isNull()).isTrue();
        assertThat(cell.get("delta").doubleValue()).isBetween(low * 0.8, high * 1.2);
      }
    }
  }

  private static double square(double x) {
    return x * x;
  }

  /** The copy of the experiment is run from elsewhere and finds all done. */
  @Test
  void vocabularyWrittenBySpark() throws IOException {
    TestSpark.session()
        .createDataFrame(
            List.of(
                RowFactory.create("the", new float[] {1, 0.5f}, 60L),
                RowFactory.create("of", new float[] {-1, 2}, 30L),
                RowFactory.create("limit", new float[] {0, -1}, 10L),
                RowFactory.create("never", new float[] {9, 9}, 0L)),
            new StructType()
                .add("word", DataTypes.StringType)
                .add("vector", DataTypes.createArrayType(DataTypes.FloatType))
                .add("count", DataTypes.LongType))
        .repartition(2)
        .write()
        .parquet(directory.resolve("words.parquet").toString());
    TestSpark.stop();
    TestSpark.configure();
    List<String> lines =
        lines(
            REST
                + RANDOM
                + "tokens { measure = vocabulary, file = words.parquet, embedding = vector,"
                + " frequency = count }");
    assertThat(lines).contains("head h, jacobian-u (tokens vocabulary, queries gaussian)");
    assertThat(lines)
        .anySatisfy(line -> assertThat(line).startsWith("  tokens are sub-Gaussian with σ² ≤ "));
    RunFiles run = files();
    assertNoGaussianTheory(lines, run);
    String summary = run.summary();
    assertThat(run.simulatedBlocks()).isEqualTo(2);

    Path file = directory.resolve("test.conf");
    assertThat(CommandResult.of("plan", file.toString()).lines())
        .contains("2 cells, 2 blocks, 16384 prompts, 557056 tokens");

    CommandResult again =
        CommandResult.of(
            "run",
            run.directory().resolve("experiment.conf").toString(),
            "--runs",
            directory.resolve("runs").toString());
    assertThat(again.lines()).isEqualTo(lines);
    assertThat(files().simulatedBlocks()).isZero();
    assertThat(files().summary()).isEqualTo(summary);
  }

  /** 1/b = 1 and queries of deviation 0.5: some 9 % of them reach it in one of two coordinates. */
  @Test
  void laplaceOfWhichSomePromptsHaveNoLimit() throws IOException {
    List<String> lines =
        lines(REST + RANDOM + "tokens { measure = laplace, dimension = 2, scale = 1 }");
    assertThat(lines).contains("  tokens are not sub-Gaussian");
    assertThat(lines)
        .anySatisfy(
            line ->
                assertThat(line)
                    .matches(
                        "  inadmissible prompts have no limit and are not averaged; one of L = 4:"
                            + " coordinate [01] of the tilt is -?[0-9.]+: the log-MGF of Laplace"
                            + " tokens is finite only below 1/b = 1.0 in size"));
    assertThat(lines)
        .anySatisfy(line -> assertThat(line).matches(" +64 +[0-9]+ \\+ [0-9]+ inadmissible .*"));
    assertNoGaussianTheory(lines, files());
    assertThat(files().cells(4, 64))
        .hasSize(6)
        .allSatisfy(
            cell -> {
              assertThat(cell.get("inadmissible").longValue()).isBetween(500L, 1000L);
              assertThat(cell.get("inadmissibleReason").textValue()).contains("finite only below");
              assertThat(cell.get("meanSquare").isNumber()).isTrue();
            });
    assertThat(ReportPage.in(files().directory()).column("heads", "remark"))
        .allMatch(
            remark ->
                remark
                    .textValue()
                    .matches(".*inadmissible.*finite only below 1/b = 1.0 in size.*"));
  }

  @Test
  void studentTokensHaveNoLimitAtAll() throws IOException {
    List<String> lines =
        lines(
            REST
                + RANDOM
                + "tokens { measure = student-t, dimension = 2, degrees-of-freedom = 5 }");
    assertThat(lines)
        .contains(
            "  tokens are not sub-Gaussian",
            "  inadmissible prompts have no limit and are not averaged; one of L = 4: the log-MGF"
                + " of Student-t tokens is infinite for every tilt other than 0");
    assertThat(lines.stream().filter(line -> line.contains(" + ")))
        .hasSize(6)
        .allSatisfy(line -> assertThat(line).matches(" +(4|64) +0 \\+ 8192 inadmissible( +-){8}"));
    assertThat(files().cells(4, 64))
        .hasSize(6)
        .allSatisfy(
            cell -> {
              assertThat(cell.get("prompts").longValue()).isEqualTo(8192);
              assertThat(cell.get("inadmissible").longValue()).isEqualTo(8192);
              assertThat(cell.get("inadmissibleReason").textValue()).contains("infinite");
              for (String number : List.of("meanSquare", "meanSquareLow", "meanSquareHigh")) {
                assertThat(cell.get(number).isNull()).as(number).isTrue();
              }
              assertThat(cell.get("tail")).isEmpty();
              cell.get("quantiles").forEach(q -> assertThat(q.isNull()).isTrue());
            });
  }

  /** Theory stands beside prompts that draw their own task; labels in scores leave it out. */
  @Test
  void regression() throws IOException {
    List<String> lines =
        lines(
            REST.replaceFirst("(?m)^heads.*$", "")
                + "tokens { measure = regression, dimension = 2, noise-variance = 0.1, covariance {"
                + " kind = identity } }\n"
                + "heads = [{ name = flow, query-key { kind = flow, alpha = 0.3, times = [1] } }, {"
                + " name = free, query-key { kind = random, norm = 0.5, seed = 1 }, value { kind ="
                + " identity } }]\n"
                + "claims { ids = [exact-law, prop-3.1, lemma-2.1, delta-method, sharp-exponent],"
                + " family-error = 1e-6 }\n");
    assertThat(lines)
        .contains(
            "head flow@1, output (tokens regression, queries regression)",
            "head free, output (tokens regression, queries regression)",
            "  scores depend on what each prompt draws for itself: no rate is known")
        .anySatisfy(line -> assertThat(line).startsWith("  H² = "));
    for (JsonNode cell : files().json().get("cells")) {
      boolean flow = cell.get("head").textValue().equals("flow@1");
      assertThat(cell.get("inadmissible").longValue()).isZero();
      assertThat(cell.get("exact").isNumber()).isEqualTo(flow);
      assertThat(cell.get("meanSquare").isNumber()).isTrue();
      if (flow) {
        assertThat(cell.get("exact").doubleValue())
            .isBetween(
                cell.get("meanSquareLow").doubleValue(), cell.get("meanSquareHigh").doubleValue());
      }
    }
    assertThat(String.join("\n", lines))
        .containsPattern("claim prop-3.1 +INADMISSIBLE .*tokens have another law in every prompt")
        .containsPattern("claim lemma-2.1 +INADMISSIBLE")
        .doesNotContain("REFUTED");
    assertThat(new TestRuns(directory).verify().exitCode()).isZero();
  }

  @Test
  void aGridOfMeasures() throws IOException {
    lines(
        REST
            + RANDOM
            + "tokens = [{ name = a, measure = uniform-cube, dimension = 2, half-width = 0.5 },"
            + "{ name = b, measure = uniform-sphere, dimension = 2 },"
            + "{ name = c, measure = gaussian, dimension = 2, covariance { kind = identity } },"
            + "{ name = d, measure = gaussian-mixture, dimension = 2, components = ["
            + "{ weight = 1, covariance { kind = identity } },"
            + "{ weight = 2, mean = [1, 1], covariance { kind = identity } }] }]");
    assertThat(files().json().get("cells")).hasSize(4 * 2 * 3);
    for (JsonNode cell : files().json().get("cells")) {
      boolean gaussian = cell.get("tokens").textValue().equals("c");
      assertThat(cell.get("exact").isNumber()).isEqualTo(gaussian);
      assertThat(cell.get("delta").isNumber()).isEqualTo(gaussian);
      assertThat(cell.get("meanSquare").isNumber()).isTrue();
    }
  }
}
