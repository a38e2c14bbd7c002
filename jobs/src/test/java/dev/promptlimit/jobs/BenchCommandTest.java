package dev.promptlimit.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.promptlimit.kernel.Kernels;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Measures one kernel for real: all of them would take too long here. */
class BenchCommandTest {
  private static String out(String... arguments) {
    Map<String, IntConsumer> one = Map.of("reduced-1", KernelBench.kernels().get("reduced-1"));
    StringWriter out = new StringWriter();
    int code =
        new CommandLine(new BenchCommand(() -> one))
            .setOut(new PrintWriter(out, true))
            .execute(arguments);
    assertThat(code).isZero();
    return out.toString();
  }

  @Test
  void table() {
    List<String> lines = out().lines().toList();
    assertThat(lines).hasSize(4);
    assertThat(lines.get(0).strip().split(" {2,}", -1))
        .containsExactly("kernel", "ns/token", "from", "to", "tokens/s", "bytes/token");
    assertThat(lines.get(1).strip())
        .matches("reduced-1( +[0-9]+[.][0-9]{3}){3} +[0-9.e+]+ +0[.][0-9]{3}");
    assertThat(lines.get(3)).endsWith("Kernels: " + Kernels.description());
  }

  @Test
  void json() throws Exception {
    JsonNode bench = new JsonMapper().readTree(out("--json"));
    assertThat(bench.get("twin").asText()).isEqualTo(Kernels.description());
    assertThat(bench.get("kernels")).hasSize(1);
    JsonNode kernel = bench.get("kernels").get(0);
    assertThat(kernel.get("kernel").asText()).isEqualTo("reduced-1");
    double nanos = kernel.get("nsPerToken").asDouble();
    assertThat(nanos)
        .isBetween(kernel.get("nsPerTokenLow").asDouble(), kernel.get("nsPerTokenHigh").asDouble());
    assertThat(kernel.get("tokensPerSecond").asDouble()).isEqualTo(1e9 / nanos);
    assertThat(kernel.get("bytesPerToken").asDouble()).isBetween(0.0, 0.01);
  }

  @Test
  void namesThatOthersRelyOn() {
    assertThat(KernelBench.kernels())
        .containsKeys(
            "reduced-1", "reduced-2", "brute-6", "brute-6-second", "brute-64", "brute-64-second");
  }
}
