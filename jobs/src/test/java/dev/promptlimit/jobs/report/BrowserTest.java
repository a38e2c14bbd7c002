package dev.promptlimit.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.promptlimit.jobs.CommandResult;
import dev.promptlimit.jobs.TestExperiments;
import dev.promptlimit.jobs.TestSpark;
import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.jobs.table.Published;
import dev.promptlimit.jobs.table.PublishedTables;
import dev.promptlimit.jobs.table.RunDirectory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.apache.spark.sql.Row;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.parser.Parser;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/**
 * Reports as people see them, in Chromium; at night pictures of them are left in {@code
 * target/screens}.
 */
class BrowserTest {
  /** All kinds of figures; the names of heads mean harm. */
  private static final String EVERYTHING =
      """
      name = everything
      seed = 5
      tokens = [
        { name = "narrow", measure = gaussian, dimension = 3, covariance { kind = identity } }
        { name = "wide <script>window.harm=1</script>", measure = gaussian, dimension = 3,
          covariance { kind = identity, variance = 2 } }
      ]
      queries { measure = gaussian, covariance { kind = identity } }
      heads = [
        { name = "a\\"'&lt;<img src=x onerror=window.harm=2>", query-key { kind = scaled-identity, scale = 0.4 }
          value { kind = row, vector = [1, -0.5, 0.25] } }
        { name = LONG, query-key { kind = scaled-identity, scale = 0.8 }
          value { kind = row, vector = [1, -0.5, 0.25] } }
        { name = "../../\u202eעברית", query-key { kind = trained, prompt-length = 20, steps = [0, 40] } }
      ]
      prompt-lengths = [2, 8, 32, 128]
      metrics = [output]
      budget { prompts-per-cell = 4096 }
      claims { ids = [prop-3.1, exact-law, control-student-t, thm-4.3] }
      query-strata = never
      training {
        task {
          dimension = 2, covariance { kind = toeplitz, rho = 0.5 }
          task-variance = 0.5, noise-variance = 0.1
        }
        runs {
          prompt-lengths = [5, 20], replicates = 2, batch = 16, steps = 40, checkpoint-every = 10
          start { kind = uniform }, optimiser { kind = adam, rate = 0.01 }, test-prompts = 2048
        }
        flow { alpha = 0.3, prompt-lengths = [8, 200], horizon = 3, prompts = 64 }
      }
      """
          .replace("LONG", "\"" + "long name ".repeat(10).strip() + "\"");

  private static final List<String> FIGURES =
      List.of(
          "error",
          "tails",
          "collapse",
          "exponent",
          "phase",
          "frontier",
          "section-6",
          "section-6-maps",
          "risk",
          "flow-risk",
          "flow-distance",
          "maps",
          "h2",
          "checkpoints");

  @TempDir private static Path directory;

  private static Browser browser;
  private static Path page;
  private static ReportPage report;

  @BeforeAll
  static void makeAReport() throws IOException {
    browser = Browser.start(Files.createDirectory(directory.resolve("downloads")));
    Path conf = TestExperiments.write(directory, EVERYTHING);
    TestSpark.configure();
    List<String> out =
        CommandResult.of("run", conf.toString(), "--runs", directory.resolve("runs").toString())
            .lines();
    page = Path.of(out.get(out.size() - 1));
    report = ReportPage.in(page.getParent().getParent());
  }

  @AfterAll
  static void close() {
    if (browser != null) {
      browser.close();
    }
  }

  private static boolean clean;

  /** A page to do something to. */
  private static void open() {
    browser.screen(1440, 900, false);
    openReport(page);
  }

  /** A page that is only looked at, the same as before where nothing was done to it since. */
  private static void look() {
    if (!clean) {
      open();
      clean = true;
    }
  }

  private static void openReport(Path other) {
    clean = false;
    browser.open(other);
  }

  private static void openOther(Path other) {
    clean = false;
    browser.openPlain(other);
  }

  /** Marks of the picture of a figure: symbols, not lines, bars and bands. */
  private static long marks(String id) {
    return (Long)
        browser.run(
            "return document.querySelectorAll('#figure-'+arguments[0]+' .canvas svg path[transform^=matrix]').length",
            id);
  }

