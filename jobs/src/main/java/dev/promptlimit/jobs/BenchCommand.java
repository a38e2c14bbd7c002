package dev.promptlimit.jobs;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.promptlimit.jobs.report.ConsoleReport;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Tells how fast the kernels are on this machine; starts no Spark. No kernel is measured yet. */
@Command(
    name = "bench",
    description = "Tells how fast each kernel is on this machine, and which twin runs.",
    mixinStandardHelpOptions = true)
final class BenchCommand implements Callable<Integer> {
  private static final String TWIN = "scalar";

  @Spec private CommandSpec spec;

  @Option(names = "--json", description = "Print JSON instead of a table.")
  private boolean json;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      ObjectNode bench = new JsonMapper().createObjectNode();
      bench.put("twin", TWIN).putArray("kernels");
      out.println(bench);
    } else {
      ConsoleReport.align(List.of(List.of("kernel", "ns/token", "tokens/s", "bytes/token")))
          .forEach(out::println);
      out.println();
      out.println("twin: " + TWIN);
    }
    out.flush();
    return 0;
  }
}
