package dev.promptlimit.jobs;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.promptlimit.jobs.run.Plan;
import dev.promptlimit.jobs.table.CellResult;
import dev.promptlimit.jobs.table.ClaimResult;
import dev.promptlimit.jobs.table.Results;
import java.util.HashMap;
import java.util.Map;

/**
 * What a call of {@code run} did and found.
 *
 * @param results all that the run directory says now
 * @param directory the run directory
 * @param report the path of its report
 * @param complete whether nothing is left that the experiment asks for
 * @param added what this call has simulated
 * @param left what is known to be left to simulate
 * @param seconds that it took, without the start of Spark
 */
record RunOutcome(
    Results results,
    String directory,
    String report,
    boolean complete,
    Plan.Size added,
    Plan.Size left,
    double seconds) {

  /** One line for programs. */
  String json(int exitCode) {
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("name", results.experiment().name());
    line.put("hash", results.experiment().hash());
    line.put("exitCode", exitCode);
    line.put("complete", complete);
    line.put("trustworthy", ClaimResult.trustworthy(results.verdicts()));
    ObjectNode verdicts = line.putObject("verdicts");
    results.verdicts().forEach(each -> verdicts.put(each.claim().id(), each.verdict().name()));
    var contradicted = line.putArray("contradicted");
    results.verdicts().stream()
        .filter(ClaimResult::contradicts)
        .forEach(each -> contradicted.add(each.claim().id()));
    Map<String, Long> prompts = new HashMap<>(); // cells under several names are one
    long inadmissible = 0;
    for (CellResult cell : results.cells()) {
      prompts.put(cell.cell().key(), cell.prompts());
      inadmissible += cell.deviations().inadmissible();
    }
    line.put("prompts", prompts.values().stream().mapToLong(Long::longValue).sum());
    line.put("inadmissible", inadmissible);
    line.put("addedPrompts", added.prompts());
    line.put("addedTokens", added.tokens());
    line.put("addedBlocks", added.blocks());
    line.put("leftBlocks", left.blocks());
    line.put("seconds", Math.round(seconds * 10) / 10.0);
    line.put("directory", directory);
    line.put("report", report);
    return line.toString();
  }

  /** The same of a call that failed. */
  static String failure(int exitCode, String error) {
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("exitCode", exitCode);
    line.put("error", error);
    return line.toString();
  }
}
