package dev.promptlimit.jobs;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import java.util.List;
import java.util.Map;

/**
 * A {@code SparkApplication} of {@code spark.apache.org/v1}: names and types of the fields of its
 * specification but for ingresses and details of restarts. They are those of the package {@code
 * org.apache.spark.k8s.operator.spec} of github.com/apache/spark-kubernetes-operator (commits
 * 3aeaf37ba4, 28ff3e069e and 0c9226713e), which cannot be had from Maven Central.
 */
record SparkApplicationModel(String apiVersion, String kind, ObjectMeta metadata, Spec spec) {
  record Spec(
      RuntimeVersions runtimeVersions,
      String mainClass,
      String jars,
      String pyFiles,
      String sparkRFiles,
      String files,
      DeploymentMode deploymentMode,
      String proxyUser,
      List<String> driverArgs,
      Map<String, String> sparkConf,
      Template driverSpec,
      Template executorSpec,
      List<ConfigMapSpec> configMapSpecs,
      ApplicationTolerations applicationTolerations) {}

  record RuntimeVersions(String sparkVersion, String scalaVersion, String jdkVersion) {}

  record Template(PodTemplateSpec podTemplateSpec) {}

  record ConfigMapSpec(
      String name,
      Map<String, String> labels,
      Map<String, String> annotations,
      Map<String, String> data) {}

  record ApplicationTolerations(
      RestartConfig restartConfig,
      TimeoutConfig applicationTimeoutConfig,
      InstanceConfig instanceConfig,
      RetainPolicy resourceRetainPolicy,
      Long resourceRetainDurationMillis,
      Long ttlAfterStopMillis) {}

  record RestartConfig(
      RestartPolicy restartPolicy, Long maxRestartAttempts, Long restartBackoffMillis) {}

  record TimeoutConfig(
      Long driverStartTimeoutMillis,
      Long driverReadyTimeoutMillis,
      Long executorStartTimeoutMillis,
      Long forceTerminationGracePeriodMillis,
      Long terminationRequeuePeriodMillis) {}

  record InstanceConfig(Integer initExecutors, Integer minExecutors, Integer maxExecutors) {}

  enum DeploymentMode {
    ClusterMode,
    ClientMode
  }

  enum RetainPolicy {
    Always,
    OnFailure,
    Never
  }

  enum RestartPolicy {
    Always,
    OnFailure,
    OnInfrastructureFailure,
    Never
  }
}
