package dev.promptlimit.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.parser.Parser;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/** Figures as people see them, in Chromium. */
class FiguresInBrowserTest extends InBrowser {
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
}
