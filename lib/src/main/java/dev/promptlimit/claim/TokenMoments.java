package dev.promptlimit.claim;

import dev.promptlimit.attention.Head;
import dev.promptlimit.kernel.SoftmaxSums;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.TokenSampler;
import dev.promptlimit.random.NormalStream;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.stat.Moments;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.util.FastMath;

/**
 * Tests T[μ](z) by tokens as they are drawn: E[(Vx − T[μ](z)) e^{⟨a,x⟩}] = 0, a = Uz, by the t
 * statistic of that mean along at most {@value #MOST} output directions.
 *
 * <p>The query is scaled down until the scores have standard deviation s ≤ 1: at larger s the
 * weights e^{sg} are so skewed that t is not normal. At s = 1 and 2¹⁸ tokens skewness changes the
 * tail at |t| = 5 by a quarter of it.
 */
final class TokenMoments {
  private static final int MOST = 8;
  private static final int TOKENS = 1 << 18;
  private static final int FEWEST_TOKENS = 1 << 14;
  private static final double MOST_OPERATIONS = 2e9;

  private TokenMoments() {}

  /** Number of tests. */
  static int tests(Head head) {
    return Math.min(MOST, head.outputs());
  }

  /** 2¹⁸ tokens, fewer above some 90 dimensions. */
  static int tokens(Head head) {
    double d = head.dimension();
    int n = TOKENS;
    while (n > FEWEST_TOKENS && n * d * d > MOST_OPERATIONS) {
      n /= 2;
    }
    return n;
  }

  /** The query scaled so that s ≤ 1. */
  static double[] moderate(Gaussian tokens, Head head, double[] z) {
    double[] a = head.u().operate(z);
    double[] b = tokens.covariance().multiply(a);
    double s = 0;
    for (int i = 0; i < a.length; i++) {
      s += a[i] * b[i];
    }
    double scale = s > 1 ? 1 / Math.sqrt(s) : 1;
    return MatrixUtils.createRealVector(z).mapMultiply(scale).toArray();
  }

  /**
   * The p-values; NaN where a statistic is not a finite number.
   *
   * @param z a moderate query
   * @param claimed T[μ](z)
   */
  static List<LawTests.Outcome> of(
      Gaussian tokens, Head head, double[] z, double[] claimed, StreamKey key) {
    int d = head.dimension();
    double[][] outputs = directions(head.outputs(), key.withSubstream(2));
    double[] a = head.u().operate(z);
    double[] mean = tokens.mean();
    double centre = 0; // the score of the mean, which only scales all weights
    for (int i = 0; i < d; i++) {
      centre += a[i] * mean[i];
    }
    TokenSampler sampler = tokens.sampler(key);
    double[] x = new double[d * SoftmaxSums.STRIDE];
    double[] weights = new double[SoftmaxSums.CHUNK];
    double[] products = new double[SoftmaxSums.CHUNK];
    Moments[] moments = new Moments[outputs.length];
    Arrays.fill(moments, Moments.EMPTY);
    for (int done = 0; done < tokens(head); done += SoftmaxSums.CHUNK) {
      sampler.fill(x, SoftmaxSums.CHUNK);
      for (int l = 0; l < weights.length; l++) {
        weights[l] = FastMath.exp(inner(a, x, l) - centre);
      }
      for (int k = 0; k < outputs.length; k++) {
        double[] functional = head.v().preMultiply(outputs[k]);
        double limit = 0;
        for (int i = 0; i < claimed.length; i++) {
          limit += outputs[k][i] * claimed[i];
        }
        for (int l = 0; l < weights.length; l++) {
          products[l] = weights[l] * (inner(functional, x, l) - limit);
        }
        moments[k] = moments[k].combine(Moments.of(products, products.length));
      }
    }
    double size =
        MatrixUtils.createRealVector(claimed).getNorm()
            + head.v().getFrobeniusNorm() * Math.sqrt(tokens.covariance().matrix().getTrace());
    List<LawTests.Outcome> outcomes = new ArrayList<>();
    for (int k = 0; k < moments.length; k++) {
      outcomes.add(new LawTests.Outcome("tokens " + k, pValue(moments[k], size)));
    }
    return outcomes;
  }

  /** What does not vary must be 0 up to rounding. */
  private static double pValue(Moments moments, double size) {
    if (!Double.isFinite(moments.variance()) || !Double.isFinite(size)) {
      return Double.NaN;
    }
    double error = Math.sqrt(moments.variance() / (double) moments.n());
    if (Math.abs(moments.mean()) <= Lemma21.QUADRATURE * size) {
      return 1;
    }
    return LawTests.normal(moments.mean() / error);
  }

  private static double inner(double[] a, double[] x, int l) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * x[i * SoftmaxSums.STRIDE + l];
    }
    return sum;
  }

  /** The axes, or random directions where there are more of them. */
  private static double[][] directions(int outputs, StreamKey key) {
    double[][] directions = new double[Math.min(MOST, outputs)][outputs];
    NormalStream normals = new NormalStream(key);
    for (int k = 0; k < directions.length; k++) {
      if (outputs <= MOST) {
        directions[k][k] = 1;
      } else {
        normals.fill(directions[k], 0, outputs);
      }
    }
    return directions;
  }
}
