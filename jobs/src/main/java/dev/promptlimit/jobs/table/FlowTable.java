package dev.promptlimit.jobs.table;

import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.createArrayType;

import dev.promptlimit.attention.Head;
import dev.promptlimit.jobs.config.FlowPlan;
import dev.promptlimit.regression.HeadFlow;
import dev.promptlimit.regression.Parametrisation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * The published gradient flows: {@code flows/batch=<k>/}, Parquet, one row a prompt length, kept as
 * {@link LedgerFiles} tells.
 *
 * <p>{@code formatVersion}, {@code run} (hash of the experiment's identity), {@code flow} (key of
 * the plan), {@code promptLength}, and the {@code states} of the flow: time, risk and invariant as
 * they were followed, U (row-major) and v; or, if it could not be followed, no states and the
 * {@code problem}.
 */
public final class FlowTable {
  private static final StructType STATE =
      new StructType()
          .add("time", DoubleType)
          .add("risk", DoubleType)
          .add("invariant", DoubleType)
          .add("head", createArrayType(DoubleType));

  private static final StructType SCHEMA =
      new StructType()
          .add("formatVersion", IntegerType)
          .add("run", StringType)
          .add("flow", StringType)
          .add("promptLength", LongType)
          .add("states", createArrayType(STATE))
          .add("problem", StringType);

  private static final int FORMAT_VERSION = 1;

  private static final RowCheck.Format FORMAT =
      new RowCheck.Format("flows", SCHEMA, FORMAT_VERSION, "flow", "promptLength");

  private final SparkSession spark;
  private final RunDirectory run;
  private final LedgerFiles files;

  /** Those of a run directory. */
  public FlowTable(SparkSession spark, RunDirectory run) {
    this.spark = spark;
    this.run = run;
    files = new LedgerFiles(spark, run, run.path("flows"), FORMAT);
  }

  /** Publishes the flow of one prompt length. */
  public void publish(FlowPlan plan, long promptLength, FollowedFlow flow) throws IOException {
    Row[] rows =
        flow.states().stream()
            .map(
                state ->
                    RowFactory.create(
                        state.time(),
                        state.risk(),
                        state.invariant(),
                        CheckpointTable.boxed(weights(state.head()))))
            .toArray(Row[]::new);
    Row row =
        RowFactory.create(
            FORMAT_VERSION, run.hash(), plan.key(), promptLength, rows, flow.problem());
    files.publish(spark.createDataFrame(List.of(row), SCHEMA));
  }

  private static double[] weights(Head head) {
    return DoubleStream.concat(
            Arrays.stream(head.u().getData()).flatMapToDouble(Arrays::stream),
            Arrays.stream(head.v().getRow(0)))
        .toArray();
  }

  /** Makes one batch of all; nothing else changes. */
  public Compaction compact() throws IOException {
    return files.compact();
  }

  /**
   * Each published flow of a plan, by prompt length.
   *
   * @throws dev.promptlimit.jobs.config.BadInputException if a file is truncated, foreign or of
   *     another format, or a row makes no sense
   */
  public Map<Long, FollowedFlow> flows(FlowPlan plan) throws IOException {
    Map<Long, FollowedFlow> flows = new HashMap<>();
    files.each(
        row -> {
          if (row.getAs("flow").equals(plan.key())) {
            flows.put(row.getAs("promptLength"), flow(row, plan));
          }
        });
    return flows;
  }

  private FollowedFlow flow(Row row, FlowPlan plan) {
    FollowedFlow flow;
    try {
      String problem = row.<String>getAs("problem").strip();
      flow = new FollowedFlow(states(row, plan.start().dimension()), problem);
    } catch (RuntimeException e) { // nulls, heads of another shape
      throw files.check().nonsense(row, e.toString());
    }
    double[] times = flow.states().stream().mapToDouble(HeadFlow.State::time).toArray();
    boolean whole = Arrays.equals(times, plan.comparison(0.5).times());
    if (flow.problem().isEmpty() ? !whole : times.length > 0) {
      throw files.check().nonsense(row, "its times are not those of the flow it belongs to");
    }
    return flow;
  }

  private static List<HeadFlow.State> states(Row row, int dimension) {
    List<HeadFlow.State> states = new ArrayList<>();
    for (Row state : row.<Row>getList(row.fieldIndex("states"))) {
      double[] weights = CheckpointTable.numbers(state, "head");
      states.add(
          new HeadFlow.State(
              state.getAs("time"),
              Parametrisation.MERGED.head(weights, dimension),
              state.getAs("risk"),
              state.getAs("invariant")));
    }
    return states;
  }
}
