package dev.promptlimit.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Without the barrier these very loops made an object of every vector, 96 bytes a number. */
class InlineBarrierTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @Test
  void thisMachineTakesDirectives() {
    assertThat(new VectorTwin().compiledAlone()).isTrue();
    assertThat(Kernels.compiledAlone()).isTrue();
  }

  /** It takes the file's name in one piece, blanks and all. */
  @Test
  void aFolderMayHaveABlankInItsName(@TempDir Path folder) throws Exception {
    Path tmp = Files.createDirectory(folder.resolve("a b"));
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "-Djava.io.tmpdir=" + tmp,
                "-cp",
                System.getProperty("java.class.path"),
                Describe.class.getName())
            .redirectErrorStream(true)
            .start();
    String out = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(out.lines()).last().isEqualTo("true");
    assertThat(tmp).isEmptyDirectory();
  }

  /** Says whether kernels are compiled alone. */
  static final class Describe {
    private Describe() {}

    public static void main(String[] args) {
      System.out.println(Kernels.compiledAlone());
    }
  }

  @Test
  void compiledKernelsAllocateNothingInsideACallersLoop() {
    double[] x = new Random(1).doubles(512, -5, 5).toArray();
    double[] y = new double[512];
    long[] state = new Random(2).longs(Kernels.STATE).toArray();
    long[] words = new long[512];
    double perNumber = Double.POSITIVE_INFINITY;
    for (int round = 0; round < 20 && perNumber > 0.01; round++) { // until all is compiled
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 20_000; i++) {
        Kernels.exp2(x, 0, 1.1, y, 0, 512);
        Kernels.words(state, words, 512);
      }
      perNumber = (THREADS.getCurrentThreadAllocatedBytes() - before) / (20_000.0 * 1024);
    }
    assertThat(perNumber).isLessThan(0.01);
  }
}
