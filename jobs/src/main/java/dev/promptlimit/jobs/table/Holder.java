package dev.promptlimit.jobs.table;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * The process that holds a run directory.
 *
 * @param machine names the machine since its last start and the processes it sees, so that a number
 *     of a process means the same to both; empty where there is no such name
 * @param pid number of the process
 * @param birth when the process began, in units of the machine that no change of its clock moves;
 *     empty where that is not known
 * @param host name of the machine, for people
 * @param user who started the process, for people
 * @param since when, by the clock of the machine, for people
 */
record Holder(String machine, long pid, String birth, String host, String user, String since) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** This process. */
  static Holder self() {
    long pid = ProcessHandle.current().pid();
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      host = "unknown";
    }
    return new Holder(
        machine(host),
        pid,
        birth(pid),
        host,
        System.getProperty("user.name", "unknown"),
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
  }

  /** On Linux its boot and its name space of processes, which containers have of their own. */
  private static String machine(String host) {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip()
          + " "
          + Files.readSymbolicLink(Path.of("/proc/self/ns/pid"));
    } catch (IOException | UnsupportedOperationException | SecurityException e) {
      return System.getProperty("os.name").startsWith("Linux") ? "" : host;
    }
  }

  /** On Linux the ticks from its boot to the start of the process. */
  private static String birth(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      // fields after the name of the program, which may hold blanks; the 22nd of all
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      return fields[19];
    } catch (IOException | RuntimeException e) {
      return "";
    }
  }

  /** What is known of a process; of those of other machines nothing. */
  enum Life {
    RUNS,
    IS_GONE,
    UNKNOWN
  }

  /** Whether this process runs, as far as can be told from here without waiting. */
  Life life() {
    if (machine.isEmpty() || !machine.equals(self().machine)) {
      return Life.UNKNOWN;
    }
    if (ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty()) {
      return Life.IS_GONE;
    }
    String now = birth(pid);
    if (birth.isEmpty() || now.isEmpty()) {
      return Life.UNKNOWN; // the number may be another's by now
    }
    return now.equals(birth) ? Life.RUNS : Life.IS_GONE;
  }

  String json() {
    ObjectNode tree = JSON.createObjectNode();
    tree.put("machine", machine).put("pid", pid).put("birth", birth);
    return tree.put("host", host).put("user", user).put("since", since) + "\n";
  }

  /** The holder of a text; one of which nothing is known if the text is not whole. */
  static Holder of(String text) {
    JsonNode tree;
    try {
      tree = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      tree = JSON.createObjectNode();
    }
    return new Holder(
        tree.path("machine").asText(""),
        tree.path("pid").asLong(0),
        tree.path("birth").asText(""),
        tree.path("host").asText("unknown"),
        tree.path("user").asText("unknown"),
        tree.path("since").asText("unknown"));
  }

  /** Whether anything is known of it. */
  boolean isKnown() {
    return pid != 0;
  }

  @Override
  public String toString() {
    return !isKnown()
        ? "an unknown process"
        : "process " + pid + " of " + user + " on " + host + ", since " + since;
  }
}
