package dev.promptlimit.jobs.report;

import com.deque.html.axecore.selenium.AxeBuilder;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Assumptions;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.support.ui.WebDriverWait;

/** A browser without a window that looks at pages from disk. */
final class Browser implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Warns that it has no classes for this Chromium's protocol, which nothing here uses. */
  private static final Logger DEVTOOLS = Logger.getLogger("org.openqa.selenium.devtools");

  static {
    DEVTOOLS.setLevel(Level.SEVERE);
  }

  private final ChromeDriver driver;
  private final Path downloads;

  private Browser(ChromeDriver driver, Path downloads) {
    this.driver = driver;
    this.downloads = downloads;
  }

  /** A new browser; where there can be none the test is skipped, and says so. */
  static Browser start(Path downloads) {
    Chromium.PROBLEM.ifPresent(
        problem -> {
          String message = "NOT TESTED: reports in a browser, as " + problem;
          System.err.println(message);
          Assumptions.abort(message);
        });
    ChromeOptions options = new ChromeOptions();
    options.setBinary(Chromium.browser());
    options.addArguments("--headless=new", "--disable-gpu", "--disable-dev-shm-usage");
    options.addArguments("--hide-scrollbars", "--force-color-profile=srgb");
    if (Chromium.isRoot()) {
      options.addArguments("--no-sandbox"); // which does not work for root
    }
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    logs.enable(LogType.PERFORMANCE, Level.ALL);
    options.setCapability("goog:loggingPrefs", logs);
    ChromeDriverService service =
        new ChromeDriverService.Builder().usingDriverExecutable(Chromium.driver()).build();
    ChromeDriver driver = new ChromeDriver(service, options);
    driver.executeCdpCommand(
        "Browser.setDownloadBehavior",
        Map.of("behavior", "allow", "downloadPath", downloads.toString()));
    driver.manage().timeouts().scriptTimeout(PATIENCE);
    Browser browser = new Browser(driver, downloads);
    browser.screen(1440, 900, false);
    return browser;
  }

  @Override
  public void close() {
    driver.quit();
  }

  /** The size of the screen in pixels, and whether the reader prefers dark pages. */
  void screen(int width, int height, boolean dark) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of(
            "features",
            List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
  }

  /** Opens a report and waits until all of it is drawn. */
  void open(Path page) {
    driver.get("about:blank"); // the same page with another fragment would not be read again
    console();
    requests();
    driver.get(page.toUri().toString());
    until("return document.documentElement.dataset.ready === 'yes'");
  }

  /** Opens any page. */
  void openPlain(Path page) {
    driver.get(page.toUri().toString());
  }

  void until(String script) {
    new WebDriverWait(driver, PATIENCE, Duration.ofMillis(20))
        .until(any -> Boolean.TRUE.equals(run(script)));
  }

  /** What a script returns. */
  Object run(String script, Object... arguments) {
    return driver.executeScript(script, arguments);
  }

  WebElement find(String selector) {
    return driver.findElement(By.cssSelector(selector));
  }

  List<WebElement> findAll(String selector) {
    return driver.findElements(By.cssSelector(selector));
  }

  Actions actions() {
    return new Actions(driver);
  }

  /** Lines of the console since the last call. */
  List<String> console() {
    List<String> lines = new ArrayList<>();
    for (LogEntry entry : driver.manage().logs().get(LogType.BROWSER)) {
      lines.add(entry.getLevel() + " " + entry.getMessage());
    }
    return lines;
  }

  /** Addresses that were asked for since the last call. */
  List<String> requests() {
    List<String> addresses = new ArrayList<>();
    for (LogEntry entry : driver.manage().logs().get(LogType.PERFORMANCE)) {
      JsonNode message = tree(entry.getMessage()).path("message");
      if (message.path("method").asText().equals("Network.requestWillBeSent")) {
        addresses.add(message.path("params").path("request").path("url").asText());
      }
    }
    return addresses;
  }

  static JsonNode tree(String json) {
    try {
      return JSON.readTree(json);
    } catch (IOException e) {
      throw new AssertionError("not JSON: " + json, e);
    }
  }

  /** The file that comes once something is clicked. */
  Path download(WebElement button) throws IOException, InterruptedException {
    for (Path old : files()) {
      Files.delete(old);
    }
    button.click();
    for (int i = 0; i < 200; i++) {
      List<Path> after = files();
      if (!after.isEmpty() && Files.size(after.get(0)) > 0) {
        return after.get(0);
      }
      Thread.sleep(50);
    }
    throw new AssertionError("no file came");
  }

  private List<Path> files() throws IOException {
    try (var list = Files.list(downloads)) {
      return new ArrayList<>(
          list.filter(file -> !file.toString().endsWith(".crdownload"))
              .filter(file -> !file.getFileName().toString().startsWith("."))
              .toList());
    }
  }

  /** What a checker of accessibility (axe-core) finds wrong with the page, one line a node. */
  List<String> violations() throws IOException {
    if (Boolean.FALSE.equals(run("return 'axe' in window"))) {
      try (InputStream in = AxeBuilder.class.getResourceAsStream("/axe.min.js")) {
        run(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      }
    }
    Object lines =
        driver.executeAsyncScript(
            "const done = arguments[0];"
                // figures are pictures, with their words beside them; rows of a table are alike
                + "axe.run({exclude: ['.canvas', 'tbody tr:nth-child(n+3)']}, {resultTypes: ['violations']}).then(result =>"
                + " done(result.violations.flatMap(rule => rule.nodes.map(node =>"
                + " rule.id + ': ' + rule.help + ' ' + node.html))));");
    return ((List<?>) lines).stream().map(Object::toString).toList();
  }

  /** Saves a picture of all that the page shows, or of its top. */
  void picture(Path file, int width, boolean whole) throws IOException {
    long height = (Long) run("return Math.ceil(document.documentElement.scrollHeight)");
    Map<String, Object> result =
        driver.executeCdpCommand(
            "Page.captureScreenshot",
            whole
                ? Map.of(
                    "captureBeyondViewport",
                    true,
                    "clip",
                    Map.of("x", 0, "y", 0, "width", width, "height", height, "scale", 1))
                : Map.of());
    Files.createDirectories(file.getParent());
    Files.write(file, Base64.getDecoder().decode((String) result.get("data")));
  }

  /** The page as it would be printed. */
  byte[] pdf() {
    Map<String, Object> result =
        driver.executeCdpCommand("Page.printToPDF", Map.of("printBackground", true));
    return Base64.getDecoder().decode((String) result.get("data"));
  }
}
