package dev.promptlimit.jobs.table;

import dev.promptlimit.jobs.config.BadInputException;
import java.io.Serializable;
import java.util.Locale;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * What rows of a ledger must be, for the driver and for tasks.
 *
 * @param ledger the ledger in words, for messages
 * @param run hash of the experiment's identity
 * @param format what rows are
 */
record RowCheck(String ledger, String run, Format format) implements Serializable {
  /**
   * What a ledger's rows are. They begin with {@code formatVersion} and {@code run}.
   *
   * @param what rows in words, as in "blocks"
   * @param schema their columns
   * @param version their format version
   * @param key column of a row's name, as in "cell"
   * @param number column of its number, as in "block"
   */
  record Format(String what, StructType schema, int version, String key, String number)
      implements Serializable {}

  /**
   * Refuses a row of another format or run, or without key or number.
   *
   * @throws BadInputException if it is one
   */
  void check(Row row) {
    Integer version = row.getAs("formatVersion");
    if (!Integer.valueOf(format.version).equals(version)) {
      throw unreadable(
          "a row has format version " + version + ", this program reads " + format.version);
    }
    Number number = row.getAs(format.number);
    if (row.getAs(format.key) == null || number == null || number.longValue() < 0) {
      throw unreadable("a row is " + name(row));
    }
    if (!run.equals(row.getAs("run"))) {
      throw unreadable(name(row) + " belongs to run " + row.getAs("run") + ", this is run " + run);
    }
  }

  /** What to throw where a row makes no sense. */
  BadInputException nonsense(Row row, String reason) {
    return unreadable(name(row) + " makes no sense (" + reason + ")");
  }

  /** Two runs at once may have published a row twice; it is the same row or an error. */
  boolean repeats(Row row, Row previous) {
    if (previous == null
        || !row.getAs(format.key).equals(previous.getAs(format.key))
        || !row.getAs(format.number).equals(previous.getAs(format.number))) {
      return false;
    }
    if (!row.equals(previous)) {
      throw unreadable(name(row) + " is there twice with different content");
    }
    return true;
  }

  private String name(Row row) {
    return String.format(
        Locale.ROOT,
        "%s %s of %s %s",
        format.number,
        row.getAs(format.number),
        format.key,
        row.getAs(format.key));
  }

  BadInputException unreadable(String reason) {
    return new BadInputException("Cannot read ledger " + ledger + ": " + reason);
  }
}
