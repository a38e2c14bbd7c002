package dev.promptlimit.jobs;

import dev.promptlimit.jobs.config.BadInputException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** The command line. */
@Command(
    name = "promptlimit",
    description = "Measures how softmax attention turns into linear attention as prompts grow.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      RunCommand.class,
      PlanCommand.class,
      EvaluateCommand.class,
      VerifyCommand.class,
      ReportCommand.class,
      CompactCommand.class,
      ClaimsCommand.class,
      BenchCommand.class
    },
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:done, whatever the verdicts",
      "1:a check failed",
      "2:bad input",
      "3:Spark or input/output failure"
    })
public final class Main {
  static final int CHECK_FAILED = 1;
  static final int BAD_INPUT = 2;
  static final int FAILURE = 3;

  private Main() {}

  /**
   * Runs a command and exits with its code; after success it returns, as YARN takes the end of the
   * program it runs for a crash and starts it again.
   */
  public static void main(String[] args) {
    int code = commandLine().execute(args);
    if (code != 0) {
      System.exit(code);
    }
  }

  static CommandLine commandLine() {
    CommandLine commands = new CommandLine(new Main());
    commands.setExecutionStrategy(
        parsed -> {
          try {
            return new CommandLine.RunLast().execute(parsed);
          } catch (ExceptionInInitializerError e) {
            return handle(e, commands.getErr());
          }
        });
    commands.setExecutionExceptionHandler((e, command, parsed) -> handle(e, command.getErr()));
    return commands;
  }

  private static int handle(Exception e, PrintWriter err) {
    if (isForeseen(e)) {
      err.println(message(e));
    } else {
      e.printStackTrace(err); // all we know helps
    }
    return exitCode(e);
  }

  private static boolean isForeseen(Exception e) {
    return e instanceof BadInputException
        || e instanceof IOException
        || e instanceof UncheckedIOException;
  }

  /** The exit code of a failure. */
  static int exitCode(Exception e) {
    return e instanceof BadInputException ? BAD_INPUT : FAILURE;
  }

  /** A failure in one line. */
  static String message(Exception e) {
    String message = String.valueOf(e.getMessage());
    return e instanceof BadInputException || message.startsWith("Cannot ")
        ? message
        : "Cannot read or write: " + e;
  }

  /** Kernels that were demanded and cannot be had, or a mistake of ours. */
  private static int handle(ExceptionInInitializerError e, PrintWriter err) {
    if (e.getCause() instanceof IllegalStateException refusal) {
      err.println(refusal.getMessage());
      return BAD_INPUT;
    }
    throw e;
  }

  /** The line of {@code --version}. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      Map<String, String> build = Build.properties();
      return new String[] {
        "PromptLimit " + build.get("version") + " (" + build.get("commit") + ")"
      };
    }
  }
}
