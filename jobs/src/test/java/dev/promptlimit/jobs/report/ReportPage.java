package dev.promptlimit.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;

/** A report as a program reads it: its words, and the data of its figures and tables. */
public final class ReportPage {
  private final String text;
  private final Document words;
  private final JsonNode data;

  private ReportPage(String text) {
    this.text = text;
    words = Jsoup.parse(text);
    try {
      data = new ObjectMapper().readTree(words.getElementById("data").data());
    } catch (IOException e) {
      throw new AssertionError("the data are not JSON", e);
    }
  }

  static ReportPage of(String text) {
    return new ReportPage(text);
  }

  /** The report of a run directory. */
  public static ReportPage in(Path directory) {
    try {
      return of(Files.readString(directory.resolve(HtmlReport.FILE)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String text() {
    return text;
  }

  /** The page as a document. */
  public Document words() {
    return words;
  }

  /** All but what says when and where it was made. */
  public String withoutProvenance() {
    Document copy = words.clone();
    copy.getElementById("provenance").remove();
    copy.getElementById("time").remove();
    return copy.outerHtml();
  }

  JsonNode data() {
    return data;
  }

  private static JsonNode find(JsonNode list, String id) {
    List<JsonNode> found =
        StreamSupport.stream(list.spliterator(), false)
            .filter(each -> each.path("id").asText().equals(id))
            .toList();
    assertThat(found).as(id).hasSize(1);
    return found.get(0);
  }

  JsonNode figure(String id) {
    return find(data.path("figures"), id);
  }

  /** Ids of its figures. */
  public List<String> figures() {
    List<String> ids = new ArrayList<>();
    data.path("figures").forEach(figure -> ids.add(figure.path("id").asText()));
    return ids;
  }

  JsonNode table(String id) {
    return find(data.path("tables"), id);
  }

  /** The values of a table's column. */
  public List<JsonNode> column(String table, String column) {
    List<String> names = new ArrayList<>();
    table(table).path("columns").forEach(name -> names.add(name.asText()));
    assertThat(names).contains(column);
    List<JsonNode> values = new ArrayList<>();
    table(table).path("rows").forEach(row -> values.add(row.path(names.indexOf(column))));
    return values;
  }

  /** The series of a group and layer in a view. */
  JsonNode series(String figure, String view, String group, String layer) {
    JsonNode all = figure(figure);
    for (JsonNode one : all.path("views")) {
      for (JsonNode series : one.path("series")) {
        if (one.path("label").asText().equals(view)
            && all.path("groups").path(series.path("group").intValue()).asText().equals(group)
            && layer(figure, series).equals(layer)) {
          return series;
        }
      }
    }
    throw new AssertionError("no series " + group + ", " + layer + " in " + view);
  }

  /** The layer of a series. */
  String layer(String figure, JsonNode series) {
    return figure(figure)
        .path("styles")
        .path(series.path("style").intValue())
        .path("layer")
        .asText();
  }
}
