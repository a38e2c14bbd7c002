package dev.promptlimit.random;

import dev.promptlimit.kernel.Lanes;

/**
 * Uniform 64-bit words: sixteen independent xoshiro256++ generators, one a lane.
 *
 * <p>Word i of the stream is the next word of lane i mod 16. xoshiro256++ (D. Blackman, S. Vigna,
 * Scrambled linear pseudorandom number generators, ACM TOMS 47, 2021) has 256 bits of state and
 * period 2²⁵⁶ − 1, equidistributed in 4 dimensions, and passes the authors' BigCrush and Hamming
 * tests; where lanes start and why they do not overlap is told in {@link StreamKey}.
 */
public final class WordStream {
  private final long[][] state = new long[Lanes.LANES][];

  /** Starts the stream of that name. */
  public WordStream(StreamKey key) {
    for (int lane = 0; lane < Lanes.LANES; lane++) {
      state[lane] = key.state(lane);
    }
  }

  /** Writes the next n words, a multiple of 16, to out[0..n). */
  public void fill(long[] out, int n) {
    for (int lane = 0; lane < Lanes.LANES; lane++) {
      fillLane(state[lane], out, lane, n);
    }
  }

  private static void fillLane(long[] state, long[] out, int lane, int n) {
    long s0 = state[0];
    long s1 = state[1];
    long s2 = state[2];
    long s3 = state[3];
    for (int i = lane; i < n; i += Lanes.LANES) {
      out[i] = Long.rotateLeft(s0 + s3, 23) + s0;
      long t = s1 << 17;
      s2 ^= s0;
      s3 ^= s1;
      s1 ^= s2;
      s0 ^= s3;
      s2 ^= t;
      s3 = Long.rotateLeft(s3, 45);
    }
    state[0] = s0;
    state[1] = s1;
    state[2] = s2;
    state[3] = s3;
  }
}
