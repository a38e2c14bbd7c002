package dev.promptlimit.regression;

import dev.promptlimit.random.ChiSquareStream;
import dev.promptlimit.random.StreamKey;

/*
 * W = Σ εεᵀ is Wishart with L degrees of freedom; in an orthonormal basis that begins with e₁, e₂ it is TTᵀ,
 * T lower trapezoidal with T_ii² ~ χ²_{L−i+1} and T_ij ~ N(0,1) below (Bartlett), hence
 *
 *   We₁ = T₁₁t₁,   We₂ = T₂₁t₁ + T₂₂t₂,   t₁ = T₁₁e₁ + T₂₁e₂ + ζ₁,   t₂ = T₂₂e₂ + ζ₂,
 *
 * and the other columns of T do not matter. For L = 1 there is no second column.
 */
/** Linear attention on Gaussian tokens, without tokens: two columns of Bartlett's factor. */
final class WishartTokens implements PageTokens {
  private static final int PAGE = PromptPage.PAGE;

  private final long promptLength;
  private final PageFrame frame;
  private ChiSquareStream chiSquares;
  private final double[] t11 = new double[PAGE];
  private final double[] t21 = new double[PAGE];
  private final double[] t22 = new double[PAGE];

  WishartTokens(int dimension, long promptLength) {
    this.promptLength = promptLength;
    frame = new PageFrame(dimension);
  }

  @Override
  public void begin(StreamKey block) {
    chiSquares = new ChiSquareStream(block.withSubstream(TOKENS));
  }

  @Override
  public void read(PromptPage page, int n) {
    frame.choose(page, n);
    page.normals().fill(t21, 0, n);
    for (int p = 0; p < n; p++) {
      t11[p] = Math.sqrt(chiSquares.next(promptLength));
    }
    for (int p = 0; p < n && promptLength > 1; p++) {
      t22[p] = Math.sqrt(chiSquares.next(promptLength - 1));
    }
    for (int i = 0; i < page.dimension(); i++) {
      row(page, i * PAGE, n);
    }
  }

  private void row(PromptPage page, int from, int n) {
    double[] mean = page.mean;
    double[] derivative = page.derivative;
    boolean second = promptLength > 1;
    for (int p = 0; p < n; p++) {
      double e2 = frame.e2[from + p];
      double one = t11[p] * frame.e1[from + p] + t21[p] * e2 + frame.zeta1[from + p];
      double two = second ? t22[p] * e2 + frame.zeta2[from + p] : 0;
      double first = t11[p] * one / promptLength;
      double rest = (t21[p] * one + t22[p] * two) / promptLength;
      mean[from + p] = frame.s[p] * first;
      derivative[from + p] = frame.k1[p] * first + frame.k2[p] * rest;
    }
  }
}
