package dev.promptlimit.jobs;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Commands that run an experiment in this JVM and look at what it left.
 *
 * @param directory where the experiment file is; run directories are below its {@code runs}
 */
record TestRuns(Path directory) {
  private static final String[] ARRAY = {};

  /** Runs an experiment of this text. */
  CommandResult run(String text, String... options) {
    return runInto(runs().toString(), text, options);
  }

  /** The same with another {@code --runs}, a path or URI. */
  CommandResult runInto(String runs, String text, String... options) {
    List<String> arguments = new ArrayList<>();
    arguments.add("run");
    arguments.add(TestExperiments.write(directory, text).toString());
    arguments.addAll(List.of("--runs", runs));
    arguments.addAll(List.of(options));
    return CommandResult.of(arguments.toArray(ARRAY));
  }

  /** Verifies the only run directory. */
  CommandResult verify(String... options) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("verify", files().directory().toString()));
    arguments.addAll(List.of(options));
    return CommandResult.of(arguments.toArray(ARRAY));
  }

  Path runs() {
    return directory.resolve("runs");
  }

  /** What the only run left. */
  RunFiles files() throws IOException {
    return RunFiles.below(runs());
  }
}
