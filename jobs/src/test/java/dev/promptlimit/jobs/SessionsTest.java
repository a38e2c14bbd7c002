package dev.promptlimit.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.jobs.table.LocalFiles;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SessionsTest {
  private static final String KEY = "spark.hadoop.fs.file.impl";

  @AfterEach
  void forgetSettings() {
    TestSpark.stop();
  }

  /** Elsewhere other programs read the settings, which need not have our classes. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "local | true",
        "local[2] | true",
        "local[*, 3] | true",
        "local-cluster[2,1,1024] | false",
        "spark://host:7077 | false",
        "yarn | false",
        "k8s://https://host | false"
      })
  void ourLocalFilesAreOfLocalModeOnly(String master, boolean local) {
    TestSpark.stop();
    System.setProperty("spark.master", master);
    SparkConf conf = Sessions.conf("a name");
    assertThat(conf.get("spark.master")).isEqualTo(master);
    LocalFiles.settings().keySet().forEach(key -> assertThat(conf.contains(key)).isEqualTo(local));
  }

  @Test
  void whatTheUserHasSetStays() {
    TestSpark.restartWith(Map.of(KEY, "theirs", "spark.scheduler.mode", "FIFO"));
    SparkConf conf = Sessions.conf("a name");
    assertThat(conf.get(KEY)).isEqualTo("theirs");
    assertThat(conf.get("spark.scheduler.mode")).isEqualTo("FIFO");
  }
}
