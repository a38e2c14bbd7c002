package dev.promptlimit.jobs.table;

import java.util.List;

/**
 * What a compaction has done.
 *
 * @param before what there was
 * @param after what there is
 */
public record Compaction(Size before, Size after) {
  /**
   * How large something is.
   *
   * @param batches number of batches
   * @param files number of their Parquet files
   * @param bytes in these
   */
  public record Size(long batches, long files, long bytes) {
    static Size of(List<BatchFiles.Batch> batches) {
      return new Size(
          batches.size(),
          batches.stream().mapToLong(batch -> batch.files().size()).sum(),
          batches.stream().mapToLong(BatchFiles.Batch::bytes).sum());
    }

    Size plus(Size that) {
      return new Size(batches + that.batches, files + that.files, bytes + that.bytes);
    }
  }

  /** This and that. */
  public Compaction plus(Compaction that) {
    return new Compaction(before.plus(that.before), after.plus(that.after));
  }
}
