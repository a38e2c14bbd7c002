package dev.promptlimit.jobs.config;

import static dev.promptlimit.jobs.config.SpoiltFile.problems;
import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.jobs.TestExperiments;
import dev.promptlimit.measure.GaussianMixture;
import dev.promptlimit.measure.Laplace;
import dev.promptlimit.measure.Rademacher;
import dev.promptlimit.measure.StudentT;
import dev.promptlimit.measure.TokenMeasure;
import dev.promptlimit.measure.UniformCube;
import dev.promptlimit.measure.UniformSphere;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Token measures that are not Gaussian. */
class TokensReaderTest {
  private static final String REST =
      """
      name = measures
      seed = 1, query-strata = never
      queries { measure = gaussian, covariance { kind = identity } }
      heads = { name = h, query-key { kind = scaled-identity, scale = 0.5 }, value { kind = row, vector = [1, 0] } }
      prompt-lengths = [4, 8]
      budget { prompts-per-cell = 1 }
      """;

  private static final String MIXTURE =
      "{ measure = gaussian-mixture, dimension = 2, components = ["
          + "{ weight = 3, covariance { kind = identity } },"
          + "{ weight = 1, mean = [2, -1], covariance { kind = toeplitz, rho = 0.5 } }] }";

  @TempDir private Path directory;

  private Cell cell(String tokens) {
    return TestExperiments.read(directory, REST + "tokens = " + tokens).cells().get(0);
  }

  private TokenMeasure measure(String tokens) {
    return cell(tokens).setting().tokens();
  }

  private List<String> refusals(String tokens, String... overrides) {
    return problems(directory, REST + "tokens = " + tokens, overrides);
  }

  /** The log-MGF at (0.5, 0) tells the parameters. */
  private static void assertSame(TokenMeasure ours, TokenMeasure expected) {
    assertThat(ours).isInstanceOf(expected.getClass());
    assertThat(ours.dimension()).isEqualTo(expected.dimension());
    double[] a = {0.5, 0};
    assertThat(ours.logMgf(a)).isEqualTo(expected.logMgf(a));
    assertThat(ours.proxy()).isEqualTo(expected.proxy());
  }

  @Test
  void readsEveryMeasure() {
    assertSame(
        measure("{ measure = rademacher, dimension = 2, scale = 0.8 }"), new Rademacher(2, 0.8));
    assertSame(
        measure("{ measure = uniform-cube, dimension = 2, half-width = 1.5 }"),
        new UniformCube(2, 1.5));
    assertSame(
        measure("{ measure = uniform-sphere, dimension = 2, radius = 1.5 }"),
        new UniformSphere(2, 1.5));
    assertSame(measure("{ measure = laplace, dimension = 2, scale = 0.25 }"), new Laplace(2, 0.25));
    assertSame(
        measure("{ measure = student-t, dimension = 2, degrees-of-freedom = 3 }"),
        new StudentT(2, 3));
    assertThat(measure(MIXTURE)).isInstanceOf(GaussianMixture.class);
    assertThat(measure(MIXTURE).tiltedMean(new double[2])).containsExactly(0.5, -0.25);
  }

  @Test
  void sizesAreOneByDefault() {
    assertSame(measure("{ measure = rademacher, dimension = 2 }"), new Rademacher(2, 1));
    assertSame(measure("{ measure = uniform-cube, dimension = 2 }"), new UniformCube(2, 1));
    assertSame(measure("{ measure = uniform-sphere, dimension = 2 }"), new UniformSphere(2, 1));
    assertSame(measure("{ measure = laplace, dimension = 2 }"), new Laplace(2, 1));
  }

  /** Keys are on disk in every ledger: if this fails, no older ledger can be continued. */
  @Test
  void keysOfCells() {
    assertThat(cell("{ measure = rademacher, dimension = 2, scale = 0.8 }").key())
        .isEqualTo("afde97701f26977fe01b3f88f5318a56");
    assertThat(cell(MIXTURE).key()).isEqualTo("41d7d19f9eae20a5115f3316017120c8");
  }

  @Test
  void keysTellMeasuresAndParametersApart() {
    assertThat(
            List.of(
                    "{ measure = rademacher, dimension = 2 }",
                    "{ measure = rademacher, dimension = 2, scale = 2 }",
                    "{ measure = laplace, dimension = 2 }",
                    "{ measure = uniform-cube, dimension = 2 }",
                    "{ measure = uniform-sphere, dimension = 2 }",
                    MIXTURE,
                    MIXTURE.replace("weight = 3", "weight = 2"),
                    MIXTURE.replace("rho = 0.5", "rho = 0.4"),
                    MIXTURE.replace("mean = [2, -1]", "mean = [2, 1]"))
                .stream()
                .map(tokens -> cell(tokens).key()))
        .doesNotHaveDuplicates();
    assertThat(cell("{ measure = rademacher, dimension = 2, scale = 1.0 }").key())
        .isEqualTo(cell("{ name = signs, measure = rademacher, dimension = 2 }").key());
  }

