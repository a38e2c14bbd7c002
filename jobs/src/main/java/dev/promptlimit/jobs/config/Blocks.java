package dev.promptlimit.jobs.config;

import dev.promptlimit.attention.Metric;
import dev.promptlimit.attention.ReducedSampler;
import dev.promptlimit.theory.RandomTokens;

/**
 * How the prompts of a cell are cut into blocks: a fixed function of the cell, never of cores,
 * measured speed or budget, because the block is part of the name of the random stream.
 *
 * <p>A block has the largest power of two of prompts, at most {@value #MAX_PROMPTS}, or {@value
 * #MAX_STRATUM_PROMPTS} where queries are stratified, whose nominal cost stays below 2²⁹ ns, about
 * half a second, and at least one. Blocks of a cell go through its strata in cycles, and a cell has
 * whole cycles. Nominal costs in nanoseconds, within a factor of two of what one core of a 2.6 GHz
 * machine took when they were chosen, fixed for good (changing them is a new stream version):
 *
 * <pre>
 *   a prompt                250 + 2 d² + L · token, and the limit where queries are random
 *   token                   1/2 + 7/8 k, with jacobian-u + k²/32; k coordinates are drawn
 *                           (exact-reduced: r = min(p + 1, d), or 1 without jacobian-u; else d)
 *
 * and for jacobian-u once a prompt
 *   exact-reduced           3/8 (d² r + 2 d r p + 4 d r²): basis, its products with R and K
 *                           + 1500 + 4 (r+1)³ + 3/4 d (r+1)² where r &lt; d: the root of B and N
 *   brute-force             15 d² + 7/4 d² p
 *
 * and where each prompt draws its own covariance (regression)
 *   exact-reduced           300 + 2 d² p
 *   brute-force             2000 + (12 + p) d²
 * </pre>
 *
 * <p>7/8 k is for Gaussian tokens, whose limit is free; {@link MeasureCosts} has the others. The
 * limit of a fixed query is computed once a block, and the prompts of a block may cost as much as
 * that.
 *
 * @param promptsPerBlock prompts in a block, a power of two
 * @param nanosPerBlock nominal cost of a block
 * @param cycle blocks after which every stratum has had its share, 1 where there is one
 */
public record Blocks(int promptsPerBlock, double nanosPerBlock, int cycle) {
  private static final int MAX_PROMPTS = 8192;
  private static final int MAX_STRATUM_PROMPTS = 1024;
  private static final long FIRST_PROMPTS = 512; // at fewer few intervals say anything
  private static final double TARGET_NANOS = 0x1p29;

  /** The cut of a cell. */
  public static Blocks of(Cell cell) {
    double d = cell.setting().dimension();
    double p = cell.setting().head().outputs();
    boolean second = cell.metrics().contains(Metric.JACOBIAN_U);
    boolean reduced = cell.sampler() == Cell.Sampler.EXACT_REDUCED;
    double k = reduced ? ReducedSampler.coordinates(cell.setting().head(), cell.metrics()) : d;
    MeasureCosts measure = MeasureCosts.of(cell.setting().tokens(), k, second);
    double token = 0.5 + measure.token() + (second ? 0.03125 * k * k : 0);
    boolean fixed = cell.setting().queries().isFixed();
    double start = fixed ? measure.limit() : 0;
    double once = 250 + 2 * d * d + (fixed ? 0 : measure.limit());
    if (second && reduced) {
      once += 0.375 * (d * d * k + 2 * d * k * p + 4 * d * k * k);
      once += k < d ? 1500 + 4 * (k + 1) * (k + 1) * (k + 1) + 0.75 * d * (k + 1) * (k + 1) : 0;
    } else if (second) {
      once += 15 * d * d + 1.75 * d * d * p;
    }
    if (cell.setting().tokens() instanceof RandomTokens) {
      once += reduced ? 300 + 2 * d * d * p : 2000 + (12 + p) * d * d;
    }
    double prompt = once + cell.setting().promptLength() * token;
    int cycle = cell.strata().cycle();
    int prompts = cycle == 1 ? MAX_PROMPTS : MAX_STRATUM_PROMPTS;
    while (prompts > 1 && prompts * prompt > Math.max(TARGET_NANOS, start)) {
      prompts /= 2;
    }
    return new Blocks(prompts, start + prompts * prompt, cycle);
  }

  /**
   * Blocks of the first round where there are rounds: whole cycles of at least {@value
   * #FIRST_PROMPTS} prompts.
   */
  public long firstBlocks() {
    return count(FIRST_PROMPTS);
  }

  /** Prompts of one cycle. */
  public long promptsPerCycle() {
    return (long) promptsPerBlock * cycle;
  }

  /** The smallest number of blocks, of whole cycles, that holds at least {@code prompts} ≥ 1. */
  public long count(long prompts) {
    return Math.multiplyExact((prompts - 1) / promptsPerCycle() + 1, (long) cycle);
  }

  /** The prompts in {@link #count} blocks. */
  public long roundUp(long prompts) {
    return Math.multiplyExact(count(prompts), (long) promptsPerBlock);
  }
}
