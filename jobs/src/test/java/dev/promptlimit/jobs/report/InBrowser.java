package dev.promptlimit.jobs.report;

import dev.promptlimit.jobs.CommandResult;
import dev.promptlimit.jobs.TestExperiments;
import dev.promptlimit.jobs.TestSpark;
import dev.promptlimit.jobs.TestTraining;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;

/** Tests that look at a report in a browser: one of both for all of them. */
abstract class InBrowser {
  /** All kinds of figures; the names of heads mean harm. */
  static final String EVERYTHING =
      TestTraining.RUNS
          + TestTraining.FLOW
          + """
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
      """
              .replace("LONG", "\"" + "long name ".repeat(10).strip() + "\"");

  static Path directory;
  static Browser browser;
  static Path page;
  static ReportPage report;
  private static boolean clean;

  @BeforeAll
  static void makeAReport() throws IOException {
    if (browser != null) {
      return;
    }
    directory = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "browser");
    Browser started = Browser.start(Files.createDirectory(directory.resolve("downloads")));
    Runtime.getRuntime().addShutdownHook(new Thread(started::close));
    Path conf = TestExperiments.write(directory, EVERYTHING);
    TestSpark.configure();
    List<String> out =
        CommandResult.of("run", conf.toString(), "--runs", directory.resolve("runs").toString())
            .lines();
    page = Path.of(out.get(out.size() - 1));
    report = ReportPage.in(page.getParent().getParent());
    browser = started;
  }

  /** A page to do something to. */
  static void open() {
    browser.screen(1440, 900, false);
    openReport(page);
  }

  /** A page that is only looked at, the same as before where nothing was done to it since. */
  static void look() {
    if (!clean) {
      open();
      clean = true;
    }
  }

  static void openReport(Path other) {
    clean = false;
    browser.open(other);
  }

  static void openOther(Path other) {
    clean = false;
    browser.openPlain(other);
  }
}