  @Test
  void autoIsBruteForce() {
    String tokens =
        "tokens = [{ name = white, measure = gaussian, dimension = 2,"
            + " covariance { kind = identity } },"
            + " { name = signs, measure = rademacher, dimension = 2 }]";
    List<Cell> cells = TestExperiments.read(directory, REST + tokens, "metrics = [output]").cells();
    assertThat(cells.get(0).sampler()).isEqualTo(Cell.Sampler.EXACT_REDUCED);
    assertThat(cells.get(2).sampler()).isEqualTo(Cell.Sampler.BRUTE_FORCE);
  }

  @Test
  void exactReducedIsRefused() {
    assertThat(
            refusals(
                "[{ name = signs, measure = rademacher, dimension = 2 }, { name = white, measure ="
                    + " gaussian, dimension = 2, covariance { kind = identity } }]",
                "sampler = exact-reduced"))
        .containsExactly(
            "Cannot use sampler = \"exact-reduced\" (--set sampler = exact-reduced): it needs"
                + " gaussian tokens, signs are not, allowed: auto, brute-force");
  }

  @Test
  void listsMayMixFamiliesAndDimensions() {
    List<Cell> cells =
        TestExperiments.read(
                directory,
                REST.replace("value { kind = row, vector = [1, 0] }", "value { kind = identity }")
                    + "tokens = [{ name = a, measure = rademacher, dimension = 2 },"
                    + "{ name = b, measure = rademacher, dimension = 3, scale = 0.5 },"
                    + "{ name = c, measure = gaussian, dimension = 1,"
                    + " covariance { kind = identity } }]")
            .cells();
    assertThat(cells).hasSize(6);
    assertThat(cells.stream().map(Cell::tokens)).containsExactly("a", "a", "b", "b", "c", "c");
    assertThat(cells.get(2).setting().dimension()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({
    "rademacher, scale = 0, scale",
    "rademacher, scale = -1, scale",
    "laplace, scale = Infinity, scale",
    "uniform-cube, half-width = 0, half-width",
    "uniform-sphere, radius = NaN, radius",
    "student-t, degrees-of-freedom = 0, degrees-of-freedom",
  })
  void sizesArePositive(String measure, String line, String key) {
    assertThat(refusals("{ measure = " + measure + ", dimension = 2, " + line + " }"))
        .singleElement()
        .asString()
        .startsWith("Cannot use tokens." + key + " = ")
        .endsWith(": allowed: finite numbers > 0");
  }

  @ParameterizedTest
  @CsvSource({
    "rademacher, radius",
    "uniform-cube, scale",
    "uniform-sphere, half-width",
    "laplace, covariance",
    "gaussian, scale",
    "vocabulary, mean",
  })
  void keysOfOtherMeasuresAreUnknown(String measure, String key) {
    assertThat(
            refusals(
                "{ measure = "
                    + measure
                    + ", dimension = 2, file = none, covariance { kind = identity }, "
                    + key
                    + " = 1 }"))
        .anySatisfy(
            line ->
                assertThat(line)
                    .startsWith("Cannot use tokens." + key + " (")
                    .contains("unknown key"));
  }

  @Test
  void degreesOfFreedomHaveNoDefault() {
    assertThat(refusals("{ measure = student-t, dimension = 2 }"))
        .containsExactly(
            "Cannot find tokens.degrees-of-freedom (FILE:7): it must be given, allowed: finite"
                + " numbers > 0");
  }

  @Test
  void dimensionMustBeGiven() {
    assertThat(refusals("{ measure = rademacher, scale = 2 }"))
        .containsExactly(
            "Cannot find tokens.dimension (FILE:7): it must be given, allowed: whole numbers from"
                + " 1 to 1024");
  }

  @Test
  void allProblemsOfAMixture() {
    assertThat(
            refusals(
                """
                { measure = gaussian-mixture, dimension = 2, components = [
                { weight = 0, covariance { kind = identity } },
                { weight = 1, mean = [1], covariance { kind = identity }, rho = 1 },
                { covariance { kind = diagonal, diagonal = [1, -1] } }] }
                """))
        .containsExactly(
            "Cannot use tokens.components[0].weight = 0 (FILE:8): allowed: finite numbers > 0",
            "Cannot use tokens.components[1].mean = [1] (FILE:9): it has 1 entries, the tokens"
                + " have dimension 2",
            "Cannot use tokens.components[1].rho (FILE:9): unknown key, did you mean mean?",
            "Cannot find tokens.components[2].weight (FILE:10): it must be given, allowed: finite"
                + " numbers > 0",
            "Cannot use tokens.components[2].covariance = {\"diagonal\":[1,-1],\"kind\":\"diagonal\"}"
                + " (FILE:10): variance 1 is -1.0, allowed: finite and ≥ 0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "3", "[1]"})
  void componentsAreAListOfSections(String components) {
    assertThat(
            refusals(
                "{ measure = gaussian-mixture, dimension = 2, components = " + components + " }"))
        .containsExactly(
            "Cannot use tokens.components = "
                + components
                + " (FILE:7): allowed: a list of { weight, mean, covariance }, at least one");
  }

  @Test
  void weightsThatOverflow() {
    assertThat(
            refusals(
                "{ measure = gaussian-mixture, dimension = 2, components = ["
                    + "{ weight = 1e308, covariance { kind = identity } },"
                    + "{ weight = 1e308, covariance { kind = identity } }] }"))
        .singleElement()
        .asString()
        .endsWith("the sum of the weights is Infinity, allowed: finite and > 0");
  }
}
