package dev.promptlimit.jobs.run;

import dev.promptlimit.attention.BlockSummary;
import dev.promptlimit.attention.PromptSampler;
import dev.promptlimit.jobs.config.Blocks;
import dev.promptlimit.jobs.config.Cell;
import dev.promptlimit.jobs.table.BlockTable;
import dev.promptlimit.kernel.Kernels;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.stat.DeviationSummary;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** What a task does: simulates its blocks, one after the other, and returns their rows. */
final class SimulateBlocks implements FlatMapFunction<BlockTask, Row> {
  private static final long serialVersionUID = 1;

  private static final Logger LOG = LoggerFactory.getLogger(SimulateBlocks.class);

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
    long start = System.nanoTime();
    List<Row> rows = new ArrayList<>();
    for (BlockSpan span : task.spans()) {
      Cell cell = cells.value().get(span.cell());
      MDC.put("cell", cell.label());
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
        summary.deviations().values().stream()
            .mapToLong(DeviationSummary::inadmissible)
            .max()
            .ifPresent(counters::addInadmissible);
        LOG.trace("block {} done", block);
        counters.add(cut.promptsPerBlock() * cell.setting().promptLength(), cut.nanosPerBlock());
      }
    }
    counters.addSeconds((System.nanoTime() - start) / 1e9);
    return rows.iterator();
  }
}