  /** Bars of intervals: six corners, the first two of them eight pixels apart. */
  private static long bars(String id) {
    Object paths =
        browser.run(
            "return Array.from(document.querySelectorAll('#figure-'+arguments[0]+' .canvas svg"
                + " path')).map(path => path.getAttribute('d')).join('\\n')",
            id);
    Pattern bar = Pattern.compile("M(\\S+) (\\S+)L(\\S+) (\\S+)(L\\S+ \\S+){4}");
    return paths
        .toString()
        .lines()
        .map(bar::matcher)
        .filter(Matcher::matches)
        .filter(m -> m.group(2).equals(m.group(4)))
        .filter(
            m ->
                Math.abs(Double.parseDouble(m.group(3)) - Double.parseDouble(m.group(1)) - 8)
                    < 1e-2)
        .count();
  }

  private static void showAll(String id) {
    for (WebElement button : browser.findAll("#figure-" + id + " .toggles button")) {
      if (button.getText().equals("all")) {
        browser.run("arguments[0].click()", button);
      }
    }
  }

  private static String kind(JsonNode figure, JsonNode series) {
    return figure.path("styles").path(series.path("style").intValue()).path("kind").asText();
  }

  /** Data of a view that have a place in the picture. */
  private static long points(JsonNode figure, JsonNode view) {
    boolean logX = figure.path("x").path("log").booleanValue();
    boolean logY = figure.path("y").path("log").booleanValue();
    long count = 0;
    for (JsonNode series : view.path("series")) {
      if (!kind(figure, series).equals("AREA")) {
        for (int i = 0; i < series.path("x").size(); i++) {
          JsonNode y = series.path("y").path(i);
          boolean there = y.isNumber() && (!logY || y.doubleValue() > 0);
          count += there && (!logX || series.path("x").path(i).doubleValue() > 0) ? 1 : 0;
        }
      }
    }
    return count;
  }

  private static long intervals(JsonNode figure, JsonNode view) {
    long count = 0;
    for (JsonNode series : view.path("series")) {
      for (int i = 0; i < series.path("high").size(); i++) {
        boolean known =
            series.path("low").path(i).isNumber() || series.path("high").path(i).isNumber();
        count += known && kind(figure, series).equals("POINTS") ? 1 : 0;
      }
    }
    return count;
  }

  @Test
  void everyFigureHasAsManyMarksAsData() {
    open();
    assertThat(report.figures()).isEqualTo(FIGURES);
    for (String id : FIGURES) {
      JsonNode figure = report.figure(id);
      long drawn = 0;
      for (int i = 0; i < figure.path("views").size(); i++) {
        JsonNode view = figure.path("views").path(i);
        browser.run(
            "const select = document.querySelector('#figure-'+arguments[0]+' select');"
                + "if (select) {select.value = arguments[1];"
                + "select.dispatchEvent(new Event('change'));}",
            id,
            Integer.toString(i));
        showAll(id);
        assertThat(marks(id)).as(id + ", " + view.path("label")).isEqualTo(points(figure, view));
        assertThat(bars(id)).as("bars of " + id).isEqualTo(intervals(figure, view));
        drawn += marks(id);
      }
      assertThat(drawn).as(id).isPositive();
    }
    assertThat(browser.console()).isEmpty();
  }

  @Test
  void nothingIsAskedForElsewhere() throws IOException {
    look();
    for (WebElement details : browser.findAll("summary")) {
      details.click();
    }
    browser.run("location.hash = '#claim-prop-3.1'");
    assertThat(browser.requests())
        .isNotEmpty()
        .allMatch(address -> address.matches("(file|data|blob|about):.*"));
    // what would be seen
    Path other =
        Files.writeString(directory.resolve("other.html"), "<img src=http://127.0.0.1:9/x>");
    openOther(other);
    assertThat(browser.requests()).anyMatch(address -> address.startsWith("http:"));
  }

