package dev.promptlimit.jobs.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.commons.text.similarity.LevenshteinDistance;

/**
 * One object of an experiment file. Reading a key checks it; problems are collected, and a key in
 * trouble reads as empty so that reading goes on. {@link #done} reports the keys nobody asked for.
 */
final class Section {
  private final ConfigObject object;
  private final String path;
  private final Problems problems;
  private final boolean shapesKnown;
  private final String whose; // dimension shapes are held against
  private final Set<String> known;

  Section(ConfigObject object, String path, Problems problems) {
    this(object, path, problems, true, "the tokens have", new LinkedHashSet<>());
  }

  private Section(
      ConfigObject object,
      String path,
      Problems problems,
      boolean shapesKnown,
      String whose,
      Set<String> known) {
    this.object = object;
    this.path = path;
    this.problems = problems;
    this.shapesKnown = shapesKnown;
    this.whose = whose;
    this.known = known;
  }

  /** The same section where the dimension of the tokens is in trouble: shapes are not judged. */
  Section ofUnknownShape() {
    return new Section(object, path, problems, false, whose, known);
  }

  /** The same section where shapes are held against the dimension of inputs, not of tokens. */
  Section ofInputs() {
    return new Section(object, path, problems, shapesKnown, "inputs have", known);
  }

  private Section child(ConfigObject child, String childPath) {
    return new Section(child, childPath, problems, shapesKnown, whose, new LinkedHashSet<>());
  }

  /** The full name of a key of this section. */
  String path(Key<?> key) {
    return path.isEmpty() ? key.name() : path + "." + key.name();
  }

  /** Whether the key is there. */
  boolean has(Key<?> key) {
    return value(key).isPresent();
  }

  /** These keys may be there, although nobody asks for them. */
  void know(Key<?>... keys) {
    for (Key<?> key : keys) {
      known.add(key.name());
    }
  }

  /** Reports a problem with the value of a key that is there, or with the section. */
  void reject(Key<?> key, String reason) {
    ConfigValue value = object.get(key.name());
    if (value == null) {
      problems.value(path, object, reason);
    } else {
      problems.value(path(key), value, reason);
    }
  }

  /** Reports a problem with the section as a whole. */
  void reject(String reason) {
    problems.value(path, object, reason);
  }

  /** Reports a value whose shape does not fit the tokens. */
  void rejectShape(Key<?> key, String reason) {
    if (shapesKnown) {
      reject(key, reason);
    }
  }

  Optional<Long> whole(Key.Whole key) {
    return value(key)
        .flatMap(value -> whole(value, key).or(() -> bad(key, value)))
        .or(() -> fallback(key));
  }

  Optional<Double> number(Key.Real key) {
    return value(key)
        .flatMap(value -> number(value).filter(key.holds()::test).or(() -> bad(key, value)))
        .or(() -> fallback(key));
  }

  Optional<String> choice(Key.Choice key) {
    return value(key)
        .flatMap(value -> text(value).filter(key.words()::contains).or(() -> bad(key, value)))
        .or(() -> fallback(key));
  }

  /** The same, but nothing is reported: whoever reads the key does that. */
  Optional<String> peek(Key.Choice key) {
    return value(key).flatMap(Section::text).filter(key.words()::contains);
  }

  Optional<String> text(Key.Text key) {
    return value(key)
        .flatMap(
            value ->
                text(value).filter(text -> text.matches(key.pattern())).or(() -> bad(key, value)))
        .or(() -> fallback(key));
  }

  Optional<List<String>> words(Key.Words key) {
    return value(key)
        .flatMap(value -> strings(value).filter(key.words()::containsAll).or(() -> bad(key, value)))
        .or(() -> fallback(key));
  }

  /** A vector of d finite numbers. */
  Optional<double[]> vector(Key.Vector key, int d) {
    Optional<double[]> vector =
        value(key).flatMap(value -> numbers(value).or(() -> bad(key, value)));
    if (vector.isPresent() && vector.get().length != d) {
      rejectShape(key, "it has " + vector.get().length + " entries, " + whose + " dimension " + d);
      return Optional.empty();
    }
    return vector.or(() -> fallback(key));
  }

  /** A vector of finite numbers, as many as there are. */
  Optional<double[]> numbers(Key.Vector key) {
    return value(key)
        .flatMap(value -> numbers(value).or(() -> bad(key, value)))
        .or(() -> fallback(key));
  }

  /** Rising numbers. */
  Optional<double[]> rising(Key.Rising key) {
    return value(key)
        .flatMap(value -> numbers(value).filter(key::holds).or(() -> bad(key, value)))
        .or(() -> fallback(key));
  }

  /** A matrix of finite numbers with d columns. */
  Optional<double[][]> matrix(Key.Matrix key, int d) {
    Optional<ConfigValue> value = value(key);
    if (value.isEmpty()) {
      return fallback(key);
    }
    List<double[]> rows = new ArrayList<>();
    if (value.get() instanceof ConfigList list) {
      for (ConfigValue row : list) {
        numbers(row).ifPresent(rows::add);
      }
      if (rows.size() == list.size() && !rows.isEmpty()) {
        for (double[] row : rows) {
          if (row.length != d) {
            rejectShape(key, "a row has " + row.length + " entries, " + whose + " dimension " + d);
            return Optional.empty();
          }
        }
        return Optional.of(rows.toArray(new double[0][]));
      }
    }
    return bad(key, value.get());
  }

  /** A section that must be there. */
  Optional<Section> section(Key.Sub key) {
    return value(key)
        .flatMap(
            value ->
                value instanceof ConfigObject child
                    ? Optional.of(child(child, path(key)))
                    : bad(key, value))
        .or(() -> fallback(key));
  }

