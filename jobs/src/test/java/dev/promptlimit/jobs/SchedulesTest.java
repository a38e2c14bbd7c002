package dev.promptlimit.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be known of the files for systemd and cron without installing them. */
class SchedulesTest {
  private static final Path SUBMIT = Path.of("..", "submit");
  private static final String SERVICE = "promptlimit-sweep.service";
  private static final String TIMER = "promptlimit-sweep.timer";

  /** Keys that systemd 252 knows, of those that are of use here. */
  private static final Map<String, Set<String>> KEYS =
      Map.of(
          "Unit",
          Set.of("Description", "Documentation", "After", "Wants", "OnFailure"),
          "Timer",
          Set.of("OnCalendar", "RandomizedDelaySec", "Persistent"),
          "Install",
          Set.of("WantedBy"),
          "Service",
          Set.of(
              "Type",
              "User",
              "Nice",
              "Environment",
              "EnvironmentFile",
              "ExecStart",
              "TimeoutStartSec",
              "SuccessExitStatus",
              "StateDirectory",
              "ReadWritePaths",
              "ProtectSystem",
              "ProtectHome",
              "PrivateTmp",
              "PrivateDevices",
              "ProtectKernelTunables",
              "ProtectControlGroups",
              "RestrictSUIDSGID",
              "NoNewPrivileges",
              "CapabilityBoundingSet",
              "UMask"));

  @TempDir private Path folder;

  /** A line of a unit file. */
  private record Setting(String section, String key, String value) {}

  @ParameterizedTest
  @ValueSource(strings = {SERVICE, TIMER})
  void keysAreKnownAndThereOnce(String file) throws IOException {
    List<Setting> settings = settings(unit(file));
    assertThat(settings).isNotEmpty().allMatch(SchedulesTest::isKnown);
    assertThat(settings.stream().map(each -> each.section() + each.key())).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @CsvSource({"Servce,Nice", "Service,Nce", "Timer,Nice", "Service,MemoryDenyWriteExecute"})
  void otherKeysAreNotKnown(String section, String key) {
    assertThat(isKnown(new Setting(section, key, "1"))).isFalse();
  }

  /** By systemd itself, where there is one; it warns of what it ignores and is content. */
  @Test
  void systemdHasNothingToSay() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/systemd-analyze")));
    String service = unit(SERVICE);
    String timer = unit(TIMER);
    assertThat(verify(service, timer)).isEmpty();
    assertThat(verify(service.replace("ProtectHome=yes", "ProtectHome=y es"), timer)).hasSize(1);
    assertThat(verify(service.replace("Nice=", "Nicer="), timer)).hasSize(1);
    assertThat(verify(service, timer.replace("Persistent", "Persistant"))).hasSize(1);
    assertThat(verify(service, timer.replace("02:17", "25:17"))).isNotEmpty();
  }

  @Test
  void theServiceIsConfinedAndMayCompile() throws IOException {
    assertThat(unit(SERVICE))
        .contains("\nType=oneshot\n", "\nProtectSystem=strict\n", "\nPrivateTmp=yes\n")
        .contains("\nNoNewPrivileges=yes\n", "\nReadWritePaths=/var/lib/promptlimit\n")
        .doesNotContain("\nMemoryDenyWriteExecute");
    assertThat(words(value(SERVICE, "ExecStart")))
        .containsSequence("--runs", "/var/lib/promptlimit/runs");
    assertThat(value(TIMER, "Persistent")).isEqualTo("true");
  }

  @Test
  void theTimeoutExceedsTheBudget() throws IOException {
    List<String> words = words(value(SERVICE, "ExecStart"));
    Duration budget = ManifestsTest.span(words.get(words.indexOf("--budget") + 1));
    assertThat(ManifestsTest.span(value(SERVICE, "TimeoutStartSec")))
        .isGreaterThanOrEqualTo(budget.plusMinutes(15));
  }

  @Test
  void theCronLineHasItsFields() throws IOException {
    List<String> lines = cron();
    List<String> jobs = lines.stream().filter(line -> !line.matches("[A-Z]+=.*")).toList();
    assertThat(jobs).hasSize(1);
    assertThat(jobs.get(0))
        .matches(
            "\\d+ \\d+ \\* \\* \\* [a-z]+ nice -n 10 /opt/promptlimit/submit/promptlimit run .*")
        .doesNotContainPattern("(?<!\\\\)%");
    assertThat(Files.readString(SUBMIT.resolve("promptlimit.cron"))).endsWith("\"\n");
  }

