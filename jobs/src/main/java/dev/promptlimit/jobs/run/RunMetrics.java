package dev.promptlimit.jobs.run;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToDoubleFunction;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.Success$;
import org.apache.spark.metrics.MetricsSystem;
import org.apache.spark.metrics.source.Source;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import scala.collection.Iterator;

/**
 * What a run shows in Spark's metrics system, as source {@code promptlimit} of the driver: {@code
 * items} (blocks, checkpoints), {@code tokens}, {@code tokensPerSecond} (since the first task has
 * ended), {@code inadmissible} prompts, {@code batches} published, {@code retries} (tasks that
 * failed or were lost). As tasks report them when they end; retried ones may count twice.
 */
final class RunMetrics implements Source {
  private static final String NAME = "promptlimit";

  private final MetricRegistry registry = new MetricRegistry();
  private final List<ProgressCounters> counters = new CopyOnWriteArrayList<>();
  private final AtomicLong batches = new AtomicLong();
  private final AtomicLong retries = new AtomicLong();
  private final AtomicLong firstEnd = new AtomicLong();

  private RunMetrics() {
    gauge("items", () -> Math.round(sum(ProgressCounters::items)));
    gauge("tokens", () -> Math.round(sum(ProgressCounters::tokens)));
    gauge("tokensPerSecond", this::tokensPerSecond);
    gauge("inadmissible", () -> Math.round(sum(ProgressCounters::inadmissible)));
    gauge("batches", batches::get);
    gauge("retries", retries::get);
  }

  private void gauge(String name, Gauge<Number> value) {
    registry.register(name, value);
  }

  private double sum(ToDoubleFunction<ProgressCounters> what) {
    return counters.stream().mapToDouble(what).sum();
  }

  private double tokensPerSecond() {
    long first = firstEnd.get();
    double seconds = (System.nanoTime() - first) / 1e9;
    return first == 0 ? 0 : sum(ProgressCounters::tokens) / Math.max(1, seconds);
  }

  /** Those of a session, registered once. */
  static synchronized RunMetrics of(SparkContext spark) {
    MetricsSystem system = SparkEnv.get().metricsSystem();
    Iterator<Source> known = system.getSourcesByName(NAME).iterator();
    return known.hasNext() ? (RunMetrics) known.next() : register(spark, system);
  }

  private static RunMetrics register(SparkContext spark, MetricsSystem system) {
    RunMetrics metrics = new RunMetrics();
    system.registerSource(metrics);
    spark.addSparkListener(
        new SparkListener() {
          @Override
          public void onTaskEnd(SparkListenerTaskEnd end) {
            boolean unused = metrics.firstEnd.compareAndSet(0, System.nanoTime());
            if (end.reason() != Success$.MODULE$) {
              metrics.retries.incrementAndGet();
            }
          }
        });
    return metrics;
  }

  /** Shows these counters too. */
  void show(ProgressCounters more) {
    counters.add(more);
  }

  /** One more batch is published. */
  void batchPublished() {
    batches.incrementAndGet();
  }

  @Override
  public String sourceName() {
    return NAME;
  }

  @Override
  public MetricRegistry metricRegistry() {
    return registry;
  }
}
