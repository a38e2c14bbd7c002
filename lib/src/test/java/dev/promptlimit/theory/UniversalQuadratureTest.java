package dev.promptlimit.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class UniversalQuadratureTest {
  private static final double[] LENGTHS = {
    1, 2, 3, 4, 5, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12
  };

  static List<JsonNode> items() throws IOException {
    String name = "/reference/universal.json";
    try (InputStream in = UniversalQuadratureTest.class.getResourceAsStream(name)) {
      List<JsonNode> items = new ArrayList<>();
      new ObjectMapper().readTree(in).required("items").forEach(items::add);
      return items;
    }
  }

  /** Eight numbers, in the order of the record. */
  static double[] numbers(UniversalFunctions at) {
    return new double[] {
      at.f(), at.g(), at.phi1(), at.phi2(), at.phi3(), at.phi4(), at.phi5(), at.fPrime()
    };
  }

  /** What an error of each is measured against: correlations and slopes may vanish. */
  static double[] scales(UniversalFunctions at) {
    double[] scales = numbers(at);
    scales[6] = Math.sqrt(at.phi1() * at.phi4());
    scales[7] = at.f();
    return scales;
  }

  private static UniversalFunctions at(double s, double length) {
    return UniversalQuadrature.evaluate(s, length).value();
  }

  @ParameterizedTest
  @MethodSource("items")
  void agreesWithReference(JsonNode item) {
    UniversalFunctions at = at(item.get("s").asDouble(), item.get("L").asDouble());
    assertThat(at.bias()).isCloseTo(item.get("bias").asDouble(), within(1e-11));
    String[] names = {"F", "G", "phi1", "phi2", "phi3", "phi4", "phi5"};
    for (int i = 0; i < names.length; i++) {
      double expected = item.get(names[i]).asDouble();
      assertThat(numbers(at)[i])
          .as(names[i])
          .isCloseTo(expected, within(expected == 0 ? 1e-15 : 5e-12 * Math.abs(expected)));
    }
  }

  /** ∫ f(Δ) dN(0, 2), by the trapezoid rule of step 0.002. */
  private static double overDifferences(DoubleUnaryOperator f) {
    double sum = 0;
    for (int i = -12_000; i <= 12_000; i++) {
      double x = i * 0.002;
      sum += 0.002 * f.applyAsDouble(x) * Math.exp(-x * x / 4) / Math.sqrt(4 * Math.PI);
    }
    return sum;
  }

  /**
   * Two tokens need one integral: w₁ = 1/(1 + e^{−sΔ}), Δ = g₁ − g₂, and the mean of g₁ and g₂ is
   * independent of Δ.
   */
  @ParameterizedTest
  @ValueSource(doubles = {1e-3, 0.1, 0.7, 2, 5, 8, 15, 40})
  void agreesWithOneIntegralAtTwoTokens(double s) {
    DoubleUnaryOperator w = x -> 1 / (1 + Math.exp(-s * x));
    DoubleUnaryOperator v = x -> w.applyAsDouble(x) * w.applyAsDouble(-x); // w₁w₂
    DoubleUnaryOperator w2 = x -> 1 - 2 * v.applyAsDouble(x); // W₂
    DoubleUnaryOperator spread = x -> v.applyAsDouble(x) * x * x - 1; // Y − X²
    double[] expected = {
      0.5 + overDifferences(x -> Math.pow((w.applyAsDouble(x) - 0.5) * x - s, 2)),
      overDifferences(w2),
      overDifferences(x -> Math.pow(spread.applyAsDouble(x), 2)),
      overDifferences(x -> 2 * Math.pow(v.applyAsDouble(x) * x, 2)),
      overDifferences(x -> 2 * v.applyAsDouble(x) * v.applyAsDouble(x) * 2),
      overDifferences(x -> Math.pow(w2.applyAsDouble(x), 2)),
      overDifferences(x -> spread.applyAsDouble(x) * w2.applyAsDouble(x)),
      2 * overDifferences(x -> ((w.applyAsDouble(x) - 0.5) * x - s) * spread.applyAsDouble(x))
    };
    // W₂ − 2W₃ + W₂² = 4 (w₁w₂)², since W₃ = 1 − 3 w₁w₂
    for (int i = 0; i < expected.length; i++) {
      assertThat(numbers(at(s, 2))[i])
          .as("function %d", i)
          .isCloseTo(expected[i], within(1e-11 * scales(at(s, 2))[i]));
    }
  }

  /** F = G + s²(3 phi3 + 3 phi4 − 2G), by Stein's lemma on E ḡ²: another set of integrals. */
  @ParameterizedTest
  @ValueSource(doubles = {1e-6, 0.01, 0.3, 1, 2.5, 4, 6, 8, 12, 20, 40, 200, 1000})
  void steinsLemmaTiesFunctionsTogether(double s) {
    for (UniversalFunctions at : UniversalQuadrature.values(s, LENGTHS)) {
      double f = at.g() + s * s * (3 * at.phi3() + 3 * at.phi4() - 2 * at.g());
      double tolerance = s <= 40 ? 1e-12 : 2e-11;
      assertThat(f / at.f()).as("L = %s", at.promptLength()).isCloseTo(1, within(tolerance));
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.3, 1, 2.5, 5, 9, 30})
  void derivativesAreThoseOfTheFunctions(double s) {
    double h = 1e-3 * Math.min(1, s);
    for (double length : new double[] {1, 2, 3, 50, 1e6, 1e12}) {
      UniversalFunctions at = at(s, length);
      double f = difference(x -> at(x, length).f(), s, h);
      double g = difference(x -> at(x, length).g(), s, h);
      assertThat(at.fPrime()).isCloseTo(f, within(1e-8 * at.f()));
      assertThat(at.gPrime()).isCloseTo(g, within(1e-8 * at.g()));
    }
  }

  /** Of order h⁴. */
  private static double difference(DoubleUnaryOperator f, double x, double h) {
    double near = f.applyAsDouble(x + h) - f.applyAsDouble(x - h);
    double far = f.applyAsDouble(x + 2 * h) - f.applyAsDouble(x - 2 * h);
    return (8 * near - far) / (12 * h);
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-9, 0.001, 0.05, 0.4, 1.1, 2.2, 3.3, 4.4, 5.5, 7, 8})
  void isSureOfTenDigitsUpToEight(double s) {
    assertErrors(s, 1e-10);
  }

  @ParameterizedTest
  @ValueSource(doubles = {8.5, 10, 13, 17, 22, 28, 33, 37, 40})
  void isSureOfNineDigitsUpToForty(double s) {
    assertErrors(s, 1e-9);
  }

  private static void assertErrors(double s, double relative) {
    ScoreLaw law = new ScoreLaw(s, Math.log(1e12));
    for (double length : LENGTHS) {
      UniversalQuadrature.Estimate estimate = UniversalQuadrature.evaluate(law, length);
      for (int i = 0; i < 8; i++) {
        assertThat(numbers(estimate.error())[i])
            .as("s = %s, L = %s, function %d", s, length, i)
            .isBetween(0.0, relative * scales(estimate.value())[i]);
      }
    }
  }

  /** A law for a longest length serves shorter ones; the closed forms are not used here. */
  @ParameterizedTest
  @ValueSource(doubles = {0, 0.5, 3, 8, 40})
  void quadratureAgreesWithClosedForms(double s) {
    ScoreLaw law = new ScoreLaw(s, Math.log(1e12));
    double[] lengths = s == 0 ? LENGTHS : new double[] {1};
    for (double length : lengths) {
      UniversalFunctions quadrature = UniversalQuadrature.evaluate(law, length).value();
      UniversalFunctions closed = at(s, length);
      for (int i = 0; i < 8; i++) {
        assertThat(numbers(quadrature)[i])
            .as("L = %s, function %d", length, i)
            .isCloseTo(numbers(closed)[i], within(1e-12 * scales(closed)[i] + 1e-300));
      }
    }
  }

  @Test
  void doesNotDependOnTheLongestLength() {
    for (double s : new double[] {0.2, 1.5, 4, 9, 30}) {
      List<UniversalFunctions> shared = UniversalQuadrature.values(s, LENGTHS);
      for (int l = 0; l < LENGTHS.length; l++) {
        UniversalFunctions alone = at(s, LENGTHS[l]);
        for (int i = 0; i < 8; i++) {
          assertThat(numbers(shared.get(l))[i])
              .as("s = %s, L = %s, function %d", s, LENGTHS[l], i)
              .isCloseTo(numbers(alone)[i], within(1e-11 * scales(alone)[i]));
        }
      }
    }
  }

  /** The delta method: LF → (1 + s²)e^{s²}, LG → e^{s²}. */
  @Test
  void longPromptsReachTheDeltaMethod() {
    UniversalFunctions at = at(1, 1e9);
    assertThat(at.f() * 1e9 / (2 * Math.E)).isCloseTo(1, within(1e-6));
    assertThat(at.g() * 1e9 / Math.E).isCloseTo(1, within(1e-6));
    assertThat(at.bias()).isEqualTo(-at.g());
  }

  /** The largest of L normals is what a frozen prompt shows: G → 1, phi2 and phi3 → 0. */
  @Test
  void shortPromptsFreeze() {
    UniversalFunctions at = at(1000, 10);
    assertThat(at.g()).isBetween(0.99, 1.0);
    assertThat(at.phi4()).isBetween(0.99, 1.0);
    assertThat(at.phi1()).isCloseTo(1, within(0.01));
    assertThat(at.phi3()).isBetween(0.0, 0.01);
    // E (max − s)², and the largest of ten normals has mean 1.53875
    assertThat(Math.sqrt(at.f())).isCloseTo(1000 - 1.53875, within(0.01));
  }

  @Test
  void pointsOutsideTheDomainAreRefused() {
    for (double s : new double[] {-1e-9, Double.NaN, 1000.1, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> UniversalQuadrature.evaluate(s, 10))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Cannot give universal functions: s is " + s + ", allowed: 0 to 1000.0");
    }
    for (double length : new double[] {0, -3, 1.5, Double.NaN, 1e41, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> UniversalQuadrature.evaluate(1, length))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "Cannot give universal functions: prompt length "
                  + length
                  + ", allowed: whole numbers from 1 to 1.0E40");
    }
  }
}
