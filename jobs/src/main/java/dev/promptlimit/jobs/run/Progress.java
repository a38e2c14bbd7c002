package dev.promptlimit.jobs.run;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** The progress line of a terminal: what is done, tokens per second, time left. */
final class Progress {
  private static final String ERASE_LINE = "\r\u001b[K";

  private final ProgressCounters counters;
  private final String what;
  private final long items;
  private final double nanos;
  private final PrintStream terminal;
  private final long start = System.nanoTime();
  private final ScheduledExecutorService ticker;
  private boolean closed;

  private Progress(
      ProgressCounters counters, String what, long items, double nanos, PrintStream terminal) {
    this.counters = counters;
    this.what = what;
    this.items = items;
    this.nanos = nanos;
    this.terminal = terminal;
    ticker =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "progress");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Starts the line.
   *
   * @param what what is counted
   * @param items how many there are
   * @param nanos their nominal cost
   */
  static Progress start(
      ProgressCounters counters, String what, long items, double nanos, PrintStream terminal) {
    Progress progress = new Progress(counters, what, items, nanos, terminal);
    var unused =
        progress.ticker.scheduleAtFixedRate(progress::print, 500, 500, TimeUnit.MILLISECONDS);
    return progress;
  }

  private synchronized void print() {
    if (closed) {
      return; // a tick that had begun when the line was erased
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    double share = counters.nanos() / nanos;
    terminal.print(
        ERASE_LINE + line(what, counters.items(), items, share, counters.tokens(), seconds));
    terminal.flush();
  }

  /**
   * The line after so many seconds.
   *
   * @param share of the nominal cost that is done
   */
  static String line(
      String what, long done, long items, double share, long tokens, double seconds) {
    String left =
        share > 0
            ? String.format(Locale.ROOT, "%.0f s left", Math.max(0, seconds * (1 / share - 1)))
            : "starting";
    return String.format(
        Locale.ROOT,
        "%d of %d %s   %.3g tokens/s   %s",
        Math.min(done, items),
        items,
        what,
        tokens / seconds,
        left);
  }

  /** Ends the line and leaves no trace of it. */
  synchronized void close() {
    closed = true;
    ticker.shutdownNow();
    terminal.print(ERASE_LINE);
    terminal.flush();
  }
}
