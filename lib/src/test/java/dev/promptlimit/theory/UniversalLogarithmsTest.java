package dev.promptlimit.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class UniversalLogarithmsTest {
  @Test
  void logarithmsAndBack() {
    UniversalFunctions given =
        new UniversalFunctions(1.5, 16, 1, Math.E, 4, 1 / Math.E, 1, 9, -3, 0.25);
    double[] x = UniversalLogarithms.of(given);
    double[] known = {0, 1, Math.log(4), -1, 0, Math.log(9), -0.5};
    assertThat(x).containsExactly(known, within(1e-15));
    UniversalFunctions back = UniversalLogarithms.functions(1.5, 16, x, 0.25);
    assertThat(back.f()).isEqualTo(1);
    assertThat(back.g()).isCloseTo(Math.E, within(1e-14));
    assertThat(back.phi1()).isCloseTo(4, within(1e-14));
    assertThat(back.phi2()).isCloseTo(1 / Math.E, within(1e-14));
    assertThat(back.phi3()).isEqualTo(1);
    assertThat(back.phi4()).isCloseTo(9, within(1e-14));
    assertThat(back.phi5()).isCloseTo(-3, within(1e-14));
    assertThat(back.fPrime()).isEqualTo(0.25);
    assertThat(UniversalLogarithms.functions(1.5, 16, x, Double.NaN).fPrime()).isNaN();
  }
}
