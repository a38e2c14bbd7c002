package dev.promptlimit.kernel;

import java.util.Arrays;

/**
 * Softmax-weighted moments of one prompt, streamed over its tokens in constant memory.
 *
 * <p>Tokens l have a score t_l, in bits: softmax weights are proportional to y_l = 2^(t_l − shift).
 * With their coordinates x_l in R^k, handed over in chunks, the class keeps
 *
 * <pre>
 *   Σ y,  Σ y x_i,  Σ y x_i x_j        and, where asked for,   Σ y²,  Σ y² x_i,  Σ y² x_i x_j
 * </pre>
 *
 * <p>A prompt whose scores are known to be small (at most {@value #SMALL} bits in size) needs no
 * shift: weights and their squares stay far from the ends of the exponent range. Otherwise shift is
 * the largest score seen so far. When a chunk raises it, what has been summed is scaled down by
 * 2^(old − new); every exponent is ≤ 0, so nothing overflows for any scores with finite
 * differences, and the largest weight is exactly 1. A score that is NaN or +∞ makes every result
 * NaN: its weight is one.
 *
 * <p>Sums have sixteen lanes ({@link Lanes}). Those of order one, and all of them for k ≤ 2, keep
 * their lanes until the prompt ends; the k(k+1)/2 of order two are folded after each chunk, which
 * is added in order. Chunks hold at most {@link #CHUNK} tokens, all but the last of a prompt
 * exactly so many: the bits depend on the cutting.
 */
public final class SoftmaxSums {
  /** Tokens in a full chunk: coordinates and weights of a few dimensions stay in the L1 cache. */
  public static final int CHUNK = 512;

  /**
   * Distance of two coordinates of a token: a chunk and two cache lines, because rows exactly a
   * power of two apart would share the same few lines of the cache.
   */
  public static final int STRIDE = CHUNK + Lanes.LANES;

  /** Scores of at most so many bits need no shift: 2^±(2 · 200) times 10¹² tokens is no limit. */
  public static final double SMALL = 200;

  /** Bits in a natural unit, log₂ e: a score ⟨a, x⟩ is so many times as many bits. */
  public static final double BITS = 0x1.71547652b82fep0;

  /** Up to so many coordinates the lanes of all sums of order two stay in the L2 cache. */
  private static final int WHOLE_LANES = 64;

  /** Panels of so many x_i, 132 KiB for the L2 cache, stay there while all x_j pass by. */
  private static final int PANEL = 32;

  private final int k;
  private final boolean second;
  private final boolean squared;
  private final Kind kind;

  private boolean shifted;
  private double shift;
  private boolean folded;
  private final double[] lanes;
  private final double[] squaredLanes; // of order one, where the kernel is ANY
  private final double[] sums; // Σ y, then Σ y x_i, then Σ y x_i x_j row by row
  private final double[] squaredSums;

  private final double[] factor = new double[2 * Lanes.LANES]; // scratch: exponents, powers

  // Coordinates and what is computed from them share one array, so that their distances are known:
  // a
  // load that runs ahead of a store to another row must not have the same address modulo 4 KiB.
  private final double[] table;
  private final int scores;
  private final int y;
  private final int yy;
  private final double[] tiles; // lanes of order two, tile after tile
  private final double[] squaredTiles;

  private static final int TILE_LANES = Kernels.TILE * Kernels.TILE * Lanes.LANES;

  /** Which kernels do the work. */
  private enum Kind {
    ONE,
    TWO,
    ANY
  }

  /**
   * @param k number of coordinates, ≥ 1
   * @param second whether sums with x_i x_j are kept
   * @param squared whether the sums with squared weights are kept
   */
  public SoftmaxSums(int k, boolean second, boolean squared) {
    this.k = k;
    this.second = second;
    this.squared = squared;
    kind = k == 1 ? Kind.ONE : k == 2 && second ? Kind.TWO : Kind.ANY;
    int all = 1 + k + (second || kind == Kind.ONE ? Math.multiplyExact(k, k + 1) / 2 : 0);
    sums = new double[all];
    squaredSums = new double[squared || kind != Kind.ANY ? all : 0];
    lanes = new double[(kind == Kind.ANY ? 1 + k : 2 * all) * Lanes.LANES];
    squaredLanes = new double[kind == Kind.ANY && squared ? lanes.length : 0];
    boolean byTiles = kind == Kind.ANY && second;
    int side = wholeTiles(k) / Kernels.TILE;
    int kept = !byTiles ? 0 : k <= WHOLE_LANES ? side * (side + 1) / 2 : 1;
    tiles = new double[kept * TILE_LANES];
    squaredTiles = new double[squared ? tiles.length : 0];
    scores = after(wholeTiles(k) * STRIDE, 320);
    y = after(scores + STRIDE, 128);
    yy = after(y + STRIDE, 448);
    table = new double[yy + STRIDE];
    begin(0);
  }