  @Test
  void namesDoNoHarm() throws IOException {
    look();
    assertThat(browser.run("return window.harm === undefined")).isEqualTo(true);
    assertThat(browser.findAll("img, iframe, object, embed, link")).isEmpty();
    assertThat(browser.findAll("script")).hasSize(5);
    assertThat(browser.find("#figure-error .toggles").getText())
        .contains("a\"'&lt;<img src=x onerror=window.harm=2>", "<script>window.harm=1</script>");
    assertThat(browser.console()).isEmpty();
    // and if one were not escaped, its script would not run
    String spoilt =
        Files.readString(page)
            .replace(
                "<main", "<script>window.harm=3</script><b onclick='window.harm=4'>b</b><main");
    openReport(Files.writeString(directory.resolve("spoilt.html"), spoilt));
    browser.run("document.querySelector('b[onclick]').click()");
    assertThat(browser.run("return window.harm === undefined")).isEqualTo(true);
    assertThat(browser.console()).anyMatch(line -> line.contains("Content Security Policy"));
  }

  /** Names that no experiment file may have, but a table might. */
  @Test
  void monstrousNamesDoNoHarm() throws IOException {
    Experiment experiment = TestExperiments.read(directory, EVERYTHING);
    var hadoop = TestSpark.session().sparkContext().hadoopConfiguration();
    RunDirectory run = RunDirectory.existing(page.getParent().getParent().toString(), hadoop);
    Published published = new PublishedTables(TestSpark.session(), run).read(experiment);
    String monster =
        "\u202e\u0000\u2028=cmd|'/c calc'!A1\"><svg onload=window.harm=5>".repeat(200)
            + "../../etc";
    assertThat(monster.getBytes(StandardCharsets.UTF_8)).hasSizeGreaterThan(10_000);
    List<Row> rows = new ArrayList<>();
    for (Row row : published.cells()) {
      rows.add(TestReports.with(row, "tokens", monster + row.getAs("tokens")));
    }
    Published spoilt =
        new Published(
            experiment,
            rows,
            published.claims(),
            published.trajectories(),
            published.flows(),
            published.provenance());
    browser.screen(390, 900, false);
    openReport(Files.writeString(directory.resolve("monster.html"), HtmlReport.page(spoilt)));
    assertThat(browser.run("return window.harm === undefined")).isEqualTo(true);
    assertThat(browser.run(SIDEWAYS)).isEqualTo(false);
    assertThat(browser.findAll("main svg[onload]")).isEmpty();
    assertThat(browser.console()).isEmpty();
  }

  @Test
  void hoveringTellsValues() {
    look();
    WebElement canvas = browser.find("#figure-error .canvas");
    browser.run("arguments[0].scrollIntoView({block: 'center'})", canvas);
    List<?> place =
        (List<?>)
            browser.run(
                "const chart = echarts.getInstanceByDom(arguments[0]);"
                    + "const i = chart.getOption().series.findIndex(s => s.type === 'scatter');"
                    + "const p = chart.convertToPixel({seriesIndex: i}, chart.getOption().series[i].data[1]);"
                    + "return [Math.round(p[0] - chart.getWidth() / 2), Math.round(p[1] - chart.getHeight() / 2)]",
                canvas);
    browser
        .actions()
        .moveToElement(
            canvas, ((Number) place.get(0)).intValue(), ((Number) place.get(1)).intValue())
        .perform();
    browser.until("return document.querySelector('.tip') !== null");
    String tip = browser.find(".tip").getText();
    assertThat(tip)
        .contains(
            "simulated",
            "prompt length L: 8\n",
            "mean-square error: 0.",
            "\nin [0.",
            "8192 prompts, ");
    assertThat(tip).startsWith("a\"'&lt;<img");
  }

  @Test
  void seriesCanBeHiddenWithMouseAndKeyboard() {
    open();
    JsonNode figure = report.figure("error");
    JsonNode all = figure.path("views").path(0);
    showAll("error");
    assertThat(marks("error")).isEqualTo(points(figure, all));
    List<WebElement> boxes = browser.findAll("#figure-error fieldset:first-child input");
    long own = 0;
    for (JsonNode series : all.path("series")) {
      if (series.path("group").intValue() == 0) {
        own += series.path("x").size();
      }
    }
    assertThat(own).isPositive();
    boxes.get(0).click();
    assertThat(marks("error")).isEqualTo(points(figure, all) - own);
    browser.run("arguments[0].focus()", boxes.get(0));
    browser.actions().sendKeys(Keys.SPACE).perform();
    assertThat(marks("error")).isEqualTo(points(figure, all));
    for (WebElement layer : browser.findAll("#figure-error fieldset:last-child input")) {
      layer.click();
    }
    assertThat(marks("error")).isZero();
  }

