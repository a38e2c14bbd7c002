package dev.promptlimit.jobs.run;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Runs batches two at a time, so that no core is idle while the last tasks of one end and its rows
 * are written. Which of them is published first makes no difference to results.
 *
 * <p>Each batch has a scheduler pool of its own: where Spark schedules fairly, the few tasks that
 * write a batch need not wait until all of the next one have begun.
 */
final class Batches implements AutoCloseable {
  private static final int AT_ONCE = 2;

  private final JavaSparkContext spark;
  private final ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
  private final Deque<Future<?>> running = new ArrayDeque<>();
  private int started;

  /** What a batch does. */
  interface Batch {
    void run() throws IOException;
  }

  Batches(JavaSparkContext spark) {
    this.spark = spark;
  }

  /** Starts a batch; {@link #awaitRoom} comes before. */
  void start(String description, Batch batch) {
    String pool = "batch " + started++ % AT_ONCE;
    running.add(
        threads.submit(
            () -> {
              spark.setJobGroup("simulate", description, true);
              spark.setLocalProperty("spark.scheduler.pool", pool);
              batch.run();
              return null;
            }));
  }

  /** Waits until another batch may start. */
  void awaitRoom() throws IOException {
    while (running.size() >= AT_ONCE) {
      await(running.remove());
    }
  }

  /** Waits for all. */
  void awaitAll() throws IOException {
    while (!running.isEmpty()) {
      await(running.remove());
    }
  }

  private static void await(Future<?> batch) throws IOException {
    try {
      batch.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Cannot go on simulating: interrupted", e);
    }
  }

  /** Ends what still runs: after a failure there is no use for it. */
  @Override
  public void close() {
    if (!running.isEmpty()) {
      spark.cancelJobGroup("simulate");
    }
    threads.shutdownNow();
  }
}
