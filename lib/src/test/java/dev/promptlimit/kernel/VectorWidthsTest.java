package dev.promptlimit.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Equal bits from every width of vectors and from plain Java. A virtual machine has one width, so
 * each gets one of its own.
 */
class VectorWidthsTest {
  private static final String MODULE = "--add-modules=jdk.incubator.vector";
  private static final String PLAIN = "plain Java";

  /** Far more than any of them takes. */
  private static final long TIMEOUT_SECONDS = 120;

  private static List<String> here;
  @TempDir private Path folder;

  @BeforeAll
  static void computeHere() {
    here = KernelBits.lines();
  }

  /** What the build tests is what runs in production. */
  @Test
  void thisBuildRunsTheVectorKernels() {
    assertThat(Kernels.vectorised()).isTrue();
    assertThat(Kernels.description()).matches("vectors of (128|256|512) bits");
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 32, 64})
  void everyWidthGivesTheSameBits(int bytes) throws Exception {
    assertWidth(8 * bytes, MODULE, "-XX:MaxVectorSize=" + bytes);
  }

  @Test
  void processorsWithoutAvx512GiveTheSameBits() throws Exception {
    assertWidth(256, MODULE, "-XX:+IgnoreUnrecognizedVMOptions", "-XX:UseAVX=2");
  }

  private static int widthHere() {
    return Integer.parseInt(Kernels.description().replaceAll("\\D", ""));
  }

  private void assertWidth(int width, String... options) throws Exception {
    Child child = run(options);
    assertThat(child.exitCode).as(child.err).isEqualTo(0);
    String description = "vectors of " + width + " bits";
    if (width > widthHere()) { // never skip a width that this processor has been seen to have
      assumeThat(child.out.get(0)).as("no vectors of %d bits here", width).isEqualTo(description);
    }
    assertThat(child.out.get(0)).isEqualTo(description);
    assertSameBits(child);
  }

  /** The message names the items that differ only. */
  private static void assertSameBits(Child child) {
    List<String> bits = child.out.subList(1, child.out.size());
    assertThat(bits.stream().filter(line -> !here.contains(line))).as("other bits").isEmpty();
    assertThat(bits).hasSameSizeAs(here);
  }

  @Test
  void plainJavaRunsWhereTheModuleIsMissingAndGivesTheSameBits() throws Exception {
    Child child = run();
    assertThat(child.exitCode).as(child.err).isEqualTo(0);
    assertThat(child.out.get(0)).isEqualTo(PLAIN);
    assertSameBits(child);
  }

  @Test
  void plainJavaRunsWhereItIsDemanded() throws Exception {
    assertThat(run(List.of("describe"), MODULE, "-Dpromptlimit.kernels=plain").out)
        .containsExactly(PLAIN);
    assertThat(run(List.of("describe"), MODULE, "-Dpromptlimit.kernels=vector").out)
        .containsExactly(Kernels.description());
  }

  /** Without its best compiler, or with registers of one number, Java has no use for vectors. */
  @ParameterizedTest
  @ValueSource(strings = {"-XX:TieredStopAtLevel=1", "-XX:MaxVectorSize=8"})
  void plainJavaRunsWhereVectorsWouldBeSlow(String option) throws Exception {
    assertThat(run(List.of("describe"), MODULE, option).out).containsExactly(PLAIN);
  }

  @Test
  void vectorsThatCannotBeHadAreRefused() throws Exception {
    assertRefused(
        run("-Dpromptlimit.kernels=vector"),
        "Cannot use the vector kernels: start java with " + MODULE);
  }

  @Test
  void unknownKernelsAreRefused() throws Exception {
    assertRefused(
        run(MODULE, "-Dpromptlimit.kernels=fast"),
        "Cannot choose kernels: promptlimit.kernels is fast, allowed: auto, vector, plain");
  }

  private static void assertRefused(Child child, String reason) {
    assertThat(child.exitCode).isEqualTo(1);
    assertThat(child.out).isEmpty();
    assertThat(child.err.lines().filter(line -> line.contains("IllegalStateException")))
        .containsExactly("Caused by: java.lang.IllegalStateException: " + reason);
  }

  private record Child(int exitCode, List<String> out, String err) {}

  private Child run(String... options) throws Exception {
    return run(List.of(), options);
  }

  /** Runs {@link KernelBits} in a JVM with these options. */
  private Child run(List<String> arguments, String... options) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-Xmx256m", "-Xshare:auto"));
    command.addAll(List.of(options));
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), KernelBits.class.getName()));
    command.addAll(arguments);
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    try {
      assertThat(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)).as("it ended").isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Child(process.exitValue(), Files.readAllLines(out), Files.readString(err));
  }
}
