package dev.promptlimit.jobs.run;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** The progress line of a terminal: blocks done, tokens per second, time left. */
final class Progress {
  private static final String ERASE_LINE = "\r\u001b[K";

  private final ProgressCounters counters;
  private final Plan.Size size;
  private final PrintStream terminal;
  private final long start = System.nanoTime();
  private final ScheduledExecutorService ticker;
  private boolean closed;

  private Progress(ProgressCounters counters, Plan.Size size, PrintStream terminal) {
    this.counters = counters;
    this.size = size;
    this.terminal = terminal;
    ticker =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "progress");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Starts the line. */
  static Progress start(ProgressCounters counters, Plan.Size size, PrintStream terminal) {
    Progress progress = new Progress(counters, size, terminal);
    var unused =
        progress.ticker.scheduleAtFixedRate(progress::print, 500, 500, TimeUnit.MILLISECONDS);
    return progress;
  }

  private synchronized void print() {
    if (closed) {
      return; // a tick that had begun when the line was erased
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    terminal.print(
        ERASE_LINE + line(counters.blocks(), counters.tokens(), counters.nanos(), size, seconds));
    terminal.flush();
  }

  /** The line after so many seconds. */
  static String line(long blocks, long tokens, double nanos, Plan.Size size, double seconds) {
    String left =
        nanos > 0
            ? String.format(
                Locale.ROOT, "%.0f s left", Math.max(0, seconds * (size.nanos() / nanos - 1)))
            : "starting";
    return String.format(
        Locale.ROOT,
        "%d of %d blocks   %.3g tokens/s   %s",
        Math.min(blocks, size.blocks()),
        size.blocks(),
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
