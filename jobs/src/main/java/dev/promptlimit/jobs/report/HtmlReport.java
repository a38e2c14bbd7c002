package dev.promptlimit.jobs.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.promptlimit.claim.Contract;
import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.jobs.table.Published;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jsoup.nodes.DataNode;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.DocumentType;
import org.jsoup.nodes.Element;

/**
 * {@code report/index.html}: one file that needs no network.
 *
 * <p>The page holds its words as HTML, and figures and tables as data in JSON, which its own
 * scripts draw. It is a function of the published tables and of what {@code summary.json} says of
 * build and timing.
 */
public final class HtmlReport {
  /** Where it is in a run directory. */
  public static final String FILE = "report/index.html";

  /** More results than these would make a page that takes long to open. */
  private static final int MOST_RESULTS = 20_000;

  /** Reasons and experiment files longer than this are cut. */
  private static final int REASON = 400;

  private static final int EXPERIMENT_FILE = 200_000;

  private final Published published;
  private final Experiment experiment;
  private final List<CellRow> cells;
  private final List<ClaimRow> claims;
  private final Names names = new Names();
  private final List<DataTable> tables = new ArrayList<>();
  private final List<Figure> figures;
  private final ReportSummary summary;
  private final Document page = new Document("");

  private HtmlReport(Published published) {
    this.published = published;
    experiment = published.experiment();
    cells =
        published.cells().stream().limit(MOST_RESULTS).map(row -> CellRow.of(row, names)).toList();
    claims = published.claims().orElse(List.of()).stream().map(ClaimRow::of).toList();
    figures = figures();
    summary = new ReportSummary(published, cells, claims);
  }

  /** The page, a pure function of these; all text is escaped. */
  public static String page(Published published) {
    return new HtmlReport(published).page();
  }

  private List<Figure> figures() {
    List<CellRow> own = cells.stream().filter(CellRow::isOwn).toList();
    ConstantFigures constants = new ConstantFigures(claims, names);
    ErrorFigures.Bound bound = constants.bound();
    ErrorFigures errors = new ErrorFigures(own, bound);
    TailFigures tails = new TailFigures(own, bound);
    TrainingFigures training =
        new TrainingFigures(
            published.trajectories().orElse(List.of()), published.flows().orElse(List.of()));
    return List.of(
            errors.errors(),
            tails.tails(),
            tails.collapse(),
            errors.exponents(),
            PhaseFigure.of(own),
            constants.frontier(),
            training.publishedRisk(),
            training.publishedMaps(),
            training.risk(),
            training.flowRisk(),
            training.flowDistance(),
            training.maps(),
            training.h2(),
            tails.checkpoints())
        .stream()
        .filter(figure -> !figure.isEmpty())
        .toList();
  }

  private String page() {
    page.appendChild(new DocumentType("html", "", ""));
    page.outputSettings().prettyPrint(false).charset("UTF-8");
    Element html = page.appendElement("html").attr("lang", "en");
    head(html.appendElement("head"));
    Element body = html.appendElement("body");
    header(body.appendElement("header"));
    Element main = body.appendElement("main");
    Element report = main.appendElement("article").attr("id", "report").attr("class", "page");
    summary(report);
    section(report, "figures", "Figures", !figures.isEmpty(), this::figures);
    boolean hasTables = !cells.isEmpty() || published.trajectories().isPresent();
    section(report, "tables", "Tables", hasTables, this::tables);
    section(report, "reproduce", "Reproduce this", true, this::reproduce);
    claims.forEach(claim -> claimPage(main, claim));
    body.appendElement("noscript")
        .appendElement("p")
        .attr("class", "notice")
        .text("Figures and tables are drawn by scripts of this page, which cannot run here.");
    data(body);
    for (String script : ReportFiles.SCRIPTS) {
      body.appendElement("script").appendChild(new DataNode(script));
    }
    return page.outerHtml() + "\n";
  }

