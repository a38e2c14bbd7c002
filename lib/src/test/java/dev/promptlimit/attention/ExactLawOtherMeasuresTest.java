package dev.promptlimit.attention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.attention.ExactLaw.Cell;
import dev.promptlimit.attention.ExactLaw.Comparison;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.Rademacher;
import dev.promptlimit.measure.TokenMeasure;
import dev.promptlimit.measure.UniformSphere;
import dev.promptlimit.measure.Vocabulary;
import dev.promptlimit.theory.ExactMeanSquares;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Simulated mean squares of tokens that are not Gaussian against the exact ones, as {@link
 * ExactLawTest}: one token of every measure at one query; for two atoms, prompts of 2 to 200 tokens
 * as well, with all their compositions.
 *
 * <p>Seed 1, n = 50,000 or 100,000. 65 comparisons and 34 of what they have in common, 99 tests at
 * α = 1e-8: 1e-6 of the suite's budget of 1e-4. A mean is found that is off by 6.5 standard errors,
 * 0.4 to 4.6 %, for jacobian-u up to 9 %; by all of one metric and length an error common to them
 * of 1 to 4 %.
 */
class ExactLawOtherMeasuresTest {
  private static final int[] LENGTHS = {1, 2, 3, 17, 60, 200};

  /** Two atoms, the measure that draws them, the setting. */
  private record Atoms(String name, TwoAtoms atoms, TokenMeasure measure, int p, double tilt) {
    Setting setting(long length) {
      Setting plain = AnyMeasure.fixedQuery(measure, p, length);
      Head head = new Head(plain.head().u().scalarMultiply(tilt), plain.head().v());
      return new Setting(measure, plain.queries(), head, length);
    }
  }

  private static final List<Atoms> ATOMS = List.of(signs(0.5), signs(2), vocabulary(1, 0.3));

  private static List<Comparison> comparisons;

  private static Atoms signs(double tilt) {
    return new Atoms(
        "signs, tilt " + tilt,
        new TwoAtoms(0.5, new double[] {0.8}, new double[] {-0.8}),
        new Rademacher(1, 0.8),
        1,
        tilt);
  }

  private static Atoms vocabulary(double tilt, double q) {
    double[] x = {1, 0.5};
    double[] y = {-1, 2};
    TokenMeasure measure = new Vocabulary(new double[] {q, 1 - q}, new double[][] {x, y});
    return new Atoms("vocabulary", new TwoAtoms(q, x, y), measure, 3, tilt);
  }

  @BeforeAll
  static void simulate() {
    List<Cell> cells = new ArrayList<>();
    Stream.concat(AnyMeasure.all().stream(), Stream.of(new UniformSphere(1, 2)))
        .forEach(
            tokens -> {
              Setting setting = AnyMeasure.fixedQuery(tokens, 2, 1);
              String name = "one token, " + tokens.getClass().getSimpleName() + tokens.dimension();
              cells.add(new Cell(name, setting, false, 100_000, ExactLaw.exact(setting)));
            });
    for (Atoms atoms : ATOMS) {
      for (int length : LENGTHS) {
        Setting setting = atoms.setting(length);
        Map<Metric, Double> exact =
            atoms.atoms().meanSquares(setting.head(), setting.queries().mean(), length);
        int n = length > 50 ? 50_000 : 100_000;
        cells.add(new Cell(atoms.name() + ", L = " + length, setting, false, n, exact));
      }
    }
    comparisons = ExactLaw.compare(cells, 1, 1);
  }

  static List<Comparison> comparisons() {
    return comparisons;
  }

  @ParameterizedTest
  @MethodSource("comparisons")
  void meanSquaresAreTheExactOnes(Comparison comparison) {
    ExactLawTest.assertAgrees(comparison);
  }

  @Test
  void nothingIsCommonToTheErrors() {
    ExactLawTest.assertNothingInCommon(comparisons);
  }

  /** Without simulation: the two ways to the exact values, where both are. */
  @Test
  void oneTokenIsTheSameAsASumOverCompositions() {
    for (Atoms atoms : ATOMS) {
      Setting setting = atoms.setting(1);
      Map<Metric, Double> sum =
          atoms.atoms().meanSquares(setting.head(), setting.queries().mean(), 1);
      ExactLaw.exact(setting)
          .forEach(
              (metric, value) ->
                  assertThat(Math.abs(value / sum.get(metric) - 1))
                      .as("%s, %s", atoms, metric)
                      .isLessThan(1e-12));
    }
  }

  @Test
  void moreTokensAreNotKnown() {
    Setting setting = signs(1).setting(2);
    assertThat(ExactLaw.exact(setting).values()).hasSize(3).containsOnly(Double.NaN);
    Setting random = AnyMeasure.randomQueries(new Rademacher(3, 0.8), 2, 1);
    assertThat(ExactLaw.exact(random).values()).hasSize(3).containsOnly(Double.NaN);
  }

  /**
   * Negative control: Gaussian tokens of the same mean and covariance. With a small tilt their
   * first moments are too similar.
   */
  @Test
  void theMeasureCounts() {
    int found = 0;
    for (Atoms atoms : ATOMS) {
      Gaussian gaussian =
          new Gaussian(atoms.atoms().mean(), Covariance.of(atoms.atoms().covariance().getData()));
      for (Comparison comparison : comparisons) {
        Setting setting = comparison.cell().setting();
        boolean ours = comparison.cell().name().startsWith(atoms.name() + ",");
        boolean similar = atoms.tilt() < 2 && comparison.metric() != Metric.JACOBIAN_U;
        if (!ours || similar || setting.promptLength() == 1) {
          continue;
        }
        double wrong =
            ExactMeanSquares.of(
                    gaussian,
                    setting.head(),
                    setting.queries(),
                    List.of(setting.promptLength()),
                    Situation.ALL)
                .get(0)
                .get(comparison.metric());
        assertThat(Math.abs(comparison.z(wrong)))
            .as("%s", comparison)
            .isGreaterThan(ExactLawTest.ACCEPTED);
        found++;
      }
    }
    assertThat(found).isEqualTo(25);
  }

  /** Negative control: 4 %, where standard errors are below 0.4 %. */
  @Test
  void errorsOfOneCellAreFound() {
    List<Comparison> sharp =
        comparisons.stream()
            .filter(c -> !c.isCertain() && c.relativeStandardError() < 0.004)
            .toList();
    assertThat(sharp).hasSizeGreaterThan(20);
    for (Comparison comparison : sharp) {
      assertThat(Math.abs(comparison.z(1.04 * comparison.exact())))
          .as("%s", comparison)
          .isGreaterThan(ExactLawTest.ACCEPTED);
    }
  }
}
