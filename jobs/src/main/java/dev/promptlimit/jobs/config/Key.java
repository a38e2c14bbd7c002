package dev.promptlimit.jobs.config;

import java.util.List;
import java.util.Optional;
import java.util.function.DoublePredicate;

/**
 * A key of an experiment file: its name within its section, what values it allows, its default.
 *
 * @param <T> type of its value
 */
sealed interface Key<T> {
  /** Name within its section. */
  String name();

  /** The allowed values, in words. */
  String allowed();

  /** The default; empty where a value must be given. */
  Optional<T> fallback();

  /** A whole number in [low, high]. */
  record Whole(String name, long low, long high, Optional<Long> fallback) implements Key<Long> {
    @Override
    public String allowed() {
      return "whole numbers from " + low + " to " + high;
    }
  }

  /** A number for which a condition holds. */
  record Real(String name, DoublePredicate holds, String allowed, Optional<Double> fallback)
      implements Key<Double> {}

  /** One of a few words. */
  record Choice(String name, List<String> words, Optional<String> fallback) implements Key<String> {
    @Override
    public String allowed() {
      return String.join(", ", words);
    }
  }

  /** Text that matches a pattern. */
  record Text(String name, String pattern, String allowed, Optional<String> fallback)
      implements Key<String> {}

  /** A list of words, each allowed once. */
  record Words(String name, List<String> words, Optional<List<String>> fallback)
      implements Key<List<String>> {
    @Override
    public String allowed() {
      return "a list of " + String.join(", ", words) + ", each at most once";
    }
  }

  /** A list of finite numbers whose length the context fixes. */
  record Vector(String name, Optional<double[]> fallback) implements Key<double[]> {
    @Override
    public String allowed() {
      return "a list of finite numbers";
    }
  }

  /** A list of rising finite numbers, the first at least {@code low}. */
  record Rising(String name, double low, String allowed) implements Key<double[]> {
    /** The most of them. */
    static final int MOST = 1000;

    @Override
    public Optional<double[]> fallback() {
      return Optional.empty();
    }

    boolean holds(double[] numbers) {
      double last = Math.nextDown(low);
      for (double number : numbers) {
        if (!(number > last)) {
          return false;
        }
        last = number;
      }
      return numbers.length > 0 && numbers.length <= MOST;
    }
  }

  /** A list of rows of finite numbers. */
  record Matrix(String name, Optional<double[][]> fallback) implements Key<double[][]> {
    @Override
    public String allowed() {
      return "a list of rows of equally many finite numbers";
    }
  }

  /** A section, or a list of them. */
  record Sub(String name, String allowed) implements Key<Section> {
    @Override
    public Optional<Section> fallback() {
      return Optional.empty();
    }
  }
}
