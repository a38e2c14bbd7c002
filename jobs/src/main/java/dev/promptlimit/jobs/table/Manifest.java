package dev.promptlimit.jobs.table;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a batch of a ledger says that it holds, as JSON: {@code {"files": [{"name": …, "bytes":
 * …}]}}. Read strictly: no other field, nothing twice, nothing missing, nothing behind it.
 *
 * @param files its Parquet files
 */
record Manifest(List<File> files) {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .build();

  /**
   * A file.
   *
   * @param name of the file in the directory of the batch
   * @param bytes its size
   */
  record File(String name, long bytes) {
    @JsonCreator
    File(
        @JsonProperty(value = "name", required = true) String name,
        @JsonProperty(value = "bytes", required = true) long bytes) {
      if (name == null || !name.matches("[^/:]+") || bytes < 0) {
        throw new IllegalArgumentException("'" + name + "' of " + bytes + " bytes is no file");
      }
      this.name = name;
      this.bytes = bytes;
    }
  }

  @JsonCreator
  Manifest(@JsonProperty(value = "files", required = true) List<File> files) {
    if (files == null || files.contains(null)) {
      throw new IllegalArgumentException("it has no list of files");
    }
    Set<String> names = new HashSet<>();
    for (File file : files) {
      if (!names.add(file.name)) {
        throw new IllegalArgumentException("'" + file.name + "' is there twice");
      }
    }
    this.files = List.copyOf(files);
  }

  /**
   * Reads a manifest.
   *
   * @throws IOException if it is none
   */
  static Manifest read(byte[] json) throws IOException {
    return JSON.readValue(json, Manifest.class);
  }

  /** As {@link #read} reads it. */
  byte[] json() throws JsonProcessingException {
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(this);
  }
}
