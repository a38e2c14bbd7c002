package dev.promptlimit.random;

/** The words of a stream one by one, for draws that take a random number of them. */
final class ScalarWords {
  private final WordStream stream;
  private final long[] page = new long[64];
  private int next = page.length;

  ScalarWords(StreamKey key) {
    stream = new WordStream(key);
  }

  long next() {
    if (next == page.length) {
      stream.fill(page, page.length);
      next = 0;
    }
    return page[next++];
  }
}
