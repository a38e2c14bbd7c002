package dev.promptlimit.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The compiler is told, hears it and obeys. */
class InlineBarrierTest {
  @Test
  void thisMachineTakesDirectives() {
    assertThat(new VectorTwin().compiledAlone()).isTrue();
    assertThat(Kernels.compiledAlone()).isTrue();
  }

  /** It takes the file's name in one piece, blanks and all. */
  @Test
  void aFolderMayHaveABlankInItsName(@TempDir Path folder) throws Exception {
    Path tmp = Files.createDirectory(folder.resolve("a b"));
    String out = run("-Djava.io.tmpdir=" + tmp);
    assertThat(out.lines()).last().isEqualTo("true");
    assertThat(tmp).isEmptyDirectory();
  }

  /** A hot call of a kernel, of which the compiler says what it did. */
  @Test
  void noKernelIsCopiedIntoItsCaller() throws Exception {
    String out = run("-XX:+UnlockDiagnosticVMOptions", "-XX:+PrintInlining");
    assertThat(out.lines().filter(line -> line.contains("VectorTwin::exp2 ")))
        .anyMatch(line -> line.contains("disallowed"))
        .noneMatch(line -> line.contains("inline (hot)"));
  }

  private static String run(String... options) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--add-modules=jdk.incubator.vector");
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Work.class.getName()));
    Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
    return new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  /** Calls a kernel until it is compiled and says whether kernels are compiled alone. */
  static final class Work {
    private Work() {}

    public static void main(String[] args) {
      double[] x = new Random(1).doubles(512, -5, 5).toArray();
      double[] y = new double[512];
      for (int i = 0; i < 50_000; i++) {
        Kernels.exp2(x, 0, 1.1, y, 0, 512);
      }
      System.out.println(Kernels.compiledAlone());
    }
  }
}
