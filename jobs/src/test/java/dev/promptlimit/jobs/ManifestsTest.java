package dev.promptlimit.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.package$;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** What can be known of the files for Kubernetes without one. */
class ManifestsTest {
  /** Maps whose keys are for their author to choose. */
  private static final Set<String> FREE =
      Set.of("data", "sparkConf", "requests", "limits", "labels", "annotations");

  private static final Pattern CREDENTIAL =
      Pattern.compile("(?i)passw|secret|token|credential|private.?key|access.?key");

  @Test
  void everyDocumentFitsItsKind() throws IOException {
    List<JsonNode> documents = Manifests.all();
    assertThat(documents).allSatisfy(Manifests::check);
    assertThat(documents)
        .extracting(Manifests::kind)
        .containsExactly(
            "spark.apache.org/v1 SparkApplication",
            "v1 ServiceAccount",
            "rbac.authorization.k8s.io/v1 Role",
            "rbac.authorization.k8s.io/v1 RoleBinding",
            "v1 PersistentVolumeClaim",
            "v1 ConfigMap",
            "batch/v1 CronJob",
            "v1 Pod");
  }

  /** Every key of every document, at whatever depth, with a letter too many. */
  @Test
  void misspeltKeysAreFound() throws IOException {
    int misspelt = 0;
    for (JsonNode document : Manifests.all()) {
      for (ObjectNode owner : objects(document)) {
        for (String key : List.copyOf(new TreeSet<>(names(owner)))) {
          JsonNode value = owner.remove(key);
          owner.set(key + "s", value);
          assertThatThrownBy(() -> Manifests.check(document))
              .isInstanceOf(IllegalArgumentException.class)
              .message()
              .containsAnyOf("no model", "\"" + key + "s\"");
          owner.remove(key + "s");
          owner.set(key, value);
          misspelt++;
        }
      }
      Manifests.check(document);
    }
    assertThat(misspelt).isGreaterThan(150);
  }