  @Test
  void figuresAreSaved() throws IOException, InterruptedException {
    open();
    List<WebElement> buttons = browser.findAll("#figure-error .toolbar button");
    Path svg = browser.download(buttons.get(0));
    assertThat(svg.getFileName().toString()).matches("everything-[0-9a-f]+-error.svg");
    Document picture = Jsoup.parse(Files.readString(svg), "", Parser.xmlParser());
    assertThat(picture.select("svg > title").text())
        .isEqualTo("Mean-square error against prompt length");
    assertThat(picture.select("script, foreignObject, image")).isEmpty();
    JsonNode figure = report.figure("error");
    assertThat(picture.select("text").eachText().stream().filter(t -> t.endsWith(", simulated")))
        .hasSize(5) // of six that are visible; the name of one is too long
        .contains("a\"'&lt;<img src=x onerror=window.harm=2> · narrow, simulated");
    showAll("error");
    picture =
        Jsoup.parse(Files.readString(browser.download(buttons.get(0))), "", Parser.xmlParser());
    assertThat(picture.select("path[transform^=matrix]").size())
        .isGreaterThanOrEqualTo((int) points(figure, figure.path("views").path(0)));
    byte[] png = Files.readAllBytes(browser.download(buttons.get(1)));
    assertThat(ImageIO.read(new ByteArrayInputStream(png)).getWidth()).isEqualTo(1800);
    List<String> csv = Files.readAllLines(browser.download(buttons.get(2)));
    long points = 0;
    for (JsonNode view : figure.path("views")) {
      for (JsonNode series : view.path("series")) {
        points += series.path("x").size();
      }
    }
    assertThat(csv.get(0))
        .isEqualTo("view,group,layer,prompt length L,mean-square error,low,high,note");
    assertThat(csv).hasSize((int) points + 1);
    assertThat(csv.get(1))
        .startsWith(
            "output,\"a\"\"'&lt;<img src=x onerror=window.harm=2> · narrow\",simulated,2,0.");
    assertThat(browser.console()).isEmpty();
  }

  @Test
  void tablesAreSavedAsCsvAndLatex() throws IOException, InterruptedException {
    look();
    List<WebElement> buttons = browser.findAll("[data-table=cells] .toolbar button");
    int results = report.table("cells").path("rows").size();
    List<String> csv = Files.readAllLines(browser.download(buttons.get(0)));
    assertThat(csv).hasSize(results + 1);
    assertThat(csv.get(0)).startsWith("head,tokens,queries,metric,L,prompts,inadmissible,");
    assertThat(csv.get(1)).contains("," + report.column("cells", "mean square").get(0) + ",");
    String latex = Files.readString(browser.download(buttons.get(1)));
    assertThat(latex)
        .contains("\\begin{longtable}{llllrrrrrrlrrrrr", "\\toprule", "\\end{longtable}")
        .contains("a'''\\&lt;\\textless{}img src=x onerror=window.harm=2\\textgreater{}");
    List<String> rows = latex.lines().filter(line -> line.endsWith("\\\\")).skip(3).toList();
    assertThat(rows).hasSize(results);
    for (String row : rows) {
      assertThat(row.replace("\\&", "").chars().filter(c -> c == '&').count())
          .isEqualTo(report.table("cells").path("columns").size() - 1L);
    }
    assertThat(latex.replaceAll("\\\\[#%_&]|\\\\textbackslash", "")).doesNotContain("#", "_");
  }

