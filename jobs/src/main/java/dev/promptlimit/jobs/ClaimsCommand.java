package dev.promptlimit.jobs;

import dev.promptlimit.claim.Claim;
import dev.promptlimit.jobs.config.BadInputException;
import java.io.PrintWriter;
import java.util.Arrays;
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
    description = "Tells what the claims say and where they come from.",
    mixinStandardHelpOptions = true)
final class ClaimsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "ID", arity = "0..1", description = "One claim; all if left out.")
  private String id;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    for (Claim claim : id == null ? List.of(Claim.values()) : List.of(named(id))) {
      out.println(claim.id());
      out.println("  statement: " + claim.statement());
      out.println("  source:    " + claim.source());
    }
    out.flush();
    return 0;
  }

  private static Claim named(String id) {
    return Claim.of(id)
        .orElseThrow(
            () ->
                new BadInputException(
                    "Cannot find claim "
                        + id
                        + ": there are "
                        + Arrays.stream(Claim.values())
                            .map(Claim::id)
                            .collect(Collectors.joining(", "))));
  }
}
