package dev.promptlimit.jobs;

import dev.promptlimit.claim.Claim;
import dev.promptlimit.claim.Claims;
import dev.promptlimit.claim.Contract;
import dev.promptlimit.jobs.config.BadInputException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tells what the claims say; starts no Spark. */
@Command(
    name = "claims",
    description = "Tells what the claims say, where they come from and how they are judged.",
    mixinStandardHelpOptions = true)
final class ClaimsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "ID", arity = "0..1", description = "One claim; all if left out.")
  private String id;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    for (Claim claim : id == null ? Claims.all() : List.of(named(id))) {
      Contract contract = claim.contract();
      out.println(claim.id());
      out.println("  statement:   " + contract.statement());
      out.println("  source:      " + contract.source());
      out.println("  assumptions: " + contract.assumptions());
      out.println("  statistic:   " + contract.statistic());
      out.println("  null:        " + contract.nullHypothesis());
      out.println("  error share: " + contract.errorShare());
      out.println("  refuted by:  " + contract.refutedBy());
      out.println("  expected:    " + claim.expected());
    }
    out.flush();
    return 0;
  }

  private static Claim named(String id) {
    return Claims.of(id)
        .orElseThrow(
            () ->
                new BadInputException(
                    "Cannot find claim "
                        + id
                        + ": there are "
                        + Claims.all().stream().map(Claim::id).collect(Collectors.joining(", "))));
  }
}
