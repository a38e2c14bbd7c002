package dev.promptlimit.jobs.table;

import static dev.promptlimit.jobs.table.ResultTables.CELLS;
import static dev.promptlimit.jobs.table.ResultTables.CELL_TABLE;
import static dev.promptlimit.jobs.table.ResultTables.CLAIMS;
import static dev.promptlimit.jobs.table.ResultTables.CLAIM_TABLE;
import static dev.promptlimit.jobs.table.ResultTables.FLOW_TABLE;
import static dev.promptlimit.jobs.table.ResultTables.TRAJECTORIES;

import dev.promptlimit.jobs.config.BadInputException;
import dev.promptlimit.jobs.config.Experiment;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.Function1;

/** What {@link ResultTables} hold, read back or as it would be. */
public final class PublishedTables {
  /** Histograms: the largest of the columns, and not looked at. */
  private static final String STRATA = "strata";

  private static final Object[] NONE = {};

  /** Columns without which a row says nothing. */
  private static final Map<String, List<String>> REQUIRED =
      Map.of(
          CELL_TABLE,
          List.of(
              "cell",
              "tokens",
              "queries",
              "head",
              "dimension",
              "promptLength",
              "metric",
              "prompts",
              "inadmissible",
              "quantiles",
              "tail"),
          CLAIM_TABLE,
          List.of(CLAIMS.fieldNames()),
          TRAJECTORIES,
          List.of("trajectory", "activation", "promptLength", "replicate", "step"),
          FLOW_TABLE,
          List.of("activation", "promptLength", "time"));

  private final SparkSession spark;
  private final RunDirectory run;

  /** The tables of a run directory. */
  public PublishedTables(SparkSession spark, RunDirectory run) {
    this.spark = spark;
    this.run = run;
  }

  /**
   * These results as the tables hold them.
   *
   * @param summary the text of their {@code summary.json}
   */
  public static Published of(Results results, Optional<String> summary) {
    Map<String, List<Row>> rows = new HashMap<>();
    for (ResultTables.Table table : ResultTables.tables(results)) {
      rows.put(table.name(), asRead(table));
    }
    return published(results.experiment(), rows, summary);
  }

  /** Rows as Spark gives them back, without asking it to plan and run a query. */
  private static List<Row> asRead(ResultTables.Table table) {
    Function1<Object, Object> in = CatalystTypeConverters.createToCatalystConverter(table.schema());
    Function1<Object, Object> out = CatalystTypeConverters.createToScalaConverter(table.schema());
    List<String> columns = List.of(table.schema().fieldNames());
    List<Row> rows = new ArrayList<>();
    for (Row row : table.rows()) {
      Object[] values = new Object[row.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = columns.get(i).equals(STRATA) ? NONE : row.get(i);
      }
      rows.add((Row) out.apply(in.apply(RowFactory.create(values))));
    }
    return rows;
  }

  /**
   * What the tables hold, none of them where it is not there.
   *
   * @throws BadInputException if there is no table of cells, or one holds what no run writes
   * @throws IOException if one cannot be read
   */
  public Published read(Experiment experiment) throws IOException {
    if (!isThere(CELL_TABLE)) {
      throw new BadInputException(
          "Cannot read results of "
              + run.directory()
              + ": it has no "
              + CELL_TABLE
              + "; the command run publishes it, also after an interruption");
    }
    Map<String, List<Row>> rows = new HashMap<>();
    rows.put(CELL_TABLE, read(CELL_TABLE, CELLS));
    Map<String, StructType> others =
        Map.of(
            CLAIM_TABLE, CLAIMS,
            TRAJECTORIES, TrajectoryTable.SCHEMA,
            FLOW_TABLE, FlowResultTable.SCHEMA);
    for (Map.Entry<String, StructType> other : others.entrySet()) {
      if (isThere(other.getKey())) {
        rows.put(other.getKey(), read(other.getKey(), other.getValue()));
      }
    }
    return published(experiment, rows, run.read("summary.json"));
  }

  private List<Row> read(String name, StructType schema) throws IOException {
    List<Row> rows;
    try {
      Dataset<Row> table = spark.read().parquet(LedgerFiles.literal(run.path(name)));
      Map<String, DataType> columns = new HashMap<>();
      for (StructField field : table.schema().fields()) {
        columns.put(field.name(), field.dataType());
      }
      for (StructField field : schema.fields()) {
        if (!field.dataType().equals(columns.get(field.name()))) {
          throw unlikeOurs(
              name,
              "it has no column " + field.name() + " of type " + field.dataType().simpleString());
        }
      }
      rows = table.drop(STRATA).collectAsList();
    } catch (BadInputException e) {
      throw e;
    } catch (Exception e) { // Spark's are checked, though not declared
      throw new IOException("Cannot read " + run.path(name) + ": " + RootCause.line(e), e);
    }
    for (int i = 0; i < rows.size(); i++) {
      for (String column : REQUIRED.get(name)) {
        if (rows.get(i).getAs(column) == null) {
          throw unlikeOurs(name, "row " + i + " has no " + column);
        }
      }
    }
    return rows;
  }

  private BadInputException unlikeOurs(String name, String how) {
    return new BadInputException(
        "Cannot read "
            + run.path(name)
            + ": "
            + how
            + "; the command run writes it again in the form of this version");
  }

  private static Published published(
      Experiment experiment, Map<String, List<Row>> rows, Optional<String> summary) {
    return new Published(
        experiment,
        rows.get(CELL_TABLE),
        Optional.ofNullable(rows.get(CLAIM_TABLE)),
        Optional.ofNullable(rows.get(TRAJECTORIES)),
        Optional.ofNullable(rows.get(FLOW_TABLE)),
        Summary.provenance(summary));
  }

  private boolean isThere(String table) throws IOException {
    return run.files().util().exists(run.path(table));
  }
}
