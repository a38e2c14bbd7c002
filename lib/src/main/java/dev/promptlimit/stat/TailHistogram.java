package dev.promptlimit.stat;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * How many deviations lie beyond each of a fixed set of edges, in exact integers.
 *
 * <p>Edge k is 2^(−60 + k/16), k = 0..1920: sixteen bins an octave, 4.4 % wide, from 2⁻⁶⁰ to 2⁶⁰.
 * Bin 0 holds deviations ≤ edge 0, bin k those in (edge k−1, edge k], bin 1921 those above edge
 * 1920. The squared deviation is what is binned, by comparison with the doubles nearest to 2^(j/8),
 * so that no square root is rounded.
 *
 * <p>Only the bins from the first to the last occupied one take memory: a sweep keeps thousands of
 * histograms, and deviations of one setting span few octaves.
 */
public final class TailHistogram implements Serializable {
  private static final long serialVersionUID = 1;

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

  private int first; // bin of counts[0]
  private long[] counts = {}; // its ends are not 0

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
    Objects.checkIndex(bin, BINS);
    if (count > 0) {
      reach(bin);
      counts[bin - first] = Math.addExact(counts[bin - first], count);
    }
  }

  private void reach(int bin) {
    if (counts.length == 0) {
      first = bin;
    }
    int from = Math.min(first, bin);
    int to = Math.max(first + counts.length, bin + 1);
    if (to - from > counts.length) {
      long[] wider = new long[to - from];
      System.arraycopy(counts, 0, wider, first - from, counts.length);
      counts = wider;
      first = from;
    }
  }

  /** Adds all counts of {@code that} to this. */
  public void add(TailHistogram that) {
    if (that.counts.length > 0) {
      reach(that.first); // both ends at once: the range may grow by many bins
      reach(that.first + that.counts.length - 1);
    }
    for (int i = 0; i < that.counts.length; i++) {
      add(that.first + i, that.counts[i]);
    }
  }

  /** Number of deviations in a bin. */
  public long count(int bin) {
    Objects.checkIndex(bin, BINS);
    return bin < first || bin >= first + counts.length ? 0 : counts[bin - first];
  }

  /** Number of deviations. */
  public long total() {
    return Arrays.stream(counts).reduce(0, Math::addExact);
  }

  /** Number of deviations > edge k. */
  public long beyond(int k) {
    Objects.checkIndex(k, EDGES);
    long sum = 0;
    for (int i = Math.max(0, k + 1 - first); i < counts.length; i++) {
      sum = Math.addExact(sum, counts[i]);
    }
    return sum;
  }

  /** The bins that hold something, ascending. */
  public int[] occupiedBins() {
    return IntStream.range(0, counts.length)
        .filter(i -> counts[i] != 0)
        .map(i -> first + i)
        .toArray();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TailHistogram that
        && first == that.first
        && Arrays.equals(counts, that.counts);
  }

  @Override
  public int hashCode() {
    return 31 * first + Arrays.hashCode(counts);
  }
}
