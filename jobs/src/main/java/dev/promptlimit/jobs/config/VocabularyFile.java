package dev.promptlimit.jobs.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.schema.MessageType;

/**
 * The table of a vocabulary, read from a Parquet file or from all files of a folder in the order of
 * their names, without Spark. Files whose names begin with a dot or an underscore are no part of a
 * table.
 *
 * <p>Rows of frequency 0 are allowed: tokens that never occur. Frequencies need not be whole.
 */
final class VocabularyFile {
  /** Most numbers in a table: half a gibibyte, which driver and executors hold. */
  static final long MAX_NUMBERS = 1L << 26;

  /** A table is held as read, on its way to the executors, and by these. */
  static final int COPIES = 3;

  /** What a run needs beside tables. */
  private static final long BESIDE = 256 << 20;

  private final String embedding;
  private final Optional<String> frequency;
  private final List<double[]> rows = new ArrayList<>();
  private final DoubleStream.Builder counts = DoubleStream.builder();
  private double[] row = new double[Keys.MAX_DIMENSION];
  private double[] frequencies;

  private VocabularyFile(String embedding, Optional<String> frequency) {
    this.embedding = embedding;
    this.frequency = frequency;
  }

  /** Why a table cannot be used, and which key is to blame. */
  static final class Unusable extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Key<?> key;

    Unusable(Key<?> key, String reason) {
      super(reason);
      this.key = key;
    }

