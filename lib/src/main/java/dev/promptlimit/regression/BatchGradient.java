package dev.promptlimit.regression;

import dev.promptlimit.random.StreamKey;

/**
 * The loss of batches of prompts, ½(prediction − y_q)² each, and its derivatives in the head (U,
 * v): for softmax attention ρ Σ w_l x_l in v and ρ C_w v zᵀ in U, ρ = vᵀΣ w_l x_l − y_q; for linear
 * attention, S = (1/L) Σ x_lx_lᵀ, ρ S Uz in v and ρ S v zᵀ in U, ρ = vᵀSUz − y_q.
 *
 * <p>Every batch is drawn anew: tasks w ~ N(0, τ²I), queries, targets, tokens. What is drawn is a
 * function of the block and of the sizes of the batches asked for since. Gaussian inputs need two
 * normals a token for softmax and no tokens for linear attention (theory of the reduced sampler),
 * with exactly the law of brute force, which other inputs need. Mutable; one a thread.
 */
public final class BatchGradient {
  private final PromptPage page;
  private final PageTokens tokens;

  /**
   * @param law of the inputs' coordinates
   * @param promptLength L ≥ 1
   * @param bruteForce whether all coordinates of all tokens are drawn
   * @throws IllegalArgumentException if the law is not Gaussian and not all are to be drawn
   */
  public BatchGradient(
      TaskFamily family,
      InputLaw law,
      Activation activation,
      long promptLength,
      boolean bruteForce) {
    if (promptLength < 1) {
      throw new IllegalArgumentException(
          "Cannot simulate batches: the prompt length is " + promptLength + ", allowed: 1 or more");
    }
    if (!bruteForce && law != InputLaw.GAUSSIAN) {
      throw new IllegalArgumentException(
          "Cannot draw few coordinates of "
              + law.id()
              + " inputs: only gaussian ones have the exact law for it");
    }
    page = new PromptPage(family, law);
    int dimension = page.dimension();
    if (bruteForce) {
      tokens = new BruteForceTokens(law, activation, dimension, promptLength);
    } else {
      tokens =
          activation == Activation.SOFTMAX
              ? new SoftmaxTokens(dimension, promptLength)
              : new WishartTokens(dimension, promptLength);
    }
  }

  /** Begins a block: uses its substreams 0 to 3. */
  public void begin(StreamKey block) {
    page.begin(block);
    tokens.begin(block);
  }

  /**
   * Draws n prompts, adds the derivatives of the sum of their losses, and returns that sum.
   *
   * @param u U, (d+1) × (d+1), row-major; its last column does not matter
   * @param v d + 1 entries
   * @param n ≥ 1
   * @param byU to which the derivatives in U are added, those in the last column being 0
   * @param byV to which those in v are added
   */
  public double add(double[] u, double[] v, int n, double[] byU, double[] byV) {
    double loss = 0;
    for (int done = 0; done < n; done += PromptPage.PAGE) {
      int now = Math.min(PromptPage.PAGE, n - done);
      page.draw(now);
      page.turn(u, v, now);
      tokens.read(page, now);
      loss += page.addGradient(now, byU, byV);
    }
    return loss;
  }
}
