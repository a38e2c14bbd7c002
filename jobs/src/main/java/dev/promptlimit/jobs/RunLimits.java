package dev.promptlimit.jobs;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import dev.promptlimit.jobs.run.Allowance;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options that say how much one call may add. */
final class RunLimits {
  private static final Duration LONGEST = Duration.ofDays(365);

  @Option(
      names = "--budget",
      paramLabel = "TIME",
      converter = Time.class,
      description =
          "Begin nothing after so much time, as in 90s, 30m, 2h; Spark's start and writing results"
              + " are not in it. The next call goes on.")
  private Duration time;

  @Option(
      names = "--prompts",
      paramLabel = "N",
      converter = Count.class,
      description = "Simulate at most N prompts, over all cells. The next call goes on.")
  private Long prompts;

  /** The clock starts now. */
  Allowance begin() {
    return new Allowance(
        Optional.ofNullable(time),
        prompts == null ? OptionalLong.empty() : OptionalLong.of(prompts));
  }

  @Override
  public String toString() {
    return "--budget " + (time == null ? "unlimited" : time.toMillis() / 1000.0 + "s");
  }

  /** Reads durations as experiment files have them, with a unit. */
  static final class Time implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      Duration time;
      try {
        time = ConfigFactory.parseMap(Map.of("time", text)).getDuration("time");
      } catch (ConfigException e) {
        time = Duration.ZERO;
      }
      boolean hasUnit = !text.isEmpty() && Character.isLetter(text.charAt(text.length() - 1));
      if (!hasUnit || time.compareTo(Duration.ZERO) <= 0 || time.compareTo(LONGEST) > 0) {
        throw new TypeConversionException(
            "it is '" + text + "', allowed: a number and a unit, up to 365d, as in 90s, 30m, 2h");
      }
      return time;
    }
  }

  /** Reads a number of prompts. */
  static final class Count implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      long count;
      try {
        count = Long.parseLong(text);
      } catch (NumberFormatException e) {
        count = 0;
      }
      if (count < 1) {
        throw new TypeConversionException("it is '" + text + "', allowed: whole numbers > 0");
      }
      return count;
    }
  }
}
