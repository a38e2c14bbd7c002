package dev.promptlimit.jobs.table;

import static org.apache.spark.sql.functions.col;

import dev.promptlimit.jobs.config.BadInputException;
import dev.promptlimit.jobs.config.Cell;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The published blocks of a run: {@code blocks/batch=<k>/}, Parquet, one row a block.
 *
 * <p>A batch is written under {@code _staging} and published by one rename that fails if the name
 * is taken, so that a batch is there wholly or not at all. Every file is checked before anything is
 * read: a truncated or foreign one is named and refused.
 */
public final class Ledger {
  private static final Pattern BATCH = Pattern.compile("batch=(\\d{1,18})");

  /** Sorted rows reach the driver a partition at a time; a row takes about 5 kB. */
  private static final long ROWS_PER_PARTITION = 10_000;

  private static final long MAX_PARTITIONS = 100_000;

  private static final String SPARK_SCHEMA = "org.apache.spark.sql.parquet.row.metadata";

  private final SparkSession spark;
  private final RunDirectory run;

  /** The ledger of a run directory. */
  public Ledger(SparkSession spark, RunDirectory run) {
    this.spark = spark;
    this.run = run;
  }

  /** Writes rows of {@link BlockTable} and publishes them as the next batch. */
  public void publish(Dataset<Row> rows) throws IOException {
    try {
      Path staged = run.newStaging();
      rows.repartition(1).sortWithinPartitions("cell", "block").write().parquet(staged.toString());
      synchronized (this) { // two batches must not take the same number
        long next = 0;
        for (Path batch : batches()) {
          next = Math.max(next, number(batch) + 1);
        }
        run.files().rename(staged, new Path(run.blocks(), "batch=" + next), Options.Rename.NONE);
      }
    } catch (BadInputException e) {
      throw e;
    } catch (Exception e) { // Spark's are checked, though not declared
      throw new IOException(
          "Cannot publish blocks in " + run.blocks() + ": " + RootCause.line(e), e);
    }
  }

