package dev.promptlimit.jobs.table;

import static org.apache.spark.sql.functions.col;

import dev.promptlimit.jobs.config.BadInputException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
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
import org.apache.spark.sql.types.StructType;

/**
 * The files of a ledger: {@code <directory>/batch=<k>/}, Parquet.
 *
 * <p>A batch is written under {@code _staging} and published by one rename that fails if the name
 * is taken, so that a batch is there wholly or not at all. Every file is checked before anything is
 * read: a truncated or foreign one is named and refused. Rows begin with {@code formatVersion} and
 * {@code run}, the hash of the experiment's identity.
 */
final class LedgerFiles {
  private static final Pattern BATCH = Pattern.compile("batch=(\\d{1,18})");

  private static final String SPARK_SCHEMA = "org.apache.spark.sql.parquet.row.metadata";

  private final SparkSession spark;
  private final RunDirectory run;
  private final Path directory;
  private final Format format;

  /**
   * What a ledger's rows are.
   *
   * @param what rows in words, as in "blocks"
   * @param schema their columns
   * @param version their format version
   * @param key column of a row's name, as in "cell"
   * @param number column of its number, as in "block"
   */
  record Format(String what, StructType schema, int version, String key, String number) {}

  LedgerFiles(SparkSession spark, RunDirectory run, Path directory, Format format) {
    this.spark = spark;
    this.run = run;
    this.directory = directory;
    this.format = format;
  }

  /** Writes rows, sorted by key and number, and publishes them as the next batch. */
  void publish(Dataset<Row> rows) throws IOException {
    try {
      Path staged = run.newStaging();
      rows.repartition(1)
          .sortWithinPartitions(format.key, format.number)
          .write()
          .parquet(staged.toString());
      synchronized (this) { // two batches must not take the same number
        long next = 0;
        for (Path batch : batches()) {
          next = Math.max(next, number(batch) + 1);
        }
        run.files().mkdir(directory, null, true);
        run.files().rename(staged, new Path(directory, "batch=" + next), Options.Rename.NONE);
      }
    } catch (BadInputException e) {
      throw e;
    } catch (Exception e) { // Spark's are checked, though not declared
      throw new IOException(
          "Cannot publish " + format.what + " in " + directory + ": " + RootCause.line(e), e);
    }
  }

  /** All rows, once all files have been checked; empty if there are no batches. */
  Optional<Dataset<Row>> rows() throws IOException {
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
                .schema(format.schema)
                .parquet(batches.stream().map(LedgerFiles::literal).toArray(String[]::new)));
  }

  /**
   * Hands out every row once, checked, sorted by key and number.
   *
   * @throws BadInputException if a file or a row is not one of this ledger, or a row is there twice
   *     with different content
   */
  void each(Consumer<Row> consumer) throws IOException {
    Optional<Dataset<Row>> rows = rows();
    if (rows.isEmpty()) {
      return;
    }
    Column[] order = {col(format.key), col(format.number)};
    Iterator<Row> iterator =
        iterate(rows.get().repartitionByRange(1, order).sortWithinPartitions(order));
    Row previous = null;
    while (hasNext(iterator)) {
      Row row = iterator.next();
      check(row);
      if (!repeats(row, previous)) {
        consumer.accept(row);
      }
      previous = row;
    }
  }

  /**
   * Refuses a row of another format or run, or without key or number.
   *
   * @throws BadInputException if it is one
   */
  void check(Row row) {
    Integer version = row.getAs("formatVersion");
    if (!Integer.valueOf(format.version).equals(version)) {
      throw unreadable(
          "a row has format version " + version + ", this program reads " + format.version);
    }
    Number number = row.getAs(format.number);
    if (row.getAs(format.key) == null || number == null || number.longValue() < 0) {
      throw unreadable("a row is " + name(row));
    }
    if (!run.hash().equals(row.getAs("run"))) {
      throw unreadable(
          name(row) + " belongs to run " + row.getAs("run") + ", this is run " + run.hash());
    }
  }

  /** What to throw where a row makes no sense. */
  BadInputException nonsense(Row row, String reason) {
    return unreadable(name(row) + " makes no sense (" + reason + ")");
  }

  /** Two runs at once may have published a row twice; it is the same row or an error. */
  boolean repeats(Row row, Row previous) {
    if (previous == null
        || !row.getAs(format.key).equals(previous.getAs(format.key))
        || !row.getAs(format.number).equals(previous.getAs(format.number))) {
      return false;
    }
    if (!row.equals(previous)) {
      throw unreadable(name(row) + " is there twice with different content");
    }
    return true;
  }

  private String name(Row row) {
    return String.format(
        Locale.ROOT,
        "%s %s of %s %s",
        format.number,
        row.getAs(format.number),
        format.key,
        row.getAs(format.key));
  }

  private BadInputException unreadable(String reason) {
    return new BadInputException("Cannot read ledger " + directory + ": " + reason);
  }

  /** A path in which Spark's reader finds no wildcards: it writes to names as they are. */
  static String literal(Path path) {
    return path.toString().replaceAll("[\\[\\]{}*?]", "\\\\$0");
  }

  long count(Dataset<Row> rows) {
    try {
      return rows.count();
    } catch (Exception e) { // Spark's are checked, though not declared
      throw unreadable(e);
    }
  }

  Iterator<Row> iterate(Dataset<Row> rows) {
    try {
      return rows.toLocalIterator();
    } catch (Exception e) { // Spark's are checked, though not declared
      throw unreadable(e);
    }
  }

  boolean hasNext(Iterator<Row> rows) {
    try {
      return rows.hasNext();
    } catch (Exception e) {
      throw unreadable(e);
    }
  }

  private BadInputException unreadable(Exception e) {
    String reason = String.valueOf(e.getMessage()).strip().lines().findFirst().orElse("");
    return new BadInputException(
        "Cannot read ledger " + directory + ": " + reason + " (" + RootCause.line(e) + ")");
  }

  private List<Path> batches() throws IOException {
    List<Path> batches = new ArrayList<>();
    if (!run.files().util().exists(directory)) {
      return batches;
    }
    RemoteIterator<FileStatus> entries = run.files().listStatus(directory);
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
    if (!format.schema.json().equals(schema)) {
      throw foreign(file, "its columns are not those of " + format.what);
    }
  }

  private static BadInputException foreign(Path path, String reason) {
    return new BadInputException("Cannot read ledger file " + path + ": " + reason);
  }
}
