package dev.promptlimit.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class UniversalTableTest {
  private static final double[] LENGTHS = {
    1, 2, 3, 7, 30, 100, 500, 3e3, 1e4, 3e4, 1e5, 3e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12
  };

  /** Largest error at random s up to a bound, against what each function is measured by. */
  private static double worst(double largest, int points, long seed) {
    UniversalTable table = new UniversalTable(LENGTHS);
    Random random = new Random(seed);
    double[] s = random.doubles(points, 0, largest).toArray();
    return IntStream.range(0, points)
        .parallel()
        .mapToDouble(k -> worst(table, s[k], UniversalQuadrature.values(s[k], LENGTHS)))
        .max()
        .orElseThrow();
  }

  private static double worst(UniversalTable table, double s, List<UniversalFunctions> exact) {
    double worst = 0;
    for (int l = 0; l < LENGTHS.length; l++) {
      UniversalFunctions found = table.at(s, l);
      assertThat(found.s()).isEqualTo(s);
      assertThat(found.promptLength()).isEqualTo(LENGTHS[l]);
      double[] scales = UniversalQuadratureTest.scales(exact.get(l));
      for (int i = 0; i < scales.length; i++) {
        double error =
            Math.abs(
                UniversalQuadratureTest.numbers(found)[i]
                    - UniversalQuadratureTest.numbers(exact.get(l))[i]);
        worst = Math.max(worst, error == 0 ? 0 : error / scales[i]);
      }
    }
    return worst;
  }

  /** Where functions change fastest: around the freezing transition of every length. */
  @Test
  void keepsItsBound() {
    assertThat(worst(4, 120, 1)).isLessThan(UniversalTable.ERROR);
  }

  @Test
  @Tag("nightly")
  void keepsItsBoundEverywhere() {
    assertThat(worst(3, 4_000, 2)).isLessThan(UniversalTable.ERROR);
    assertThat(worst(10, 4_000, 3)).isLessThan(UniversalTable.ERROR);
    assertThat(worst(40, 4_000, 4)).isLessThan(UniversalTable.ERROR);
  }

  @Test
  void endsAndClosedForms() {
    UniversalTable table = new UniversalTable(1, 50);
    assertThat(table.at(0, 0)).isEqualTo(UniversalQuadrature.evaluate(0, 1).value());
    assertThat(table.at(0, 1)).isEqualTo(UniversalQuadrature.evaluate(0, 50).value());
    assertThat(table.at(3, 0)).isEqualTo(UniversalQuadrature.evaluate(3, 1).value());
    double f = UniversalQuadrature.evaluate(40, 50).value().f();
    assertThat(table.at(40, 1).f()).isCloseTo(f, within(1e-10 * f));
    // continuous, and smooth to rounding, where s is tiny
    double g = UniversalQuadrature.evaluate(0, 50).value().g();
    assertThat(table.at(Double.MIN_VALUE, 1).g()).isCloseTo(g, within(1e-11 * g));
  }

  /** The same bits as in the record. */
  @Test
  void errorsAloneAreThoseOfAll() {
    UniversalTable table = new UniversalTable(1, 50);
    double[] out = new double[5];
    for (double s : new double[] {0, 1e-300, 0.1, 0.25, 0.26, 3.3, 40}) {
      for (int index = 0; index < 2; index++) {
        UniversalFunctions all = table.at(s, index);
        table.errorsAt(s, index, out);
        assertThat(out).containsExactly(all.f(), all.g(), all.phi3(), all.phi4(), all.fPrime());
      }
    }
  }

  @Test
  void sharedByThreadsItGivesTheSameBits() {
    UniversalTable alone = new UniversalTable(20, 4000);
    UniversalTable shared = new UniversalTable(20, 4000);
    List<UniversalFunctions> found =
        IntStream.range(0, 200).parallel().mapToObj(i -> shared.at(i * 0.002, i % 2)).toList();
    for (int i = 0; i < found.size(); i++) {
      assertThat(found.get(i)).isEqualTo(alone.at(i * 0.002, i % 2));
    }
  }

  @Test
  void whatIsOutsideIsRefused() {
    UniversalTable table = new UniversalTable(10);
    for (double s : new double[] {-1, Double.NaN, 40.01}) {
      String message = "Cannot look up universal functions: s is " + s + ", allowed: 0 to 40.0";
      assertThatThrownBy(() -> table.at(s, 0)).hasMessage(message);
      assertThatThrownBy(() -> table.errorsAt(s, 0, new double[5])).hasMessage(message);
    }
    assertThatThrownBy(UniversalTable::new)
        .hasMessage("Cannot make a table of universal functions: no lengths");
    assertThatThrownBy(() -> new UniversalTable(10, 0))
        .hasMessageStartingWith("Cannot give universal functions: prompt length 0.0");
  }
}
