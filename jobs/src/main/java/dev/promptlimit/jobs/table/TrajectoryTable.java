package dev.promptlimit.jobs.table;

import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.createArrayType;

import dev.promptlimit.attention.Head;
import dev.promptlimit.regression.TrainingState;
import dev.promptlimit.stat.Moments;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/**
 * The rows of {@code trajectories.parquet}: one a checkpoint of a training run, the start first.
 * Losses and risks are halves of squared errors. {@code trainingLoss} is the mean over the batches
 * since the checkpoint before, while weights moved; {@code testRisk} is that of the weights. The
 * partner of a run is the one with the other activation; {@code theta} holds the weights, {@code u}
 * (row-major) and {@code v} the head they give. Unknown numbers are null.
 */
final class TrajectoryTable {
  /** Columns. */
  static final StructType SCHEMA =
      new StructType()
          .add("trajectory", StringType)
          .add("activation", StringType)
          .add("promptLength", LongType)
          .add("replicate", IntegerType)
          .add("checkpoint", IntegerType)
          .add("step", LongType)
          .add("divergedAt", LongType)
          .add("trainingLoss", DoubleType)
          .add("trainingLossError", DoubleType)
          .add("testRisk", DoubleType)
          .add("testRiskLow", DoubleType)
          .add("testRiskHigh", DoubleType)
          .add("infiniteRisk", DoubleType)
          .add("ridgeRisk", DoubleType)
          .add("ridgeRiskLow", DoubleType)
          .add("ridgeRiskHigh", DoubleType)
          .add("h2", DoubleType)
          .add("mapToOptimum", DoubleType)
          .add("mapToPartner", DoubleType)
          .add("headToPartner", DoubleType)
          .add("headToStart", DoubleType)
          .add("theta", createArrayType(DoubleType))
          .add("u", createArrayType(DoubleType))
          .add("v", createArrayType(DoubleType));

  private TrajectoryTable() {}

  /** The mean loss of the batches since the checkpoint before; NaN at the start. */
  static double trainingLoss(TrainingState state) {
    return state.losses().n() == 0 ? Double.NaN : state.losses().mean();
  }

  /** All rows, in the order of the runs. */
  static List<Row> rows(TrainingResults training) {
    List<Row> rows = new ArrayList<>();
    for (TrajectoryResult trajectory : training.trajectories()) {
      for (CheckpointResult checkpoint : trajectory.checkpoints()) {
        rows.add(row(training, trajectory, checkpoint));
      }
    }
    return rows;
  }

  private static Row row(
      TrainingResults training, TrajectoryResult trajectory, CheckpointResult checkpoint) {
    TrainingState state = checkpoint.state();
    Moments losses = state.losses();
    TrainingResults.Ridge ridge = training.ridge().get(trajectory.run().promptLength());
    Head head = checkpoint.head();
    OptionalLong diverged = state.divergedAt();
    return RowFactory.create(
        trajectory.run().key(),
        trajectory.run().activation().id(),
        trajectory.run().promptLength(),
        trajectory.run().replicate(),
        state.checkpoint(),
        state.step(),
        diverged.isPresent() ? (Long) diverged.getAsLong() : null,
        known(trainingLoss(state)),
        known(losses.n() < 2 ? Double.NaN : Math.sqrt(losses.variance() / losses.n())),
        known(checkpoint.risk()),
        known(checkpoint.riskInterval().low()),
        known(checkpoint.riskInterval().high()),
        known(checkpoint.infiniteRisk()),
        known(ridge == null ? Double.NaN : ridge.risk()),
        known(ridge == null ? Double.NaN : ridge.interval().low()),
        known(ridge == null ? Double.NaN : ridge.interval().high()),
        known(checkpoint.h2()),
        known(checkpoint.toOptimum()),
        known(training.mapToPartner(trajectory, checkpoint)),
        known(training.headToPartner(trajectory, checkpoint)),
        known(TrainingResults.headDistance(head, trajectory.checkpoints().get(0).head())),
        CheckpointTable.boxed(state.theta()),
        IntStream.range(0, head.dimension())
            .boxed()
            .flatMap(i -> List.of(CheckpointTable.boxed(head.u().getRow(i))).stream())
            .toArray(Double[]::new),
        CheckpointTable.boxed(head.v().getRow(0)));
  }

  private static Double known(double x) {
    return Double.isFinite(x) ? (Double) x : null;
  }
}