  /** The sections of a list that must be there; a single section counts as a list of one. */
  List<Section> sections(Key.Sub key) {
    Optional<ConfigValue> value = value(key);
    if (value.isEmpty()) {
      fallback(key);
      return List.of();
    }
    if (value.get() instanceof ConfigObject child) {
      return List.of(child(child, path(key)));
    }
    List<Section> sections = new ArrayList<>();
    if (value.get() instanceof ConfigList list) {
      for (int i = 0; i < list.size(); i++) {
        if (list.get(i) instanceof ConfigObject child) {
          sections.add(child(child, path(key) + "[" + i + "]"));
        }
      }
      if (sections.size() == list.size() && !sections.isEmpty()) {
        return sections;
      }
    }
    bad(key, value.get());
    return List.of();
  }

  /** The whole numbers of a list, empty if the value is no list; wrong entries are reported. */
  Optional<List<Long>> wholes(Key.Sub key, Key.Whole entry) {
    if (!(object.get(key.name()) instanceof ConfigList list)) {
      return Optional.empty();
    }
    known.add(key.name());
    Set<Long> wholes = new LinkedHashSet<>();
    for (ConfigValue value : list) {
      Optional<Long> whole = whole(value, entry);
      if (whole.isEmpty()) {
        problems.value(path(key), value, "allowed: " + key.allowed());
        return Optional.of(List.of());
      }
      wholes.add(whole.get());
    }
    if (wholes.size() != list.size() || wholes.isEmpty()) {
      bad(key, list);
      return Optional.of(List.of());
    }
    return Optional.of(List.copyOf(wholes));
  }

  /** Reports the keys that nobody asked for, each with the nearest known one. */
  void done() {
    for (var entry : object.entrySet()) {
      if (!known.contains(entry.getKey())) {
        String name = Problems.key(entry.getKey());
        problems.unknown(
            path.isEmpty() ? name : path + "." + name,
            entry.getValue(),
            suggestion(entry.getKey()));
      }
    }
  }

  private String suggestion(String unknown) {
    LevenshteinDistance distance = LevenshteinDistance.getDefaultInstance();
    return known.stream()
        .min((a, b) -> Integer.compare(distance.apply(unknown, a), distance.apply(unknown, b)))
        .map(nearest -> ", did you mean " + nearest + "?")
        .orElse("");
  }

  private Optional<ConfigValue> value(Key<?> key) {
    known.add(key.name());
    return Optional.ofNullable(object.get(key.name()))
        .filter(value -> value.valueType() != ConfigValueType.NULL);
  }

  /** The default of a key that is not there; without one its absence is a problem. */
  private <T> Optional<T> fallback(Key<T> key) {
    boolean absent = value(key).isEmpty();
    if (absent && key.fallback().isEmpty()) {
      problems.missing(path(key), object.origin(), key.allowed());
    }
    return absent ? key.fallback() : Optional.empty();
  }

  private <T> Optional<T> bad(Key<?> key, ConfigValue value) {
    problems.value(path(key), value, "allowed: " + key.allowed());
    return Optional.empty();
  }

  private static Optional<Double> number(ConfigValue value) {
    return switch (value.valueType()) {
      case NUMBER -> Optional.of(((Number) value.unwrapped()).doubleValue());
      case STRING -> special((String) value.unwrapped()); // HOCON has no other way to write them
      default -> Optional.empty();
    };
  }

  private static Optional<Double> special(String text) {
    return switch (text) {
      case "NaN" -> Optional.of(Double.NaN);
      case "Infinity" -> Optional.of(Double.POSITIVE_INFINITY);
      case "-Infinity" -> Optional.of(Double.NEGATIVE_INFINITY);
      default -> Optional.empty();
    };
  }

  /** From the digits as written, without a detour through double: seeds need all of theirs. */
  private static Optional<Long> whole(ConfigValue value, Key.Whole key) {
    if (value.valueType() != ConfigValueType.NUMBER) {
      return Optional.empty();
    }
    try {
      long whole = new BigDecimal(value.atKey("x").getString("x")).longValueExact();
      return Optional.of(whole).filter(x -> x >= key.low() && x <= key.high());
    } catch (ArithmeticException e) {
      return Optional.empty(); // a fraction, or beyond 64 bits
    } catch (NumberFormatException e) {
      return Optional.empty(); // an exponent beyond 32 bits
    }
  }

  private static Optional<String> text(ConfigValue value) {
    return value.valueType() == ConfigValueType.STRING
            || value.valueType() == ConfigValueType.NUMBER
        ? Optional.of(value.atKey("x").getString("x"))
        : Optional.empty();
  }

  private static Optional<List<String>> strings(ConfigValue value) {
    if (!(value instanceof ConfigList list)) {
      return Optional.empty();
    }
    Set<String> strings = new LinkedHashSet<>();
    list.forEach(item -> text(item).ifPresent(strings::add));
    return strings.size() == list.size() ? Optional.of(List.copyOf(strings)) : Optional.empty();
  }

  private static Optional<double[]> numbers(ConfigValue value) {
    if (!(value instanceof ConfigList list)) {
      return Optional.empty();
    }
    double[] numbers = new double[list.size()];
    for (int i = 0; i < numbers.length; i++) {
      Optional<Double> entry = number(list.get(i)).filter(Double::isFinite);
      if (entry.isEmpty()) {
        return Optional.empty();
      }
      numbers[i] = entry.get();
    }
    return Optional.of(numbers);
  }
}
