package dev.promptlimit.regression;

import dev.promptlimit.attention.PromptReader;
import dev.promptlimit.kernel.SoftmaxSums;
import dev.promptlimit.measure.TokenSampler;
import dev.promptlimit.random.StreamKey;

/** Every coordinate of every token: both activations, inputs of any law. */
final class BruteForceTokens implements PageTokens {
  private static final int PAGE = PromptPage.PAGE;

  private final InputLaw law;
  private final Activation activation;
  private final long promptLength;
  private final int dimension;
  private final PromptReader reader;
  private TokenSampler tokens;
  private final double[] tilt;
  private final double[] zero;

  BruteForceTokens(InputLaw law, Activation activation, int dimension, long promptLength) {
    this.law = law;
    this.activation = activation;
    this.promptLength = promptLength;
    this.dimension = dimension;
    reader = new PromptReader(dimension, true, false);
    tilt = new double[dimension];
    zero = new double[dimension];
  }

  @Override
  public void begin(StreamKey block) {
    TokenSampler inputs = law.sampler(block.withSubstream(TOKENS), dimension - 1);
    tokens = TokenSampler.withNormal(inputs, block.withSubstream(TOKENS + 1));
  }

  @Override
  public void read(PromptPage page, int n) {
    for (int p = 0; p < n; p++) {
      for (int i = 0; i < dimension; i++) {
        tilt[i] = page.tilt[i * PAGE + p];
      }
      if (activation == Activation.SOFTMAX) {
        reader.read(tokens, tilt, promptLength);
        softmax(page, p);
      } else {
        reader.read(tokens, zero, promptLength); // equal weights: sums are averages
        linear(page, p);
      }
    }
  }

  private void softmax(PromptPage page, int p) {
    SoftmaxSums sums = reader.sums();
    for (int i = 0; i < dimension; i++) {
      double derivative = 0;
      for (int j = 0; j < dimension; j++) {
        derivative = Math.fma(sums.covariance(i, j), page.value[j * PAGE + p], derivative);
      }
      page.mean[i * PAGE + p] = sums.mean(i);
      page.derivative[i * PAGE + p] = derivative;
    }
  }

  private void linear(PromptPage page, int p) {
    SoftmaxSums sums = reader.sums();
    for (int i = 0; i < dimension; i++) {
      double mean = 0;
      double derivative = 0;
      for (int j = 0; j < dimension; j++) {
        double moment = sums.covariance(i, j) + sums.mean(i) * sums.mean(j);
        mean = Math.fma(moment, tilt[j], mean);
        derivative = Math.fma(moment, page.value[j * PAGE + p], derivative);
      }
      page.mean[i * PAGE + p] = mean;
      page.derivative[i * PAGE + p] = derivative;
    }
  }
}
