package dev.promptlimit.jobs.table;

import static org.apache.spark.sql.functions.col;

import dev.promptlimit.jobs.config.BadInputException;
import dev.promptlimit.jobs.config.Cell;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The published blocks of a run: {@code blocks/batch=<k>/}, Parquet, one row a block.
 *
 * <p>How they are kept, and what is refused, is told in {@link LedgerFiles}.
 */
public final class Ledger {
  /** Sorted rows reach the driver a partition at a time; a row takes about 5 kB. */
  private static final long ROWS_PER_PARTITION = 10_000;

  private static final long MAX_PARTITIONS = 100_000;

  private static final LedgerFiles.Format FORMAT =
      new LedgerFiles.Format(
          "blocks", BlockTable.SCHEMA, BlockTable.FORMAT_VERSION, "cell", "block");

  private final LedgerFiles files;

  /** The ledger of a run directory. */
  public Ledger(SparkSession spark, RunDirectory run) {
    files = new LedgerFiles(spark, run, run.blocks(), FORMAT);
  }

  /** Writes rows of {@link BlockTable} and publishes them as the next batch. */
  public void publish(Dataset<Row> rows) throws IOException {
    files.publish(rows);
  }

  /**
   * Checks all files and tells which blocks they hold.
   *
   * @throws BadInputException if a file is truncated, foreign or of another format
   */
  public PublishedBlocks published() throws IOException {
    PublishedBlocks published = new PublishedBlocks();
    Optional<Dataset<Row>> rows = files.rows();
    if (rows.isPresent()) {
      Dataset<Row> keys = rows.get().select("formatVersion", "run", "cell", "block");
      Iterator<Row> iterator = files.iterate(keys);
      while (files.hasNext(iterator)) {
        Row row = iterator.next();
        files.check(row);
        published.add(row.getAs("cell"), row.<Long>getAs("block"));
      }
    }
    return published;
  }

  /**
   * Merges the longest published prefix of blocks 0, 1, 2, … of each cell, in block order, in whole
   * cycles of its strata.
   *
   * @param cells the cells that are wanted
   * @param most how many blocks of a cell are wanted at most
   * @return what is there, by cell key
   */
  public Map<String, MergedCell> merge(Collection<Cell> cells, ToLongFunction<Cell> most)
      throws IOException {
    Map<String, Merging> merging = new HashMap<>();
    cells.forEach(
        cell -> merging.put(cell.key(), new Merging(cell.strata(), most.applyAsLong(cell))));
    Map<String, MergedCell> merged = new HashMap<>();
    Optional<Dataset<Row>> rows = files.rows();
    if (rows.isEmpty()) {
      return merged;
    }
    // strata of a cell share the numbers of its blocks
    Column[] order = {col("cell"), col("block"), col("stratum")};
    int partitions =
        (int) Math.min(MAX_PARTITIONS, files.count(rows.get()) / ROWS_PER_PARTITION + 1);
    Iterator<Row> iterator =
        files.iterate(rows.get().repartitionByRange(partitions, order).sortWithinPartitions(order));
    Row previous = null;
    while (files.hasNext(iterator)) {
      Row row = iterator.next();
      files.check(row);
      Merging cell = merging.get(row.<String>getAs("cell"));
      if (cell == null || files.repeats(row, previous)) {
        continue;
      }
      previous = row;
      if (cell.wants(row.<Long>getAs("block"))) {
        append(cell, row);
      }
    }
    merging.forEach((key, cell) -> cell.merged().ifPresent(whole -> merged.put(key, whole)));
    return merged;
  }

  private void append(Merging cell, Row row) {
    Integer stratum = row.getAs("stratum");
    if (stratum == null || stratum != cell.stratum()) {
      throw files.nonsense(row, "it is of stratum " + stratum + ", not " + cell.stratum());
    }
    try {
      cell.add(BlockTable.summary(row));
    } catch (RuntimeException e) { // nulls, unknown metrics, bins that do not exist
      throw files.nonsense(row, e.toString());
    }
  }
}
