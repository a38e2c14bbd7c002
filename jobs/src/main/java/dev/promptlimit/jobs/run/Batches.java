package dev.promptlimit.jobs.run;

import java.io.IOException;
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

/**
 * Runs a few batches at a time, two or more, so that no core is idle while the last tasks of one
 * end and its rows are written. Which of them is published first makes no difference to results.
 *
 * <p>Each thread has a scheduler pool of its own: where Spark schedules fairly, the few tasks that
 * write a batch need not wait until all of the next one have begun.
 */
final class Batches implements AutoCloseable {
  private final int atOnce;
  private final JavaSparkContext spark;
  private final String group =
      "simulate " + UUID.randomUUID(); // cancelled without any other's jobs
  private final AtomicInteger named = new AtomicInteger();
  private final ExecutorService threads;
  private final CompletionService<Void> ended;
  private int running;

  /** What a batch does. */
  interface Batch {
    void run() throws IOException;
  }

  /**
   * @param atOnce how many batches run at a time
   */
  Batches(JavaSparkContext spark, int atOnce) {
    this.spark = spark;
    this.atOnce = atOnce;
    threads =
        Executors.newFixedThreadPool(
            atOnce, task -> new Thread(task, "batch " + named.incrementAndGet()));
    ended = new ExecutorCompletionService<>(threads);
  }

  /** Starts a batch; {@link #awaitRoom} comes before. */
  void start(String description, Batch batch) {
    running++;
    ended.submit(
        () -> {
          spark.setJobGroup(group, description);
          spark.setLocalProperty("spark.scheduler.pool", Thread.currentThread().getName());
          batch.run();
          return null;
        });
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
        if (e.getCause() instanceof IOException failure) {
          throw failure;
        }
        if (e.getCause() instanceof RuntimeException failure) {
          throw failure;
        }
        if (e.getCause() instanceof Error failure) {
          throw failure;
        }
        throw new IllegalStateException(e.getCause());
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
      spark.cancelJobGroup(group); // again and again: a batch may be between two jobs
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
