package dev.promptlimit.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import picocli.CommandLine;

/** What a command printed, and its exit code. */
public record CommandResult(int exitCode, String out, String err) {
  /** Calls a command in this JVM. */
  public static CommandResult of(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine commands = Main.commandLine();
    commands.setOut(new PrintWriter(out, true));
    commands.setErr(new PrintWriter(err, true));
    int exitCode = commands.execute(arguments);
    return new CommandResult(exitCode, out.toString(), err.toString());
  }

  /** The lines of stdout of a command that succeeded and had nothing to say beside its results. */
  public List<String> lines() {
    assertThat(err).isEmpty();
    assertThat(exitCode).isZero();
    return out.lines().toList();
  }

  /** The one line on stderr of a command that failed with this code and printed no results. */
  String failure(int code) {
    assertThat(exitCode).as(err).isEqualTo(code);
    assertThat(out).isEmpty();
    assertThat(err.lines()).hasSize(1);
    return err.strip();
  }
}
