package dev.promptlimit.jobs.table;

import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;

import dev.promptlimit.regression.FlowResult;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/**
 * The rows of {@code flows.parquet}: the flow of each prompt length beside that of infinite
 * prompts, one row a time. Risks are halves of squared errors; {@code gap} is R_L(θ_L) − R_∞(θ_∞),
 * {@code fittedRisk} the risk R_L(θ_L) on the sample that is descended, {@code infiniteRisk}
 * R_∞(θ_∞).
 */
final class FlowResultTable {
  /** Columns. */
  static final StructType SCHEMA =
      new StructType()
          .add("activation", StringType)
          .add("promptLength", LongType)
          .add("time", DoubleType)
          .add("headDistance", DoubleType)
          .add("mapDistance", DoubleType)
          .add("fittedRisk", DoubleType)
          .add("infiniteRisk", DoubleType)
          .add("gap", DoubleType)
          .add("gapLow", DoubleType)
          .add("gapHigh", DoubleType);

  private FlowResultTable() {}

  /** All rows. */
  static List<Row> rows(TrainingResults training) {
    List<Row> rows = new ArrayList<>();
    for (FlowResult flow : training.flows()) {
      for (FlowResult.Point point : flow.points()) {
        rows.add(
            RowFactory.create(
                flow.activation().id(),
                flow.promptLength(),
                point.time(),
                point.distance(),
                point.mapDistance(),
                point.fittedRisk(),
                point.limitRisk(),
                point.gap(),
                point.gapInterval().low(),
                point.gapInterval().high()));
      }
    }
    return rows;
  }
}
