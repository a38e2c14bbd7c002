package dev.promptlimit.jobs.run;

import dev.promptlimit.jobs.config.Blocks;
import dev.promptlimit.jobs.config.Cell;
import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.jobs.table.PublishedBlocks;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * What an experiment asks for: its different cells, each with a number of blocks. Cells that differ
 * in names only are one.
 *
 * <p>Blocks are handed out in batches, which are published as a whole, and within a batch in tasks
 * of about half a second, or longer ones where they would be too many. Neither cut has any
 * influence on results.
 */
public final class Plan {
  /** Tasks of a batch, all of which the driver knows of. Where cores are many, tasks are longer. */
  private static final int MOST_TASKS = 20_000;

  /** Nominal cost of a task: long against Spark's 10 ms a task, short against a lost executor. */
  private static final double TASK_NANOS = 0x1p29;

  private final List<Cell> cells;
  private final long mostPrompts;

  private Plan(List<Cell> cells, long mostPrompts) {
    this.cells = cells;
    this.mostPrompts = mostPrompts;
  }

  /** The plan of an experiment. */
  public static Plan of(Experiment experiment) {
    Map<String, Cell> distinct = new LinkedHashMap<>();
    experiment.cells().forEach(cell -> distinct.putIfAbsent(cell.key(), cell));
    return new Plan(List.copyOf(distinct.values()), experiment.budget().mostPrompts());
  }

  /** The different cells. */
  public List<Cell> cells() {
    return cells;
  }

  /** Blocks that a cell gets, at most where the budget is adaptive. */
  public long blocks(Cell cell) {
    return Blocks.of(cell).count(mostPrompts);
  }

  /** Prompts in them. */
  public long prompts(Cell cell) {
    return Blocks.of(cell).roundUp(mostPrompts);
  }

  /** What is left to do until every cell has all its blocks. */
  public Work missing(PublishedBlocks published) {
    return missing(published, this::blocks);
  }

  /** What is left to do until cells have so many blocks. */
  public Work missing(PublishedBlocks published, ToLongFunction<Cell> wanted) {
    return new Work(published, wanted, false);
  }

  /**
   * The same, handed out in another order: first every cell gets the blocks of its first look, then
   * as many again, and so on, so that no cell is far behind whenever it ends.
   */
  public Work missingEvenly(PublishedBlocks published, ToLongFunction<Cell> wanted) {
    return new Work(published, wanted, true);
  }

  /**
   * How much work something is.
   *
   * @param blocks number of blocks
   * @param prompts prompts in them
   * @param tokens tokens in these
   * @param nanos nominal cost in core nanoseconds, see {@link Blocks}
   */
  public record Size(long blocks, long prompts, long tokens, double nanos) {
    /** Nothing. */
    public static final Size NONE = new Size(0, 0, 0, 0);

    /** This and that. */
    Size plus(Size that) {
      return new Size(
          blocks + that.blocks, prompts + that.prompts, tokens + that.tokens, nanos + that.nanos);
    }

    /** This without that. */
    Size minus(Size that) {
      return new Size(
          blocks - that.blocks, prompts - that.prompts, tokens - that.tokens, nanos - that.nanos);
    }

    /** This and so many blocks of a cell. */
    public Size plus(Cell cell, long count) {
      Blocks cut = Blocks.of(cell);
      long more = Math.multiplyExact(count, (long) cut.promptsPerBlock());
      return new Size(
          blocks + count,
          prompts + more,
          tokens + more * cell.setting().promptLength(),
          nanos + count * cut.nanosPerBlock());
    }
  }

  /** The blocks of the plan that are not published. */
  public final class Work {
    private final PublishedBlocks published;
    private final ToLongFunction<Cell> wanted;
    private final Size size;
    private Size handedOut = Size.NONE;
    private long before; // every cell has so many times the blocks of its first look
    private long share; // what it gets next
    private int cell;
    private long block;

    private Work(PublishedBlocks published, ToLongFunction<Cell> wanted, boolean evenly) {
      this.published = published;
      this.wanted = wanted;
      share = evenly ? 1 : Long.MAX_VALUE;
      Size total = Size.NONE;
      for (Cell one : cells) {
        long blocks = wanted.applyAsLong(one);
        total = total.plus(one, blocks - published.count(one.key(), blocks));
      }
      size = total;
    }

    /** All that was missing at the start. */
    public Size size() {
      return size;
    }

    /** What has been handed out. */
    public Size handedOut() {
      return handedOut;
    }

    /** Whether nothing is left. */
    boolean isDone() {
      return handedOut.blocks() == size.blocks();
    }

    /** So many times the blocks of a cell's first look, at most those that are wanted. */
    private long times(long looks, Cell one) {
      long all = wanted.applyAsLong(one);
      long first = Blocks.of(one).firstBlocks();
      return looks > all / first ? all : looks * first;
    }

    /**
     * The tasks of the next batch, none when nothing is left or may be handed out.
     *
     * @param nanos nominal cost after which the batch is full
     * @param prompts that the batch may have at most
     */
    List<BlockTask> nextBatch(double nanos, long prompts) {
      List<BlockTask> tasks = new ArrayList<>();
      List<BlockSpan> task = new ArrayList<>();
      double enough =
          Math.max(TASK_NANOS / 2, Math.min(nanos, size.minus(handedOut).nanos()) / MOST_TASKS);
      double batchCost = 0;
      double taskCost = 0;
      long left = prompts;
      while (!isDone() && batchCost < nanos) {
        if (cell == cells.size()) {
          cell = 0;
          before = share;
          share = share > Long.MAX_VALUE / 2 ? Long.MAX_VALUE : 2 * share;
        }
        Cell now = cells.get(cell);
        Blocks cut = Blocks.of(now);
        long end = times(share, now);
        block = Math.max(block, times(before, now));
        while (batchCost < nanos) {
          block = published.nextMissing(now.key(), block);
          if (block >= end || cut.promptsPerBlock() > left) {
            break;
          }
          append(task, block);
          block++;
          handedOut = handedOut.plus(now, 1);
          left -= cut.promptsPerBlock();
          batchCost += cut.nanosPerBlock();
          taskCost += cut.nanosPerBlock();
          if (taskCost >= enough) {
            tasks.add(new BlockTask(task));
            task = new ArrayList<>();
            taskCost = 0;
          }
        }
        if (block < end) {
          break; // full, or the next block is too large
        }
        cell++;
        block = 0;
      }
      if (!task.isEmpty()) {
        tasks.add(new BlockTask(task));
      }
      return tasks;
    }

    /** The cell whose block comes next. */
    Cell next() {
      return cells.get(cell % cells.size());
    }

    private void append(List<BlockSpan> task, long next) {
      BlockSpan last = task.isEmpty() ? null : task.get(task.size() - 1);
      if (last != null && last.cell() == cell && last.first() + last.count() == next) {
        task.set(task.size() - 1, new BlockSpan(cell, last.first(), last.count() + 1));
      } else {
        task.add(new BlockSpan(cell, next, 1));
      }
    }
  }
}
