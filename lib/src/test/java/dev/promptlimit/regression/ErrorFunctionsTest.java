package dev.promptlimit.regression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.promptlimit.theory.UniversalFunctions;
import dev.promptlimit.theory.UniversalQuadrature;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorFunctionsTest {
  private static ErrorFunctions at(long length, double s) {
    ErrorFunctions functions = new ErrorFunctions(length);
    functions.moveTo(s);
    return functions;
  }

  private static double derivative(
      ErrorFunctions f, ToDoubleFunction<ErrorFunctions> of, double t) {
    double h = 1e-3 * t;
    double[] values = new double[4];
    double[] steps = {-2 * h, -h, h, 2 * h};
    for (int i = 0; i < 4; i++) {
      f.moveTo(Math.sqrt(t + steps[i]));
      values[i] = of.applyAsDouble(f);
    }
    return (8 * (values[2] - values[1]) - (values[3] - values[0])) / (12 * h);
  }

  @ParameterizedTest
  @CsvSource({"10, 0.3", "10, 3", "10, 38", "10, 45", "1000, 60", "1, 50"})
  void derivativesAreThoseOfTheFunctions(long length, double s) {
    double t = s * s;
    ErrorFunctions f = at(length, s);
    double g = f.gByT();
    double rest = f.rest();

    double gByT = derivative(f, ErrorFunctions::g, t);
    double kappaByT = derivative(f, ErrorFunctions::kappa, t);

    assertThat(g).isCloseTo(gByT, within(1e-9 / t));
    assertThat(rest).isCloseTo(t * (kappaByT + 2 * gByT), within(1e-8));
  }

  /** Value and slope are continuous where the table ends. */
  @ParameterizedTest
  @ValueSource(longs = {1, 10, 1000})
  void theEndOfTheTableCannotBeSeen(long length) {
    ErrorFunctions before = at(length, 40);
    ErrorFunctions after = at(length, Math.nextUp(40.0));

    assertThat(after.g()).isCloseTo(before.g(), within(1e-14));
    assertThat(after.kappa()).isCloseTo(before.kappa(), within(1e-14));
    assertThat(after.gByT()).isCloseTo(before.gByT(), within(1e-15));
    assertThat(after.rest()).isCloseTo(before.rest(), within(1e-12));
  }

  /** Against quadrature, which is slow there. */
  @Test
  void continuationIsRightFarBeyond() {
    double s = 80;
    for (long length : new long[] {10, 1000}) {
      UniversalFunctions exact = UniversalQuadrature.evaluate(s, (double) length).value();
      double kappa = 3 * exact.phi3() + 3 * exact.phi4() - 4 * exact.g();
      ErrorFunctions f = at(length, s);

      assertThat(f.g()).isCloseTo(exact.g(), within(1e-6));
      assertThat(f.kappa()).isCloseTo(kappa, within(1e-7));
      assertThat(f.gByT()).isCloseTo(exact.gPrime() / (2 * s), within(1e-10));
    }
  }

  @Test
  void infiniteScoresLeaveTheLargest() {
    ErrorFunctions f = at(10, 1e100);

    assertThat(f.g()).isEqualTo(1);
    assertThat(f.kappa()).isEqualTo(-1);
    assertThat(f.rest()).isCloseTo(0, within(1e-90));
  }
}
