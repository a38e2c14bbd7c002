package dev.promptlimit.jobs.table;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Which blocks of which cells the ledger holds. */
public final class PublishedBlocks {
  private final Map<String, Set<Long>> blocks = new HashMap<>();

  void add(String cell, long block) {
    blocks.computeIfAbsent(cell, key -> new HashSet<>()).add(block);
  }

  /** Whether block number {@code block} of a cell is published. */
  public boolean contains(String cell, long block) {
    return blocks.getOrDefault(cell, Set.of()).contains(block);
  }

  /** How many of blocks 0..n−1 of a cell are published. */
  public long count(String cell, long n) {
    return blocks.getOrDefault(cell, Set.of()).stream().filter(block -> block < n).count();
  }
}
