package dev.promptlimit.jobs.report;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Names as a page shows them: long ones are cut, and different ones stay different. */
final class Names {
  private static final int LONGEST = 80;
  private static final int END = 16;

  private static final Pattern TURNING = Pattern.compile("[\u202a-\u202e\u2066-\u2069]");

  private final Map<String, String> shown = new HashMap<>();
  private final Set<String> used = new HashSet<>();

  /** The name itself, or its beginning, its end and a number where others look alike. */
  String shown(String name) {
    return shown.computeIfAbsent(name, this::shorten);
  }

  private String shorten(String name) {
    String text = visible(name);
    if (text.codePointCount(0, text.length()) > LONGEST) {
      String begin = text.substring(0, text.offsetByCodePoints(0, LONGEST - END));
      text = begin + "…" + text.substring(text.offsetByCodePoints(text.length(), -END));
    }
    String unique = text;
    for (int i = 2; !used.add(unique); i++) {
      unique = text + " #" + i;
    }
    return unique;
  }

  /** A text in which characters that turn the direction of what follows are escapes. */
  static String visible(String text) {
    return TURNING
        .matcher(text)
        .replaceAll(m -> String.format(Locale.ROOT, "\\\\u%04x", (int) m.group().charAt(0)));
  }
}
