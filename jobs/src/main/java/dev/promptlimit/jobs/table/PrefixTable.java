package dev.promptlimit.jobs.table;

import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.createArrayType;

import dev.promptlimit.attention.BlockSummary;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.stat.BernsteinSequence;
import dev.promptlimit.stat.DeviationSummary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.StructType;

/**
 * The rows of compacted blocks, {@code prefixes/batch=<k>/}: what the first {@code blocks} blocks
 * of a cell give when they are merged, one row a stratum. The other columns are those of {@link
 * BlockTable}, {@code block} is 0, and {@code sequences} has for each metric mean and variance
 * process of its {@link BernsteinSequence}, which knows more of the blocks than their moments do.
 *
 * <p>Merging is a fold from the left, so that it goes on from such a row with the same bits. Beside
 * the state that is gone on from there are those at the looks of an adaptive budget, {@code
 * firstBlocks()} times a power of two, at which a run may have to look again.
 */
final class PrefixTable {
  /** Of a row of blocks there is nothing in this column. */
  static final ArrayType SEQUENCES =
      createArrayType(new StructType().add("mean", DoubleType).add("v", DoubleType));

  /** Columns. */
  static final StructType SCHEMA =
      BlockTable.SCHEMA.add("blocks", LongType).add("sequences", SEQUENCES);

  static final RowCheck.Format FORMAT =
      new RowCheck.Format("compacted blocks", SCHEMA, BlockTable.FORMAT_VERSION, "cell", "block");

  private PrefixTable() {}

  /** The rows of a cell's first blocks. */
  static List<Row> rows(String run, String cell, long blocks, MergedCell merged) {
    List<Row> rows = new ArrayList<>();
    for (int stratum = 0; stratum < merged.strata().size(); stratum++) {
      BlockSummary state = merged.strata().get(stratum);
      Row row = BlockTable.row(run, cell, stratum, 0, state);
      Object[] values = new Object[SCHEMA.size()];
      Arrays.setAll(values, i -> i < row.size() ? row.get(i) : null);
      values[SCHEMA.fieldIndex("blocks")] = blocks;
      values[SCHEMA.fieldIndex("sequences")] =
          state.deviations().values().stream() // in the order of the metrics
              .map(each -> RowFactory.create(each.bernstein().mean(), each.bernstein().v()))
              .toArray();
      rows.add(RowFactory.create(values));
    }
    return rows;
  }

  /** What such a row says. */
  static BlockSummary state(Row row) {
    BlockSummary block = BlockTable.summary(row);
    List<Row> sequences = row.getList(row.fieldIndex("sequences"));
    Map<Metric, DeviationSummary> deviations = new EnumMap<>(Metric.class);
    List<Row> metrics = row.getList(row.fieldIndex("metrics"));
    for (int i = 0; i < metrics.size(); i++) {
      Metric metric = Metric.of(metrics.get(i).getAs("metric")).orElseThrow();
      DeviationSummary read = block.deviations().get(metric);
      BernsteinSequence sequence =
          new BernsteinSequence(
              read.moments().n(), sequences.get(i).getAs("mean"), sequences.get(i).getAs("v"));
      deviations.put(
          metric, new DeviationSummary(read.inadmissible(), read.moments(), sequence, read.tail()));
    }
    return new BlockSummary(block.prompts(), block.weights(), deviations);
  }
}
