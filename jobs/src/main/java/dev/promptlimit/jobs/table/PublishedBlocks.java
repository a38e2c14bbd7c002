package dev.promptlimit.jobs.table;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Which blocks of which cells the ledger holds; a gapless beginning takes no memory. */
public final class PublishedBlocks {
  private static final class Blocks {
    private long prefix; // blocks 0..prefix−1 are there
    private final Set<Long> beyond = new HashSet<>();

    void add(long block) {
      if (block >= prefix) {
        beyond.add(block);
      }
      while (beyond.remove(prefix)) {
        prefix++;
      }
    }
  }

  private static final Blocks NONE = new Blocks();

  private final Map<String, Blocks> cells = new HashMap<>();

  void add(String cell, long block) {
    cells.computeIfAbsent(cell, key -> new Blocks()).add(block);
  }

  /** Whether block number {@code block} of a cell is published. */
  public boolean contains(String cell, long block) {
    Blocks blocks = cells.getOrDefault(cell, NONE);
    return block < blocks.prefix || blocks.beyond.contains(block);
  }

  /** How many of the blocks 0, 1, 2, … of a cell are published without a gap. */
  public long prefix(String cell) {
    return cells.getOrDefault(cell, NONE).prefix;
  }

  /** How many of blocks 0..n−1 of a cell are published. */
  public long count(String cell, long n) {
    Blocks blocks = cells.getOrDefault(cell, NONE);
    return Math.min(blocks.prefix, n) + blocks.beyond.stream().filter(block -> block < n).count();
  }
}
