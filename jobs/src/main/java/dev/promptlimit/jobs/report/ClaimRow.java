package dev.promptlimit.jobs.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.promptlimit.claim.Claim;
import dev.promptlimit.claim.Claims;
import dev.promptlimit.claim.Verdict;
import dev.promptlimit.jobs.config.BadInputException;
import java.util.Optional;
import org.apache.spark.sql.Row;

/**
 * A row of {@code claims.parquet}.
 *
 * @param id of the claim
 * @param verdict as published
 * @param expected the verdict of a run that is in order
 * @param reason why, in one line
 * @param evidence numbers behind it, an object
 * @param claim what this program knows of the claim; empty where it does not know it
 */
record ClaimRow(
    String id,
    String verdict,
    String expected,
    String reason,
    JsonNode evidence,
    Optional<Claim> claim) {
  static ClaimRow of(Row row) {
    String id = row.getAs("id");
    JsonNode evidence;
    try {
      evidence = Json.parse(row.<String>getAs("evidence"));
    } catch (JsonProcessingException e) {
      throw new BadInputException(
          "Cannot read the evidence of claim "
              + id
              + ": it is not JSON: "
              + e.getOriginalMessage());
    }
    return new ClaimRow(
        id,
        row.getAs("verdict"),
        row.getAs("expected"),
        row.getAs("reason"),
        evidence,
        Claims.of(id));
  }

  boolean isControl() {
    return claim.map(Claim::isControl).orElse(false);
  }

  boolean asExpected() {
    return verdict.equals(expected);
  }

  boolean isOpen() {
    return verdict.equals(Verdict.UNDECIDED.name());
  }
}
