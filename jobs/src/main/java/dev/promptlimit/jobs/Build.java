package dev.promptlimit.jobs;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/** Which program this is. */
final class Build {
  private Build() {}

  /** {@code version} and {@code commit}; the commit is "unknown" if it was built without git. */
  static Map<String, String> properties() {
    Properties properties = new Properties();
    try (InputStream in = Build.class.getResourceAsStream("build.properties")) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Map<String, String> build = new TreeMap<>();
    properties.stringPropertyNames().forEach(name -> build.put(name, properties.getProperty(name)));
    return build;
  }
}
