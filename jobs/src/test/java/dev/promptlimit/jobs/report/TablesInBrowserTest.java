package dev.promptlimit.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.WebElement;

/** Tables as people use them, in Chromium. */
class TablesInBrowserTest extends InBrowser {
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
}
