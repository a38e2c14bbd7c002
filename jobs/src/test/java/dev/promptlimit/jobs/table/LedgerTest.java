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
    ledger.publish(TestBlocks.rdd(rows));
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
    // rows of two tasks are in one file
    assertThat(before.keySet()).filteredOn(name -> name.endsWith(".parquet")).hasSize(1);
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

  /** Whatever the order and number of batches and however often a block was published. */
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

  /** Of blocks 0 to 10, then 20, some of which are merged for good. */
  @Test
  void compactedBlocksGoOnWithTheSameBits() throws IOException {
    Cell cell = experiment.cells().get(3);
    Cell unknown = experiment.cells().get(1);
    for (long block = 0; block < 9; block += 3) {
      publish(rows(block, block + 3, cell, unknown));
    }
    publish(rows(9, 11, cell, unknown));
    publish(List.of(row(cell, 4), row(cell, 13))); // one again, one beyond a gap
    Compaction done = ledger.compact(Set.of(cell), each -> 7);
    assertThat(done.before().files()).isEqualTo(5);
    assertThat(done.after().files()).isEqualTo(2);
    assertThat(blocks("blocks")).containsExactly("batch=5");
    assertThat(blocks("prefixes")).containsExactly("batch=0");
    assertMerged(cell, 11);
    assertMerged(unknown, 11);
    PublishedBlocks published = ledger.published();
    assertThat(published.prefix(cell.key())).isEqualTo(11);
    assertThat(published.contains(cell.key(), 12)).isFalse();
    assertThat(published.contains(cell.key(), 13)).isTrue();
    assertThat(published.count(unknown.key(), 99)).isEqualTo(11);
    // looks and the end of the prefix, and from there on
    for (long most : new long[] {1, 4, 7, 10}) {
      assertThat(merged(cell, most)).isEqualTo(fold(cell, most));
    }
    // not kept: the look before it
    assertThat(merged(cell, 6)).isEqualTo(fold(cell, 4));

    publish(rows(11, 20, cell));
    ledger.compact(Set.of(cell), each -> 20);
    assertThat(blocks("blocks")).hasSize(1);
    assertThat(blocks("prefixes")).containsExactly("batch=1");
    assertMerged(cell, 20);
    assertMerged(unknown, 11);
    for (long most : new long[] {4, 16}) {
      assertThat(merged(cell, most)).isEqualTo(fold(cell, most));
    }
    ledger.compact(Set.of(cell, unknown), each -> 20);
    assertThat(blocks("blocks")).isEmpty();
    assertMerged(cell, 20);
    assertMerged(unknown, 11);
    publish(List.of(row(unknown, 11), row(cell, 20)));
    assertMerged(cell, 21);
    assertMerged(unknown, 12);
    ledger.compact(Set.of(), each -> 0); // of nothing that is known
    assertMerged(cell, 21);
    assertMerged(unknown, 12);
  }

  private List<Row> rows(long first, long end, Cell... cells) {
    List<Row> rows = new ArrayList<>();
    for (long block = first; block < end; block++) {
      for (Cell cell : cells) {
        rows.add(row(cell, block));
      }
    }
    return rows;
  }

  private void assertMerged(Cell cell, long blocks) throws IOException {
    assertThat(TestBlocks.merge(ledger, Set.of(cell)))
        .isEqualTo(Map.of(cell.key(), fold(cell, blocks)));
  }

  private BlockSummary merged(Cell cell, long most) throws IOException {
    return ledger.merge(Set.of(cell), each -> most).get(cell.key()).strata().get(0);
  }

  private String[] blocks(String ledgerName) {
    return directory.resolve(run.directory().getName()).resolve(ledgerName).toFile().list();
  }

  /** Killed after publishing and before removing: what was merged is there twice. */
  @Test
  void halfACompactionDoesNoHarm() throws IOException {
    Cell cell = experiment.cells().get(3);
    publish(List.of(row(cell, 0), row(cell, 1)));
    publish(List.of(row(cell, 2), row(cell, 4)));
    Path there = directory.resolve(run.directory().getName());
    Path before = directory.resolve("before");
    TestBlocks.copy(there.resolve("blocks"), before);
    ledger.compact(Set.of(cell), each -> 3);
    TestBlocks.copy(before.resolve("batch=1"), there.resolve("blocks/batch=7"));
    assertMerged(cell, 3);
    publish(List.of(row(cell, 3)));
    assertMerged(cell, 5);
    ledger.compact(Set.of(cell), each -> 5);
    assertMerged(cell, 5);
  }

  @Test
  void nothingToCompact() throws IOException {
    Compaction done = ledger.compact(experiment.cells(), cell -> 7);
    assertThat(done.before()).isEqualTo(done.after()).isEqualTo(new Compaction.Size(0, 0, 0));
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
