package dev.promptlimit.random;

import dev.promptlimit.kernel.Kernels;

/** Independent numbers uniform on [−c, c), of 52 bits, one word each. */
public final class UniformStream extends NumberStream {
  private static final int PAGE = 512;

  private final WordStream words;
  private final double c;
  private final long[] pageWords = new long[PAGE];

  /** Starts the stream of that name; c is finite and &gt; 0. */
  public UniformStream(StreamKey key, double c) {
    super(PAGE);
    words = new WordStream(key);
    this.c = c;
  }

  @Override
  void page(double[] out, int from) {
    words.fill(pageWords, PAGE);
    Kernels.uniforms(pageWords, 2 * c, out, from, PAGE);
  }
}
