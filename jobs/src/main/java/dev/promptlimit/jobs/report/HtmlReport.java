package dev.promptlimit.jobs.report;

import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.jobs.table.ClaimResult;
import dev.promptlimit.jobs.table.Results;
import dev.promptlimit.jobs.table.TrainingResults;
import dev.promptlimit.jobs.table.TrajectoryResult;
import java.io.StringWriter;
import java.util.List;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** {@code report/index.html}: one plain page of tables that needs no network. */
public final class HtmlReport {
  private static final String STYLE =
      "body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}"
          + "table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
          + "th,td{text-align:right;padding:.15rem .7rem;border-bottom:1px solid #8884}"
          + ":root{color-scheme:light dark}";

  private final XMLStreamWriter html;

  private HtmlReport(XMLStreamWriter html) {
    this.html = html;
  }

  /** The page, a pure function of these; all text is escaped. */
  public static String page(Results results) {
    StringWriter text = new StringWriter();
    text.write("<!DOCTYPE html>\n");
    try {
      // the JDK's own: another on the class path would write the same page in other bytes
      XMLStreamWriter writer = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
      new HtmlReport(writer).write(results);
      writer.close();
    } catch (XMLStreamException e) {
      throw new IllegalStateException("a page can be written into memory", e);
    }
    return text.toString();
  }

  private void write(Results results) throws XMLStreamException {
    Experiment experiment = results.experiment();
    List<ClaimResult> verdicts = results.verdicts();
    html.writeStartElement("html");
    html.writeAttribute("lang", "en");
    html.writeStartElement("head");
    html.writeEmptyElement("meta");
    html.writeAttribute("charset", "utf-8");
    html.writeEmptyElement("meta");
    html.writeAttribute("http-equiv", "Content-Security-Policy");
    html.writeAttribute("content", "default-src 'none'; style-src 'unsafe-inline'");
    html.writeEmptyElement("meta");
    html.writeAttribute("name", "viewport");
    html.writeAttribute("content", "width=device-width");
    element("title", "PromptLimit: " + experiment.name());
    element("style", STYLE);
    html.writeEndElement();
    html.writeStartElement("body");
    element("h1", experiment.name());
    element(
        "p",
        "Seed "
            + experiment.seed()
            + ", run "
            + experiment.hash()
            + ". How far softmax attention on a prompt of L tokens is from its infinite-prompt"
            + " limit. Intervals are simultaneous, family error "
            + experiment.familyError()
            + ", those of mean squares asymptotic; exact is what theory says the mean square is, delta its large-L value,"
            + " ratio the mean square over exact, or over delta where exact is not known;"
            + " the last two columns are quantiles of the deviation.");
    for (ResultGroup group : ResultGroup.of(results.cells())) {
      element("h2", group.title());
      for (String note : group.notes()) {
        element("p", note);
      }
      table(ResultGroup.COLUMNS, group.results().stream().map(ResultGroup::row).toList());
      html.writeStartElement("details");
      element("summary", "Tail probabilities of the deviation");
      table(
          ResultGroup.TAIL_COLUMNS,
          group.results().stream().flatMap(result -> ResultGroup.tail(result).stream()).toList());
      html.writeEndElement();
    }
    if (results.training().filter(all -> !all.trajectories().isEmpty()).isPresent()) {
      TrainingResults training = results.training().get();
      element("h2", TrainingGroup.title(training));
      element("p", TrainingGroup.legend(training));
      table(TrainingGroup.COLUMNS, TrainingGroup.rows(training));
      for (TrajectoryResult trajectory : training.trajectories()) {
        html.writeStartElement("details");
        element("summary", "Along training: " + TrainingGroup.name(trajectory));
        table(TrainingGroup.ALONG_COLUMNS, TrainingGroup.along(training, trajectory));
        html.writeEndElement();
      }
    }
    if (results.training().filter(all -> all.plan().flow().isPresent()).isPresent()) {
      TrainingResults training = results.training().get();
      element("h2", TrainingGroup.flowTitle(training));
      for (String note : TrainingGroup.flowNotes(training)) {
        element("p", note);
      }
      table(TrainingGroup.FLOW_COLUMNS, TrainingGroup.flows(training));
    }
    if (!verdicts.isEmpty()) {
      element("h2", "Claims");
      if (!ClaimResult.trustworthy(verdicts)) {
        element(
            "p",
            "Untrustworthy: controls did not come out as expected: "
                + String.join(", ", ClaimResult.untrustworthy(verdicts)));
      }
      table(
          List.of("claim", "verdict", "expected", "reason"),
          verdicts.stream()
              .map(
                  result ->
                      List.of(
                          result.claim().id(),
                          result.verdict().name(),
                          result.claim().expected().name(),
                          result.judgement().reason()))
              .toList());
    }
    html.writeEndElement();
    html.writeEndElement();
  }

  private void table(List<String> header, List<List<String>> rows) throws XMLStreamException {
    html.writeStartElement("table");
    html.writeStartElement("thead");
    row("th", header);
    html.writeEndElement();
    html.writeStartElement("tbody");
    for (List<String> row : rows) {
      row("td", row);
    }
    html.writeEndElement();
    html.writeEndElement();
  }

  private void row(String cell, List<String> texts) throws XMLStreamException {
    html.writeStartElement("tr");
    for (String text : texts) {
      element(cell, text);
    }
    html.writeEndElement();
  }

  private void element(String name, String text) throws XMLStreamException {
    html.writeStartElement(name);
    html.writeCharacters(text);
    html.writeEndElement();
  }
}
