package dev.promptlimit.jobs.table;

import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.createArrayType;

import dev.promptlimit.regression.TrainingState;
import dev.promptlimit.stat.Moments;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/**
 * The rows of the ledger of checkpoints: one a checkpoint, all that its run goes on from.
 *
 * <p>{@code formatVersion}, {@code run} (hash of the experiment's identity), {@code trajectory}
 * (key of the training run), {@code checkpoint}, {@code step}, weights {@code theta}, what the
 * optimiser remembers ({@code memory}), moments of the mean losses of the batches since the
 * checkpoint before, {@code divergedAt} (a step, 0 if it has not).
 */
public final class CheckpointTable {
  /** Raised when columns change. */
  static final int FORMAT_VERSION = 1;

  /** Columns. */
  public static final StructType SCHEMA =
      new StructType()
          .add("formatVersion", IntegerType)
          .add("run", StringType)
          .add("trajectory", StringType)
          .add("checkpoint", IntegerType)
          .add("step", LongType)
          .add("theta", createArrayType(DoubleType))
          .add("memory", createArrayType(DoubleType))
          .add("batches", LongType)
          .add("mean", DoubleType)
          .add("m2", DoubleType)
          .add("m3", DoubleType)
          .add("m4", DoubleType)
          .add("divergedAt", LongType);

  private CheckpointTable() {}

  /** The row of a state. */
  public static Row row(String run, String trajectory, TrainingState state) {
    Moments losses = state.losses();
    return RowFactory.create(
        FORMAT_VERSION,
        run,
        trajectory,
        state.checkpoint(),
        state.step(),
        boxed(state.theta()),
        boxed(state.memory()),
        losses.n(),
        losses.mean(),
        losses.m2(),
        losses.m3(),
        losses.m4(),
        state.divergedAt().orElse(0));
  }

  static Double[] boxed(double[] x) {
    return Arrays.stream(x).boxed().toArray(Double[]::new);
  }

  /** The state of a row. */
  static TrainingState state(Row row) {
    return new TrainingState(
        row.getAs("checkpoint"),
        row.getAs("step"),
        numbers(row, "theta"),
        numbers(row, "memory"),
        new Moments(
            row.getAs("batches"),
            row.getAs("mean"),
            row.getAs("m2"),
            row.getAs("m3"),
            row.getAs("m4")),
        row.getAs("divergedAt"));
  }

  static double[] numbers(Row row, String column) {
    List<Double> numbers = row.getList(row.fieldIndex(column));
    return numbers.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
