package dev.promptlimit.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.Setting;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.Rademacher;
import dev.promptlimit.measure.StudentT;
import dev.promptlimit.measure.TokenMeasure;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;
import org.junit.jupiter.api.Test;

class MeanScoresTest {
  private static final double[] MEAN = {0.5, -1, 2};
  private static final RealMatrix U =
      MatrixUtils.createRealMatrix(
          new double[][] {{0.3, -0.2, 0.1}, {0, 0.5, 0.4}, {1, 0.2, -0.7}});
  private static final Head HEAD = new Head(U, MatrixUtils.createRealIdentityMatrix(3));
  private static final Gaussian QUERIES = new Gaussian(MEAN, Covariance.toeplitz(3, 0.6, 2));

  /** The mean of a quadratic form over N(m, GGᵀ) is that over the 2d points m ± √d G e_i. */
  private static double overSigmaPoints(TokenMeasure tokens) {
    RealMatrix c = tokens.tiltedCovariance(new double[3]);
    RealMatrix g = QUERIES.covariance().root();
    double sum = 0;
    for (int i = 0; i < 3; i++) {
      for (int sign = -1; sign <= 1; sign += 2) {
        RealVector z =
            MatrixUtils.createRealVector(MEAN)
                .add(g.getColumnVector(i).mapMultiply(sign * Math.sqrt(3)));
        RealVector a = U.operate(z);
        sum += a.dotProduct(c.operate(a));
      }
    }
    return sum / 6;
  }

  @Test
  void isTheMeanOfTheScoreVarianceOverQueries() {
    Gaussian gaussian = new Gaussian(new double[] {1, 2, 3}, Covariance.toeplitz(3, -0.3, 1));
    for (TokenMeasure tokens : new TokenMeasure[] {gaussian, new Rademacher(3, 1.5)}) {
      double expected = overSigmaPoints(tokens);
      assertThat(expected).isGreaterThan(1);
      assertThat(MeanScores.variance(new Setting(tokens, QUERIES, HEAD, 4)))
          .isCloseTo(expected, within(1e-13 * expected));
    }
  }

  @Test
  void isUnknownWithoutACovariance() {
    assertThat(MeanScores.variance(new Setting(new StudentT(3, 2), QUERIES, HEAD, 4))).isNaN();
    assertThat(MeanScores.variance(new Setting(new StudentT(3, 5), QUERIES, HEAD, 4))).isPositive();
  }
}
