package dev.promptlimit.jobs.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads prompt lengths: a list of them, or from, to and factor. */
final class LengthsReader {
  private LengthsReader() {}

  /** The lengths of a section, none if they are in trouble. */
  static List<Long> lengths(Section owner) {
    Optional<List<Long>> list = owner.wholes(Keys.PROMPT_LENGTHS, Keys.FROM);
    if (list.isPresent()) {
      if (list.get().size() > Keys.MAX_LENGTHS) {
        owner.reject(Keys.PROMPT_LENGTHS, "allowed: " + Keys.PROMPT_LENGTHS.allowed());
      }
      return list.get();
    }
    return owner.section(Keys.PROMPT_LENGTHS).map(LengthsReader::range).orElse(List.of());
  }

  private static List<Long> range(Section section) {
    Optional<Long> from = section.whole(Keys.FROM);
    Optional<Long> to = section.whole(Keys.TO);
    Optional<Double> factor = section.number(Keys.FACTOR);
    section.done();
    if (from.isEmpty() || to.isEmpty() || factor.isEmpty()) {
      return List.of();
    }
    if (to.get() < from.get()) {
      section.reject(Keys.TO, "allowed: at least from = " + from.get());
    }
    List<Long> lengths = new ArrayList<>();
    double last = to.get() * (1 + 1e-9); // products are rounded: 100 · 1.1 · 1.1 is above 121
    for (double next = from.get(); next <= last; next *= factor.get()) {
      long length = Math.min(Math.round(next), to.get());
      if (lengths.isEmpty() || length > lengths.get(lengths.size() - 1)) {
        lengths.add(length);
      }
    }
    return lengths;
  }
}