    Key<?> key() {
      return key;
    }
  }

  /**
   * Reads a table.
   *
   * @param embedding column of embeddings, each a list of floats or doubles of one length
   * @param frequency column of numbers; all are equal without it
   */
  static VocabularyFile read(Path path, String embedding, Optional<String> frequency)
      throws Unusable {
    VocabularyFile table = new VocabularyFile(embedding, frequency);
    List<Path> parts = parts(path);
    for (Path part : parts) {
      String where = parts.size() > 1 ? part.getFileName() + ": " : "";
      try {
        table.readPart(part);
      } catch (Unusable e) {
        throw new Unusable(e.key(), where + e.getMessage());
      } catch (IOException | RuntimeException | LinkageError e) { // Parquet's are of all kinds
        throw new Unusable(
            Keys.FILE,
            where + "it cannot be read as Parquet: " + Problems.shortened(String.valueOf(e), 300));
      }
    }
    table.finish();
    return table;
  }

  private static List<Path> parts(Path path) throws Unusable {
    if (!Files.isDirectory(path)) {
      if (!Files.isReadable(path)) {
        throw new Unusable(Keys.FILE, "there is no such readable file");
      }
      return List.of(path);
    }
    List<Path> parts;
    try (Stream<Path> files = Files.list(path)) {
      parts =
          files
              .filter(file -> !file.getFileName().toString().matches("[._].*"))
              .sorted((a, b) -> a.getFileName().toString().compareTo(b.getFileName().toString()))
              .toList();
    } catch (IOException e) {
      throw new Unusable(Keys.FILE, "the folder cannot be read: " + e);
    }
    for (Path part : parts) {
      if (!Files.isRegularFile(part)) {
        throw new Unusable(
            Keys.FILE, "the folder holds " + part.getFileName() + ", allowed: Parquet files only");
      }
    }
    if (parts.isEmpty()) {
      throw new Unusable(Keys.FILE, "the folder holds no file");
    }
    return parts;
  }

  private void readPart(Path part) throws IOException, Unusable {
    ParquetReadOptions options =
        ParquetReadOptions.builder(new PlainParquetConfiguration()).build();
    try (ParquetFileReader reader = ParquetFileReader.open(new LocalInputFile(part), options)) {
      VocabularyColumns columns =
          VocabularyColumns.of(reader.getFileMetaData().getSchema(), embedding, frequency);
      MessageType schema = columns.schema();
      reader.setRequestedSchema(schema);
      long total = rows.size() + reader.getRecordCount();
      if (!rows.isEmpty()) {
        requireMemory(total, rows.get(0).length);
      }
      for (PageReadStore group; (group = reader.readNextRowGroup()) != null; ) {
        ColumnReadStoreImpl store =
            new ColumnReadStoreImpl(
                group, new Nowhere(), schema, reader.getFileMetaData().getCreatedBy());
        ColumnReader embeddings = store.getColumnReader(columns.embedding());
        ColumnReader numbers = columns.frequency().map(store::getColumnReader).orElse(null);
        for (long i = 0; i < group.getRowCount(); i++) {
          readEmbedding(columns, embeddings, total);
          if (numbers != null) {
            readFrequency(columns, numbers);
          }
        }
      }
    }
  }

  /** Adds a row; {@code total} of them are to be expected. */
  private void readEmbedding(VocabularyColumns columns, ColumnReader reader, long total)
      throws Unusable {
    int n = 0;
    do {
      String trouble = columns.trouble(reader.getCurrentDefinitionLevel());
      if (!trouble.isEmpty()) {
        throw inEmbedding(trouble);
      }
      if (n == Keys.MAX_DIMENSION) {
        throw inEmbedding("has more than " + n + " entries, allowed: 1 to " + n);
      }
      double x = columns.number(columns.embedding(), reader);
      if (!Double.isFinite(x)) {
        throw inEmbedding("has the entry " + x + ", allowed: finite numbers");
      }
      row[n++] = x;
      reader.consume();
    } while (reader.getCurrentRepetitionLevel() > 0);
    if (rows.isEmpty()) {
      if (total * n > MAX_NUMBERS) {
        throw tooLarge(total, n);
      }
      requireMemory(total, n);
    } else if (n != rows.get(0).length) {
      throw inEmbedding("has " + n + " entries, row 0 has " + rows.get(0).length);
    } else if (rows.size() >= MAX_NUMBERS / n) {
      throw tooLarge(total, n);
    }
    rows.add(Arrays.copyOf(row, n));
  }

  private void readFrequency(VocabularyColumns columns, ColumnReader reader) throws Unusable {
    String what = "row " + (rows.size() - 1) + " of column " + frequency.orElseThrow();
    if (reader.getCurrentDefinitionLevel()
        < columns.frequency().orElseThrow().getMaxDefinitionLevel()) {
      throw new Unusable(Keys.FREQUENCY, what + " is null");
    }
    double x = columns.number(columns.frequency().orElseThrow(), reader);
    if (!(x >= 0 && x < Double.POSITIVE_INFINITY)) {
      throw new Unusable(Keys.FREQUENCY, what + " is " + x + ", allowed: finite numbers ≥ 0");
    }
    counts.add(x);
    reader.consume();
  }

  private Unusable inEmbedding(String trouble) {
    return new Unusable(
        Keys.EMBEDDING, "row " + rows.size() + " of column " + embedding + " " + trouble);
  }

  private static Unusable tooLarge(long total, int n) {
    return new Unusable(
        Keys.FILE,
        "it has " + total + " rows of " + n + " numbers, allowed: " + MAX_NUMBERS + " numbers");
  }

  /** Refuses what would end in the middle of a run, and not in words. */
  private static void requireMemory(long total, int n) throws Unusable {
    long mebibytes = (COPIES * total * n * Double.BYTES + BESIDE) >> 20;
    long available = Runtime.getRuntime().maxMemory() >> 20;
    if (mebibytes > available) {
      throw new Unusable(
          Keys.FILE,
          String.format(
              Locale.ROOT,
              "it has %d rows of %d numbers, which need about %d MiB of memory, and there are %d;"
                  + " to have more: submit/promptlimit --driver-memory %dm -- run …",
              total,
              n,
              mebibytes,
              available,
              mebibytes + mebibytes / 4));
    }
  }

  private void finish() throws Unusable {
    if (rows.isEmpty()) {
      throw new Unusable(Keys.FILE, "it has no rows");
    }
    frequencies = counts.build().toArray();
    if (frequency.isEmpty()) {
      frequencies = new double[rows.size()];
      Arrays.fill(frequencies, 1);
    }
    double sum = Arrays.stream(frequencies).sum();
    if (!(sum > 0 && sum < Double.POSITIVE_INFINITY)) {
      throw new Unusable(
          Keys.FREQUENCY,
          "the sum of column "
              + frequency.orElseThrow()
              + " is "
              + sum
              + ", allowed: finite numbers > 0");
    }
  }

  /** One row for each entry, all of one length. */
  double[][] embeddings() {
    return rows.toArray(new double[0][]);
  }

  /** What the probabilities are proportional to. */
  double[] frequencies() {
    return frequencies.clone();
  }

  /** Column readers want to know where values go; ours are fetched. */
  private static final class Nowhere extends GroupConverter {
    @Override
    public Converter getConverter(int fieldIndex) {
      return this;
    }

    @Override
    public PrimitiveConverter asPrimitiveConverter() {
      return new PrimitiveConverter() {};
    }

    @Override
    public void start() {}

    @Override
    public void end() {}
  }
}
