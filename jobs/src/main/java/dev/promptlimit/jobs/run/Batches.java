package dev.promptlimit.jobs.run;

import dev.promptlimit.jobs.table.RootCause;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Runs a few batches at a time, two or more, so that no core is idle while the last tasks of one
 * end and its rows are written. Which of them is published first makes no difference to results.
 *
 * <p>Each thread has a scheduler pool of its own: where Spark schedules fairly, the few tasks that
 * write a batch need not wait until all of the next one have begun.
 */
final class Batches implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Batches.class);

  private final int atOnce;
  private final JavaSparkContext spark;
  private final String experiment;
  private final String tag = "batches-" + UUID.randomUUID(); // cancelled without any other's jobs
  private final AtomicInteger named = new AtomicInteger();
  private final ExecutorService threads;
  private final CompletionService<Void> ended;
  private int running;
  private int started;

  /** What a batch does. */
  interface Batch {
    void run() throws IOException;
  }

  /**
   * @param atOnce how many batches run at a time
   * @param experiment its name
   */
  Batches(JavaSparkContext spark, int atOnce, String experiment) {
    this.spark = spark;
    this.experiment = experiment;
    this.atOnce = atOnce;
    threads =
        Executors.newFixedThreadPool(
            atOnce, task -> new Thread(task, "batch " + named.incrementAndGet()));
    ended = new ExecutorCompletionService<>(threads);
  }

  /**
   * Starts a batch; {@link #awaitRoom} comes before.
   *
   * @param cells what it is about: the group of its jobs
   */
  void start(String cells, Batch batch) {
    running++;
    String number = Integer.toString(++started);
    ended.submit(
        () -> {
          spark.setJobGroup(cells, experiment + ", batch " + number + " of this call");
          spark.addJobTag(tag);
          spark.setLocalProperty("spark.scheduler.pool", Thread.currentThread().getName());
          Map<String, String> context =
              Map.of("experiment", experiment, "cell", cells, "batch", number);
          context.forEach(
              (key, value) -> {
                MDC.put(key, value);
                spark.setLocalProperty("mdc." + key, value); // Spark's tasks log it too
              });
          long start = System.nanoTime();
          batch.run();
          LOG.debug("done in {} s", String.format(Locale.ROOT, "%.1f", seconds(start)));
          return null;
        });
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  /** Waits until another batch may start; fails as soon as a batch has. */
  void awaitRoom() throws IOException {
    await(atOnce - 1);
  }

  /** Waits until one more has ended, fails if it has failed; false if none is running. */
  boolean awaitOne() throws IOException {
    int before = running;
    await(before - 1);
    return before > 0;
  }

  /** Waits for all. */
  void awaitAll() throws IOException {
    await(0);
  }

  private void await(int most) throws IOException {
    while (running > Math.max(0, most)) {
      try {
        Future<Void> batch = ended.take();
        running--;
        batch.get();
      } catch (ExecutionException e) {
        throw RootCause.of(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("Cannot go on simulating: interrupted", e);
      }
    }
  }

  /** Ends what still runs, for which there is no use after a failure, and waits until it has. */
  @Override
  public void close() {
    threads.shutdown();
    boolean interrupted = false;
    boolean over = running == 0;
    while (!over) {
      spark.cancelJobsWithTag(tag); // again and again: a batch may be between two jobs
      try {
        over = threads.awaitTermination(100, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
