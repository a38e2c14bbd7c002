package dev.promptlimit.jobs.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The evidence of a claim as tables: one of all single numbers and texts, one of each list of
 * objects; objects within objects are columns with both names.
 */
final class Evidence {
  /** Tables of one claim, of which heads may have a dozen each. */
  static final int MOST_TABLES = 100;

  private final String id;
  private final List<DataTable> tables = new ArrayList<>();

  private Evidence(String id) {
    this.id = id;
  }

  static List<DataTable> tables(ClaimRow claim) {
    Evidence evidence = new Evidence("evidence-" + claim.id());
    evidence.object("", claim.evidence());
    return evidence.tables;
  }

  private void object(String title, JsonNode object) {
    List<List<Object>> rows = new ArrayList<>();
    List<Runnable> later = new ArrayList<>();
    values("", object, rows, title, later);
    if (!rows.isEmpty()) {
      add(title.isEmpty() ? "Summary" : title, List.of("what", "value"), rows);
    }
    later.forEach(Runnable::run);
  }

  private void values(
      String prefix, JsonNode object, List<List<Object>> rows, String title, List<Runnable> later) {
    for (Map.Entry<String, JsonNode> entry : object.properties()) {
      String name = prefix + words(entry.getKey());
      JsonNode value = entry.getValue();
      if (isList(value)) {
        later.add(() -> list(title.isEmpty() ? name : title + ": " + name, value));
      } else if (value.isObject()) {
        values(name + ", ", value, rows, title, later);
      } else {
        rows.add(Arrays.asList(name, scalar(value)));
      }
    }
  }

  private static boolean isList(JsonNode value) {
    return value.isArray() && !value.isEmpty() && value.get(0).isObject();
  }

  /** One table where elements are flat; else one of each element. */
  private void list(String title, JsonNode list) {
    boolean nested = false;
    for (JsonNode element : list) {
      nested |= hasLists(element);
    }
    if (nested) {
      int number = 1;
      for (JsonNode element : list) {
        object(title + " " + number++ + name(element), element);
      }
      return;
    }
    Set<List<String>> columns = new LinkedHashSet<>();
    list.forEach(element -> columns(List.of(), element, columns));
    List<List<Object>> rows = new ArrayList<>();
    for (JsonNode element : list) {
      rows.add(columns.stream().map(column -> at(element, column)).toList());
    }
    add(
        title,
        columns.stream()
            .map(column -> column.stream().map(Evidence::words).collect(Collectors.joining(", ")))
            .toList(),
        rows);
  }

  /** What tells an element from others, where it says so. */
  private static String name(JsonNode element) {
    StringBuilder name = new StringBuilder();
    for (String key : List.of("head", "tokens", "group")) {
      if (element.path(key).isTextual()) {
        name.append(", ").append(element.path(key).asText());
      }
    }
    return name.toString();
  }

  private static boolean hasLists(JsonNode object) {
    for (JsonNode value : object) {
      if (isList(value) || (value.isObject() && hasLists(value))) {
        return true;
      }
    }
    return false;
  }

  /** A column is the names that lead to it. */
  private static void columns(List<String> prefix, JsonNode object, Set<List<String>> columns) {
    for (Map.Entry<String, JsonNode> entry : object.properties()) {
      List<String> names = Stream.concat(prefix.stream(), Stream.of(entry.getKey())).toList();
      if (entry.getValue().isObject()) {
        columns(names, entry.getValue(), columns);
      } else {
        columns.add(names);
      }
    }
  }

  private static Object at(JsonNode object, List<String> column) {
    JsonNode node = object;
    for (String part : column) {
      node = node.path(part);
    }
    return scalar(node);
  }

  private static Object scalar(JsonNode value) {
    if (value.isNull() || value.isMissingNode()) {
      return "";
    }
    if (value.isIntegralNumber()) {
      return value.longValue();
    }
    if (value.isNumber()) {
      return value.doubleValue();
    }
    if (value.isBoolean()) {
      return value.booleanValue() ? "yes" : "no";
    }
    if (value.isArray()) {
      List<String> parts = new ArrayList<>();
      value.forEach(part -> parts.add(part.isNull() ? "–" : Json.shortened(part)));
      return String.join(", ", parts);
    }
    return value.asText();
  }

  /** {@code largestC2WithoutGrowth} as {@code largest c2 without growth}. */
  private static String words(String name) {
    StringBuilder words = new StringBuilder();
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean begins =
          Character.isUpperCase(c) && i > 0 && !Character.isUpperCase(name.charAt(i - 1));
      if (begins) {
        words.append(' ');
      }
      words.append(Character.toLowerCase(c));
    }
    return words.toString();
  }

  private void add(String title, List<String> columns, List<List<Object>> rows) {
    if (tables.size() == MOST_TABLES) {
      return;
    }
    tables.add(new DataTable(id + "-" + (tables.size() + 1), title, "", columns, rows));
  }
}