  /** RFC 4180, no formulas; four digits in LaTeX, and none of its own characters. */
  @Test
  void whatIsSavedIsEscaped() {
    look();
    String rows =
        "[['=1+1', 0.1 + 0.2, null], ['a,\"b\"\\n', -1e-300, true], ['@x', 12345678, '']]";
    assertThat(
            browser.run("return JSON.stringify(Tables.csv(['one', 'two', 'three'], " + rows + "))"))
        .isEqualTo(
            "\"one,two,three\\r\\n'=1+1,0.30000000000000004,\\r\\n"
                + "\\\"a,\\\"\\\"b\\\"\\\"\\n\\\",-1e-300,true\\r\\n'@x,12345678,\\r\\n\"");
    String latex =
        browser
            .run(
                "return Tables.latex('{50 %}', ['σ²', '\\\\c_1', '#'], [['$x$ & y~^', -1.2342e-9, null]])")
            .toString();
    assertThat(latex)
        .contains("\\caption{\\{50 \\%\\}}")
        .contains("$\\sigma$$^2$ & \\textbackslash{}c\\_1 & \\# \\\\")
        .contains(
            "\\$x\\$ \\& y\\textasciitilde{}\\textasciicircum{} & $-1.234 \\times 10^{-9}$ & -- \\\\");
  }

  @Test
  void tablesAreTurnedSortedAndFiltered() {
    open();
    String table = "[data-table=cells] ";
    int results = report.table("cells").path("rows").size();
    assertThat(results).isGreaterThan(25);
    assertThat(browser.findAll(table + "tbody tr")).hasSize(25);
    List<WebElement> pager = browser.findAll(table + ".pager button");
    assertThat(pager.get(0).isEnabled()).isFalse();
    pager.get(1).click();
    assertThat(browser.find(table + ".pager span").getText()).startsWith("26 to ");
    List<WebElement> heads = browser.findAll(table + "th button");
    browser.run("arguments[0].scrollIntoView({block: 'center'})", heads.get(7));
    heads.get(7).click();
    heads.get(7).click();
    double largest =
        report.column("cells", "mean square").stream()
            .mapToDouble(JsonNode::doubleValue)
            .max()
            .orElseThrow();
    assertThat(Double.parseDouble(browser.find(table + "tbody td:nth-child(8)").getText()))
        .isEqualTo(Double.parseDouble(String.format(Locale.ROOT, "%.4g", largest)));
    assertThat(browser.findAll(table + "th").get(7).getDomAttribute("aria-sort"))
        .isEqualTo("descending");
    browser.find(table + "input").sendKeys("jacobian-v narrow");
    int some = 0;
    for (JsonNode row : report.table("cells").path("rows")) {
      some += row.toString().contains("jacobian-v") && row.toString().contains("narrow") ? 1 : 0;
    }
    assertThat(browser.findAll(table + "tbody tr")).hasSize(some);
    browser.find(table + "input").sendKeys(" nothing like it");
    assertThat(browser.find(table + ".pager span").getText()).isEqualTo("no rows");
  }

  @Test
  void everyClaimHasAPageOfItsOwn() {
    look();
    for (String id : List.of("prop-3.1", "control-student-t")) {
      WebElement link = browser.find("a[href='#claim-" + id + "']");
      link.click();
      browser.until("return document.getElementById('report').hidden");
      WebElement article = browser.find("article:not([hidden])");
      assertThat(browser.findAll(".page:not([hidden])")).hasSize(1);
      assertThat(article.getText()).contains("What would refute it", "Assumptions", "Evidence");
      assertThat(browser.run("return document.title").toString()).startsWith(id);
      assertThat(browser.findAll("article:not([hidden]) table")).isNotEmpty();
      assertThat(browser.run("return document.activeElement.tagName")).isEqualTo("H1");
      browser.find("article:not([hidden]) a").click();
      browser.until("return !document.getElementById('report').hidden");
    }
    assertThat(browser.console()).isEmpty();
  }

  private static final String SIDEWAYS =
      "return document.documentElement.scrollWidth > window.innerWidth";

  @ParameterizedTest
  @CsvSource({"1440, false", "390, true"})
  void isReadable(int width, boolean dark) throws IOException {
    browser.screen(width, 900, dark);
    openReport(page);
    assertReadable(dark);
    browser.run("location.hash = '#claim-prop-3.1'");
    browser.until("return document.getElementById('report').hidden");
    assertReadable(dark);
  }

  @Tag("nightly")
  @ParameterizedTest
  @CsvSource({"1440, true", "390, false"})
  void isReadableInOtherWays(int width, boolean dark) throws IOException {
    isReadable(width, dark);
  }

