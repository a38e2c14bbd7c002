package dev.promptlimit.jobs.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.promptlimit.attention.Head;
import dev.promptlimit.jobs.TestExperiments;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.regression.BalancedFlow;
import dev.promptlimit.regression.RegressionTokens;
import dev.promptlimit.regression.TaskFamily;
import java.nio.file.Path;
import java.util.List;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tokens of regression and the heads that training leaves. */
class RegressionExperimentTest {
  private static final String REST =
      """
      name = regression
      seed = 1
      prompt-lengths = [4]
      budget { prompts-per-cell = 1 }
      """;
  private static final String TOKENS =
      "tokens { measure = regression, dimension = 2, noise-variance = 0.1, covariance { kind ="
          + " toeplitz, rho = 0.5 } }\n";
  private static final String LIMIT =
      "heads = [{ name = h, query-key { kind = trained-limit } }]\n";
  private static final String FLOW =
      "heads = [{ name = h, query-key { kind = flow, alpha = 0.3, times = [0, 2.5, 10] } }]\n";
  private static final Covariance SIGMA = Covariance.toeplitz(2, 0.5, 1);
  private static final RealMatrix IDENTITY = MatrixUtils.createRealIdentityMatrix(2);

  @TempDir private Path directory;

  private List<Cell> cells(String text) {
    return TestExperiments.read(directory, REST + text).cells();
  }

  private List<String> problems(String text) {
    return SpoiltFile.problems(directory, REST + text);
  }

  @Test
  void promptsBringTheirQueriesAndLimitHeadsTheirValue() {
    Cell cell = cells(TOKENS + LIMIT).get(0);
    assertThat(cell.setting().tokens()).isInstanceOf(RegressionTokens.class);
    TaskFamily family = ((RegressionTokens) cell.setting().tokens()).family();
    assertThat(family.taskVariance()).isEqualTo(1);
    assertThat(family.noiseVariance()).isEqualTo(0.1);
    assertThat(family.covariance().matrix()).isEqualTo(SIGMA.matrix());
    assertThat(cell.tokens()).isEqualTo("regression");
    assertThat(cell.queries()).isEqualTo("regression");
    assertThat(cell.setting().queries().covariance().matrix().getSubMatrix(0, 1, 0, 1))
        .isEqualTo(SIGMA.matrix());
    assertThat(cell.sampler()).isEqualTo(Cell.Sampler.EXACT_REDUCED);
    assertHead(cell, new BalancedFlow(SIGMA, 1, IDENTITY).limit().orElseThrow().head());
  }

  private static void assertHead(Cell cell, Head expected) {
    assertThat(cell.setting().head().u()).isEqualTo(expected.u());
    assertThat(cell.setting().head().v()).isEqualTo(expected.v());
  }

  @Test
  void aFlowIsOneHeadForEachTime() {
    List<Cell> cells = cells(TOKENS + FLOW);
    assertThat(cells).extracting(Cell::head).containsExactly("h@0", "h@2.5", "h@10");
    List<BalancedFlow.State> states = new BalancedFlow(SIGMA, 0.3, IDENTITY).at(0, 2.5, 10);
    for (int i = 0; i < 3; i++) {
      assertHead(cells.get(i), states.get(i).head());
    }
    Cell turned =
        cells(
                TOKENS
                    + FLOW.replace(
                        "alpha", "theta { kind = matrix, rows = [[1, 2], [0, 1]] }, alpha"))
            .get(2);
    RealMatrix theta = MatrixUtils.createRealMatrix(new double[][] {{1, 2}, {0, 1}});
    assertHead(turned, new BalancedFlow(SIGMA, 0.3, theta).at(0, 2.5, 10).get(2).head());
  }

  @Test
  void aHeadMayBeOfAnotherCovarianceAndHaveAnotherValue() {
    String other = LIMIT.replace("limit", "limit, covariance { kind = identity, variance = 4 }");
    Head expected =
        new BalancedFlow(Covariance.identity(2, 4), 1, IDENTITY).limit().orElseThrow().head();
    assertHead(cells(TOKENS + other).get(0), expected);
    assertHead(
        cells(
                other
                    + "tokens { measure = gaussian, dimension = 3, covariance { kind = identity } }\n"
                    + "queries { measure = gaussian, covariance { kind = identity } }\n")
            .get(0),
        expected);
    Cell valued =
        cells(TOKENS + LIMIT.replace("} }]", "}, value { kind = row, vector = [1, 2, 3] } }]"))
            .get(0);
    assertThat(valued.setting().head().v().getRow(0)).containsExactly(1, 2, 3);
  }

