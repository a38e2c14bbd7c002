package dev.promptlimit.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.launcher.JavaModuleOptions;
import org.junit.jupiter.api.Test;

/** Holds the property {@code spark.module.options} of the pom against this version of Spark. */
class SparkModuleOptionsTest {
  @Test
  void thisJvmHasWhatSparkAsksFor() {
    List<String> ours = ManagementFactory.getRuntimeMXBean().getInputArguments();
    List<String> sparks = Arrays.asList(JavaModuleOptions.defaultModuleOptionArray());
    assertThat(sparks).hasSizeGreaterThan(10).contains("--add-modules=jdk.incubator.vector");
    assertThat(ours).containsAll(sparks.stream().filter(option -> !option.isBlank()).toList());
  }
}