  /** The least index from {@code end} on that is {@code phase} modulo 4 KiB. */
  private static int after(int end, int phase) {
    return end + Math.floorMod(phase - end, 4096 / Double.BYTES);
  }

  private static int wholeTiles(int k) {
    return (k + Kernels.TILE - 1) / Kernels.TILE * Kernels.TILE;
  }

  /**
   * Where the coordinates of a chunk's tokens go: coordinate i of token l at i · {@link #STRIDE} +
   * l. There is room for whole rows of sixteen, and up to the end of its row it holds finite
   * numbers.
   */
  public double[] table() {
    return table;
  }

  /** Index in {@link #table} from which a chunk's scores may be written. */
  public int scores() {
    return scores;
  }

  /**
   * Forgets all tokens and begins a prompt.
   *
   * @param bound no score will be larger in size, in bits; ∞ or NaN if unknown
   */
  public void begin(double bound) {
    shifted = !(bound <= SMALL);
    shift = shifted ? Double.NEGATIVE_INFINITY : 0;
    Arrays.fill(lanes, 0);
    Arrays.fill(squaredLanes, 0);
    Arrays.fill(tiles, 0);
    Arrays.fill(squaredTiles, 0);
    Arrays.fill(sums, 0);
    Arrays.fill(squaredSums, 0);
    folded = false;
  }

  /**
   * Adds n tokens, 1 ≤ n ≤ {@link #CHUNK}.
   *
   * @param from index in {@link #table} from which their scores are: {@link #scores}, or 0 where
   *     the first coordinate is the score
   * @param scale the scores in bits are so many times what is in the table, ≥ 0
   */
  public void add(int from, double scale, int n) {
    folded = false;
    int rows = Lanes.roundUp(n);
    if (shifted) {
      raise(Kernels.max(table, from, n), scale);
      Kernels.exp2Minus(table, from, scale, shift, table, y, rows);
    } else {
      Kernels.exp2(table, from, scale, table, y, rows);
    }
    Arrays.fill(table, y + n, y + rows, 0);
    switch (kind) {
      case ONE -> Kernels.moments1(table, y, table, lanes, rows);
      case TWO -> Kernels.moments2(table, y, table, STRIDE, lanes, rows);
      case ANY -> {
        add(y, lanes, tiles, sums, rows);
        if (squared) {
          Kernels.multiply(table, y, table, y, table, yy, rows);
          add(yy, squaredLanes, squaredTiles, squaredSums, rows);
        }
      }
    }
  }

  private void add(int weights, double[] first, double[] order2, double[] all, int rows) {
    Kernels.weighted(table, weights, table, STRIDE, k, first, rows);
    if (!second) {
      return;
    }
    boolean whole = k <= WHOLE_LANES;
    for (int top = 0; top < k; top += PANEL) {
      int end = Math.min(top + PANEL, wholeTiles(k));
      for (int j = 0; j < end; j += Kernels.TILE) {
        for (int i = Math.max(top, j); i < end; i += Kernels.TILE) {
          int to = whole ? tile(i, j) : 0;
          Kernels.tile(table, weights, table, i * STRIDE, j * STRIDE, STRIDE, order2, to, rows);
          if (!whole) {
            foldTile(order2, 0, all, i, j);
            Arrays.fill(order2, 0);
          }
        }
      }
    }
  }

  /** Where the lanes of the tile with corner (i, j) are, i ≥ j. */
  private static int tile(int i, int j) {
    int row = i / Kernels.TILE;
    return (row * (row + 1) / 2 + j / Kernels.TILE) * TILE_LANES;
  }

