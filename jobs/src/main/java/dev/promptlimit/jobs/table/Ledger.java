package dev.promptlimit.jobs.table;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;

import dev.promptlimit.jobs.config.BadInputException;
import dev.promptlimit.jobs.config.Blocks;
import dev.promptlimit.jobs.config.Cell;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The published blocks of a run: {@code blocks/batch=<k>/}, Parquet, one row a block, and {@code
 * prefixes/batch=<k>/}, where the first blocks of cells are merged already ({@link PrefixTable}).
 *
 * <p>Tasks read and fold them, a cell in one task: the driver gets of each cell what its blocks
 * give, however many they are. How ledgers are kept, and what is refused, is told in {@link
 * LedgerFiles}.
 */
public final class Ledger {
  /** Bytes of Parquet files that a task of merging reads, where it does not read all of a cell. */
  private static final long TASK_BYTES = 4 << 20;

  private static final int MAX_TASKS = 10_000;

  private static final RowCheck.Format FORMAT =
      new RowCheck.Format("blocks", BlockTable.SCHEMA, BlockTable.FORMAT_VERSION, "cell", "block");

  private final SparkSession spark;
  private final LedgerFiles blocks;
  private final LedgerFiles prefixes;

  /** The ledger of a run directory. */
  public Ledger(SparkSession spark, RunDirectory run) {
    this.spark = spark;
    blocks = new LedgerFiles(spark, run, run.blocks(), FORMAT);
    prefixes = new LedgerFiles(spark, run, run.path("prefixes"), PrefixTable.FORMAT);
  }

  /** Writes rows of {@link BlockTable} and publishes them as the next batch. */
  public void publish(JavaRDD<Row> rows) throws IOException {
    blocks.publish(rows);
  }

  /** Batches of both kinds, and what their rows are as one table. */
  private final class Content {
    private final List<BatchFiles.Batch> ofBlocks;
    private final List<BatchFiles.Batch> ofPrefixes;

    Content() throws IOException {
      // in this order: a compaction publishes prefixes before it removes blocks
      List<BatchFiles.Batch> before = blocks.batches();
      ofPrefixes = prefixes.batches();
      ofBlocks = before;
    }

    Compaction.Size size() {
      return Compaction.Size.of(ofBlocks).plus(Compaction.Size.of(ofPrefixes));
    }

    boolean isEmpty() {
      return ofBlocks.isEmpty() && ofPrefixes.isEmpty();
    }

    int tasks(int cells) {
      long bytes =
          Stream.concat(ofBlocks.stream(), ofPrefixes.stream())
              .mapToLong(BatchFiles.Batch::bytes)
              .sum();
      return (int) Math.max(1, Math.min(Math.min(cells, MAX_TASKS), bytes / TASK_BYTES));
    }

    /** All rows, with these columns of {@link PrefixTable} and {@code kind}. */
    private Dataset<Row> rows(Column... columns) {
      Optional<Dataset<Row>> rows =
          blocks
              .rows(ofBlocks)
              .map(
                  table ->
                      table
                          .withColumn("blocks", lit(1L))
                          .withColumn("sequences", lit(null).cast(PrefixTable.SEQUENCES))
                          .select(columns)
                          .withColumn("kind", lit(FoldBlocks.BLOCK)));
      Optional<Dataset<Row>> compacted =
          prefixes
              .rows(ofPrefixes)
              .map(table -> table.select(columns).withColumn("kind", lit(FoldBlocks.PREFIX)));
      return Stream.of(rows, compacted)
          .flatMap(Optional::stream)
          .reduce(Dataset::union)
          .orElseThrow();
    }

    /** All rows as {@link FoldBlocks} and {@link ListBlocks} take them. */
    Dataset<Row> ordered(int tasks, Column... columns) {
      return rows(columns)
          .repartition(tasks, col("cell"))
          .sortWithinPartitions(
              col("cell"), col("kind"), col("blocks").desc(), col("block"), col("stratum"));
    }
  }

  private static Column[] columns(String... names) {
    return Stream.of(names).map(name -> col(name)).toArray(Column[]::new);
  }

