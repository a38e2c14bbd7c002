package dev.promptlimit.jobs.table;

import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;

/** Every block once that no compacted prefix holds; rows come by cell and block. */
final class RestOfBlocks implements FlatMapFunction<Iterator<Row>, Row> {
  private static final long serialVersionUID = 1;

  private final RowCheck check;
  private final Map<String, Long> compacted;

  /**
   * @param compacted how many first blocks of a cell are compacted, by key
   */
  RestOfBlocks(RowCheck check, Map<String, Long> compacted) {
    this.check = check;
    this.compacted = compacted;
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    return new Iterator<>() {
      private Row previous;
      private Row next;

      @Override
      public boolean hasNext() {
        while (next == null && rows.hasNext()) {
          Row row = rows.next();
          boolean merged =
              row.<Long>getAs("block") < compacted.getOrDefault(row.<String>getAs("cell"), 0L);
          if (!merged && !check.repeats(row, previous)) {
            next = row;
          }
          previous = row;
        }
        return next != null;
      }

      @Override
      public Row next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        Row row = next;
        next = null;
        return row;
      }
    };
  }
}