  /** As released inputs have the covariance Σ², queries I, and the limit is (Σ²)⁻¹/b. */
  @Test
  void releasedData() {
    Cell cell = cells(TOKENS.replace("noise", "data = as-released, noise") + LIMIT).get(0);
    RealMatrix square = SIGMA.matrix().multiply(SIGMA.matrix());
    double b = cell.setting().head().v().getEntry(0, 2);
    RealMatrix product =
        cell.setting().head().u().getSubMatrix(0, 1, 0, 1).multiply(square).scalarMultiply(b);
    assertThat(product.subtract(IDENTITY).getNorm1()).isCloseTo(0, within(1e-12));
    assertThat(cell.setting().queries().covariance().matrix().getTrace()).isEqualTo(2);
  }

  @Test
  void queriesAreForOtherTokens() {
    List<Cell> cells =
        cells(
            "tokens = [{ name = r, "
                + TOKENS.strip().replaceFirst("tokens \\{", "")
                + ", { name = g, measure = gaussian, dimension = 3, covariance { kind = identity }"
                + " }]\n"
                + "queries = { name = q, measure = fixed, vector = [1, 0, 0] }\n"
                + "heads = { name = h, query-key { kind = scaled-identity, scale = 1 }, value {"
                + " kind = identity } }");
    assertThat(cells).extracting(Cell::queries).containsExactly("regression", "q");
    assertThat(problems(TOKENS + LIMIT + "queries { measure = fixed, vector = [1, 0, 0] }"))
        .singleElement()
        .asString()
        .startsWith("Cannot use queries = ")
        .endsWith(": prompts of regression bring their own queries: leave it out");
    assertThat(
            problems(
                LIMIT
                    + "tokens { measure = gaussian, dimension = 3, covariance { kind = identity } }"))
        .hasSize(2)
        .anySatisfy(line -> assertThat(line).startsWith("Cannot find queries"))
        .anySatisfy(
            line -> assertThat(line).endsWith("tokens gaussian have none: give covariance"));
  }

