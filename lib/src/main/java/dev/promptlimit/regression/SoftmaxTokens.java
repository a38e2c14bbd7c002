package dev.promptlimit.regression;

import dev.promptlimit.kernel.Kernels;
import dev.promptlimit.kernel.Lanes;
import dev.promptlimit.kernel.SoftmaxSums;
import dev.promptlimit.random.NormalStream;
import dev.promptlimit.random.StreamKey;
import java.util.Arrays;

/*
 * Two normals a token, γ = (g, h): the score is s g, the value k₁g + k₂h. With w = softmax(s g), γ̄ and Cov the
 * weighted mean and covariance of γ, and κ_l = k₁(g_l − ḡ) + k₂(h_l − h̄),
 *
 *   μ′ = E γ̄ + f₁₁ζ₁,   c′ = E Cov k + f₂₁ζ₁ + f₂₂ζ₂,   FFᵀ = Σ w² [1; κ][1; κ]ᵀ, F lower triangular,
 *
 * since what is orthogonal to e₁, e₂ has i.i.d. normal coordinates ε_⊥ and enters through Σ w ε_⊥ and
 * Σ w κ ε_⊥ alone. f₁₁² = Σ w² > 0; f₂₂² = Σ w²κ² − f₂₁² is cut off at 0, which it is at L = 1.
 *
 * Sixteen prompts side by side, one in each lane of the kernels: row l of a table holds token l of each. So no
 * row is padded however short the prompts are, and the sixteen lanes of a sum are the sums of sixteen prompts.
 */
/** Softmax attention on Gaussian tokens from two normals a token. */
final class SoftmaxTokens implements PageTokens {
  private static final int PAGE = PromptPage.PAGE;
  private static final int LANES = Lanes.LANES;
  private static final int CHUNK = SoftmaxSums.CHUNK;
  private static final int STRIDE = SoftmaxSums.STRIDE;

  /** Tokens of each prompt in a chunk. */
  private static final int TOKENS_PER_CHUNK = CHUNK / LANES;

  /** Σ y · [1, g, h, g², hg, h²] and Σ y² · the same. */
  private static final int SUMS = 12;

  private final long promptLength;
  private final PageFrame frame;
  private NormalStream tokens;

  // As in SoftmaxSums distances are chosen so that no two rows share their lines of the cache.
  private final double[] table = new double[4 * STRIDE + 2 * 64];
  private static final int SCORES = 2 * STRIDE + 64;
  private static final int WEIGHTS = 3 * STRIDE + 128;
  private final double[] scales = new double[CHUNK];
  private final double[] lanes = new double[SUMS * LANES];
  private final double[] sums = new double[SUMS];
  private SoftmaxSums[] guarded; // made where scores are large

  SoftmaxTokens(int dimension, long promptLength) {
    this.promptLength = promptLength;
    frame = new PageFrame(dimension);
  }

  @Override
  public void begin(StreamKey block) {
    tokens = new NormalStream(block.withSubstream(TOKENS));
  }

  @Override
  public void read(PromptPage page, int n) {
    frame.choose(page, n);
    for (int first = 0; first < n; first += LANES) {
      readSixteen(page, first);
    }
  }

  private void readSixteen(PromptPage page, int first) {
    int filled = (int) Math.min(CHUNK, promptLength * LANES);
    boolean small = true;
    for (int j = 0; j < LANES; j++) {
      double scale = frame.s[first + j] * SoftmaxSums.BITS;
      scales[j] = scale;
      small &= scale * NormalStream.LARGEST <= SoftmaxSums.SMALL;
    }
    for (int from = LANES; from < filled; from += LANES) {
      System.arraycopy(scales, 0, scales, from, LANES);
    }
    if (small) {
      Arrays.fill(lanes, 0);
    } else {
      beginGuarded();
    }
    for (long read = 0; read < promptLength; read += TOKENS_PER_CHUNK) {
      int count = (int) Math.min(TOKENS_PER_CHUNK, promptLength - read);
      int n = count * LANES;
      tokens.fill(table, 0, n);
      tokens.fill(table, STRIDE, n);
      if (small) {
        Kernels.multiply(scales, 0, table, 0, table, SCORES, n);
        Kernels.exp2(table, SCORES, 1, table, WEIGHTS, n);
        Kernels.moments2(table, WEIGHTS, table, STRIDE, lanes, n);
      } else {
        addGuarded(count);
      }
    }
    for (int j = 0; j < LANES; j++) {
      if (small) {
        sumsOf(j);
      } else {
        guardedSumsOf(guarded[j]);
      }
      finish(page, first + j);
    }
  }

