package dev.promptlimit.jobs.table;

import dev.promptlimit.attention.BlockSummary;
import dev.promptlimit.jobs.config.BadInputException;
import dev.promptlimit.theory.QueryStrata;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;

/**
 * What a task of merging does: folds the blocks of its cells in their order.
 *
 * <p>Rows come by cell: first compacted prefixes, the longest one first ({@code kind} {@link
 * #PREFIX}), then blocks by number ({@code kind} {@link #BLOCK}), with the columns of {@link
 * PrefixTable}. Blocks that a prefix holds are passed over. What is not wanted is read and checked
 * all the same.
 */
final class FoldBlocks implements FlatMapFunction<Iterator<Row>, FoldBlocks.Folded> {
  private static final long serialVersionUID = 1;

  static final int PREFIX = 0;
  static final int BLOCK = 1;

  private final RowCheck check;
  private final Map<String, Wanted> wanted;
  private final boolean looks;

  /**
   * What is wanted of a cell.
   *
   * @param strata those of its queries
   * @param most how many blocks at most
   * @param firstBlocks blocks of the first look
   */
  record Wanted(QueryStrata strata, long most, long firstBlocks) implements Serializable {
    boolean isLook(long blocks) {
      return blocks % firstBlocks == 0 && Long.bitCount(blocks / firstBlocks) == 1;
    }
  }

  /**
   * A cell's first blocks, or why they cannot be merged.
   *
   * @param cell its key
   * @param blocks how many
   * @param merged what they give, null where there is a problem
   * @param problem empty if there is none
   */
  record Folded(String cell, long blocks, MergedCell merged, String problem)
      implements Serializable {}

  /**
   * @param wanted by cell key
   * @param looks whether states at all looks are given too, and prefixes of cells that are not
   *     wanted
   */
  FoldBlocks(RowCheck check, Map<String, Wanted> wanted, boolean looks) {
    this.check = check;
    this.wanted = wanted;
    this.looks = looks;
  }

  @Override
  public Iterator<Folded> call(Iterator<Row> rows) {
    List<Folded> folded = new ArrayList<>();
    try {
      Cell cell = null;
      while (rows.hasNext()) {
        Row row = rows.next();
        check.check(row);
        String key = row.getAs("cell");
        if (cell == null || !cell.key.equals(key)) {
          if (cell != null) {
            cell.end();
          }
          cell = new Cell(key, folded);
        }
        cell.take(row);
      }
      if (cell != null) {
        cell.end();
      }
    } catch (BadInputException e) {
      return List.of(new Folded("", 0, null, e.getMessage())).iterator();
    }
    return folded.iterator();
  }

  /** A cell whose rows are being read. */
  private final class Cell {
    private final String key;
    private final Wanted asked;
    private final Merging merging;
    private final List<Folded> out;
    private final List<Row> prefix = new ArrayList<>();
    private long prefixBlocks;
    private boolean resumed;
    private Row previous;
    private long given;

    Cell(String key, List<Folded> out) {
      this.key = key;
      this.out = out;
      asked = wanted.get(key);
      merging = asked == null ? null : new Merging(asked.strata, asked.most);
    }

    void take(Row row) {
      if (row.<Integer>getAs("kind") == PREFIX) {
        takePrefix(row);
        return;
      }
      endPrefix();
      if (merging == null || check.repeats(row, previous)) {
        return;
      }
      previous = row;
      if (!merging.wants(row.<Long>getAs("block"))) {
        return;
      }
      Integer stratum = row.getAs("stratum");
      if (stratum == null || stratum != merging.stratum()) {
        throw check.nonsense(row, "it is of stratum " + stratum + ", not " + merging.stratum());
      }
      merging.add(read(row, BlockTable::summary));
      if (looks && merging.blocks() > given && asked.isLook(merging.blocks())) {
        give();
      }
    }

    private void takePrefix(Row row) {
      long blocks = row.<Long>getAs("blocks");
      if (!prefix.isEmpty() && blocks != prefixBlocks) {
        endPrefix();
      }
      prefixBlocks = blocks;
      Integer stratum = row.getAs("stratum");
      boolean again = stratum != null && stratum == prefix.size() - 1;
      if (again && row.equals(prefix.get(stratum))) {
        return; // compacted twice
      }
      if (stratum == null || stratum != prefix.size() || blocks < 1) {
        throw check.nonsense(row, "its first " + blocks + " blocks in stratum " + stratum);
      }
      prefix.add(row);
    }

    /** All strata of a prefix have been read. */
    private void endPrefix() {
      if (prefix.isEmpty()) {
        return;
      }
      if (merging == null) {
        keep();
      } else {
        if (prefix.size() != asked.strata.count() || prefixBlocks % asked.strata.cycle() != 0) {
          throw check.nonsense(
              prefix.get(0), "its first " + prefixBlocks + " blocks are not those of its strata");
        }
        if (asked.isLook(prefixBlocks) || prefixBlocks > asked.most) {
          keep();
        }
        if (!resumed && prefixBlocks <= asked.most) {
          merging.resume(prefixBlocks, state().strata());
          resumed = true;
          given = looks && asked.isLook(prefixBlocks) ? prefixBlocks : 0; // kept as it is
        }
      }
      prefix.clear();
    }

    private void keep() {
      if (looks) {
        out.add(new Folded(key, prefixBlocks, state(), ""));
      }
    }

    private MergedCell state() {
      return new MergedCell(prefix.stream().map(row -> read(row, PrefixTable::state)).toList());
    }

    private void give() {
      given = merging.blocks();
      out.add(new Folded(key, given, merging.merged().orElseThrow(), ""));
    }

    void end() {
      endPrefix();
      if (merging != null && merging.blocks() > given) {
        give();
      }
    }

    private BlockSummary read(Row row, Function<Row, BlockSummary> reader) {
      try {
        return reader.apply(row);
      } catch (RuntimeException e) { // nulls, unknown metrics, bins that do not exist
        throw check.nonsense(row, e.toString());
      }
    }
  }
}
