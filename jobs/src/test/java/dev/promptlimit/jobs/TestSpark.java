package dev.promptlimit.jobs;

import dev.promptlimit.jobs.table.LocalFiles;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/**
 * The Spark session of the tests: two threads, so that merging really happens, and no network.
 *
 * <p>Queries here are of a few rows: compiling each would take longer than it saves. Those of
 * {@link ChildJvmTest} are compiled, as they are where nothing is set.
 *
 * <p>Settings are system properties, as a launcher would give them, so that commands under test
 * find the same ones. Commands stop the session they run in; the next test starts it again.
 */
public final class TestSpark {
  private static final Map<String, String> SETTINGS =
      Map.of(
          "spark.master", "local[2]",
          "spark.app.name", "tests",
          "spark.ui.enabled", "false",
          "spark.driver.host", "127.0.0.1",
          "spark.driver.bindAddress", "127.0.0.1",
          "spark.sql.shuffle.partitions", "2",
          "spark.sql.codegen.wholeStage", "false",
          "spark.sql.codegen.factoryMode", "NO_CODEGEN");

  private TestSpark() {}

  /**
   * Makes {@link #session} and commands use these settings, but for those that {@link #restartWith}
   * has set; call it before either.
   */
  public static void configure() {
    SETTINGS.forEach(System.getProperties()::putIfAbsent);
    LocalFiles.settings().forEach(System.getProperties()::putIfAbsent); // as commands have them
  }

  /** The session, started if it is not there. */
  public static SparkSession session() {
    configure();
    return SparkSession.builder().getOrCreate();
  }

  /** Stops the session and makes the next one start with other settings. */
  public static void restartWith(Map<String, String> settings) {
    stop();
    configure();
    settings.forEach(System::setProperty);
  }

  /** Stops the session and forgets settings. */
  public static void stop() {
    if (SparkSession.getDefaultSession().isDefined()) {
      SparkSession.getDefaultSession().get().stop();
    }
    System.getProperties().stringPropertyNames().stream()
        .filter(name -> name.startsWith("spark."))
        .forEach(System::clearProperty);
  }
}
