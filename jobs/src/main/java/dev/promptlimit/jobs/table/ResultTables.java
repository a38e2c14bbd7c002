package dev.promptlimit.jobs.table;

import static org.apache.spark.sql.types.DataTypes.BooleanType;
import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.createArrayType;

import dev.promptlimit.attention.Setting;
import dev.promptlimit.jobs.config.Cell;
import dev.promptlimit.stat.DeviationSummary;
import dev.promptlimit.stat.StratifiedDeviations;
import dev.promptlimit.theory.MeanScores;
import dev.promptlimit.theory.QuerySpectrum;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * {@code cells.parquet}, {@code claims.parquet}, {@code trajectories.parquet}: results for other
 * programs to read.
 */
public final class ResultTables {
  /**
   * Columns of {@code cells.parquet}; deviations and tails as in {@code summary.json}. {@code h2}
   * and {@code sharpExponent} are those of {@link QuerySpectrum}, {@code meanScoreVariance} that of
   * {@link MeanScores}; {@code subGaussianVariance} is σ² of the tokens or a bound of it.
   */
  public static final StructType CELLS =
      new StructType()
          .add("cell", StringType)
          .add("tokens", StringType)
          .add("queries", StringType)
          .add("head", StringType)
          .add("dimension", IntegerType)
          .add("outputs", IntegerType)
          .add("sampler", StringType)
          .add("promptLength", LongType)
          .add("metric", StringType)
          .add("prompts", LongType)
          .add("inadmissible", LongType)
          .add("meanSquare", DoubleType)
          .add("meanSquareLow", DoubleType)
          .add("meanSquareHigh", DoubleType)
          .add("exact", DoubleType)
          .add("delta", DoubleType)
          .add("guaranteed", BooleanType)
          .add("variance", DoubleType)
          .add("standardError", DoubleType)
          .add("effectivePrompts", DoubleType)
          .add(
              "quantiles",
              createArrayType(
                  new StructType()
                      .add("level", DoubleType)
                      .add("deviation", DoubleType)
                      .add("low", DoubleType)
                      .add("high", DoubleType)))
          .add(
              "tail",
              createArrayType(
                  new StructType()
                      .add("deviation", DoubleType)
                      .add("count", LongType)
                      .add("estimate", DoubleType)
                      .add("low", DoubleType)
                      .add("high", DoubleType)))
          .add(
              "strata",
              createArrayType(
                  new StructType()
                      .add("probability", DoubleType)
                      .add("admissible", LongType)
                      .add("meanSquare", DoubleType)
                      .add("bins", createArrayType(IntegerType))
                      .add("counts", createArrayType(LongType))))
          .add("claim", StringType)
          .add("h2", DoubleType)
          .add("sharpExponent", DoubleType)
          .add("meanScoreVariance", DoubleType)
          .add("subGaussianVariance", DoubleType)
          .add("inadmissibleReason", StringType);

  /** Columns of {@code claims.parquet}. */
  public static final StructType CLAIMS =
      new StructType()
          .add("id", StringType)
          .add("verdict", StringType)
          .add("expected", StringType)
          .add("reason", StringType)
          .add("evidence", StringType);

  static final String CELL_TABLE = "cells.parquet";
  static final String CLAIM_TABLE = "claims.parquet";
  static final String TRAJECTORIES = "trajectories.parquet";
  static final String FLOW_TABLE = "flows.parquet";

  private final SparkSession spark;
  private final RunDirectory run;

  /** The tables of a run directory. */
  public ResultTables(SparkSession spark, RunDirectory run) {
    this.spark = spark;
    this.run = run;
  }

  /** Replaces the tables. */
  public void write(Results results) throws IOException {
    for (Table table : tables(results)) {
      write(table.name, table.rows, table.schema);
    }
  }

  /** A table, and the columns by which a reader finds a row of it. */
  record Table(String name, List<Row> rows, StructType schema, List<String> key) {
    String find(Row row) {
      return key.stream()
          .map(column -> column + " " + row.getAs(column))
          .collect(Collectors.joining(", "));
    }
  }

  /** What cells of all lengths have in common, null where it is infinite or unknown. */
  private record Kind(Double scoreVariance, Double tokenVariance) {
    static Kind of(Setting setting) {
      return new Kind(
          finite(MeanScores.variance(setting)), finite(setting.tokens().proxy().variance()));
    }
  }

  private static List<Row> cells(List<CellResult> results) {
    Map<List<String>, Kind> kinds = new HashMap<>(); // they cost more than all the rest
    List<Row> rows = new ArrayList<>();
    for (CellResult result : results) {
      Cell cell = result.cell();
      List<String> names = List.of(cell.claim(), cell.tokens(), cell.queries(), cell.head());
      Kind kind = kinds.computeIfAbsent(names, key -> Kind.of(cell.setting()));
      rows.add(row(result, kind));
    }
    return rows;
  }

  static List<Table> tables(Results results) {
    List<Table> tables = new ArrayList<>();
    tables.add(
        new Table(
            CELL_TABLE,
            cells(results.cells()),
            CELLS,
            List.of("tokens", "queries", "head", "promptLength", "metric")));
    tables.add(
        new Table(
            CLAIM_TABLE,
            results.verdicts().stream().map(ResultTables::row).toList(),
            CLAIMS,
            List.of("id")));
    if (results.training().isPresent()) {
      TrainingResults training = results.training().get();
      tables.add(
          new Table(
              TRAJECTORIES,
              TrajectoryTable.rows(training),
              TrajectoryTable.SCHEMA,
              List.of("activation", "promptLength", "replicate", "step")));
      if (training.plan().flow().isPresent()) {
        tables.add(
            new Table(
                FLOW_TABLE,
                FlowResultTable.rows(training),
                FlowResultTable.SCHEMA,
                List.of("activation", "promptLength", "time")));
      }
    }
    return tables;
  }

