package dev.promptlimit.theory;

import dev.promptlimit.attention.Setting;
import dev.promptlimit.measure.TokenMeasure;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;

/** How strongly the queries of a setting tilt its tokens, in the mean. */
public final class MeanScores {
  private MeanScores() {}

  /** The covariance C(0) of a measure's tokens, its mean where each prompt draws its own. */
  public static RealMatrix covariance(TokenMeasure tokens) {
    return tokens instanceof RandomTokens random
        ? random.average().covariance().matrix()
        : tokens.tiltedCovariance(new double[tokens.dimension()]);
  }

  /**
   * The mean score variance of a query, E s² = E_z aᵀC(0)a, a = Uz. Half of it is the mean
   * divergence of the tilted tokens from the tokens, exactly so for Gaussian ones, so prompts
   * shorter than e^{E s²/2} freeze onto one token. NaN where tokens have no covariance.
   */
  public static double variance(Setting setting) {
    TokenMeasure tokens = setting.tokens();
    if (!(tokens instanceof RandomTokens)
        && tokens.inadmissible(new double[tokens.dimension()]).isPresent()) {
      return Double.NaN;
    }
    RealMatrix tilts = setting.head().u().multiply(setting.queries().covariance().root());
    RealMatrix covariance = covariance(tokens);
    RealVector centre =
        setting.head().u().operate(MatrixUtils.createRealVector(setting.queries().mean()));
    return tilts.transposeMultiply(covariance.multiply(tilts)).getTrace()
        + centre.dotProduct(covariance.operate(centre));
  }
}
