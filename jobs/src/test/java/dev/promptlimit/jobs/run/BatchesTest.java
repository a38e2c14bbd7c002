package dev.promptlimit.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.promptlimit.jobs.TestSpark;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class BatchesTest {
  private static final CountDownLatch BEGUN = new CountDownLatch(1);

  /** What one batch still does is of no use once another has failed. */
  @Test
  @Timeout(120)
  void afterAFailureTheOthersAreCancelled() throws InterruptedException {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(TestSpark.session().sparkContext());
    AtomicReference<Exception> cancelled = new AtomicReference<>();
    assertThatThrownBy(
            () -> {
              try (Batches batches = new Batches(spark, 2, "test")) {
                batches.start(
                    "endless",
                    () -> {
                      try {
                        spark.parallelize(List.of(1), 1).foreach(one -> sleepForever());
                      } catch (Exception e) { // Spark's are checked, though not declared
                        cancelled.set(e);
                        throw e;
                      }
                    });
                BEGUN.await();
                batches.start(
                    "failing",
                    () -> {
                      throw new IOException("Cannot do that");
                    });
                batches.awaitAll();
              }
            })
        .isInstanceOf(IOException.class)
        .hasMessage("Cannot do that");
    assertThat(cancelled.get()).hasMessageContaining("cancelled");
    while (spark.statusTracker().getActiveJobIds().length > 0) {
      Thread.sleep(10); // Spark tells a job's caller first that it has ended
    }
    // others of the session are not cancelled with them
    assertThat(spark.parallelize(List.of(1, 2), 2).count()).isEqualTo(2);
  }

  private static void sleepForever() throws InterruptedException {
    BEGUN.countDown();
    while (true) {
      Thread.sleep(1000);
    }
  }
}