  /**
   * Checks all files and tells which blocks they hold.
   *
   * @throws BadInputException if a file is truncated, foreign or of another format
   */
  public PublishedBlocks published() throws IOException {
    PublishedBlocks published = new PublishedBlocks();
    Content content = new Content();
    if (content.isEmpty()) {
      return published;
    }
    Dataset<Row> keys =
        content.ordered(
            content.tasks(MAX_TASKS),
            columns("formatVersion", "run", "cell", "stratum", "block", "blocks"));
    for (ListBlocks.Listed cell : collect(keys, new ListBlocks(blocks.check()))) {
      requireNone(cell.problem());
      cell.ranges().forEach(range -> published.add(cell.cell(), range.first(), range.end()));
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
    Map<String, MergedCell> merged = new HashMap<>();
    Content content = new Content();
    if (content.isEmpty()) {
      return merged;
    }
    Dataset<Row> rows = content.ordered(content.tasks(cells.size()), all());
    FoldBlocks fold = new FoldBlocks(blocks.check(), wanted(cells, most), false);
    for (FoldBlocks.Folded cell : collect(rows, fold)) {
      requireNone(cell.problem());
      merged.put(cell.cell(), cell.merged());
    }
    return merged;
  }

  private static Column[] all() {
    return columns(PrefixTable.SCHEMA.fieldNames());
  }

  private static Map<String, FoldBlocks.Wanted> wanted(
      Collection<Cell> cells, ToLongFunction<Cell> most) {
    Map<String, FoldBlocks.Wanted> wanted = new HashMap<>();
    for (Cell cell : cells) {
      long first = Blocks.of(cell).firstBlocks();
      wanted.put(cell.key(), new FoldBlocks.Wanted(cell.strata(), most.applyAsLong(cell), first));
    }
    return wanted;
  }

  private <T> List<T> collect(Dataset<Row> rows, FlatMapFunction<Iterator<Row>, T> function) {
    try {
      return rows.javaRDD().mapPartitions(function).collect();
    } catch (Exception e) { // Spark's are checked, though not declared
      throw blocks.unreadable(e);
    }
  }

  private static void requireNone(String problem) {
    if (!problem.isEmpty()) {
      throw new BadInputException(problem);
    }
  }

  /**
   * Merges blocks for good: publishes what the first blocks of each cell give, then the other
   * blocks as they are, then removes what both were made from. Merging gives the same as before,
   * bit for bit. Killed in between, rows are there twice, which does no harm.
   *
   * @param cells the cells whose blocks are merged
   * @param most how many blocks of a cell
   * @return how many files the ledger had, and how many bytes, before and after
   * @throws BadInputException if something in the ledger does not belong there
   */
  public Compaction compact(Collection<Cell> cells, ToLongFunction<Cell> most) throws IOException {
    Content old = new Content();
    boolean some = !merge(cells, most).isEmpty(); // says what is wrong before anything is written
    int tasks = old.tasks(Math.max(1, cells.size()));
    if (some || !old.ofPrefixes.isEmpty()) {
      FoldBlocks fold = new FoldBlocks(blocks.check(), wanted(cells, most), true);
      String run = blocks.check().run();
      FlatMapFunction<FoldBlocks.Folded, Row> rows =
          cell -> PrefixTable.rows(run, cell.cell(), cell.blocks(), cell.merged()).iterator();
      prefixes.publishAsTheyAre(
          spark.createDataFrame(
              old.ordered(tasks, all()).javaRDD().mapPartitions(fold).flatMap(rows),
              PrefixTable.SCHEMA));
      prefixes.retire(old.ofPrefixes);
    }
    if (!old.ofBlocks.isEmpty()) {
      RestOfBlocks rest = new RestOfBlocks(blocks.check(), compacted());
      Dataset<Row> ordered =
          blocks
              .rows(old.ofBlocks)
              .orElseThrow()
              .repartition(tasks, col("cell"))
              .sortWithinPartitions(col("cell"), col("block"));
      Dataset<Row> rows =
          spark.createDataFrame(ordered.javaRDD().mapPartitions(rest), BlockTable.SCHEMA);
      if (!rows.isEmpty()) {
        blocks.publishAsTheyAre(rows);
      }
      blocks.retire(old.ofBlocks);
    }
    return new Compaction(old.size(), new Content().size());
  }

  /** How many first blocks are compacted, by cell key. */
  private Map<String, Long> compacted() throws IOException {
    Map<String, Long> compacted = new HashMap<>();
    Optional<Dataset<Row>> rows = prefixes.rows();
    if (rows.isPresent()) {
      for (Row row : rows.get().groupBy("cell").agg(max("blocks")).collectAsList()) {
        compacted.put(row.getString(0), row.getLong(1));
      }
    }
    return compacted;
  }
}
