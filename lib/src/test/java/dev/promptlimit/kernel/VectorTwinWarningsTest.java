package dev.promptlimit.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the build does not check, because {@link VectorTwin} is compiled where warnings do not fail
 * it: javac warns of incubating modules there, whatever it is told.
 */
class VectorTwinWarningsTest {
  private static final Path SOURCES = Path.of("src/main/java/dev/promptlimit/kernel");
  private static final String INCUBATING = "compiler.warn.incubating.modules";

  @TempDir private Path output;

  @Test
  void theIncubatingModuleIsAllThatJavacWarnsOf() throws Exception {
    assertThat(warnings(SOURCES.resolve("VectorTwin.java"), SOURCES.resolve("VectorSums.java")))
        .containsExactly(INCUBATING);
  }

  /** Negative control: another warning is seen. */
  @Test
  void anotherWarningIsSeen() throws Exception {
    Path source = output.resolve("Cast.java");
    Files.writeString(source, "class Cast { int i = (int) 1; }");
    assertThat(warnings(source)).containsExactly(INCUBATING, "compiler.warn.redundant.cast");
  }

  /** Hence a JVM without the module runs everything else. */
  @Test
  void noOtherClassRefersToVectors() throws Exception {
    try (Stream<Path> files = Files.walk(classes())) {
      Set<String> referring =
          files
              .filter(file -> file.toString().endsWith(".class") && mentionsVectors(file))
              .map(file -> file.getFileName().toString().replaceFirst("([$].*)?[.]class", ""))
              .collect(Collectors.toSet());
      assertThat(referring).containsExactlyInAnyOrder("VectorTwin", "VectorSums");
    }
  }

  private List<String> warnings(Path... sources) throws IOException, URISyntaxException {
    JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
    List<String> options =
        List.of(
            "-Xlint:all",
            "--add-modules",
            "jdk.incubator.vector",
            "-cp",
            classes().toString(),
            "-d",
            output.toString());
    try (StandardJavaFileManager files = javac.getStandardFileManager(null, null, null)) {
      javac
          .getTask(null, files, diagnostics, options, null, files.getJavaFileObjects(sources))
          .call();
    }
    return diagnostics.getDiagnostics().stream().map(Diagnostic::getCode).toList();
  }

  private static Path classes() throws URISyntaxException {
    return Path.of(Lanes.class.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  /** Names of classes stand as they are in class files. */
  private static boolean mentionsVectors(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1).contains("jdk/incubator/vector");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
