package dev.promptlimit.jobs.report;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Names as a page shows them: long ones are cut, and different ones stay different. */
final class Names {
  private static final int LONGEST = 80;
  private static final int END = 16;

  private final Map<String, String> shown = new HashMap<>();
  private final Set<String> used = new HashSet<>();

  /** The name itself, or its beginning, its end and a number where others look alike. */
  String shown(String name) {
    return shown.computeIfAbsent(name, this::shorten);
  }

  private String shorten(String name) {
    int points = name.codePointCount(0, name.length());
    String text = name;
    if (points > LONGEST) {
      String begin = name.substring(0, name.offsetByCodePoints(0, LONGEST - END));
      text = begin + "…" + name.substring(name.offsetByCodePoints(name.length(), -END));
    }
    String unique = text;
    for (int i = 2; !used.add(unique); i++) {
      unique = text + " #" + i;
    }
    return unique;
  }
}
