package dev.promptlimit.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.jobs.TestExperiments;
import dev.promptlimit.jobs.TestSpark;
import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.jobs.table.Published;
import dev.promptlimit.jobs.table.PublishedTables;
import dev.promptlimit.jobs.table.RunDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.WebElement;

/**
 * The page as a whole in Chromium: safe, readable, printed. At night pictures of it are left in
 * {@code target/screens}.
 */
class PagesInBrowserTest extends InBrowser {
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