  @ParameterizedTest
  @CsvSource({
    "SparkApplication, /spec/sparkConf/spark.authenticate, true",
    "SparkApplication, /spec/driverArgs/0, 2",
    "SparkApplication, /spec/applicationTolerations/restartConfig/restartPolicy, '\"Sometimes\"'",
    "SparkApplication, /spec/executorSpec/podTemplateSpec/spec/securityContext/runAsUser, '\"x\"'",
    "CronJob, /spec/schedule, 5",
    "CronJob, /spec/jobTemplate/spec/backoffLimit, '\"1\"'",
    "CronJob, /spec/jobTemplate/spec/template/spec/containers/0/env/0/name, 5",
    "CronJob, /spec/jobTemplate/spec/template/spec/containers/0/args/0, false",
    "CronJob, /spec/jobTemplate/spec/template/spec/securityContext/runAsNonRoot, '\"yes\"'"
  })
  void otherTypesAreFound(String kind, String path, String value) throws IOException {
    JsonNode document = Manifests.ofKind(kind);
    assertThat(document.at(path).isMissingNode()).isFalse();
    int name = path.lastIndexOf('/');
    JsonNode owner = document.at(path.substring(0, name));
    JsonNode other = Manifests.parse(value).get(0);
    if (owner instanceof ObjectNode object) {
      object.set(path.substring(name + 1), other);
    } else {
      ((ArrayNode) owner).set(0, other);
    }
    assertThatThrownBy(() -> Manifests.check(document))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void keysThatAreThereTwiceAreFound() {
    assertThatThrownBy(() -> Manifests.parse("kind: Pod\nkind: Pod\n"))
        .isInstanceOf(YamlEngineException.class);
  }

  @Test
  void whatIsNamedIsThere() throws IOException {
    Set<String> accounts = namesOf("ServiceAccount");
    Set<String> claims = namesOf("PersistentVolumeClaim");
    JsonNode binding = Manifests.ofKind("RoleBinding");
    assertThat(namesOf("Role")).containsExactly(binding.at("/roleRef/name").textValue());
    assertThat(accounts).containsExactly(binding.at("/subjects/0/name").textValue());
    JsonNode pod = pod();
    assertThat(accounts).contains(pod.path("serviceAccountName").textValue());
    assertThat(claims).contains(pod.at("/volumes/0/persistentVolumeClaim/claimName").textValue());
    assertThat(namesOf("ConfigMap")).contains(pod.at("/volumes/1/configMap/name").textValue());
    assertThat(pod.at("/containers/0/volumeMounts"))
        .extracting(mount -> mount.path("name").textValue())
        .containsExactly("runs", "spark", "tmp");
    assertThat(pod.path("volumes"))
        .extracting(volume -> volume.path("name").textValue())
        .containsExactly("runs", "spark", "tmp");
    assertThat(accounts)
        .contains(application().get("spark.kubernetes.authenticate.driver.serviceAccountName"));
    for (Map<String, String> settings : List.of(application(), sweep())) {
      settings.forEach(
          (key, value) -> {
            if (key.endsWith(".claimName")) {
              assertThat(claims).contains(value);
            }
          });
    }
  }

  /** One place and one image for all that is named in several places. */
  @Test
  void placesAndImagesAgree() throws IOException {
    String volume = ".volumes.persistentVolumeClaim.runs.mount.path";
    JsonNode container = pod().at("/containers/0");
    assertThat(
            List.of(
                sweep().get("spark.kubernetes.executor" + volume),
                application().get("spark.kubernetes.executor" + volume),
                application().get("spark.kubernetes.driver" + volume),
                container.at("/volumeMounts/0/mountPath").textValue(),
                after("--runs", sweepArguments()),
                after("--runs", applicationArguments())))
        .containsOnly("/runs");
    assertThat(container.path("image").textValue())
        .isEqualTo(sweep().get("spark.kubernetes.container.image"))
        .isEqualTo(application().get("spark.kubernetes.container.image"));
    assertThat(after("--properties-file", sweepArguments()))
        .isEqualTo(container.at("/volumeMounts/1/mountPath").textValue() + "/spark.conf");
    assertThat(sweep().get("spark.kubernetes.executor.podTemplateFile"))
        .isEqualTo(container.at("/volumeMounts/1/mountPath").textValue() + "/executor.yaml");
    Set<String> variables = new TreeSet<>();
    Matcher variable = Pattern.compile("\\$\\((\\w+)\\)").matcher(sweepArguments().toString());
    while (variable.find()) {
      variables.add(variable.group(1));
    }
    assertThat(container.path("env").findValuesAsText("name")).containsAll(variables);
  }

  @Test
  void driversAndExecutorsAreConfined() throws IOException {
    int pods = 0;
    for (JsonNode document : Manifests.all()) {
      for (JsonNode pod : document.findParents("containers")) {
        pods++;
        JsonNode context = pod.path("securityContext");
        assertThat(context.path("runAsNonRoot").booleanValue()).isTrue();
        assertThat(context.path("runAsUser").intValue()).isEqualTo(185);
        assertThat(context.at("/seccompProfile/type").asText()).isEqualTo("RuntimeDefault");
        for (JsonNode container : pod.path("containers")) {
          JsonNode own = container.path("securityContext");
          assertThat(own.path("allowPrivilegeEscalation").asText()).isEqualTo("false");
          assertThat(own.at("/capabilities/drop/0").asText()).isEqualTo("ALL");
        }
      }
    }
    assertThat(pods).isEqualTo(4);
    assertThat(Files.readAllLines(Path.of("..", "submit", "Dockerfile"))).contains("USER 185");
  }

  @Test
  void deadlinesExceedTheBudget() throws IOException {
    JsonNode job = Manifests.ofKind("CronJob").at("/spec/jobTemplate/spec");
    assertThat(Duration.ofSeconds(job.path("activeDeadlineSeconds").longValue()))
        .isGreaterThanOrEqualTo(budget(sweepArguments()).plusMinutes(15));
    assertThat(span(application().get("spark.driver.timeout")))
        .isGreaterThanOrEqualTo(budget(applicationArguments()).plusMinutes(15));
  }

  @Test
  void oneSweepAtATimeAndNoneForever() throws IOException {
    JsonNode cron = Manifests.ofKind("CronJob").path("spec");
    JsonNode job = cron.at("/jobTemplate/spec");
    assertThat(cron.path("concurrencyPolicy").asText()).isEqualTo("Forbid");
    assertThat(job.path("backoffLimit").intValue()).isLessThanOrEqualTo(2);
    assertThat(pod().path("restartPolicy").asText()).isEqualTo("Never");
    JsonNode codes = job.at("/podFailurePolicy/rules/0/onExitCodes");
    assertThat(codes.path("containerName")).isEqualTo(pod().at("/containers/0/name"));
    assertThat(codes.path("values"))
        .extracting(JsonNode::intValue)
        .containsExactly(Main.CHECK_FAILED, Main.BAD_INPUT);
  }

  /** The experiment, the program, its place and its versions, as the image has them. */
  @Test
  void argumentsFitTheImage() throws IOException {
    for (List<String> arguments : List.of(sweepArguments(), applicationArguments())) {
      int run = arguments.indexOf("run");
      String experiment = arguments.get(run + 1);
      assertThat(experiment).startsWith("/opt/promptlimit/conf/");
      assertThat(Path.of(experiment.replaceFirst("/opt/promptlimit", ".."))).isRegularFile();
    }
    String image = Files.readString(Path.of("..", "submit", "Dockerfile"));
    String version = package$.MODULE$.SPARK_VERSION();
    JsonNode application = Manifests.ofKind("SparkApplication").path("spec");
    assertThat(application.path("mainClass").asText()).isEqualTo(Main.class.getName());
    assertThat(application.path("jars").asText())
        .isEqualTo("local:///opt/promptlimit/jobs/target/launcher/promptlimit.jar");
    assertThat(application.at("/runtimeVersions/sparkVersion").asText()).isEqualTo(version);
    assertThat(image)
        .contains("FROM apache/spark:" + version + "-scala2.13-java17-ubuntu\n")
        .contains("/opt/promptlimit/jobs/target", "$target/launcher/built");
    assertThat(pod().at("/containers/0/command/0").asText())
        .isEqualTo("/opt/promptlimit/submit/promptlimit");
  }

  /** The command line takes them, values and all. */
  @Test
  void argumentsAreTheProgramsOwn() throws IOException {
    List<String> sweep = sweepArguments();
    for (List<String> arguments :
        List.of(sweep.subList(sweep.indexOf("--") + 1, sweep.size()), applicationArguments())) {
      Main.commandLine().parseArgs(arguments.toArray(String[]::new));
    }
  }

  /** What both this project's defaults and a manifest set, they set alike. */
  @Test
  void settingsAgreeWithTheDefaults() throws IOException {
    Map<String, String> defaults =
        properties(Files.readString(Path.of("..", "conf", "spark-defaults.conf")));
    assertThat(defaults).isNotEmpty();
    for (Map<String, String> settings : List.of(application(), sweep())) {
      assertThat(settings).containsAllEntriesOf(defaults);
      assertThat(settings).containsEntry("spark.authenticate", "true");
    }
  }

  @Test
  void noCredentialsAreInTheFiles() throws IOException {
    for (JsonNode document : Manifests.all()) {
      assertThat(credentials(document)).isEmpty();
    }
    assertThat(credentials(sweep())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{env: [{name: DB_PASSWORD, value: x}]}",
        "{env: [{name: OTHER, value: 1}, {name: AWS_SECRET_ACCESS_KEY, value: x}]}",
        "{spec: {sparkConf: {spark.authenticate.secret: x}}}",
        "{a: [{b: {accessKey: x}}]}",
        "{kind: Secret, stringData: {any: x}}"
      })
  void credentialsAreFound(String document) {
    assertThat(credentials(Manifests.parse(document).get(0))).hasSize(1);
  }

  private static List<String> credentials(JsonNode document) {
    List<String> found = new ArrayList<>();
    if (document.path("kind").asText().equals("Secret")) {
      found.add("kind Secret");
    }
    for (ObjectNode owner : all(document)) {
      Map<String, String> literals = new HashMap<>();
      owner.properties().stream()
          .filter(field -> field.getValue().isTextual() || field.getValue().isNumber())
          .forEach(field -> literals.put(field.getKey(), field.getValue().asText()));
      if (owner.has("name") && owner.has("value")) {
        literals.put(owner.path("name").asText(), owner.path("value").asText());
      }
      found.addAll(credentials(literals));
    }
    return found;
  }

  /** Keys of credentials with a value that is not the name of a secret. */
  private static List<String> credentials(Map<String, String> literals) {
    return literals.keySet().stream()
        .filter(key -> CREDENTIAL.matcher(key).find() && !key.contains("secretKeyRef"))
        .toList();
  }

  /** All objects whose keys are given by their kind. */
  private static List<ObjectNode> objects(JsonNode node) {
    List<ObjectNode> found = new ArrayList<>();
    if (node instanceof ObjectNode object) {
      found.add(object);
      object.properties().stream()
          .filter(field -> !FREE.contains(field.getKey()))
          .forEach(field -> found.addAll(objects(field.getValue())));
    } else {
      node.forEach(each -> found.addAll(objects(each)));
    }
    return found;
  }

  private static List<ObjectNode> all(JsonNode node) {
    List<ObjectNode> found = new ArrayList<>();
    if (node instanceof ObjectNode object) {
      found.add(object);
    }
    node.forEach(each -> found.addAll(all(each)));
    return found;
  }

  private static List<String> names(ObjectNode object) {
    return object.properties().stream().map(Map.Entry::getKey).toList();
  }

  private static Set<String> namesOf(String kind) throws IOException {
    Set<String> names = new TreeSet<>();
    for (JsonNode document : Manifests.all()) {
      if (document.path("kind").asText().equals(kind)) {
        names.add(document.at("/metadata/name").textValue());
      }
    }
    return names;
  }

  private static JsonNode pod() throws IOException {
    return Manifests.ofKind("CronJob").at("/spec/jobTemplate/spec/template/spec");
  }

  private static List<String> sweepArguments() throws IOException {
    return texts(pod().at("/containers/0/args"));
  }

  private static List<String> applicationArguments() throws IOException {
    return texts(Manifests.ofKind("SparkApplication").at("/spec/driverArgs"));
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(each -> texts.add(each.textValue()));
    return texts;
  }

  /** Spark's settings of the operator's run. */
  private static Map<String, String> application() throws IOException {
    Map<String, String> settings = new HashMap<>();
    for (Map.Entry<String, JsonNode> field :
        Manifests.ofKind("SparkApplication").at("/spec/sparkConf").properties()) {
      settings.put(field.getKey(), field.getValue().textValue());
    }
    return settings;
  }

  /** Spark's settings of the nightly sweep. */
  private static Map<String, String> sweep() throws IOException {
    Map<String, String> settings =
        properties(Manifests.ofKind("ConfigMap").at("/data/spark.conf").textValue());
    List<String> arguments = sweepArguments();
    for (int i = 0; i < arguments.size(); i++) {
      if (arguments.get(i).equals("--conf")) {
        String[] setting = arguments.get(i + 1).split("=", 2);
        assertThat(settings.put(setting[0], setting[1])).isNull();
      }
    }
    return settings;
  }

  private static Map<String, String> properties(String text) throws IOException {
    Properties properties = new Properties();
    properties.load(new StringReader(text));
    Map<String, String> settings = new HashMap<>();
    properties.forEach((key, value) -> settings.put(key.toString(), value.toString()));
    return settings;
  }

  private static String after(String option, List<String> arguments) {
    assertThat(arguments).containsOnlyOnce(option);
    return arguments.get(arguments.indexOf(option) + 1);
  }

  private static Duration budget(List<String> arguments) {
    return span(after("--budget", arguments));
  }

  /** A span as Spark and the program write it, in hours or minutes. */
  static Duration span(String text) {
    return Duration.parse("PT" + text.replaceFirst("min$", "m"));
  }
}
