package dev.promptlimit.jobs.run;

import dev.promptlimit.attention.BlockSummary;
import dev.promptlimit.attention.PromptSampler;
import dev.promptlimit.jobs.config.Blocks;
import dev.promptlimit.jobs.config.Cell;
import dev.promptlimit.jobs.table.BlockTable;
import dev.promptlimit.kernel.Kernels;
import dev.promptlimit.random.StreamKey;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;

/** What a task does: simulates its blocks, one after the other, and returns their rows. */
final class SimulateBlocks implements FlatMapFunction<BlockTask, Row> {
  private static final long serialVersionUID = 1;

  private final String run;
  private final long seed;
  private final Broadcast<List<Cell>> cells;
  private final ProgressCounters counters;

  SimulateBlocks(String run, long seed, Broadcast<List<Cell>> cells, ProgressCounters counters) {
    this.run = run;
    this.seed = seed;
    this.cells = cells;
    this.counters = counters;
  }

  @Override
  public Iterator<Row> call(BlockTask task) {
    KernelLog.say();
    counters.uses(Kernels.description());
    List<Row> rows = new ArrayList<>();
    for (BlockSpan span : task.spans()) {
      Cell cell = cells.value().get(span.cell());
      Blocks cut = Blocks.of(cell);
      PromptSampler[] samplers = new PromptSampler[cell.strata().count()];
      for (int i = 0; i < span.count(); i++) {
        long block = span.first() + i;
        StreamKey key = StreamKey.ofBlock(seed, cell.key(), block);
        int stratum = cell.strata().stratum(block);
        if (samplers[stratum] == null) {
          samplers[stratum] = cell.newSampler(stratum);
        }
        BlockSummary summary =
            BlockSummary.simulate(
                samplers[stratum], key, cut.promptsPerBlock(), cell.strata().weight(stratum));
        rows.add(BlockTable.row(run, cell.key(), stratum, block, summary));
        counters.add(cut.promptsPerBlock() * cell.setting().promptLength(), cut.nanosPerBlock());
      }
    }
    return rows.iterator();
  }
}
