package dev.promptlimit.jobs.table;

import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.createArrayType;

import dev.promptlimit.attention.BlockSummary;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.stat.DeviationSummary;
import dev.promptlimit.stat.Moments;
import dev.promptlimit.stat.TailHistogram;
import dev.promptlimit.stat.Weights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/**
 * The rows of the ledger: one a block.
 *
 * <p>{@code formatVersion}, {@code run} (hash of the experiment's identity), {@code cell} (key),
 * {@code stratum} (of the queries, 0 where there is one), {@code block}, {@code prompts}, {@code
 * weightSum}, {@code weightSquareSum}, and for each metric its name, the number of inadmissible
 * prompts, count, mean and central power sums of the squared deviation and the occupied bins of the
 * {@link TailHistogram} with their counts.
 */
public final class BlockTable {
  /** Raised when columns change. */
  public static final int FORMAT_VERSION = 1;

  private static final StructType METRIC =
      new StructType()
          .add("metric", StringType)
          .add("inadmissible", LongType)
          .add("n", LongType)
          .add("mean", DoubleType)
          .add("m2", DoubleType)
          .add("m3", DoubleType)
          .add("m4", DoubleType)
          .add("bins", createArrayType(IntegerType))
          .add("counts", createArrayType(LongType));

  /** Columns of the ledger. */
  public static final StructType SCHEMA =
      new StructType()
          .add("formatVersion", IntegerType)
          .add("run", StringType)
          .add("cell", StringType)
          .add("stratum", IntegerType)
          .add("block", LongType)
          .add("prompts", LongType)
          .add("weightSum", DoubleType)
          .add("weightSquareSum", DoubleType)
          .add("metrics", createArrayType(METRIC));

  private BlockTable() {}

  /** The row of a block. */
  public static Row row(String run, String cell, int stratum, long block, BlockSummary summary) {
    List<Row> metrics = new ArrayList<>();
    summary
        .deviations()
        .forEach(
            (metric, deviation) -> {
              Moments moments = deviation.moments();
              int[] bins = deviation.tail().occupiedBins();
              metrics.add(
                  RowFactory.create(
                      metric.id(),
                      deviation.inadmissible(),
                      moments.n(),
                      moments.mean(),
                      moments.m2(),
                      moments.m3(),
                      moments.m4(),
                      bins,
                      Arrays.stream(bins).mapToLong(deviation.tail()::count).toArray()));
            });
    return RowFactory.create(
        FORMAT_VERSION,
        run,
        cell,
        stratum,
        block,
        summary.prompts(),
        summary.weights().sum(),
        summary.weights().squareSum(),
        metrics.toArray());
  }

  /** The block of a row. */
  static BlockSummary summary(Row row) {
    Map<Metric, DeviationSummary> deviations = new EnumMap<>(Metric.class);
    for (Row metric : row.<Row>getList(row.fieldIndex("metrics"))) {
      TailHistogram tail = new TailHistogram();
      List<Integer> bins = metric.getList(metric.fieldIndex("bins"));
      List<Long> counts = metric.getList(metric.fieldIndex("counts"));
      for (int i = 0; i < bins.size(); i++) {
        tail.add(bins.get(i), counts.get(i));
      }
      Moments moments =
          new Moments(
              metric.getAs("n"),
              metric.getAs("mean"),
              metric.getAs("m2"),
              metric.getAs("m3"),
              metric.getAs("m4"));
      deviations.put(
          Metric.of(metric.getAs("metric")).orElseThrow(),
          new DeviationSummary(metric.getAs("inadmissible"), moments, tail));
    }
    return new BlockSummary(
        row.getAs("prompts"),
        new Weights(row.getAs("weightSum"), row.getAs("weightSquareSum")),
        deviations);
  }
}