  /** The weighted moments of lane j: means, covariances, Σ w² and centred Σ w² γ, Σ w² γγᵀ. */
  private void sumsOf(int j) {
    double total = lanes[j];
    double square = total * total;
    double g = lanes[LANES + j] / total;
    double h = lanes[2 * LANES + j] / total;
    double w2 = lanes[6 * LANES + j] / square;
    double w2g = lanes[7 * LANES + j] / square;
    double w2h = lanes[8 * LANES + j] / square;
    sums[0] = g;
    sums[1] = h;
    sums[2] = Math.fma(-g, g, lanes[3 * LANES + j] / total);
    sums[3] = Math.fma(-g, h, lanes[4 * LANES + j] / total);
    sums[4] = Math.fma(-h, h, lanes[5 * LANES + j] / total);
    sums[5] = w2;
    double cg = Math.fma(-g, w2, w2g);
    double ch = Math.fma(-h, w2, w2h);
    sums[6] = cg;
    sums[7] = ch;
    sums[8] = Math.fma(-g, cg, Math.fma(-g, w2g, lanes[9 * LANES + j] / square));
    sums[9] = Math.fma(-h, cg, Math.fma(-g, w2h, lanes[10 * LANES + j] / square));
    sums[10] = Math.fma(-h, ch, Math.fma(-h, w2h, lanes[11 * LANES + j] / square));
  }

  private void guardedSumsOf(SoftmaxSums of) {
    sums[0] = of.mean(0);
    sums[1] = of.mean(1);
    sums[2] = of.covariance(0, 0);
    sums[3] = of.covariance(1, 0);
    sums[4] = of.covariance(1, 1);
    sums[5] = of.squaredWeights();
    sums[6] = of.squaredWeights(0);
    sums[7] = of.squaredWeights(1);
    sums[8] = of.squaredWeights(0, 0);
    sums[9] = of.squaredWeights(1, 0);
    sums[10] = of.squaredWeights(1, 1);
  }

  /** μ′ and c′ of prompt p. */
  private void finish(PromptPage page, int p) {
    double k1 = frame.k1[p];
    double k2 = frame.k2[p];
    double f11 = Math.sqrt(sums[5]);
    double f21 = (k1 * sums[6] + k2 * sums[7]) / f11;
    double square = k1 * k1 * sums[8] + 2 * k1 * k2 * sums[9] + k2 * k2 * sums[10];
    double f22 = Math.sqrt(Math.max(0, square - f21 * f21));
    double along1 = k1 * sums[2] + k2 * sums[3];
    double along2 = k1 * sums[3] + k2 * sums[4];
    double[] e1 = frame.e1;
    double[] e2 = frame.e2;
    for (int i = p; i < page.dimension() * PAGE; i += PAGE) {
      page.mean[i] = sums[0] * e1[i] + sums[1] * e2[i] + f11 * frame.zeta1[i];
      page.derivative[i] =
          along1 * e1[i] + along2 * e2[i] + f21 * frame.zeta1[i] + f22 * frame.zeta2[i];
    }
  }

  private void beginGuarded() {
    if (guarded == null) {
      guarded = new SoftmaxSums[LANES];
      for (int j = 0; j < LANES; j++) {
        guarded[j] = new SoftmaxSums(2, true, true);
      }
    }
    for (SoftmaxSums one : guarded) {
      one.begin(Double.POSITIVE_INFINITY);
    }
  }

  /** The same tokens, each prompt with a shift of its own scores. */
  private void addGuarded(int count) {
    for (int j = 0; j < LANES; j++) {
      double[] own = guarded[j].table();
      for (int l = 0; l < count; l++) {
        own[l] = table[l * LANES + j];
        own[STRIDE + l] = table[STRIDE + l * LANES + j];
      }
      guarded[j].add(0, scales[j], count);
    }
  }
}
