package dev.promptlimit.jobs.table;

import dev.promptlimit.jobs.config.BadInputException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;

/**
 * What a task of looking through a ledger does: tells which blocks there are of its cells, as
 * ranges. Rows come as {@link FoldBlocks} takes them, without what was measured.
 */
final class ListBlocks implements FlatMapFunction<Iterator<Row>, ListBlocks.Listed> {
  private static final long serialVersionUID = 1;

  private final RowCheck check;

  ListBlocks(RowCheck check) {
    this.check = check;
  }

  /** Blocks {@code first} … {@code end} − 1. */
  record Range(long first, long end) implements Serializable {}

  /**
   * The blocks of a cell, or why they cannot be listed.
   *
   * @param cell its key
   * @param ranges by number
   * @param problem empty if there is none
   */
  record Listed(String cell, List<Range> ranges, String problem) implements Serializable {}

  @Override
  public Iterator<Listed> call(Iterator<Row> rows) {
    List<Listed> cells = new ArrayList<>();
    try {
      while (rows.hasNext()) {
        Row row = rows.next();
        check.check(row);
        String cell = row.getAs("cell");
        if (cells.isEmpty() || !cells.get(cells.size() - 1).cell.equals(cell)) {
          cells.add(new Listed(cell, new ArrayList<>(), ""));
        }
        long first = row.<Long>getAs("block");
        append(cells.get(cells.size() - 1).ranges, first, first + row.<Long>getAs("blocks"));
      }
    } catch (BadInputException e) {
      return List.of(new Listed("", List.of(), e.getMessage())).iterator();
    }
    return cells.iterator();
  }

  private static void append(List<Range> ranges, long first, long end) {
    Range last = ranges.isEmpty() ? null : ranges.get(ranges.size() - 1);
    if (last != null && first >= last.first && first <= last.end) {
      ranges.set(ranges.size() - 1, new Range(last.first, Math.max(last.end, end)));
    } else {
      ranges.add(new Range(first, end));
    }
  }
}