  @Tag("nightly")
  @ParameterizedTest
  @CsvSource({"1440, false", "1440, true", "390, false", "390, true"})
  void picturesToLookAt(int width, boolean dark) throws IOException {
    String suffix = "-" + width + (dark ? "-dark.png" : ".png");
    browser.screen(width, 900, dark);
    openReport(page);
    browser.picture(Path.of("target/screens/report" + suffix), width, true);
    browser.run("location.hash = '#claim-prop-3.1'");
    browser.until("return document.getElementById('report').hidden");
    browser.picture(Path.of("target/screens/claim" + suffix), width, true);
  }

  /** No sideways scrolling, and nothing that a checker of accessibility objects to. */
  private static void assertReadable(boolean dark) throws IOException {
    assertThat(browser.run("return getComputedStyle(document.body).backgroundColor").toString())
        .isEqualTo(dark ? "rgb(22, 24, 28)" : "rgb(255, 255, 255)");
    assertThat(browser.run(SIDEWAYS)).isEqualTo(false);
    assertThat(browser.violations()).isEmpty();
    assertThat(browser.console()).isEmpty();
  }

  /** The checker does find what is wrong. */
  @Test
  void aPaleTextIsFound() throws IOException {
    String pale = Files.readString(page).replace("--dim:#565d68", "--dim:#b8b8b8");
    browser.screen(1440, 900, false);
    openReport(Files.writeString(directory.resolve("pale.html"), pale));
    assertThat(browser.violations()).anyMatch(line -> line.startsWith("color-contrast"));
  }

  @Test
  void theThemeCanBeChosen() {
    look();
    String ink =
        "return document.querySelector('#figure-error .canvas svg text').getAttribute('fill')";
    assertThat(browser.run(ink)).isEqualTo("#1c1f24");
    browser.find("header button").click();
    assertThat(browser.run(ink)).isEqualTo("#e8eaed");
    assertThat(browser.run("return document.documentElement.dataset.theme")).isEqualTo("dark");
    browser.find("header button").click();
    assertThat(browser.run(ink)).isEqualTo("#1c1f24");
  }

  /** On paper all pages are there, light, without buttons; afterwards it is as before. */
  @Test
  void isPrinted() {
    browser.screen(1440, 900, true);
    openReport(page);
    browser.run("window.dispatchEvent(new Event('beforeprint'))");
    assertThat(browser.findAll(".page[hidden]")).isEmpty();
    assertThat(browser.findAll("#claim-exact-law table")).isNotEmpty();
    Object outside =
        browser.run(
            "return Array.from(document.querySelectorAll('.canvas svg text, .canvas svg path'))"
                + ".filter(e => e.getBoundingClientRect().right >"
                + " e.closest('.canvas').getBoundingClientRect().left + 681).length");
    assertThat(outside).isEqualTo(0L);
    assertThat(browser.run("return document.documentElement.dataset.theme")).isEqualTo("light");
    assertThat(
            browser
                .run("return document.querySelector('.canvas svg').getAttribute('width')")
                .toString())
        .isEqualTo("680");
    browser.run("window.dispatchEvent(new Event('afterprint'))");
    assertThat(browser.findAll(".page:not([hidden])")).hasSize(1);
    assertThat(browser.run("return document.documentElement.dataset.theme")).isEqualTo("dark");
    byte[] pdf = browser.pdf();
    assertThat(new String(pdf, 0, 5, StandardCharsets.ISO_8859_1)).isEqualTo("%PDF-");
    Matcher pages =
        Pattern.compile("/Type\\s*/Page\\b").matcher(new String(pdf, StandardCharsets.ISO_8859_1));
    assertThat(pages.results().count()).isGreaterThan(5);
    assertThat(browser.console()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"claim-exact-law", "figure-phase", "%"})
  void linksIntoThePageWork(String fragment) {
    openOther(page);
    browser.run("location.href = arguments[0]", page.toUri() + "#" + fragment);
    browser.until("return document.documentElement.dataset.ready === 'yes'");
    List<String> shown = new ArrayList<>();
    browser.findAll(".page:not([hidden])").forEach(each -> shown.add(each.getDomAttribute("id")));
    assertThat(shown).containsExactly(fragment.startsWith("claim") ? fragment : "report");
    assertThat(browser.console()).isEmpty();
  }
}
