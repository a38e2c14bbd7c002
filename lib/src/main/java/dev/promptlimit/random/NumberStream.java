package dev.promptlimit.random;

/**
 * Independent numbers of one law, made a page at a time. How a consumer cuts its calls does not
 * change the sequence.
 */
public abstract class NumberStream {
  private final double[] page;
  private int next;

  NumberStream(int pageSize) {
    page = new double[pageSize];
    next = pageSize;
  }

  /** Writes the next page to out[from..from + page size). */
  abstract void page(double[] out, int from);

  /** Writes the next n ≥ 0 numbers to out[from..from+n). */
  public final void fill(double[] out, int from, int n) {
    int done = 0;
    while (done < n) {
      if (next == page.length && n - done >= page.length) {
        page(out, from + done);
        done += page.length;
        continue;
      }
      if (next == page.length) {
        page(page, 0);
        next = 0;
      }
      int copied = Math.min(n - done, page.length - next);
      System.arraycopy(page, next, out, from + done, copied);
      next += copied;
      done += copied;
    }
  }
}
