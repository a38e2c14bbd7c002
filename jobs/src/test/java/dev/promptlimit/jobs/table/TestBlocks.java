package dev.promptlimit.jobs.table;

import dev.promptlimit.attention.BlockSummary;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.jobs.TestSpark;
import dev.promptlimit.jobs.config.Blocks;
import dev.promptlimit.jobs.config.Cell;
import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.stat.DeviationSummary;
import dev.promptlimit.stat.Weights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;

/** Blocks and files for tests. */
public final class TestBlocks {
  private TestBlocks() {}

  /** These blocks of these cells, by key. */
  public static PublishedBlocks published(Map<String, List<Long>> blocks) {
    PublishedBlocks published = new PublishedBlocks();
    blocks.forEach(
        (cell, numbers) ->
            numbers.stream().sorted().forEach(block -> published.add(cell, block, block + 1)));
    return published;
  }

  /** The first blocks of two cells. */
  public static PublishedBlocks published(String one, long first, String other, long second) {
    PublishedBlocks published = new PublishedBlocks();
    published.add(one, 0, first);
    published.add(other, 0, second);
    return published;
  }

  /** A block of a cell, simulated here and now. */
  public static BlockSummary simulate(Cell cell, long seed, long block) {
    int stratum = cell.strata().stratum(block);
    return BlockSummary.simulate(
        cell.newSampler(stratum),
        StreamKey.ofBlock(seed, cell.key(), block),
        Blocks.of(cell).promptsPerBlock(),
        cell.strata().weight(stratum));
  }

  /** The results of an experiment whose cells have one stratum and these blocks. */
  public static List<CellResult> results(Experiment experiment, Map<String, BlockSummary> merged) {
    return new CellResults(experiment).of(whole(merged));
  }

  /** Cells of one stratum. */
  static Map<String, MergedCell> whole(Map<String, BlockSummary> blocks) {
    Map<String, MergedCell> whole = new TreeMap<>();
    blocks.forEach((key, summary) -> whole.put(key, new MergedCell(List.of(summary))));
    return whole;
  }

  /** All that a ledger holds of some cells of one stratum. */
  static Map<String, BlockSummary> merge(Ledger ledger, Collection<Cell> cells) throws IOException {
    Map<String, BlockSummary> merged = new TreeMap<>();
    ledger
        .merge(cells, cell -> Long.MAX_VALUE)
        .forEach((key, cell) -> merged.put(key, cell.strata().get(0)));
    return merged;
  }

  /** A block of a cell in which no prompt is admissible. */
  public static BlockSummary inadmissible(Cell cell) {
    Map<Metric, DeviationSummary> deviations = new EnumMap<>(Metric.class);
    double[] squared = {Double.NaN, Double.POSITIVE_INFINITY, -1};
    cell.metrics().forEach(metric -> deviations.put(metric, DeviationSummary.of(squared, 3)));
    return new BlockSummary(3, Weights.unit(3), deviations);
  }

  /** Rows as tasks make them. */
  static JavaRDD<Row> rdd(List<Row> rows) {
    SparkContext spark = TestSpark.session().sparkContext();
    return JavaSparkContext.fromSparkContext(spark).parallelize(rows, 2);
  }

  /** Opens the run directory of an experiment below a directory, and lets others write too. */
  public static RunDirectory open(Path runs, Experiment experiment) throws IOException {
    RunDirectory run =
        RunDirectory.open(
            runs.toString(), experiment, TestSpark.session().sparkContext().hadoopConfiguration());
    run.close();
    return run;
  }

  /** What a directory holds: for every file its size and hash, for every directory "directory". */
  public static SortedMap<String, String> listing(Path directory) {
    SortedMap<String, String> listing = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : (Iterable<Path>) paths::iterator) {
        listing.put(directory.relativize(path).toString(), describe(path));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return listing;
  }

  /** Copies all that a directory holds into another one. */
  public static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> paths = Files.walk(from)) {
      for (Path path : (Iterable<Path>) paths::iterator) {
        Path copy = to.resolve(from.relativize(path));
        if (Files.isDirectory(path)) {
          Files.createDirectories(copy);
        } else {
          Files.copy(path, copy);
        }
      }
    }
  }

  /** Removes a directory of files. */
  public static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  private static String describe(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      return "directory";
    }
    byte[] content = Files.readAllBytes(path);
    return content.length + " " + HexFormat.of().formatHex(sha256(content));
  }

  private static byte[] sha256(byte[] content) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(content);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Where the footer of a Parquet file begins: its length stands before the last four bytes. */
  public static int footerStart(byte[] parquet) {
    int end = parquet.length - 8;
    int length = 0;
    for (int i = 3; i >= 0; i--) {
      length = (length << 8) | Byte.toUnsignedInt(parquet[end + i]);
    }
    return end - length;
  }
}
