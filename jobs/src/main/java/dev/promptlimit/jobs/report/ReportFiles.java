package dev.promptlimit.jobs.report;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;

/** What every page carries: its style and its scripts, the charts' library first. */
final class ReportFiles {
  /** Apache ECharts, from its WebJar; the parent pom has its version too. */
  private static final String CHARTS =
      "/META-INF/resources/webjars/echarts/5.3.1/dist/echarts.min.js";

  static final String STYLE = read("report.css");
  static final List<String> SCRIPTS =
      List.of(read(CHARTS), read("tables.js"), read("figures.js"), read("pages.js"));

  private ReportFiles() {}

  private static String read(String name) {
    try (InputStream in = ReportFiles.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new FileNotFoundException(name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read what reports are made of", e);
    }
  }

  /**
   * A policy that lets these scripts run and no others, and nothing leave or enter the page;
   * pictures are those that it makes itself.
   */
  static String policy() {
    StringBuilder policy =
        new StringBuilder("default-src 'none'; base-uri 'none'; form-action 'none'");
    policy.append("; img-src data:; style-src 'unsafe-inline'; script-src");
    SCRIPTS.forEach(script -> policy.append(" 'sha256-").append(hash(script)).append("'"));
    return policy.toString();
  }

  private static String hash(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return Base64.getEncoder()
          .encodeToString(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