  /**
   * Checks all files and tells which blocks they hold.
   *
   * @throws BadInputException if a file is truncated, foreign or of another format
   */
  public PublishedBlocks published() throws IOException {
    PublishedBlocks published = new PublishedBlocks();
    Optional<Dataset<Row>> rows = rows();
    if (rows.isPresent()) {
      Dataset<Row> keys = rows.get().select("formatVersion", "run", "cell", "block");
      Iterator<Row> iterator = iterate(keys);
      while (hasNext(iterator)) {
        Row row = iterator.next();
        check(row);
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
    Optional<Dataset<Row>> rows = rows();
    if (rows.isEmpty()) {
      return merged;
    }
    // strata of a cell share the numbers of its blocks
    Column[] order = {col("cell"), col("block"), col("stratum")};
    int partitions = (int) Math.min(MAX_PARTITIONS, count(rows.get()) / ROWS_PER_PARTITION + 1);
    Iterator<Row> iterator =
        iterate(rows.get().repartitionByRange(partitions, order).sortWithinPartitions(order));
    Row previous = null;
    while (hasNext(iterator)) {
      Row row = iterator.next();
      check(row);
      Merging cell = merging.get(row.<String>getAs("cell"));
      if (cell == null || repeats(row, previous)) {
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
      throw nonsense(row, "it is of stratum " + stratum + ", not " + cell.stratum());
    }
    try {
      cell.add(BlockTable.summary(row));
    } catch (RuntimeException e) { // nulls, unknown metrics, bins that do not exist
      throw nonsense(row, e.toString());
    }
  }

  private BadInputException nonsense(Row row, String reason) {
    return new BadInputException(
        String.format(
            Locale.ROOT,
            "Cannot read ledger %s: block %s of cell %s makes no sense (%s)",
            run.blocks(),
            row.getAs("block"),
            row.getAs("cell"),
            reason));
  }

  /** Two runs at once may have published a block twice; it is the same block or an error. */
  private boolean repeats(Row row, Row previous) {
    if (previous == null
        || !row.getAs("cell").equals(previous.getAs("cell"))
        || !row.getAs("block").equals(previous.getAs("block"))) {
      return false;
    }
    if (!row.equals(previous)) {
      throw new BadInputException(
          String.format(
              Locale.ROOT,
              "Cannot read ledger %s: block %s of cell %s is there twice with different content",
              run.blocks(),
              row.getAs("block"),
              row.getAs("cell")));
    }
    return true;
  }

  private void check(Row row) {
    Integer version = row.getAs("formatVersion");
    if (!Integer.valueOf(BlockTable.FORMAT_VERSION).equals(version)) {
      throw new BadInputException(
          String.format(
              Locale.ROOT,
              "Cannot read ledger %s: a row has format version %s, this program reads %d",
              run.blocks(),
              version,
              BlockTable.FORMAT_VERSION));
    }
    Long block = row.getAs("block");
    if (row.getAs("cell") == null || block == null || block < 0) {
      throw new BadInputException(
          String.format(
              Locale.ROOT,
              "Cannot read ledger %s: a row is block %s of cell %s",
              run.blocks(),
              block,
              row.getAs("cell")));
    }
    if (!run.hash().equals(row.getAs("run"))) {
      throw new BadInputException(
          String.format(
              Locale.ROOT,
              "Cannot read ledger %s: block %s of cell %s belongs to run %s, this is run %s",
              run.blocks(),
              block,
              row.getAs("cell"),
              row.getAs("run"),
              run.hash()));
    }
  }

  private Optional<Dataset<Row>> rows() throws IOException {
    List<Path> batches = batches();
    for (Path batch : batches) {
      checkFiles(batch);
    }
    return batches.isEmpty()
        ? Optional.empty()
        : Optional.of(
            spark
                .read()
                .option("parquet.page.verify-checksum.enabled", "true")
                .schema(BlockTable.SCHEMA)
                .parquet(batches.stream().map(Ledger::literal).toArray(String[]::new)));
  }

  /** A path in which Spark's reader finds no wildcards: it writes to names as they are. */
  static String literal(Path path) {
    return path.toString().replaceAll("[\\[\\]{}*?]", "\\\\$0");
  }

  private long count(Dataset<Row> rows) {
    try {
      return rows.count();
    } catch (Exception e) { // Spark's are checked, though not declared
      throw unreadable(e);
    }
  }

  private Iterator<Row> iterate(Dataset<Row> rows) {
    try {
      return rows.toLocalIterator();
    } catch (Exception e) { // Spark's are checked, though not declared
      throw unreadable(e);
    }
  }

  private boolean hasNext(Iterator<Row> rows) {
    try {
      return rows.hasNext();
    } catch (Exception e) {
      throw unreadable(e);
    }
  }

  private BadInputException unreadable(Exception e) {
    String reason = String.valueOf(e.getMessage()).strip().lines().findFirst().orElse("");
    return new BadInputException(
        "Cannot read ledger " + run.blocks() + ": " + reason + " (" + RootCause.line(e) + ")");
  }

  private List<Path> batches() throws IOException {
    List<Path> batches = new ArrayList<>();
    RemoteIterator<FileStatus> entries = run.files().listStatus(run.blocks());
    while (entries.hasNext()) {
      FileStatus entry = entries.next();
      if (!entry.isDirectory() || !BATCH.matcher(entry.getPath().getName()).matches()) {
        throw foreign(entry.getPath(), "only directories batch=<number> belong there");
      }
      batches.add(entry.getPath());
    }
    batches.sort((a, b) -> Long.compare(number(a), number(b)));
    return batches;
  }

  private static long number(Path batch) {
    Matcher matcher = BATCH.matcher(batch.getName());
    if (!matcher.matches()) {
      throw new IllegalArgumentException("Cannot read the number of batch " + batch);
    }
    return Long.parseLong(matcher.group(1));
  }

  private void checkFiles(Path batch) throws IOException {
    int tables = 0;
    RemoteIterator<FileStatus> entries = run.files().listStatus(batch);
    while (entries.hasNext()) {
      Path file = entries.next().getPath();
      if (file.getName().startsWith("_") || file.getName().startsWith(".")) {
        continue; // Spark's marks and Hadoop's checksums
      }
      if (!file.getName().endsWith(".parquet")) {
        throw foreign(file, "it is not a Parquet file");
      }
      checkFile(file);
      tables++;
    }
    if (tables == 0) {
      throw foreign(batch, "it holds no Parquet file");
    }
  }

  private void checkFile(Path file) {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    String schema;
    try (ParquetFileReader reader =
        ParquetFileReader.open(HadoopInputFile.fromPath(file, hadoop))) {
      schema = reader.getFileMetaData().getKeyValueMetaData().get(SPARK_SCHEMA);
    } catch (IOException | RuntimeException e) {
      throw foreign(file, "truncated or no Parquet file: " + RootCause.line(e));
    }
    if (!BlockTable.SCHEMA.json().equals(schema)) {
      throw foreign(file, "its columns are not those of blocks");
    }
  }

  private static BadInputException foreign(Path path, String reason) {
    return new BadInputException("Cannot read ledger file " + path + ": " + reason);
  }
}
