package dev.promptlimit.claim;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * What claims have computed that does not depend on prompts, so that a run which judges after every
 * round of prompts computes it once. Threads may share one; it must not outlive its run, as names
 * mean something within an experiment only.
 */
public final class Memo {
  private final Map<Object, Object> known = new ConcurrentHashMap<>();

  /**
   * The value of a key, computed when it is first asked for.
   *
   * @param key a record of all that the value depends on, of a type private to who asks
   */
  @SuppressWarnings("unchecked")
  <T> T of(Object key, Supplier<T> compute) {
    Object value = known.get(key);
    if (value == null) {
      value = compute.get();
      known.put(key, value); // whoever comes second has computed the same
    }
    return (T) value;
  }
}
