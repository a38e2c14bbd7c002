package dev.promptlimit.jobs.config;

import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Set;

/** Collects the problems of an experiment file, one line each. */
final class Problems {
  private static final int LONGEST_VALUE = 60;
  private static final int LONGEST_ORIGIN = 200;

  private final Set<String> lines = new LinkedHashSet<>();

  /** A value that is not allowed. */
  void value(String path, ConfigValue value, String reason) {
    String text = shortened(value.render(ConfigRenderOptions.concise()), LONGEST_VALUE);
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

  /** Throws if there are problems. */
  void throwIfAny() {
    if (!lines.isEmpty()) {
      throw new BadInputException(new ArrayList<>(lines));
    }
  }

  /** A key as it may stand in a line: quoted where it is unusual. */
  static String key(String name) {
    String quoted = name.matches("[A-Za-z0-9_-]+") ? name : ConfigUtil.quoteString(name);
    return shortened(quoted, LONGEST_VALUE);
  }

  /** A text on one line, not longer than so many characters. */
  static String shortened(String text, int length) {
    String line = text.replaceAll("\\s*\\R\\s*", " ");
    return line.length() <= length ? line : line.substring(0, length) + "…";
  }

  private static String at(ConfigOrigin origin) {
    String file =
        origin.filename() != null
            ? origin.filename()
            : shortened(origin.description().replaceFirst(": 1$", ""), LONGEST_ORIGIN);
    return origin.lineNumber() > 0 && origin.filename() != null
        ? " (" + file + ":" + origin.lineNumber() + ")"
        : " (" + file + ")";
  }
}