  private void head(Element head) {
    head.appendElement("meta").attr("charset", "utf-8");
    head.appendElement("meta")
        .attr("http-equiv", "Content-Security-Policy")
        .attr("content", ReportFiles.policy());
    head.appendElement("meta")
        .attr("name", "viewport")
        .attr("content", "width=device-width, initial-scale=1");
    head.appendElement("meta").attr("name", "color-scheme").attr("content", "light dark");
    head.appendElement("title").text("PromptLimit: " + names.shown(experiment.name()));
    head.appendElement("style").appendChild(new DataNode(ReportFiles.STYLE));
  }

  private static void header(Element header) {
    header.appendElement("a").attr("href", "#report").attr("class", "brand").text("PromptLimit");
    Element nav = header.appendElement("nav").attr("aria-label", "Parts of the report");
    for (String part : List.of("figures", "tables", "reproduce")) {
      nav.appendElement("a").attr("href", "#" + part).text(capital(part));
    }
  }

  private static String capital(String word) {
    return word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
  }

  private interface Content {
    void into(Element section);
  }

  private static void section(
      Element parent, String id, String title, boolean there, Content content) {
    if (there) {
      Element section =
          parent.appendElement("section").attr("id", id).attr("aria-labelledby", id + "-title");
      section.appendElement("h2").attr("id", id + "-title").text(title);
      content.into(section);
    }
  }

  private void summary(Element report) {
    report.appendElement("h1").appendElement("bdi").text(names.shown(experiment.name()));
    report
        .appendElement("p")
        .attr("class", "lead")
        .text(
            "How far softmax attention on prompts of L tokens is from its infinite-prompt limit:"
                + " simulated, and held against exact theory and published bounds.");
    summary.notices(report);
    summary.totals(report);
    report.appendElement("pre").attr("class", "command").text(commands());
    summary.verdicts(report);
  }

  private void figures(Element section) {
    for (Figure figure : figures) {
      Element node =
          section
              .appendElement("figure")
              .attr("id", "figure-" + figure.id())
              .attr("data-figure", figure.id());
      node.appendElement("h3").attr("id", "title-" + figure.id()).text(figure.title());
      Element caption = node.appendElement("figcaption").attr("id", "caption-" + figure.id());
      caption.appendElement("p").text(figure.see());
      Element surprise = caption.appendElement("p");
      surprise.appendElement("b").text("Surprising would be: ");
      surprise.appendText(figure.surprise());
    }
  }

  private void tables(Element section) {
    List<CellRow> own = cells.stream().filter(CellRow::isOwn).toList();
    if (!own.isEmpty()) {
      table(section, ReportTables.heads(own));
    }
    if (!cells.isEmpty()) {
      table(section, ReportTables.cells(cells, experiment.familyError()));
    }
    published.trajectories().ifPresent(rows -> table(section, ReportTables.training(rows)));
    published.flows().ifPresent(rows -> table(section, ReportTables.flows(rows)));
  }

  private void table(Element parent, DataTable table) {
    tables.add(table);
    Element node =
        parent.appendElement("div").attr("class", "table").attr("data-table", table.id());
    node.appendElement("h3")
        .attr("id", "title-" + table.id())
        .appendElement("bdi")
        .text(table.title());
    if (!table.legend().isEmpty()) {
      node.appendElement("p").attr("class", "legend").text(table.legend());
    }
  }

