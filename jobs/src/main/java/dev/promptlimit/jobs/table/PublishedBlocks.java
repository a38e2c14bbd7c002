package dev.promptlimit.jobs.table;

import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Which blocks of which cells the ledger holds, as ranges: what is without gaps takes no memory.
 */
public final class PublishedBlocks {
  /** Of each cell the first block of every range and the one after its last. */
  private final Map<String, NavigableMap<Long, Long>> cells = new HashMap<>();

  /** Blocks first … end − 1, which come after those of the cell that were added before. */
  void add(String cell, long first, long end) {
    NavigableMap<Long, Long> ranges = cells.computeIfAbsent(cell, key -> new TreeMap<>());
    Map.Entry<Long, Long> last = ranges.lastEntry();
    if (last != null && first <= last.getValue()) {
      ranges.put(last.getKey(), Math.max(end, last.getValue()));
    } else {
      ranges.put(first, end);
    }
  }

  private NavigableMap<Long, Long> ranges(String cell) {
    return cells.getOrDefault(cell, new TreeMap<>());
  }

  /** Whether block number {@code block} of a cell is published. */
  public boolean contains(String cell, long block) {
    return nextMissing(cell, block) != block;
  }

  /** The first of blocks {@code block}, {@code block} + 1, … of a cell that is not published. */
  public long nextMissing(String cell, long block) {
    Map.Entry<Long, Long> range = ranges(cell).floorEntry(block);
    return range == null ? block : Math.max(block, range.getValue());
  }

  /** How many of the blocks 0, 1, 2, … of a cell are published without a gap. */
  public long prefix(String cell) {
    return nextMissing(cell, 0);
  }

  /** How many of blocks 0..n−1 of a cell are published. */
  public long count(String cell, long n) {
    return ranges(cell).headMap(n).entrySet().stream()
        .mapToLong(range -> Math.min(range.getValue(), n) - range.getKey())
        .sum();
  }
}
