package dev.promptlimit.jobs.table;

import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.createArrayType;

import dev.promptlimit.claim.Claim;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** {@code cells.parquet} and {@code claims.parquet}: results for other programs to read. */
public final class ResultTables {
  /** Columns of {@code cells.parquet}; deviations and tails as in {@code summary.json}. */
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
          .add("variance", DoubleType)
          .add("skewness", DoubleType)
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
                      .add("low", DoubleType)
                      .add("high", DoubleType)))
          .add("bins", createArrayType(IntegerType))
          .add("counts", createArrayType(LongType));

  /** Columns of {@code claims.parquet}. */
  public static final StructType CLAIMS =
      new StructType().add("id", StringType).add("verdict", StringType).add("reason", StringType);

  private final SparkSession spark;
  private final RunDirectory run;

  /** The tables of a run directory. */
  public ResultTables(SparkSession spark, RunDirectory run) {
    this.spark = spark;
    this.run = run;
  }

  /** Replaces {@code cells.parquet}. */
  public void writeCells(List<CellResult> results) throws IOException {
    write("cells.parquet", results.stream().map(ResultTables::row).toList(), CELLS);
  }

  /** Replaces {@code claims.parquet}. */
  public void writeClaims(List<Claim> claims) throws IOException {
    List<Row> rows =
        claims.stream()
            .map(claim -> RowFactory.create(claim.id(), Verdicts.NOT_JUDGED, Verdicts.REASON))
            .toList();
    write("claims.parquet", rows, CLAIMS);
  }

  private void write(String name, List<Row> rows, StructType schema) throws IOException {
    try {
      Path staged = run.newStaging();
      spark.createDataFrame(rows, schema).coalesce(1).write().parquet(staged.toString());
      run.replaceDirectory(staged, name);
    } catch (Exception e) { // Spark's are checked, though not declared
      throw new IOException("Cannot write " + run.path(name) + ": " + RootCause.line(e), e);
    }
  }

  private static Row row(CellResult result) {
    int[] bins = result.summary().tail().occupiedBins();
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
        result.summary().inadmissible(),
        finite(result.mean()),
        finite(result.meanSquare().low()),
        finite(result.meanSquare().high()),
        finite(result.exact()),
        finite(result.delta()),
        finite(result.summary().moments().variance()),
        finite(result.summary().moments().skewness()),
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
                        t.deviation(), t.count(), t.probability().low(), t.probability().high()))
            .toArray(),
        bins,
        Arrays.stream(bins).mapToLong(result.summary().tail()::count).toArray());
  }

  /** What is infinite or unknown is null. */
  private static Double finite(double x) {
    return Double.isFinite(x) ? x : null;
  }
}
