package dev.promptlimit.jobs.table;

import static org.apache.spark.sql.functions.col;

import dev.promptlimit.jobs.config.BadInputException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The tables of a ledger: {@code <directory>/batch=<k>/}, Parquet, kept as {@link BatchFiles}
 * tells. Every file is checked before anything is read: a truncated or foreign one is named and
 * refused.
 */
final class LedgerFiles {
  private static final String SPARK_SCHEMA = "org.apache.spark.sql.parquet.row.metadata";

  private final SparkSession spark;
  private final Path directory;
  private final RowCheck check;
  private final BatchFiles batches;

  LedgerFiles(SparkSession spark, RunDirectory run, Path directory, RowCheck.Format format) {
    this.spark = spark;
    this.directory = directory;
    check = new RowCheck(directory.toString(), run.hash(), format);
    batches = new BatchFiles(run, directory);
  }

  /** What its rows must be. */
  RowCheck check() {
    return check;
  }

  /** Writes rows, sorted by key and number, into one file and publishes it as the next batch. */
  void publish(Dataset<Row> rows) throws IOException {
    publishAsTheyAre(rows.repartition(1).sortWithinPartitions(order()));
  }

  /**
   * Writes rows that tasks make, sorted by key and number, into one file and publishes it as the
   * next batch. They are gathered as they are: Spark's own format of rows is compiled anew in every
   * task that uses it, which one task is enough for.
   */
  void publish(JavaRDD<Row> rows) throws IOException {
    Dataset<Row> gathered = spark.createDataFrame(rows.repartition(1), check.format().schema());
    publishAsTheyAre(gathered.sortWithinPartitions(order()));
  }

  /** Writes rows, a file for each partition, and publishes them as the next batch. */
  void publishAsTheyAre(Dataset<Row> rows) throws IOException {
    try {
      batches.publish(written -> rows.write().parquet(written.toString()));
    } catch (BadInputException e) {
      throw e;
    } catch (Exception e) { // Spark's are checked, though not declared
      throw new IOException(
          "Cannot publish " + check.format().what() + " in " + directory + ": " + RootCause.line(e),
          e);
    }
  }

  private Column[] order() {
    return new Column[] {col(check.format().key()), col(check.format().number())};
  }

  /** The published batches, all of whose files have been checked. */
  List<BatchFiles.Batch> batches() throws IOException {
    return batches.published(this::checkFile);
  }

  /** Removes batches whose rows have been published elsewhere. */
  void retire(List<BatchFiles.Batch> old) throws IOException {
    batches.retire(old);
  }

  /** All rows, once all files have been checked; empty if there are no batches. */
  Optional<Dataset<Row>> rows() throws IOException {
    return rows(batches());
  }

  /** The rows of some batches; empty if there are none. */
  Optional<Dataset<Row>> rows(List<BatchFiles.Batch> some) {
    String[] paths =
        some.stream()
            .flatMap(batch -> batch.files().stream())
            .map(file -> literal(file.getPath()))
            .toArray(String[]::new);
    return paths.length == 0
        ? Optional.empty()
        : Optional.of(
            spark
                .read()
                .option("parquet.page.verify-checksum.enabled", "true")
                .schema(check.format().schema())
                .parquet(paths));
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
    Iterator<Row> iterator = iterate(rows.get().repartition(1).sortWithinPartitions(order()));
    Row previous = null;
    while (hasNext(iterator)) {
      Row row = iterator.next();
      check.check(row);
      if (!check.repeats(row, previous)) {
        consumer.accept(row);
      }
      previous = row;
    }
  }

  /** Publishes all rows as one batch and removes those that there were. */
  Compaction compact() throws IOException {
    List<BatchFiles.Batch> old = batches();
    Compaction.Size before = Compaction.Size.of(old);
    if (old.size() > 1) {
      List<Row> rows = new ArrayList<>();
      each(rows::add);
      publish(spark.createDataFrame(rows, check.format().schema()));
      retire(old);
    }
    return new Compaction(before, Compaction.Size.of(batches()));
  }

  /** A path in which Spark's reader finds no wildcards: it writes to names as they are. */
  static String literal(Path path) {
    return path.toString().replaceAll("[\\[\\]{}*?]", "\\\\$0");
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

  /** What to throw where Spark could not read. */
  BadInputException unreadable(Exception e) {
    Throwable said = e;
    while (said.getCause() != null && !String.valueOf(said.getMessage()).startsWith("[")) {
      said = said.getCause(); // [FAILED_READ_FILE…] names the file
    }
    String reason = String.valueOf(said.getMessage()).strip().lines().findFirst().orElse("");
    return check.unreadable(reason + " (" + RootCause.line(e) + ")");
  }

  private void checkFile(Path file) {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    String schema;
    try (ParquetFileReader reader =
        ParquetFileReader.open(HadoopInputFile.fromPath(file, hadoop))) {
      schema = reader.getFileMetaData().getKeyValueMetaData().get(SPARK_SCHEMA);
    } catch (IOException | RuntimeException e) {
      throw BatchFiles.foreign(file, "truncated or no Parquet file: " + RootCause.line(e));
    }
    if (!check.format().schema().json().equals(schema)) {
      throw BatchFiles.foreign(file, "its columns are not those of " + check.format().what());
    }
  }
}
