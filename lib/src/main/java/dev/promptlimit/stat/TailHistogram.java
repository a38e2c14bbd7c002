package dev.promptlimit.stat;

import java.util.Arrays;

/**
 * How many deviations lie beyond each of a fixed set of edges, in exact integers.
 *
 * <p>Edge k is 2^(−60 + k/16), k = 0..1920: sixteen bins an octave, 4.4 % wide, from 2⁻⁶⁰ to 2⁶⁰.
 * Bin 0 holds deviations ≤ edge 0, bin k those in (edge k−1, edge k], bin 1921 those above edge
 * 1920. The squared deviation is what is binned, by comparison with the doubles nearest to 2^(j/8),
 * so that no square root is rounded.
 */
public final class TailHistogram {
  /** Bins per octave of the deviation. */
  public static final int BINS_PER_OCTAVE = 16;

  /** Number of edges. */
  public static final int EDGES = 120 * BINS_PER_OCTAVE + 1;

  /** Number of bins, with those below the first and above the last edge. */
  public static final int BINS = EDGES + 1;

  private static final int LOWEST_EXPONENT = -60;

  /** 2^(j/8): eight bins per octave of the square. */
  private static final double[] SQUARE_EDGES = {
    0x1p0,
    0x1.172b83c7d517bp0,
    0x1.306fe0a31b715p0,
    0x1.4bfdad5362a27p0,
    0x1.6a09e667f3bcdp0,
    0x1.8ace5422aa0dbp0,
    0x1.ae89f995ad3adp0,
    0x1.d5818dcfba487p0
  };

  private final long[] counts = new long[BINS];

  /** The bin of a squared deviation ≥ 0. */
  public static int bin(double squared) {
    if (squared <= 0x1p-120) {
      return 0;
    }
    if (squared > 0x1p120) {
      return BINS - 1;
    }
    int exponent = Math.getExponent(squared);
    double mantissa = Math.scalb(squared, -exponent);
    int bin = 8 * (exponent - 2 * LOWEST_EXPONENT);
    for (double edge : SQUARE_EDGES) {
      if (mantissa > edge) {
        bin++;
      }
    }
    return bin;
  }

  /** Edge k as a deviation, 0 ≤ k < {@link #EDGES}. */
  public static double edge(int k) {
    int octave = Math.floorDiv(k, BINS_PER_OCTAVE);
    int step = k - BINS_PER_OCTAVE * octave;
    double square = SQUARE_EDGES[step % 8] * (step < 8 ? 1 : 2); // 2^(step/8)
    return Math.scalb(Math.sqrt(square), octave + LOWEST_EXPONENT);
  }

  /** Counts one squared deviation ≥ 0. */
  public void add(double squared) {
    add(bin(squared), 1);
  }

  /** Adds {@code count} deviations of one bin. */
  public void add(int bin, long count) {
    if (count < 0) {
      throw new IllegalArgumentException("Cannot count deviations: bin " + bin + " has " + count);
    }
    counts[bin] = Math.addExact(counts[bin], count);
  }

  /** Adds all counts of {@code that} to this. */
  public void add(TailHistogram that) {
    for (int i = 0; i < BINS; i++) {
      counts[i] = Math.addExact(counts[i], that.counts[i]);
    }
  }

  /** Number of deviations in a bin. */
  public long count(int bin) {
    return counts[bin];
  }

  /** Number of deviations. */
  public long total() {
    return Arrays.stream(counts).reduce(0, Math::addExact);
  }

  /** exceedances()[k] is the number of deviations > edge k. */
  public long[] exceedances() {
    long[] above = new long[EDGES];
    long sum = 0;
    for (int k = EDGES - 1; k >= 0; k--) {
      sum = Math.addExact(sum, counts[k + 1]);
      above[k] = sum;
    }
    return above;
  }

  /** The bins that hold something, ascending. */
  public int[] occupiedBins() {
    int[] bins = new int[BINS];
    int n = 0;
    for (int i = 0; i < BINS; i++) {
      if (counts[i] != 0) {
        bins[n++] = i;
      }
    }
    return Arrays.copyOf(bins, n);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TailHistogram that && Arrays.equals(counts, that.counts);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(counts);
  }
}
