package dev.promptlimit.jobs;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.promptlimit.jobs.report.ConsoleReport;
import dev.promptlimit.kernel.Kernels;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Tells how fast the kernels are on this machine; starts no Spark. */
@Command(
    name = "bench",
    description = "Tells how fast each kernel is on this machine, and which twin runs.",
    mixinStandardHelpOptions = true)
final class BenchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--json", description = "Print JSON instead of a table.")
  private boolean json;

  private final Supplier<Map<String, IntConsumer>> kernels;

  BenchCommand() {
    this(KernelBench::kernels); // not made before they are asked for
  }

  BenchCommand(Supplier<Map<String, IntConsumer>> kernels) {
    this.kernels = kernels;
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    List<KernelBench.Figures> figures = new ArrayList<>();
    kernels.get().forEach((name, kernel) -> figures.add(KernelBench.measure(name, kernel)));
    if (json) {
      out.println(json(figures));
    } else {
      ConsoleReport.align(rows(figures)).forEach(out::println);
      out.println();
      out.println("One thread; median, fastest and slowest sample. Kernels: " + twin());
    }
    out.flush();
    return 0;
  }

  private static String twin() {
    return Kernels.description();
  }

  private static List<List<String>> rows(List<KernelBench.Figures> figures) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("kernel", "ns/token", "from", "to", "tokens/s", "bytes/token"));
    for (KernelBench.Figures one : figures) {
      rows.add(
          List.of(
              one.kernel(),
              String.format(Locale.ROOT, "%.3f", one.nanos()),
              String.format(Locale.ROOT, "%.3f", one.low()),
              String.format(Locale.ROOT, "%.3f", one.high()),
              String.format(Locale.ROOT, "%.3g", 1e9 / one.nanos()),
              String.format(Locale.ROOT, "%.3f", one.bytes())));
    }
    return rows;
  }

  // A string, so that looking at this class, as every command does, loads no JSON library.
  private static String json(List<KernelBench.Figures> figures) {
    ObjectNode bench = new JsonMapper().createObjectNode();
    bench.put("twin", twin());
    ArrayNode kernels = bench.putArray("kernels");
    for (KernelBench.Figures one : figures) {
      ObjectNode kernel = kernels.addObject();
      kernel.put("kernel", one.kernel());
      kernel.put("nsPerToken", one.nanos());
      kernel.put("nsPerTokenLow", one.low());
      kernel.put("nsPerTokenHigh", one.high());
      kernel.put("tokensPerSecond", 1e9 / one.nanos());
      kernel.put("bytesPerToken", one.bytes());
    }
    return bench.toString();
  }
}
