package dev.promptlimit.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.ReferenceHeads;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import org.hipparchus.linear.LUDecomposition;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class QuerySpectrumTest {
  @ParameterizedTest
  @MethodSource("dev.promptlimit.attention.ReferenceHeads#items")
  void agreesWithReferenceHeads(ReferenceHeads.Item item) {
    Gaussian queries = Gaussian.centred(Covariance.identity(item.head().dimension(), 1));
    QuerySpectrum spectrum = new QuerySpectrum(item.tokens(), item.head(), queries);
    double h2 = item.number("H2_standard_normal_query").orElseThrow();
    double exponent = item.number("sharp_exponent").orElseThrow();
    assertThat(spectrum.h2()).isCloseTo(h2, within(1e-10 * h2));
    assertThat(spectrum.sharpExponent()).isCloseTo(exponent, within(1e-10));
  }

  /* By Python 3.11.7, mpmath 1.3.0, mp.dps = 40: (sqrt(1 + 4/h2) - 1)/2 for h2 > 1/2. */
  @ParameterizedTest
  @CsvSource({
    "0.25, 1.0",
    "0.5, 1.0",
    "0.5000000001, 0.99999999986666666669",
    "1.0, 0.6180339887498948482",
    "100.0, 0.0099019513592784830028",
    "1e8, 9.999999900000002e-9",
    "1e12, 9.99999999999e-13",
    "1e20, 9.9999999999999999999e-21"
  })
  void sharpExponentOfEveryH2(double h2, double exponent) {
    QuerySpectrum spectrum = oneDimension(Math.sqrt(h2));
    assertThat(spectrum.sharpExponent()).isCloseTo(exponent, within(1e-12 * exponent));
  }

  /** Scores beyond the range of doubles: nothing decays, and nothing throws. */
  @Test
  void tiltsThatOverflow() {
    QuerySpectrum spectrum = oneDimension(1e200);
    assertThat(spectrum.h2()).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(spectrum.sharpExponent()).isEqualTo(0);
  }

  private static QuerySpectrum oneDimension(double u) {
    Gaussian standard = Gaussian.centred(Covariance.identity(1, 1));
    Head head = new Head(Head.scaledIdentity(1, u), Head.scaledIdentity(1, 1));
    return new QuerySpectrum(standard, head, standard);
  }

  @Test
  void fixedQueriesHaveNoSpectrum() {
    ReferenceHeads.Item item = ReferenceHeads.items().get(1);
    QuerySpectrum spectrum =
        new QuerySpectrum(item.tokens(), item.head(), Gaussian.fixed(item.z()));
    assertThat(spectrum.h2()).isEqualTo(0);
    assertThat(spectrum.sharpExponent()).isEqualTo(1);
    assertThat(spectrum.inverseRootDeterminant()).isEqualTo(1);
  }

  /** (I − 2J)⁻¹ and its determinant, inverted and expanded instead of from eigenvalues. */
  @Test
  void tiltedQueryCovarianceIsTheInverse() {
    ReferenceHeads.Item item = ReferenceHeads.items().get(2); // H² = 0.43 for standard queries
    Covariance queryCovariance = Covariance.toeplitz(4, 0.1, 0.9);
    Gaussian queries = new Gaussian(new double[] {1, 2, 3, 4}, queryCovariance);
    QuerySpectrum spectrum = new QuerySpectrum(item.tokens(), item.head(), queries);

    RealMatrix u = item.head().u();
    RealMatrix m = u.transposeMultiply(item.tokens().covariance().matrix()).multiply(u);
    RealMatrix sigma = queryCovariance.matrix();
    RealMatrix inverse = MatrixUtils.inverse(sigma).subtract(m.scalarMultiply(2));
    RealMatrix expected = MatrixUtils.inverse(inverse);
    RealMatrix product = MatrixUtils.createRealIdentityMatrix(4);
    product = product.subtract(sigma.multiply(m).scalarMultiply(2));
    double determinant = new LUDecomposition(product).getDeterminant();

    assertThat(spectrum.h2()).isLessThan(0.5);
    assertThat(spectrum.m().subtract(m).getNorm1()).isLessThan(1e-13);
    assertThat(spectrum.tiltedQueryCovariance().subtract(expected).getNorm1())
        .isLessThan(1e-10 * expected.getNorm1());
    assertThat(spectrum.inverseRootDeterminant())
        .isCloseTo(1 / Math.sqrt(determinant), within(1e-11 / Math.sqrt(determinant)));
  }
}