  /**
   * How many prompts {@code cells.parquet} says that each of its cells has, by key; the most where
   * its rows disagree, nothing where it cannot be read: {@link #differences} says why.
   *
   * @throws IOException if the directory cannot be read
   */
  public Map<String, Long> publishedPrompts() throws IOException {
    if (!isThere(CELL_TABLE)) {
      return Map.of(); // Spark would warn of it at length
    }
    Map<String, Long> prompts = new HashMap<>();
    try {
      Dataset<Row> table = spark.read().schema(CELLS).parquet(literal(CELL_TABLE));
      for (Row row : table.select("cell", "prompts").na().drop().collectAsList()) {
        prompts.merge(row.getString(0), row.getLong(1), Math::max);
      }
    } catch (Exception e) { // Spark's are checked, though not declared
      return Map.of();
    }
    return prompts;
  }

  private boolean isThere(String table) throws IOException {
    return run.files().util().exists(run.path(table));
  }

  private String literal(String table) {
    return LedgerFiles.literal(run.path(table));
  }

  /**
   * What is published and differs from these results, one line a table; none where all is equal.
   */
  public List<String> differences(Results results) throws IOException {
    List<String> lines = new ArrayList<>();
    for (Table table : tables(results)) {
      differences(table, lines);
    }
    return lines;
  }

  private void differences(Table table, List<String> lines) throws IOException {
    String name = table.name;
    if (!isThere(name)) {
      lines.add(name + " is not there");
      return;
    }
    List<Row> published;
    try {
      published = spark.read().parquet(literal(name)).collectAsList();
    } catch (Exception e) { // Spark's are checked, though not declared
      lines.add(name + " cannot be read: " + RootCause.line(e));
      return;
    }
    List<Row> ours = spark.createDataFrame(table.rows, table.schema).collectAsList();
    if (published.size() != ours.size()) {
      lines.add(name + " has " + published.size() + " rows, the ledger gives " + ours.size());
      return;
    }
    for (int i = 0; i < ours.size(); i++) {
      Row row = ours.get(i);
      if (!row.json().equals(published.get(i).json())) {
        lines.add(name + ": row " + i + " differs from what the ledger gives: " + table.find(row));
      }
    }
  }

  private static Row row(ClaimResult result) {
    return RowFactory.create(
        result.claim().id(),
        result.verdict().name(),
        result.claim().expected().name(),
        result.judgement().reason(),
        Summary.json(result.judgement().evidence()));
  }

  private void write(String name, List<Row> rows, StructType schema) throws IOException {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    // one task writes one file of all rows in order; inside the task they would be too large for it
    Broadcast<List<Row>> shipped = context.broadcast(rows);
    try {
      Path staged = run.newStaging();
      JavaRDD<Row> table =
          context.parallelize(List.of(0), 1).flatMap(one -> shipped.value().iterator());
      spark.createDataFrame(table, schema).write().parquet(staged.toString());
      run.replaceDirectory(staged, name);
    } catch (Exception e) { // Spark's are checked, though not declared
      throw new IOException("Cannot write " + run.path(name) + ": " + RootCause.line(e), e);
    } finally {
      shipped.destroy();
    }
  }

  private static Row row(CellResult result, Kind kind) {
    return RowFactory.create(
        result.cell().key(),
        result.cell().tokens(),
        result.cell().queries(),
        result.cell().head(),
        result.cell().setting().dimension(),
        result.cell().setting().head().outputs(),
        result.cell().sampler().id(),
        result.cell().setting().promptLength(),
        result.metric().id(),
        result.prompts(),
        result.deviations().inadmissible(),
        finite(result.mean()),
        finite(result.meanSquare().low()),
        finite(result.meanSquare().high()),
        finite(result.exact()),
        finite(result.delta()),
        result.guaranteed(),
        finite(result.deviations().variance()),
        finite(result.deviations().standardError()),
        finite(result.effectivePrompts()),
        result.quantiles().stream()
            .map(
                q ->
                    RowFactory.create(
                        Double.valueOf(q.level()),
                        finite(q.value()),
                        finite(q.interval().low()),
                        finite(q.interval().high())))
            .toArray(),
        result.tail().stream()
            .map(
                t ->
                    RowFactory.create(
                        t.deviation(),
                        t.count(),
                        t.estimate(),
                        t.probability().low(),
                        t.probability().high()))
            .toArray(),
        strata(result.deviations()),
        result.cell().isOwn() ? null : result.cell().claim(),
        result.spectrum().map(spectrum -> finite(spectrum.h2())).orElse(null),
        result.spectrum().map(QuerySpectrum::sharpExponent).orElse(null),
        kind.scoreVariance,
        kind.tokenVariance,
        result.inadmissibleReason().orElse(null));
  }

  private static Object[] strata(StratifiedDeviations deviations) {
    Object[] rows = new Object[deviations.strata().size()];
    for (int k = 0; k < rows.length; k++) {
      DeviationSummary stratum = deviations.strata().get(k);
      int[] bins = stratum.tail().occupiedBins();
      rows[k] =
          RowFactory.create(
              deviations.probability(k),
              stratum.moments().n(),
              stratum.moments().n() == 0 ? null : stratum.moments().mean(),
              bins,
              Arrays.stream(bins).mapToLong(stratum.tail()::count).toArray());
    }
    return rows;
  }

  /** What is infinite or unknown is null. */
  private static Double finite(double x) {
    return Double.isFinite(x) ? x : null;
  }
}