  /** Adds the tile with corner (i, j), whose lanes begin at {@code from}, to Σ y x_i x_j. */
  private void foldTile(double[] order2, int from, double[] all, int i, int j) {
    for (int di = 0; di < Math.min(Kernels.TILE, k - i); di++) {
      for (int dj = 0; dj < Math.min(Kernels.TILE, i + di - j + 1); dj++) {
        int lane = from + (di * Kernels.TILE + dj) * Lanes.LANES;
        all[pair(i + di, j + dj)] += Lanes.fold(order2, lane);
      }
    }
  }

  /** Makes {@code top} the shift, a score before scaling, if it is larger. */
  private void raise(double top, double scale) {
    if (top <= shift) {
      return;
    }
    if (shift > Double.NEGATIVE_INFINITY) { // before the first token there is nothing to scale
      Arrays.fill(factor, 0, Lanes.LANES, shift);
      Kernels.exp2Minus(factor, 0, scale, top, factor, Lanes.LANES, Lanes.LANES);
      double by = factor[Lanes.LANES];
      scaleDown(by, by * by);
    }
    shift = top;
  }

  private void scaleDown(double by, double bySquare) {
    int half = kind == Kind.ANY ? lanes.length : lanes.length / 2;
    scale(lanes, 0, half, by);
    scale(lanes, half, lanes.length, bySquare);
    scale(squaredLanes, 0, squaredLanes.length, bySquare);
    scale(tiles, 0, tiles.length, by);
    scale(squaredTiles, 0, squaredTiles.length, bySquare);
    scale(sums, 0, sums.length, by);
    scale(squaredSums, 0, squaredSums.length, bySquare);
  }

  private static void scale(double[] sums, int from, int to, double factor) {
    for (int i = from; i < to; i++) {
      sums[i] *= factor;
    }
  }

  /** Folds the lanes, once after the last token. */
  private void fold() {
    if (folded) {
      return;
    }
    if (kind == Kind.ANY) {
      fold(lanes, tiles, sums);
      if (squared) {
        fold(squaredLanes, squaredTiles, squaredSums);
      }
    } else {
      for (int i = 0; i < sums.length; i++) {
        sums[i] = Lanes.fold(lanes, i * Lanes.LANES);
        squaredSums[i] = Lanes.fold(lanes, (sums.length + i) * Lanes.LANES);
      }
    }
    folded = true;
  }

  private void fold(double[] first, double[] order2, double[] all) {
    for (int i = 0; i <= k; i++) {
      all[i] = Lanes.fold(first, i * Lanes.LANES);
    }
    if (second && k <= WHOLE_LANES) {
      Arrays.fill(all, 1 + k, all.length, 0);
      for (int i = 0; i < k; i += Kernels.TILE) {
        for (int j = 0; j <= i; j += Kernels.TILE) {
          foldTile(order2, tile(i, j), all, i, j);
        }
      }
    }
  }

  /** Where Σ y x_i x_j is among the sums. */
  private int pair(int i, int j) {
    return 1 + k + (i >= j ? i * (i + 1) / 2 + j : j * (j + 1) / 2 + i);
  }

  /** The weighted mean Σ w x_i, w = y / Σ y. */
  public double mean(int i) {
    fold();
    return sums[1 + i] / sums[0];
  }

  /** The weighted covariance Σ w x_i x_j − (Σ w x_i)(Σ w x_j). */
  public double covariance(int i, int j) {
    fold();
    return Math.fma(-mean(i), mean(j), sums[pair(i, j)] / sums[0]);
  }

  /** Σ w². */
  public double squaredWeights() {
    fold();
    return squaredSums[0] / sums[0] / sums[0];
  }

  /** Σ w² (x_i − mean_i). */
  public double squaredWeights(int i) {
    fold();
    return Math.fma(-mean(i), squaredWeights(), squaredSums[1 + i] / sums[0] / sums[0]);
  }

  /** Σ w² (x_i − mean_i)(x_j − mean_j). */
  public double squaredWeights(int i, int j) {
    fold();
    double raw = squaredSums[pair(i, j)] / sums[0] / sums[0];
    double rawI = squaredSums[1 + i] / sums[0] / sums[0];
    double centred = Math.fma(-mean(j), rawI, raw);
    return Math.fma(-mean(i), squaredWeights(j), centred);
  }
}
