package dev.promptlimit.jobs.config;

import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Set;

/** Collects the problems of an experiment file, one line each. */
final class Problems {
  private static final int LONGEST_VALUE = 60;

  private final Set<String> lines = new LinkedHashSet<>();

  /** A value that is not allowed. */
  void value(String path, ConfigValue value, String reason) {
    String text = value.render(ConfigRenderOptions.concise());
    if (text.length() > LONGEST_VALUE) {
      text = text.substring(0, LONGEST_VALUE) + "…";
    }
    lines.add("Cannot use " + path + " = " + text + at(value.origin()) + ": " + reason);
  }

  /** A key that is missing from a section. */
  void missing(String path, ConfigOrigin section, String allowed) {
    lines.add("Cannot find " + path + at(section) + ": it must be given, allowed: " + allowed);
  }

  /** A key that means nothing. */
  void unknown(String path, ConfigValue value, String suggestion) {
    lines.add("Cannot use " + path + at(value.origin()) + ": unknown key" + suggestion);
  }

  /** A problem that no single line of the file owns. */
  void general(String line) {
    lines.add(line);
  }

  boolean isEmpty() {
    return lines.isEmpty();
  }

  /** Throws if there are problems. */
  void throwIfAny() {
    if (!lines.isEmpty()) {
      throw new BadInputException(new ArrayList<>(lines));
    }
  }

  private static String at(ConfigOrigin origin) {
    String file = origin.filename() != null ? origin.filename() : origin.description();
    return origin.lineNumber() > 0 && origin.filename() != null
        ? " (" + file + ":" + origin.lineNumber() + ")"
        : " (" + file + ")";
  }
}