  /** The job as cron's shell gets it, with a program that ends as it likes. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void theCronLineLogsAndReportsFailures(int exit) throws Exception {
    String job = cron().get(cron().size() - 1).split(" ", 7)[6].replace("\\%", "%");
    Path program = Files.writeString(folder.resolve("program"), "echo \"$@\"; exit " + exit + "\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
    String line =
        job.replace("/opt/promptlimit/submit/promptlimit", "sh " + program)
            .replace("/var/log/promptlimit", folder.toString());
    List<String> out = output("sh", "-c", line).lines().toList();
    assertThat(out).hasSize(exit == 0 ? 0 : 1).allMatch(each -> each.contains("exit code " + exit));
    try (var logs = Files.newDirectoryStream(folder, "sweep-20??-??.log")) {
      assertThat(Files.readString(logs.iterator().next())).startsWith("run /opt/promptlimit/conf/");
    }
  }

  /** Both schedules ask for the same. */
  @Test
  void schedulesRunTheSame() throws IOException {
    String start =
        value(SERVICE, "ExecStart")
            .replace(
                "${EXPERIMENT}", value(SERVICE, "Environment").replaceFirst("EXPERIMENT=", ""));
    assertThat(cron().get(cron().size() - 1)).contains(" " + start + " >>");
    Matcher experiment = Pattern.compile("/opt/promptlimit/(conf/\\S+)").matcher(start);
    assertThat(experiment.find()).isTrue();
    assertThat(Path.of("..").resolve(experiment.group(1))).isRegularFile();
  }

  @Test
  void argumentsAreTheProgramsOwn() throws IOException {
    List<String> words = words(value(SERVICE, "ExecStart"));
    Main.commandLine().parseArgs(words.subList(1, words.size()).toArray(String[]::new));
  }

  @Test
  void noCredentialsAreInTheFiles() throws IOException {
    for (String text : List.of(unit(SERVICE), unit(TIMER), String.join("\n", cron()))) {
      assertThat(text)
          .doesNotContainPattern("(?i)(passw|secret|token|credential|access.?key)\\w*=");
    }
  }

  /** What systemd says of these two, and not of others. */
  private List<String> verify(String service, String timer) throws Exception {
    // what it starts has to be there
    String here = SUBMIT.resolve("promptlimit").toRealPath().toString();
    Files.writeString(
        folder.resolve(SERVICE), service.replace("/opt/promptlimit/submit/promptlimit", here));
    Files.writeString(folder.resolve(TIMER), timer);
    String said =
        output(
            "/usr/bin/systemd-analyze",
            "verify",
            "--man=no",
            folder.resolve(SERVICE).toString(),
            folder.resolve(TIMER).toString());
    return said.lines().filter(line -> line.contains("promptlimit-sweep")).toList();
  }

  private String output(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return text;
  }

  private static boolean isKnown(Setting setting) {
    return KEYS.getOrDefault(setting.section(), Set.of()).contains(setting.key());
  }

  private static String unit(String name) throws IOException {
    return Files.readString(SUBMIT.resolve("systemd").resolve(name));
  }

  private static List<String> cron() throws IOException {
    return lines(Files.readString(SUBMIT.resolve("promptlimit.cron")));
  }

  private static String value(String file, String key) throws IOException {
    return settings(unit(file)).stream()
        .filter(setting -> setting.key().equals(key))
        .findFirst()
        .orElseThrow()
        .value();
  }

  private static List<String> words(String text) {
    return Arrays.asList(text.split(" ", -1));
  }

  private static List<String> lines(String text) {
    return text.lines().filter(line -> !line.isBlank() && !line.startsWith("#")).toList();
  }

  private static List<Setting> settings(String text) {
    List<Setting> settings = new ArrayList<>();
    String section = "";
    for (String line : lines(text)) {
      if (line.matches("\\[\\w+]")) {
        section = line.substring(1, line.length() - 1);
      } else {
        String[] setting = line.split("=", 2);
        settings.add(new Setting(section, setting[0], setting[1]));
      }
    }
    return settings;
  }
}
