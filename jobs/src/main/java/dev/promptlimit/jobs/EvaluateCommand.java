package dev.promptlimit.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.promptlimit.jobs.config.BadInputException;
import dev.promptlimit.jobs.evaluate.Evaluation;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Evaluates closed forms for the items of a file; starts no Spark. */
@Command(
    name = "evaluate",
    description = "Evaluates closed forms for the items of a JSON file.",
    mixinStandardHelpOptions = true)
final class EvaluateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--input",
      required = true,
      paramLabel = "FILE",
      description = "JSON: {\"items\": [...]}, each item of one of the shapes in the README.")
  private Path input;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "Where to write the answers; stdout if left out.")
  private Path output;

  @Override
  public Integer call() throws IOException {
    Path target = output == null ? null : writable(output);
    if (!Files.isReadable(input) || Files.isDirectory(input)) {
      throw new BadInputException("Cannot evaluate " + input + ": there is no such readable file");
    }
    Evaluation evaluation = Evaluation.of(input.toString(), Files.readAllBytes(input));
    if (target == null) {
      PrintWriter out = spec.commandLine().getOut();
      out.print(evaluation.json());
      out.flush();
    } else {
      write(target, evaluation.json());
    }
    evaluation.problems().forEach(spec.commandLine().getErr()::println);
    return evaluation.problems().isEmpty() ? 0 : Main.BAD_INPUT;
  }

  /** The file to be written: where a symbolic link leads, if it is one. */
  private static Path writable(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new BadInputException("Cannot write " + file + ": it is a folder");
    }
    Path target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
    if (!Files.isDirectory(target.getParent())) {
      throw new BadInputException(
          "Cannot write " + file + ": there is no folder " + target.getParent());
    }
    return target;
  }

  private static void write(Path target, String text) throws IOException {
    try {
      if (Files.exists(target) && !Files.isRegularFile(target)) { // a pipe, /dev/null
        Files.writeString(target, text, UTF_8);
      } else {
        replace(target, text);
      }
    } catch (IOException e) {
      throw new IOException("Cannot write " + target + ": " + e, e);
    }
  }

  /** All of it or nothing: what was there stays until the new text is complete. */
  private static void replace(Path target, String text) throws IOException {
    Path partial = target.resolveSibling(".evaluate-" + UUID.randomUUID() + ".partial");
    Files.createFile(partial);
    try {
      Files.writeString(partial, text, UTF_8);
      Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(partial);
    }
  }
}
