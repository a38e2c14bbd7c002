package dev.promptlimit.random;

import dev.promptlimit.kernel.Kernels;
import dev.promptlimit.kernel.Lanes;

/** Independent numbers c and −c with probability one half each (Rademacher), 64 from a word. */
public final class SignStream extends NumberStream {
  private final WordStream words;
  private final double c;
  private final long[] pageWords = new long[Lanes.LANES];

  /** Starts the stream of that name; c is finite. */
  public SignStream(StreamKey key, double c) {
    super(Lanes.LANES * Long.SIZE);
    words = new WordStream(key);
    this.c = c;
  }

  @Override
  void page(double[] out, int from) {
    words.fill(pageWords, Lanes.LANES);
    Kernels.signs(pageWords, c, out, from, Lanes.LANES * Long.SIZE);
  }
}
