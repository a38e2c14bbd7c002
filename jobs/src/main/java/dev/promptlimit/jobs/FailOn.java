package dev.promptlimit.jobs;

import dev.promptlimit.jobs.table.ClaimResult;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The option by which a scheduler hears of verdicts. */
final class FailOn {
  /** Which verdicts fail a command; each is compared with the expected one. */
  enum Kind {
    /** Refuted or supported, and the other is expected; or a control that did not fail. */
    REFUTED,
    /** Not as expected, for whatever reason. */
    UNDECIDED
  }

  @Option(
      names = "--fail-on",
      paramLabel = "refuted|undecided",
      converter = Converter.class,
      description =
          "Exit with 1 if a claim is refuted or supported against what is expected or a control did"
              + " not fail (refuted), or if any is not as expected (undecided).")
  private Kind kind;

  /** The exit code: 1 if one of these verdicts is to fail the command. */
  int exitCode(List<ClaimResult> verdicts) {
    return exitCode(verdicts, true);
  }

  /**
   * The same where the experiment may not be complete: then controls are not yet expected to have
   * failed.
   */
  int exitCode(List<ClaimResult> verdicts, boolean complete) {
    if (kind == null) {
      return 0;
    }
    boolean fails =
        verdicts.stream()
            .anyMatch(result -> kind == Kind.REFUTED ? result.contradicts() : !result.asExpected());
    fails |= complete && !ClaimResult.trustworthy(verdicts);
    return fails ? Main.CHECK_FAILED : 0;
  }

  /** Reads the kinds in lower case. */
  static final class Converter implements ITypeConverter<Kind> {
    @Override
    public Kind convert(String text) {
      for (Kind kind : Kind.values()) {
        if (kind.name().toLowerCase(Locale.ROOT).equals(text)) {
          return kind;
        }
      }
      throw new TypeConversionException("it is '" + text + "', allowed: refuted, undecided");
    }
  }
}