  /** Keys are on disk in every ledger: if this fails, no older ledger can be continued. */
  @Test
  void keys() {
    assertThat(cells(TOKENS + LIMIT).get(0).key()).isEqualTo("73835221b045b70d4a0f18fc1bfd95f3");
    assertThat(cells(TOKENS + FLOW).get(1).key()).isEqualTo("c669e528b48a627dc3e9f2d2061dc8c0");
    String key = cells(TOKENS + LIMIT).get(0).key();
    for (String same :
        List.of(
            TOKENS.replace("noise", "task-variance = 1.0, noise"),
            TOKENS.replace("noise", "data = as-published, noise"),
            TOKENS.replace("measure", "name = other, measure"))) {
      assertThat(cells(same + LIMIT).get(0).key()).isEqualTo(key);
    }
    assertThat(
            cells(
                    TOKENS
                        + LIMIT.replace(
                            "limit", "limit, covariance { kind = toeplitz, rho = 0.5 }"))
                .get(0)
                .key())
        .isEqualTo(key);
    for (String other :
        List.of(
            TOKENS.replace("noise", "task-variance = 2, noise"),
            TOKENS.replace("0.1", "0.2"),
            TOKENS.replace("noise", "data = as-released, noise"),
            TOKENS.replace("0.5", "0.25"))) {
      assertThat(cells(other + LIMIT).get(0).key()).isNotEqualTo(key);
    }
    assertThat(cells(TOKENS + FLOW.replace("0.3", "0.4")).get(1).key())
        .isNotEqualTo(cells(TOKENS + FLOW).get(1).key());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "task-variance = -1 | Cannot use tokens.task-variance = -1 | finite numbers ≥ 0",
        "task-variance = NaN | Cannot use tokens.task-variance | finite numbers ≥ 0",
        "task-variance = Infinity | Cannot use tokens.task-variance | finite numbers ≥ 0",
        "noise-variance = -0.1 | Cannot use tokens.noise-variance = -0.1 | finite numbers ≥ 0",
        "noise-variance = x | Cannot use tokens.noise-variance | finite numbers ≥ 0",
        "data = raw | Cannot use tokens.data = \"raw\" | as-published, as-released",
        "dimension = 0 | Cannot use tokens.dimension = 0 | whole numbers from 1 to 1024",
        "dimension = 1024 | Cannot use tokens.dimension = 1024 | whole numbers from 1 to 1023",
        "taskvariance = 1 | Cannot use tokens.taskvariance | did you mean task-variance?",
        "covariance = null, tokens.covariance = { kind = diagonal, diagonal = [1] } | Cannot use"
            + " tokens.covariance.diagonal |"
            + " it has 1 entries, inputs have dimension 2",
        "covariance = null, tokens.covariance = { kind = matrix, rows = [[1, 2], [2, 1]] } |"
            + " Cannot use tokens.covariance |"
            + " it is not positive semidefinite: its smallest eigenvalue is",
        "covariance = null | Cannot find tokens.covariance | it must be given",
        "mean = [0, 0] | Cannot use tokens.mean | unknown key",
      })
  void badTokens(String line, String start, String end) {
    assertThat(problems(TOKENS + LIMIT + "tokens." + line))
        .singleElement()
        .asString()
        .startsWith(start)
        .contains(end);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "alpha = 0 | query-key.alpha = 0 | numbers from 1e-100 to 1e100",
        "alpha = -1 | query-key.alpha = -1 | numbers from 1e-100 to 1e100",
        "alpha = NaN | query-key.alpha | numbers from 1e-100 to 1e100",
        "alpha = Infinity | query-key.alpha | numbers from 1e-100 to 1e100",
        "alpha = null | query-key.alpha | it must be given",
        "times = [] | query-key.times = [] | a list of 1 to 1000 rising finite numbers ≥ 0",
        "times = [1, 1] | query-key.times | a list of 1 to 1000 rising finite numbers ≥ 0",
        "times = [-1] | query-key.times | a list of 1 to 1000 rising finite numbers ≥ 0",
        "times = [NaN] | query-key.times | a list of 1 to 1000 rising finite numbers ≥ 0",
        "times = 3 | query-key.times = 3 | a list of 1 to 1000 rising finite numbers ≥ 0",
        "times = null | query-key.times | it must be given",
        "theta = 1 | query-key.theta = 1 | { kind, … }",
        "theta = { kind = row } | query-key.theta.kind = \"row\" | identity, matrix, random",
        "theta = { kind = random } | query-key.theta.seed | it must be given",
        "theta = { kind = random, seed = 1, norm = 0 } | query-key | largest entry of Theta is 0.0",
        "theta = { kind = matrix, rows = [[1]] } | query-key.theta.rows | inputs have dimension 2",
        "theta = { kind = matrix, rows = [[1, 2]] } | query-key.theta | it must be square",
        "theta = { kind = matrix, rows = [[0, 0], [0, 0]] } | query-key | allowed: finite and > 0",
        "covariance = { kind = identity, variance = 0 } | query-key | largest eigenvalue of Sigma",
        "covariance = { kind = diagonal, diagonal = [1, -1] } | query-key.covariance | variance 1",
        "covariance = { kind = diagonal, diagonal = [1] } | query-key.covariance.diagonal |"
            + " inputs have dimension 2",
        "scale = 1 | query-key.scale | unknown key",
      })
  void badFlows(String line, String key, String end) {
    String flow = "heads = { name = h, query-key { kind = flow, alpha = 0.3, times = [1] } }\n";
    assertThat(problems(TOKENS + flow + "heads.query-key." + line))
        .singleElement()
        .asString()
        .matches("Cannot (use|find) heads\\." + java.util.regex.Pattern.quote(key) + ".*")
        .contains(end);
  }

  @Test
  void headsThatCannotBe() {
    assertThat(
            problems(TOKENS.replace("toeplitz, rho = 0.5", "diagonal, diagonal = [1, 0]") + LIMIT))
        .singleElement()
        .asString()
        .endsWith(": the covariance is singular: the flow has no one limit");
    assertThat(problems(TOKENS.replace("noise", "data = as-released, noise") + FLOW))
        .singleElement()
        .asString()
        .endsWith("which is not so as-released: give covariance");
    assertThat(problems(TOKENS + LIMIT.replace("} }]", "}, value { kind = row, vector = [1] } }]")))
        .singleElement()
        .asString()
        .endsWith("it has 1 entries, the tokens have dimension 3");
    assertThat(
            problems(
                "tokens { measure = gaussian, dimension = 1, covariance { kind = identity } }\n"
                    + "queries { measure = gaussian, covariance { kind = identity } }\n"
                    + LIMIT))
        .singleElement()
        .asString()
        .endsWith("have no inputs beside the label: 2 or more are needed");
    assertThat(
            problems(
                TOKENS
                    + FLOW.replace(
                        "}]", "}, { name = \"h@10\", query-key { kind = trained-limit } }]")))
        .singleElement()
        .asString()
        .endsWith(": two of them are called h@10");
  }
}
