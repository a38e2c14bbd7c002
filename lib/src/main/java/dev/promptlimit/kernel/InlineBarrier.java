package dev.promptlimit.kernel;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * Has the compiler of this virtual machine translate methods each for itself instead of copying
 * them into their callers.
 *
 * <p>A loop over vectors keeps them in registers where it is compiled alone; copied into a caller
 * with a loop of its own it was seen to make an object of every vector, on JDK 17, and to stay ten
 * times slower for good. Nothing in a program's text forbids copying, an option of the java command
 * would be missing where somebody else starts the machine, but a running HotSpot takes directives,
 * from a file. Where they are refused, all works as before.
 */
final class InlineBarrier {
  private InlineBarrier() {}

  /**
   * Returns whether the directive was accepted. It takes the place of an earlier one.
   *
   * @param methods as {@link #method} names them
   */
  static boolean raise(Stream<String> methods) {
    String forbidden =
        methods
            .distinct()
            .sorted()
            .map(method -> "\"-" + method + "\"")
            .collect(Collectors.joining(", "));
    String directive = "[{ match: \"*.*\", inline: [" + forbidden + "] }]";
    try {
      Path file = Files.createTempFile("promptlimit-kernels", ".json");
      try {
        Files.writeString(file, directive);
        String quoted = '"' + file.toString() + '"'; // there may be blanks in it
        Object answer =
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "compilerDirectivesAdd",
                    new Object[] {new String[] {quoted}},
                    new String[] {String[].class.getName()});
        return String.valueOf(answer).contains("1 compiler directives added");
      } finally {
        Files.delete(file);
      }
    } catch (IOException | JMException | RuntimeException e) {
      return false; // not HotSpot, or no place for a file
    }
  }

  /** The name of a method for {@link #raise}. */
  static String method(Class<?> type, String name) {
    return type.getName().replace('.', '/') + "." + name;
  }
}
