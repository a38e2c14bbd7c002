package dev.promptlimit.stat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PowerLawTest {
  private static final double INFINITY = Double.POSITIVE_INFINITY;
  private static final double[] LENGTHS = {16, 64, 256, 1024};

  @Test
  void anExactLawIsFound() {
    Interval[] points = new Interval[LENGTHS.length];
    for (int i = 0; i < points.length; i++) {
      double e = 3 * Math.pow(LENGTHS[i], -0.7);
      points[i] = new Interval(e, e);
    }
    PowerLaw law = PowerLaw.fit(LENGTHS, points);
    assertThat(law.exists()).isTrue();
    assertThat(law.exponents().low()).isCloseTo(0.7, within(1e-13)).isLessThanOrEqualTo(0.7);
    assertThat(law.exponents().high()).isCloseTo(0.7, within(1e-13)).isGreaterThanOrEqualTo(0.7);
    assertThat(law.leastSquares()).isCloseTo(0.7, within(1e-14));
  }

  /** An exponent belongs to the set exactly where the factors that suit each length overlap. */
  @Test
  void exponentsAreThoseWithACommonFactor() {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(1);
    int existing = 0;
    for (int trial = 0; trial < 200; trial++) {
      double[] lengths = {100, 10, 1000, 40};
      Interval[] means = new Interval[lengths.length];
      for (int i = 0; i < means.length; i++) {
        double middle = Math.pow(lengths[i], -1) * Math.exp(random.nextGaussian() * 0.3);
        means[i] = new Interval(middle / 1.4, middle * 1.4);
      }
      PowerLaw law = PowerLaw.fit(lengths, means);
      existing += law.exists() ? 1 : 0;
      for (double c = 0; c < 2; c += 0.001) {
        double from = 0;
        double to = INFINITY;
        for (int i = 0; i < means.length; i++) {
          double scale = Math.pow(lengths[i], c);
          from = Math.max(from, means[i].low() * scale);
          to = Math.min(to, means[i].high() * scale);
        }
        assertThat(law.exponents().contains(c))
            .as("trial %d, c = %s", trial, c)
            .isEqualTo(from <= to);
      }
    }
    assertThat(existing).isBetween(20, 180);
  }

  @Test
  void aBentCurveIsNoPowerLaw() {
    Interval[] bent = {
      new Interval(0.99, 1.01),
      new Interval(0.49, 0.51),
      new Interval(0.45, 0.46),
      new Interval(0.44, 0.45)
    };
    assertThat(PowerLaw.fit(LENGTHS, bent).exists()).isFalse();
  }

  @Test
  void openIntervalsLeaveTheirSideOpen() {
    Interval half = new Interval(0.4, 0.5);
    PowerLaw below =
        PowerLaw.fit(new double[] {1, Math.E}, new Interval[] {half, new Interval(0, 1)});
    assertThat(below.exponents().low()).isCloseTo(Math.log(0.4), within(1e-13));
    assertThat(below.exponents().high()).isEqualTo(INFINITY);
    assertThat(below.leastSquares()).isNaN();
    PowerLaw above =
        PowerLaw.fit(new double[] {1, Math.E}, new Interval[] {half, new Interval(0.1, INFINITY)});
    assertThat(above.exponents().low()).isEqualTo(-INFINITY);
    assertThat(above.exponents().high()).isCloseTo(Math.log(5), within(1e-13));
    Interval anything = new Interval(0, INFINITY);
    assertThat(PowerLaw.exponent(1, anything, 2, anything))
        .isEqualTo(new Interval(-INFINITY, INFINITY));
    assertThat(PowerLaw.exponent(1, new Interval(0, 0), 2, half))
        .isEqualTo(new Interval(-INFINITY, INFINITY));
    assertThat(
            PowerLaw.fit(new double[] {1, 2}, new Interval[] {half, new Interval(0, 0)}).exists())
        .isFalse();
  }

  @Test
  void localExponentsDoNotDependOnTheOrder() {
    Interval first = new Interval(0.9, 1.1);
    Interval second = new Interval(0.2, 0.3);
    Interval exponent = PowerLaw.exponent(2, first, 8, second);
    assertThat(exponent.low()).isCloseTo(Math.log(0.9 / 0.3) / Math.log(4), within(1e-14));
    assertThat(exponent.high()).isCloseTo(Math.log(1.1 / 0.2) / Math.log(4), within(1e-14));
    assertThat(PowerLaw.exponent(8, second, 2, first)).isEqualTo(exponent);
  }

  @ParameterizedTest
  @CsvSource({
    "0.0, 0.1, 0.2",
    "-1.0, 0.1, 0.2",
    "NaN, 0.1, 0.2",
    "Infinity, 0.1, 0.2",
    "4.0, 0.3, 0.2",
    "4.0, -0.1, 0.2",
    "4.0, NaN, 0.2",
    "4.0, 0.1, NaN",
    "4.0, Infinity, Infinity"
  })
  void saysWhatIsWrong(double length, double low, double high) {
    Interval good = new Interval(0.1, 0.2);
    Interval bad = new Interval(low, high);
    String message =
        "Cannot fit a power law: interval [" + low + ", " + high + "] at length " + length;
    assertThatThrownBy(() -> PowerLaw.exponent(2, good, length, bad))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
    assertThatThrownBy(() -> PowerLaw.fit(new double[] {2, length}, new Interval[] {good, bad}))
        .hasMessage(message);
  }

  @Test
  void needsTwoDistinctLengths() {
    Interval good = new Interval(0.1, 0.2);
    assertThatThrownBy(() -> PowerLaw.fit(new double[] {2, 2}, new Interval[] {good, good}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot fit a power law: length 2.0 twice");
    assertThatThrownBy(() -> PowerLaw.fit(new double[] {2}, new Interval[] {good}))
        .hasMessage("Cannot fit a power law: 1 lengths and 1 intervals");
    assertThatThrownBy(() -> PowerLaw.fit(new double[0], new Interval[0]))
        .hasMessage("Cannot fit a power law: 0 lengths and 0 intervals");
    assertThatThrownBy(() -> PowerLaw.fit(new double[] {2, 3}, new Interval[] {good}))
        .hasMessage("Cannot fit a power law: 2 lengths and 1 intervals");
  }
}
