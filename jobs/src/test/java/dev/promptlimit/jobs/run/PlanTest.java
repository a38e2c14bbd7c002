package dev.promptlimit.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.jobs.TestExperiments;
import dev.promptlimit.jobs.config.Blocks;
import dev.promptlimit.jobs.config.Cell;
import dev.promptlimit.jobs.table.PublishedBlocks;
import dev.promptlimit.jobs.table.TestBlocks;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlanTest {
  private static final PublishedBlocks NOTHING = TestBlocks.published(Map.of());
  private static final double EVERYTHING = Double.POSITIVE_INFINITY;

  /** A block of a cell, by its index in the plan. */
  private record Block(int cell, long block) {}

  @TempDir private Path directory;

  private Plan plan(String... overrides) {
    return Plan.of(TestExperiments.small(directory, overrides));
  }

  private static List<List<BlockTask>> batches(Plan.Work work, double nanos) {
    List<List<BlockTask>> batches = new ArrayList<>();
    for (List<BlockTask> batch = work.nextBatch(nanos, Long.MAX_VALUE);
        !batch.isEmpty();
        batch = work.nextBatch(nanos, Long.MAX_VALUE)) {
      batches.add(batch);
    }
    assertThat(work.nextBatch(nanos, Long.MAX_VALUE)).isEmpty();
    return batches;
  }

  private static List<Block> blocks(List<List<BlockTask>> batches) {
    List<Block> blocks = new ArrayList<>();
    for (List<BlockTask> batch : batches) {
      for (BlockTask task : batch) {
        assertThat(task.spans()).isNotEmpty();
        for (BlockSpan span : task.spans()) {
          assertThat(span.count()).isPositive();
          for (int i = 0; i < span.count(); i++) {
            blocks.add(new Block(span.cell(), span.first() + i));
          }
        }
      }
    }
    return blocks;
  }

  private static List<Block> all(Plan plan) {
    List<Block> all = new ArrayList<>();
    for (int cell = 0; cell < plan.cells().size(); cell++) {
      for (long block = 0; block < plan.blocks(plan.cells().get(cell)); block++) {
        all.add(new Block(cell, block));
      }
    }
    return all;
  }

  /** Each cell gets one block, then one more, then two more, then four more. */
  @Test
  void evenlyEveryCellHasSomethingBeforeOneHasMuch() {
    Plan plan = plan("budget.prompts-per-cell=" + 7 * 8192);
    List<Block> order = blocks(batches(plan.missingEvenly(NOTHING, plan::blocks), 1e7));
    assertThat(order).containsExactlyInAnyOrderElementsOf(all(plan));
    int cells = plan.cells().size();
    long[] ends = {1, 2, 4, 7};
    int at = 0;
    for (int i = 0; i < ends.length; i++) {
      for (int cell = 0; cell < cells; cell++) {
        for (long block = i == 0 ? 0 : ends[i - 1]; block < ends[i]; block++) {
          assertThat(order.get(at++)).isEqualTo(new Block(cell, block));
        }
      }
    }
  }

  /** What is published is passed over, and the rest is all there once. */
  @Test
  void evenlyWithGaps() {
    Plan plan = plan("budget.prompts-per-cell=" + 9 * 8192);
    String key = plan.cells().get(1).key();
    PublishedBlocks published = TestBlocks.published(Map.of(key, List.of(0L, 1L, 3L, 8L)));
    List<Block> expected = new ArrayList<>(all(plan));
    List.of(0L, 1L, 3L, 8L).forEach(block -> expected.remove(new Block(1, block)));
    for (double nanos : new double[] {1, 1e7, EVERYTHING}) {
      Plan.Work work = plan.missingEvenly(published, plan::blocks);
      assertThat(blocks(batches(work, nanos))).containsExactlyInAnyOrderElementsOf(expected);
      assertThat(work.isDone()).isTrue();
      assertThat(work.handedOut()).isEqualTo(work.size());
    }
  }

  @Test
  void noMorePromptsThanAllowed() {
    Plan plan = plan("budget.prompts-per-cell=" + 3 * 8192);
    Plan.Work work = plan.missing(NOTHING);
    assertThat(work.nextBatch(EVERYTHING, 8191)).isEmpty();
    assertThat(blocks(List.of(work.nextBatch(EVERYTHING, 5 * 8192 - 1)))).hasSize(4);
    assertThat(work.handedOut().prompts()).isEqualTo(4 * 8192);
    assertThat(blocks(List.of(work.nextBatch(EVERYTHING, 8192)))).containsExactly(new Block(1, 1));
    assertThat(work.isDone()).isFalse();
  }

  /** 10¹² prompts, all but the last block published: a range, not as many steps. */
  @Test
  void whatIsDoneTakesNoTime() {
    long blocks = 1_000_000_000_000L / 8192;
    Plan plan = plan("budget.prompts-per-cell=" + blocks * 8192, "prompt-lengths=[4]");
    PublishedBlocks published =
        TestBlocks.published(
            plan.cells().get(0).key(), blocks - 1, plan.cells().get(1).key(), blocks);
    for (Plan.Work work :
        List.of(plan.missing(published), plan.missingEvenly(published, plan::blocks))) {
      assertThat(work.size().prompts()).isEqualTo(8192);
      assertThat(blocks(batches(work, 1e9))).containsExactly(new Block(0, blocks - 1));
    }
    assertThat(plan.prompts(plan.cells().get(0))).isEqualTo(blocks * 8192);
  }

  @Test
  void budgetsRoundUpToWholeBlocks() {
    Cell cell = plan().cells().get(0);
    assertThat(plan("budget.prompts-per-cell=1").prompts(cell)).isEqualTo(8192);
    assertThat(plan("budget.prompts-per-cell=8192").blocks(cell)).isEqualTo(1);
    assertThat(plan("budget.prompts-per-cell=8193").blocks(cell)).isEqualTo(2);
    assertThat(plan("budget.prompts-per-cell=8193").prompts(cell)).isEqualTo(16384);
  }

  /** Cut into batches and tasks of any size, every block of the plan comes once, in plan order. */
  @ParameterizedTest
  @ValueSource(doubles = {1, 1e7, 1e8, 1e9, 1e12, EVERYTHING})
  void tasksCoverExactlyThePlan(double nanos) {
    Plan plan = plan("budget.prompts-per-cell=1000000", "prompt-lengths = [1, 100, 4000]");
    assertThat(blocks(batches(plan.missing(NOTHING), nanos))).isEqualTo(all(plan));
  }

  @Test
  void batchesAndTasksHaveAboutTheNominalCost() {
    Plan plan = plan("budget.prompts-per-cell=1000000", "prompt-lengths = [1, 100, 4000]");
    double batch = 4e9;
    double block = 0x1p29; // the dearest
    List<List<BlockTask>> batches = batches(plan.missing(NOTHING), batch);
    assertThat(batches.subList(0, batches.size() - 1))
        .allSatisfy(tasks -> assertThat(nanos(plan, tasks)).isBetween(batch, batch + block));
    assertThat(nanos(plan, batches.get(batches.size() - 1))).isLessThan(batch + block);
    for (List<BlockTask> tasks : batches) {
      assertThat(tasks.subList(0, tasks.size() - 1))
          .allSatisfy(
              task -> assertThat(nanos(plan, List.of(task))).isBetween(0x1p28, 0x1p28 + block));
    }
  }

  /** A thousand cores for a minute: the driver knows of 20,000 tasks, not of 200,000. */
  @Test
  void tasksAreLongerWhereTheyWouldBeTooMany() {
    Plan plan = plan("budget.prompts-per-cell=100000000000", "prompt-lengths = [4000]");
    double batch = 60e12;
    List<BlockTask> tasks = plan.missing(NOTHING).nextBatch(batch, Long.MAX_VALUE);
    assertThat(tasks).hasSizeBetween(19_000, 20_000);
    assertThat(nanos(plan, tasks.subList(0, 1))).isBetween(3e9, 3.1e9);
  }

  private static double nanos(Plan plan, List<BlockTask> tasks) {
    return blocks(List.of(tasks)).stream()
        .mapToDouble(block -> Blocks.of(plan.cells().get(block.cell())).nanosPerBlock())
        .sum();
  }

  @Test
  void onlyWhatIsMissingIsDone() {
    Plan plan = plan("budget.prompts-per-cell=40000");
    String complete = plan.cells().get(0).key();
    String holes = plan.cells().get(1).key();
    String more = plan.cells().get(2).key();
    PublishedBlocks published =
        TestBlocks.published(
            Map.of(
                complete,
                List.of(0L, 1L, 2L, 3L, 4L),
                holes,
                List.of(1L, 3L),
                more,
                List.of(0L, 1L, 2L, 3L, 4L, 5L, 99L), // of an earlier, larger budget
                "cell of another list",
                List.of(0L)));
    Plan.Work work = plan.missing(published);
    List<Block> expected = all(plan);
    expected.removeIf(
        block ->
            block.cell() == 0
                || block.cell() == 2
                || (block.cell() == 1 && (block.block() == 1 || block.block() == 3)));
    assertThat(work.size().blocks()).isEqualTo(expected.size()).isEqualTo(3 + 3 * 5);
    assertThat(blocks(batches(work, 1e7))).isEqualTo(expected);
    assertThat(blocks(batches(plan.missing(published), EVERYTHING))).isEqualTo(expected);
  }

  @Test
  void nothingIsLeftOfACompletePlan() {
    Plan plan = plan();
    Map<String, List<Long>> all = new java.util.HashMap<>();
    plan.cells().forEach(cell -> all.put(cell.key(), List.of(0L)));
    Plan.Work work = plan.missing(TestBlocks.published(all));
    assertThat(work.size()).isEqualTo(Plan.Size.NONE);
    assertThat(work.nextBatch(EVERYTHING, Long.MAX_VALUE)).isEmpty();
  }

  @Test
  void cellsOfEqualContentAreSimulatedOnce() {
    Plan plan =
        plan(
            "heads = [{ name = a, query-key { kind = scaled-identity, scale = 1 },"
                + " value { kind = identity } },"
                + "{ name = b, query-key { kind = scaled-identity, scale = 1.0 },"
                + " value { kind = identity } },"
                + "{ name = c, query-key { kind = scaled-identity, scale = 2 },"
                + " value { kind = identity } }]");
    assertThat(plan.cells()).extracting(Cell::head).containsOnly("a", "c").hasSize(6);
    assertThat(blocks(batches(plan.missing(NOTHING), EVERYTHING))).hasSize(6);
  }

  @Test
  void sizesAddUp() {
    Plan plan = plan("budget.prompts-per-cell=10000", "prompt-lengths = [1, 1000]");
    Plan.Size size = plan.missing(NOTHING).size();
    // two heads x two lengths; by hand from the cut into blocks of 8192 prompts
    assertThat(size.blocks()).isEqualTo(2 * (2 + 2));
    assertThat(size.prompts()).isEqualTo(2 * (16384 + 16384));
    assertThat(size.tokens()).isEqualTo(2 * (16384 + 16384L * 1000));
    double row = 268 + 1657.5 + 2.375; // p = 1: r = 2
    double square = 268 + 182.25 + 3.40625; // p = 3: brute force
    double longRow = 268 + 1657.5 + 2375;
    double longSquare = 268 + 182.25 + 3406.25;
    assertThat(size.nanos()).isEqualTo(16384 * (row + square + longRow + longSquare));
  }

  @Test
  void aPlanOfTheLargestBudgetIsMadeLazily() {
    Plan plan = plan("budget.prompts-per-cell=9007199254740992", "prompt-lengths = [1]");
    Plan.Work work = plan.missing(NOTHING);
    assertThat(work.size().prompts()).isEqualTo(2 * (1L << 53));
    assertThat(blocks(List.of(work.nextBatch(1e9, Long.MAX_VALUE))))
        .startsWith(new Block(0, 0), new Block(0, 1));
  }
}
