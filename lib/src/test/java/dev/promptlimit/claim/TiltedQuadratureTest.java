package dev.promptlimit.claim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.promptlimit.attention.Head;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import org.hipparchus.linear.MatrixUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The mean of e^{ut} N(0,1) is u, that of |t| is u erf(u/√2) + √(2/π) e^{−u²/2}. */
class TiltedQuadratureTest {
  /** T and the size of its terms at a tilt, tokens N(0,1), V = 1. */
  private static double[] at(double tilt) {
    TiltedQuadrature quadrature = new TiltedQuadrature(HandMade.normal(1, 1), HandMade.head(1, 1));
    double[] size = new double[1];
    return new double[] {quadrature.output(new double[] {tilt}, size)[0], size[0]};
  }

  @ParameterizedTest
  @ValueSource(
      doubles = {
        1e-3, 0.1, 0.125, -0.125, 0.3, 1, -2.6, 17.3, -100.06, 12345.678, 1e5, -1e9, 1e9 + 0.1,
        0x1p40
      })
  void integrationGivesTheMeanOfTiltedNormals(double tilt) {
    double[] found = at(tilt);
    assertThat(found[0]).isCloseTo(tilt, within(1e-14 * (1 + Math.abs(tilt))));
    assertThat(found[1]).isGreaterThanOrEqualTo(Math.abs(found[0]));
  }

  @Test
  void sizesOfTerms() {
    assertThat(at(0)[0]).isCloseTo(0, within(1e-16));
    assertThat(at(1)[1]).isCloseTo(1.1666309411753726, within(1e-2));
    assertThat(at(-1e5)[1]).isCloseTo(1e5, within(1e-9));
  }

  @ParameterizedTest
  @ValueSource(
      doubles = {0x1p41, -0x1p41, 1e300, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void tiltsBeyondWhatDoublesResolveGiveNoNumber(double tilt) {
    assertThat(at(tilt)).containsOnly(Double.NaN);
  }

  /** x = 3 + 2ε, U = 1/2, V = −1 at z = 5: a = 5/2, u = 5, so −(3 + 2·5). */
  @Test
  void meanRootAndHead() {
    TiltedQuadrature quadrature =
        new TiltedQuadrature(
            new Gaussian(new double[] {3}, Covariance.identity(1, 4)),
            new Head(
                Head.scaledIdentity(1, 0.5), MatrixUtils.createRealMatrix(new double[][] {{-1}})));
    assertThat(quadrature.output(new double[] {5}, new double[1])[0]).isCloseTo(-13, within(1e-13));
  }
}