  private void claimPage(Element main, ClaimRow claim) {
    Element article =
        main.appendElement("article").attr("id", "claim-" + claim.id()).attr("class", "page");
    article
        .appendElement("p")
        .appendElement("a")
        .attr("href", "#report")
        .text("← back to the report");
    Element title = article.appendElement("h1").text(claim.id() + " ");
    ReportSummary.badge(title, claim);
    article.appendElement("p").attr("class", "reason").text(Names.visible(claim.reason()));
    claim.claim().ifPresent(known -> contract(article, known.contract(), claim));
    article.appendElement("h2").text("Evidence");
    boolean hasFrontier =
        figures.stream()
            .filter(figure -> figure.id().equals("frontier"))
            .flatMap(figure -> figure.views().stream())
            .anyMatch(view -> view.label().startsWith(claim.id() + " · "));
    if (hasFrontier) {
      article
          .appendElement("p")
          .appendElement("a")
          .attr("href", "#figure-frontier")
          .text("Figure: admissible constants (c₁, c₂) of the published bound");
    }
    List<DataTable> evidence = Evidence.tables(claim);
    evidence.forEach(table -> table(article, table));
    if (evidence.size() == Evidence.MOST_TABLES) {
      article.appendElement("p").text("There may be more: claims.parquet has all of it.");
    }
    if (evidence.isEmpty()) {
      article.appendElement("p").text("None: nothing was measured that it could be judged by.");
    }
  }

  private static void contract(Element article, Contract contract, ClaimRow claim) {
    article.appendElement("h2").text("Contract");
    article
        .appendElement("p")
        .attr("class", "legend")
        .text("Written down before any data are seen. Expected verdict: " + claim.expected() + ".");
    Element list = article.appendElement("dl");
    item(list, "Statement", contract.statement());
    item(list, "Source", contract.source());
    item(list, "Assumptions, checked before it is judged", contract.assumptions());
    item(list, "Statistic", contract.statistic());
    item(list, "Null hypothesis", contract.nullHypothesis());
    item(list, "Share of the family error", contract.errorShare());
    item(list, "What would refute it", contract.refutedBy());
  }

  private static void item(Element list, String term, String text) {
    list.appendElement("dt").text(term);
    list.appendElement("dd").text(text);
  }

  /** What gives these numbers again. */
  private String commands() {
    JsonNode build = published.provenance().path("build");
    String commit = build.path("commit").asText("unknown");
    StringBuilder commands = new StringBuilder();
    if (!commit.equals("unknown")) {
      commands.append("git checkout ").append(commit).append('\n');
    }
    commands.append("submit/promptlimit run experiment.conf");
    commands.append("   # hash ").append(experiment.hash());
    commands.append(", seed ").append(experiment.seed());
    return commands.toString();
  }

  private void reproduce(Element section) {
    boolean whole = summary.lacking().isEmpty();
    section
        .appendElement("p")
        .text(
            "Numbers are a function of the experiment file alone: on any machine and cluster, with"
                + " any number of cores, the command at the top gives the same ones, bit for bit"
                + (whole ? "." : ", and those that this report lacks."));
    String text = experiment.text();
    Element file = section.appendElement("details");
    file.appendElement("summary").text("experiment.conf, resolved");
    boolean fits = text.length() <= EXPERIMENT_FILE;
    file.appendElement("pre")
        .attr("id", fits ? "experiment-file" : "experiment-beginning")
        .text(
            fits
                ? text
                : text.substring(0, EXPERIMENT_FILE) + "\n… (the run directory has all of it)");
    file.appendElement("p").attr("id", "experiment-download");
    ReportSummary.provenance(section, published.provenance());
  }

  /** A reason that fits on a card. */
  static String shortened(String reason) {
    int points = reason.codePointCount(0, reason.length());
    return points <= REASON
        ? reason
        : reason.substring(0, reason.offsetByCodePoints(0, REASON)) + "…";
  }

  private void data(Element body) {
    ObjectNode data = JsonNodeFactory.instance.objectNode();
    data.put("name", experiment.directoryName());
    ArrayNode figureNodes = data.putArray("figures");
    figures.forEach(figure -> figureNodes.add(figure.json()));
    ArrayNode tableNodes = data.putArray("tables");
    tables.forEach(table -> tableNodes.add(table.json()));
    // "<" is in strings only, and would end the element in "</script"
    String json = Json.text(data).replace("<", "\\u003c");
    body.appendElement("script")
        .attr("type", "application/json")
        .attr("id", "data")
        .appendChild(new DataNode(json));
  }
}
