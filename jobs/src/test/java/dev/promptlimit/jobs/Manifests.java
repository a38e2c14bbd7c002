package dev.promptlimit.jobs;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The manifests of {@code submit/kubernetes}, as trees that fit their models strictly or not. */
final class Manifests {
  private static final Path FOLDER = Path.of("..", "submit", "kubernetes");

  private static final Map<String, Class<?>> MODELS =
      Map.of(
          "batch/v1 CronJob", CronJob.class,
          "rbac.authorization.k8s.io/v1 Role", Role.class,
          "rbac.authorization.k8s.io/v1 RoleBinding", RoleBinding.class,
          "spark.apache.org/v1 SparkApplication", SparkApplicationModel.class,
          "v1 ConfigMap", ConfigMap.class,
          "v1 PersistentVolumeClaim", PersistentVolumeClaim.class,
          "v1 Pod", Pod.class,
          "v1 ServiceAccount", ServiceAccount.class);

  /** A model keeps keys that it does not know, unless nobody sees where it would. */
  private static final class NoOtherKeys extends JacksonAnnotationIntrospector {
    private static final long serialVersionUID = 1;

    @Override
    public Boolean hasAnySetter(Annotated annotated) {
      return false;
    }
  }

  private static final ObjectMapper STRICT =
      JsonMapper.builder()
          .annotationIntrospector(new NoOtherKeys())
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_IGNORED_PROPERTIES)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .withCoercionConfig(
              LogicalType.Textual,
              text ->
                  text.setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Float, CoercionAction.Fail))
          .build();

  private Manifests() {}

  /** Every document of every file, and those inside of configuration maps. */
  static List<JsonNode> all() throws IOException {
    List<JsonNode> documents = new ArrayList<>();
    try (Stream<Path> files = Files.list(FOLDER)) {
      for (Path file : files.sorted().toList()) {
        documents.addAll(parse(Files.readString(file)));
      }
    }
    for (JsonNode document : List.copyOf(documents)) {
      for (Map.Entry<String, JsonNode> file : document.path("data").properties()) {
        if (file.getKey().endsWith(".yaml")) {
          documents.addAll(parse(file.getValue().textValue()));
        }
      }
    }
    return documents;
  }

  /** The one document of this kind. */
  static JsonNode ofKind(String kind) throws IOException {
    List<JsonNode> found =
        all().stream().filter(each -> each.path("kind").asText().equals(kind)).toList();
    if (found.size() != 1) {
      throw new AssertionError(found.size() + " documents of kind " + kind);
    }
    return found.get(0);
  }

  static List<JsonNode> parse(String yaml) {
    List<JsonNode> documents = new ArrayList<>();
    for (Object document : new Load(LoadSettings.builder().build()).loadAllFromString(yaml)) {
      documents.add(STRICT.valueToTree(document));
    }
    return documents;
  }

  static String kind(JsonNode document) {
    return document.path("apiVersion").asText() + " " + document.path("kind").asText();
  }

  /**
   * Fails where the document has a key that its kind has not, or a value of another type.
   *
   * @throws IllegalArgumentException with the path of the key
   */
  static void check(JsonNode document) {
    Class<?> model = MODELS.get(kind(document));
    if (model == null) {
      throw new IllegalArgumentException("no model of " + kind(document));
    }
    STRICT.convertValue(document, model);
  }
}
