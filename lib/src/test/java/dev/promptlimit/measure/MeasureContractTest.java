package dev.promptlimit.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import dev.promptlimit.kernel.SoftmaxSums;
import dev.promptlimit.random.StreamKey;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.MatrixUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every measure keeps: its domain, its variance proxy, its parameters, its serial form. */
class MeasureContractTest {
  private static final double INFINITY = Double.POSITIVE_INFINITY;

  static List<TokenMeasure> admissibleNearZero() {
    return Measures.all();
  }

  static List<TokenMeasure> all() {
    return Stream.concat(Measures.all().stream(), Stream.of(new StudentT(2, 5))).toList();
  }

  // --- the domain

  @ParameterizedTest
  @MethodSource("all")
  void tiltsThatAreNoNumbersAreInadmissible(TokenMeasure measure) {
    for (double bad : new double[] {Double.NaN, INFINITY, -INFINITY}) {
      double[] a = new double[measure.dimension()];
      a[a.length - 1] = bad;
      String reason = "coordinate " + (a.length - 1) + " of the tilt is " + bad;
      assertThat(measure.inadmissible(a)).hasValue(reason);
      assertThat(measure.logMgf(a)).isEqualTo(INFINITY);
      assertTiltRefused(measure, a, reason);
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void tiltsHaveAsManyEntriesAsTokens(TokenMeasure measure) {
    double[] a = new double[measure.dimension() + 1];
    String reason = "the tilt has " + a.length + " entries";
    assertTiltRefused(measure, a, reason);
    String message = "Cannot tilt a measure of dimension " + measure.dimension() + ": " + reason;
    assertThatThrownBy(() -> measure.inadmissible(a)).hasMessage(message);
    assertThatThrownBy(() -> measure.logMgf(a)).hasMessage(message);
  }

  private static void assertTiltRefused(TokenMeasure measure, double[] a, String reason) {
    String message = "Cannot tilt a measure of dimension " + measure.dimension() + ": " + reason;
    List<ThrowingCallable> uses =
        List.of(
            () -> measure.tiltedMean(a),
            () -> measure.tiltedCovariance(a),
            () ->
                measure.tiltedQuartic(
                    a,
                    new double[measure.dimension()],
                    MatrixUtils.createRealIdentityMatrix(measure.dimension())));
    for (ThrowingCallable use : uses) {
      assertThatThrownBy(use).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
    }
  }

  /** ‖a‖ = 1e308 and parameters other than 1: ⟨a, x⟩ is not finite, or aᵀΓa is not. */
  @Test
  void overflowIsInadmissible() {
    for (TokenMeasure measure : Measures.all()) {
      double[] a = new double[measure.dimension()];
      Arrays.fill(a, 1.7e308);
      if (measure instanceof Laplace || measure.inadmissible(a).isEmpty()) {
        continue; // outside the domain; or Λ is finite
      }
      String reason = "the log-MGF at this tilt overflows";
      assertThat(measure.inadmissible(a)).hasValue(reason);
      assertThat(measure.logMgf(a)).isEqualTo(INFINITY);
      assertTiltRefused(measure, a, reason);
    }
    Vocabulary far = new Vocabulary(new double[] {1, 1}, new double[][] {{-2}, {-3}});
    assertThat(far.inadmissible(new double[] {1.7e308})).isPresent(); // −∞
    assertThat(far.inadmissible(new double[] {1e307})).isEmpty();
    assertThat(new Rademacher(3, 0.8).inadmissible(new double[] {1.7e308, 1e308, 1e308}))
        .isPresent();
    assertThat(new Rademacher(3, 0.8).inadmissible(new double[] {1e307, 0, 0})).isEmpty();
  }

  @Test
  void laplaceEndsAtOneOverB() {
    Laplace laplace = new Laplace(3, 0.25);
    double[] a = {0, -4, 0};
    String reason =
        "coordinate 1 of the tilt is -4.0: the log-MGF of Laplace tokens is finite only below 1/b"
            + " = 4.0 in size";
    assertThat(laplace.inadmissible(a)).hasValue(reason);
    assertThat(laplace.logMgf(a)).isEqualTo(INFINITY);
    assertTiltRefused(laplace, a, reason);
    a[1] = Math.nextUp(-4.0);
    assertThat(laplace.inadmissible(a)).isEmpty();
    // 1 − t = 2⁻⁵³, 1 + t = 2 up to it
    assertThat(laplace.logMgf(a)).isCloseTo(52 * Math.log(2), offset(1e-13));
    assertThat(laplace.tiltedMean(a)[1]).isCloseTo(-0.5 * 0x1p52, offset(16.0));
    // the bound is that of the exact product: 0.1 · 10 rounds to 1 but is larger
    assertThat(new Laplace(1, 0.1).inadmissible(new double[] {10})).isPresent();
    assertThat(new Laplace(1, 0.1).inadmissible(new double[] {Math.nextDown(10)})).isEmpty();
  }

  @Test
  void studentTHasNoTilt() {
    StudentT student = new StudentT(2, 5);
    double[] a = {0, 1e-300};
    String reason = "the log-MGF of Student-t tokens is infinite for every tilt other than 0";
    assertThat(student.inadmissible(a)).hasValue(reason);
    assertThat(student.logMgf(a)).isEqualTo(INFINITY);
    assertTiltRefused(student, a, reason);
    double[] zero = {0, -0.0};
    assertThat(student.inadmissible(zero)).isEmpty();
    assertThat(student.logMgf(zero)).isEqualTo(0);
    assertThat(student.tiltedMean(zero)).containsExactly(0, 0);
    assertThat(student.tiltedCovariance(zero).getData())
        .isDeepEqualTo(new double[][] {{5.0 / 3, 0}, {0, 5.0 / 3}});
    // E x⁴ = 3n²/((n−2)(n−4)) = 25: E(x² + y²)² = 2 · 25 + 2 (5/3)²
    double quartic =
        student.tiltedQuartic(zero, new double[2], MatrixUtils.createRealIdentityMatrix(2));
    assertThat(quartic).isCloseTo(50 + 50.0 / 9, offset(1e-13));
  }

  @Test
  void studentTOfFewDegreesOfFreedomHasFewMoments() {
    double[] zero = {0};
    var one = MatrixUtils.createRealIdentityMatrix(1);
    assertThat(new StudentT(1, 4).tiltedQuartic(zero, zero, one)).isEqualTo(INFINITY);
    StudentT two = new StudentT(1, 2);
    String reason =
        "Student-t tokens of 2.0 degrees of freedom have no covariance, which needs more than 2";
    assertThat(two.inadmissible(zero)).hasValue(reason);
    assertTiltRefused(two, zero, reason);
    assertThat(two.logMgf(zero)).isEqualTo(0);
  }

  // --- the variance proxy

  /** Tilts of every size; relative 1e-12 for rounding. */
  @ParameterizedTest
  @MethodSource("admissibleNearZero")
  void logMgfsStayBelowTheProxy(TokenMeasure measure) {
    int d = measure.dimension();
    double proxy = measure.proxy().variance();
    double[] mean = measure.tiltedMean(new double[d]);
    for (int direction = 0; direction < 40; direction++) {
      for (double norm : new double[] {1e-4, 0.01, 0.3, 1, 3, 10, 100, 1e5}) {
        int seed = direction;
        double[] a = new double[d];
        Arrays.setAll(a, i -> Math.sin(1 + seed + 7 * i + 3 * seed * i));
        ArrayRealVector tilt = new ArrayRealVector(a);
        tilt.mapMultiplyToSelf(norm / tilt.getNorm());
        double linear = tilt.dotProduct(new ArrayRealVector(mean));
        double bound = 0.5 * proxy * norm * norm;
        if (measure.inadmissible(tilt.toArray()).isEmpty()) {
          double rounding = 1e-12 * bound + 1e-15 * Math.abs(linear);
          assertThat(measure.logMgf(tilt.toArray()) - linear).isLessThanOrEqualTo(bound + rounding);
        }
      }
    }
  }

  @Test
  void exactProxiesAreReached() {
    assertReached(new Rademacher(2, 0.8), 0.64, 1e-3, 0.6, 0.8);
    assertReached(new UniformCube(2, 1.5), 0.75, 1e-3, 0.6, 0.8);
    assertReached(new UniformSphere(2, 2), 2, 1e-3, 0.6, 0.8);
    assertReached(new UniformSphere(1, 2), 4, 1e-3, 1);
    // eigenvalues 3 and 1
    Covariance dense = Covariance.of(new double[][] {{2, 1}, {1, 2}});
    assertReached(Gaussian.centred(dense), 3, 5, Math.sqrt(0.5), Math.sqrt(0.5));
    Covariance diagonal = Covariance.diagonal(new double[] {1, 4});
    assertReached(Gaussian.centred(diagonal), 4, 5, 0, 1);
  }

  private static void assertReached(
      TokenMeasure measure, double variance, double norm, double... unit) {
    assertThat(measure.proxy().exact()).isTrue();
    assertThat(measure.proxy().variance()).isCloseTo(variance, offset(1e-14));
    double[] a = Arrays.stream(unit).map(t -> norm * t).toArray();
    assertThat(measure.logMgf(a) / (0.5 * norm * norm)).isCloseTo(variance, offset(1e-5));
  }

  @Test
  void boundsComeFromTheSpreadOfTheCentres() {
    // diameter 5, farthest pair (0, 0) and (3, 4)
    double[][] rows = {{0, 0}, {3, 4}, {1, 1}};
    SubGaussianProxy vocabulary = new Vocabulary(new double[] {1, 1, 1}, rows).proxy();
    assertThat(vocabulary).isEqualTo(new SubGaussianProxy(6.25, false));
    List<Gaussian> components = new ArrayList<>();
    for (double[] row : rows) {
      components.add(new Gaussian(row, Covariance.diagonal(new double[] {row[0], 0.5})));
    }
    SubGaussianProxy mixture = new GaussianMixture(new double[] {1, 1, 1}, components).proxy();
    assertThat(mixture.variance()).isCloseTo(6.25 + 3, offset(1e-14));
    assertThat(mixture.exact()).isFalse();
    // one entry that can occur
    SubGaussianProxy one = new Vocabulary(new double[] {0, 1, 0}, rows).proxy();
    assertThat(one).isEqualTo(new SubGaussianProxy(0, true));
  }

  /** 2001 centres on a line from −1 to 1: no longer by all pairs, here with the same result. */
  @Test
  void manyCentresAreMeasuredFromTheirMean() {
    double[][] rows = new double[2001][];
    Arrays.setAll(rows, k -> new double[] {(k - 1000) / 1000.0});
    double[] probabilities = new double[2001];
    Arrays.fill(probabilities, 1);
    SubGaussianProxy proxy = new Vocabulary(probabilities, rows).proxy();
    assertThat(proxy.variance()).isCloseTo(1, offset(1e-12));
    assertThat(proxy.exact()).isFalse();
  }

  @Test
  void heavyTailsHaveNoProxy() {
    SubGaussianProxy none = new SubGaussianProxy(INFINITY, true);
    assertThat(new Laplace(2, 1).proxy()).isEqualTo(none);
    assertThat(new StudentT(2, 30).proxy()).isEqualTo(none);
  }

  // --- parameters

  private static void assertRefused(ThrowingCallable make, String name, String reason) {
    assertThatThrownBy(make)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot make a " + name + " measure: " + reason);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void scalesAreFiniteAndPositive(double bad) {
    String allowed = " is " + bad + ", allowed: finite and > 0";
    assertRefused(() -> new Rademacher(2, bad), "Rademacher", "scale" + allowed);
    assertRefused(() -> new UniformCube(2, bad), "uniform cube", "half-width" + allowed);
    assertRefused(() -> new UniformSphere(2, bad), "uniform sphere", "radius" + allowed);
    assertRefused(() -> new Laplace(2, bad), "Laplace", "scale" + allowed);
    assertRefused(() -> new StudentT(2, bad), "Student-t", "degrees of freedom" + allowed);
    assertRefused(
        () -> new GaussianMixture(new double[] {1, bad}, TokenLaw.TWO),
        "Gaussian mixture",
        "weight 1" + allowed);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1})
  void thereIsACoordinate(int d) {
    String reason = "d is " + d + ", allowed: 1 or more";
    assertRefused(() -> new Rademacher(d, 1), "Rademacher", reason);
    assertRefused(() -> new UniformCube(d, 1), "uniform cube", reason);
    assertRefused(() -> new UniformSphere(d, 1), "uniform sphere", reason);
    assertRefused(() -> new Laplace(d, 1), "Laplace", reason);
    assertRefused(() -> new StudentT(d, 1), "Student-t", reason);
  }

  @Test
  void mixturesFit() {
    String name = "Gaussian mixture";
    assertRefused(
        () -> new GaussianMixture(new double[0], List.of()),
        name,
        "the number of components is 0, allowed: 1 or more");
    assertRefused(
        () -> new GaussianMixture(new double[3], TokenLaw.TWO),
        name,
        "the number of weights is 3, allowed: 2, one for each component");
    assertRefused(
        () -> new GaussianMixture(new double[] {1e308, 1e308}, TokenLaw.TWO),
        name,
        "the sum of the weights is Infinity, allowed: finite and > 0");
    Gaussian longer = Gaussian.centred(Covariance.identity(3, 1));
    assertRefused(
        () -> new GaussianMixture(new double[] {1, 1}, List.of(TokenLaw.TWO.get(0), longer)),
        name,
        "the dimension of component 1 is 3, allowed: 2, as component 0 has");
  }

  @Test
  void vocabulariesFit() {
    String name = "vocabulary";
    double[][] rows = {{1, 2}, {3, 4}};
    double[] half = {0.5, 0.5};
    assertRefused(
        () -> new Vocabulary(new double[0], new double[0][]),
        name,
        "the number of embeddings is 0, allowed: 1 or more");
    assertRefused(() -> new Vocabulary(half, new double[2][0]), name, "d is 0, allowed: 1 or more");
    assertRefused(
        () -> new Vocabulary(new double[3], rows),
        name,
        "the number of probabilities is 3, allowed: 2, one for each embedding");
    assertRefused(
        () -> new Vocabulary(half, new double[][] {{1, 2}, {3}}),
        name,
        "the length of embedding 1 is 1, allowed: 2, as embedding 0 has");
    for (double bad : new double[] {Double.NaN, INFINITY}) {
      assertRefused(
          () -> new Vocabulary(half, new double[][] {{1, 2}, {bad, 4}}),
          name,
          "coordinate 0 of embedding 1 is " + bad + ", allowed: finite");
    }
    for (double bad : new double[] {-1e-9, Double.NaN, INFINITY}) {
      assertRefused(
          () -> new Vocabulary(new double[] {1, bad}, rows),
          name,
          "probability 1 is " + bad + ", allowed: finite and ≥ 0");
    }
    assertRefused(
        () -> new Vocabulary(new double[2], rows),
        name,
        "the sum of the probabilities is 0.0, allowed: finite and > 0");
  }

  @Test
  void nothingOfTheCallersIsKept() {
    double[] weights = {1, 3};
    List<Gaussian> components = new ArrayList<>(TokenLaw.TWO);
    GaussianMixture mixture = new GaussianMixture(weights, components);
    double[] probabilities = {1, 3};
    double[][] rows = {{1, 2}, {3, 4}};
    Vocabulary vocabulary = new Vocabulary(probabilities, rows);
    double[] a = {0.3, -0.2};
    List<double[]> before = List.of(mixture.tiltedMean(a), vocabulary.tiltedMean(a));
    List<double[]> tokens = List.of(tokens(mixture), tokens(vocabulary));
    weights[0] = 100;
    components.set(0, components.get(1));
    probabilities[0] = 100;
    rows[1][0] = 100;
    assertThat(mixture.tiltedMean(a)).isEqualTo(before.get(0));
    assertThat(vocabulary.tiltedMean(a)).isEqualTo(before.get(1));
    assertThat(tokens(mixture)).isEqualTo(tokens.get(0));
    assertThat(tokens(vocabulary)).isEqualTo(tokens.get(1));
  }

  private static double[] tokens(TokenMeasure measure) {
    double[] x = new double[measure.dimension() * SoftmaxSums.STRIDE];
    measure.sampler(new StreamKey(1, "contract", 0, 0)).fill(x, 100);
    return x;
  }

  // --- the serial form

  @ParameterizedTest
  @MethodSource("all")
  void survivesSerialisation(TokenMeasure measure) throws IOException, ClassNotFoundException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(measure);
    }
    TokenMeasure copy;
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      copy = (TokenMeasure) in.readObject();
    }
    double[] a = new double[measure.dimension()];
    if (!(measure instanceof StudentT)) {
      Arrays.fill(a, 0.3);
    }
    assertThat(copy.dimension()).isEqualTo(measure.dimension());
    assertThat(copy.logMgf(a)).isEqualTo(measure.logMgf(a));
    assertThat(copy.tiltedMean(a)).isEqualTo(measure.tiltedMean(a));
    assertThat(copy.tiltedCovariance(a)).isEqualTo(measure.tiltedCovariance(a));
    assertThat(copy.proxy()).isEqualTo(measure.proxy());
    assertThat(tokens(copy)).isEqualTo(tokens(measure));
  }
}
