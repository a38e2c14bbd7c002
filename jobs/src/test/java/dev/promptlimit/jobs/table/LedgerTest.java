package dev.promptlimit.jobs.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.attention.BlockSummary;
import dev.promptlimit.jobs.TestExperiments;
import dev.promptlimit.jobs.TestSpark;
import dev.promptlimit.jobs.config.Cell;
import dev.promptlimit.jobs.config.Experiment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.LongStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTest {
  @TempDir private Path directory;

  private SparkSession spark;
  private Experiment experiment;
  private RunDirectory run;
  private Ledger ledger;

  @BeforeEach
  void open() throws IOException {
    spark = TestSpark.session();
    experiment = TestExperiments.small(directory);
    run = TestBlocks.open(directory, experiment);
    ledger = new Ledger(spark, run);
  }

  private void publish(List<Row> rows) throws IOException {
    ledger.publish(spark.createDataFrame(rows, BlockTable.SCHEMA));
  }

  private Row row(Cell cell, long block) {
    return BlockTable.row(
        run.hash(), cell.key(), 0, block, TestBlocks.simulate(cell, experiment.seed(), block));
  }

  /** Blocks 0..n−1, folded from the left without any table between. */
  private BlockSummary fold(Cell cell, long n) {
    return LongStream.range(0, n)
        .mapToObj(block -> TestBlocks.simulate(cell, experiment.seed(), block))
        .reduce(BlockSummary::combine)
        .orElseThrow();
  }

  @Test
  void anEmptyLedgerHasNoBlocks() throws IOException {
    assertThat(ledger.published().count(experiment.cells().get(0).key(), 10)).isZero();
    assertThat(TestBlocks.merge(ledger, experiment.cells())).isEmpty();
  }

  @Test
  void whatIsPublishedIsThereBitForBit() throws IOException {
    Cell first = experiment.cells().get(0);
    Cell last = experiment.cells().get(5);
    publish(List.of(row(first, 0), row(last, 0)));
    SortedMap<String, String> before = TestBlocks.listing(directory);
    publish(List.of(row(last, 1), row(last, 7)));
    // a batch is never changed
    assertThat(TestBlocks.listing(directory)).containsAllEntriesOf(before);
    assertThat(directory.resolve(run.directory().getName()).resolve("blocks").toFile().list())
        .containsExactlyInAnyOrder("batch=0", "batch=1");

    PublishedBlocks published = ledger.published();
    assertThat(published.contains(first.key(), 0)).isTrue();
    assertThat(published.contains(first.key(), 1)).isFalse();
    assertThat(published.contains(last.key(), 1)).isTrue();
    assertThat(published.contains(last.key(), 7)).isTrue();
    assertThat(published.count(last.key(), 3)).isEqualTo(2);
    assertThat(published.count("unknown", 3)).isZero();
    assertThat(TestBlocks.merge(ledger, Set.of(first)))
        .isEqualTo(Map.of(first.key(), fold(first, 1)));
  }

  /** Whatever the order and number of batches and however often a block was published. */
  /** What would be wildcards to Spark's reader. */
  @Test
  void pathsAreTakenAsTheyAre() throws IOException {
    run = TestBlocks.open(directory.resolve("results [v2] {a,b}*?"), experiment);
    ledger = new Ledger(spark, run);
    Cell cell = experiment.cells().get(0);
    publish(List.of(row(cell, 0), row(cell, 1)));
    assertThat(ledger.published().count(cell.key(), 9)).isEqualTo(2);
    assertThat(TestBlocks.merge(ledger, experiment.cells()).get(cell.key()))
        .isEqualTo(fold(cell, 2));
  }

  @Test
  void mergeIsTheLeftFoldInBlockOrder() throws IOException {
    Map<Cell, Integer> counts = new HashMap<>();
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Cell cell = experiment.cells().get(2 * i);
      counts.put(cell, 6 + i);
      for (int block = 0; block < 6 + i; block++) {
        rows.add(row(cell, block));
      }
    }
    Collections.shuffle(rows, new Random(20251212));
    publish(rows.subList(0, 9));
    publish(rows.subList(9, 10));
    publish(rows.subList(5, 18)); // partly again, as two runs at once would
    publish(rows.subList(18, rows.size()));
    publish(List.of(rows.get(20), rows.get(0)));

    Map<String, BlockSummary> merged = TestBlocks.merge(ledger, experiment.cells());
    assertThat(merged).hasSize(3);
    counts.forEach(
        (cell, count) -> {
          assertThat(merged.get(cell.key())).isEqualTo(fold(cell, count));
          assertThat(merged.get(cell.key()).prompts()).isEqualTo(count * 8192L);
        });
  }

  /** The order matters: otherwise the test above would show nothing. */
  @Test
  void anotherOrderOfMergingGivesOtherBits() {
    Cell cell = experiment.cells().get(4);
    BlockSummary backwards =
        LongStream.range(0, 8)
            .mapToObj(block -> TestBlocks.simulate(cell, experiment.seed(), 7 - block))
            .reduce(BlockSummary::combine)
            .orElseThrow();
    assertThat(backwards).isNotEqualTo(fold(cell, 8));
  }

  @Test
  void aGapEndsThePrefix() throws IOException {
    Cell cell = experiment.cells().get(1);
    Cell withoutFirst = experiment.cells().get(2);
    publish(List.of(row(cell, 0), row(cell, 1), row(cell, 3), row(cell, 4), row(withoutFirst, 1)));
    assertThat(TestBlocks.merge(ledger, experiment.cells()))
        .isEqualTo(Map.of(cell.key(), fold(cell, 2)));
    publish(List.of(row(cell, 2)));
    assertThat(TestBlocks.merge(ledger, experiment.cells()))
        .isEqualTo(Map.of(cell.key(), fold(cell, 5)));
  }

  @Test
  void inadmissiblePromptsSurvive() throws IOException {
    Cell cell = experiment.cells().get(0);
    BlockSummary block = TestBlocks.inadmissible(cell);
    publish(List.of(BlockTable.row(run.hash(), cell.key(), 0, 0, block)));
    assertThat(TestBlocks.merge(ledger, experiment.cells())).isEqualTo(Map.of(cell.key(), block));
  }

  @Test
  void batchesAreNumberedOnward() throws IOException {
    Cell cell = experiment.cells().get(0);
    publish(List.of(row(cell, 0)));
    Path blocks = directory.resolve(run.directory().getName()).resolve("blocks");
    assertThat(blocks.resolve("batch=0").toFile().renameTo(blocks.resolve("batch=41").toFile()))
        .isTrue();
    publish(List.of(row(cell, 1)));
    assertThat(blocks.toFile().list()).containsExactlyInAnyOrder("batch=41", "batch=42");
    assertThat(TestBlocks.merge(ledger, experiment.cells()))
        .isEqualTo(Map.of(cell.key(), fold(cell, 2)));
  }
}
