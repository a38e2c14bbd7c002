package dev.promptlimit.jobs.table;

import dev.promptlimit.attention.BlockSummary;
import dev.promptlimit.theory.QueryStrata;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Folds the blocks 0, 1, 2, … of a cell, each stratum for itself; its state is that of cycles. */
final class Merging {
  private final QueryStrata strata;
  private final long most;
  private final BlockSummary[] folded;
  private long next;
  private Optional<MergedCell> whole = Optional.empty();
  private long wholeBlocks;

  /**
   * @param most blocks that are wanted, a multiple of the cycle
   */
  Merging(QueryStrata strata, long most) {
    this.strata = strata;
    this.most = most;
    folded = new BlockSummary[strata.count()];
  }

  /** Begins with so many blocks that were folded before, a multiple of the cycle. */
  void resume(long blocks, List<BlockSummary> states) {
    states.toArray(folded);
    next = blocks;
    isWhole();
  }

  /** Whether a block is the next one that is wanted. */
  boolean wants(long block) {
    return block == next && next < most;
  }

  /** The stratum of the next block. */
  int stratum() {
    return strata.stratum(next);
  }

  /** Takes the next block. */
  void add(BlockSummary block) {
    int k = stratum();
    folded[k] = folded[k] == null ? block : folded[k].combine(block);
    next++;
    if (next % strata.cycle() == 0) {
      isWhole();
    }
  }

  private void isWhole() {
    whole = Optional.of(new MergedCell(Arrays.asList(folded)));
    wholeBlocks = next;
  }

  /** The blocks of all whole cycles; empty before the first one is. */
  Optional<MergedCell> merged() {
    return whole;
  }

  /** How many they are. */
  long blocks() {
    return wholeBlocks;
  }
}
