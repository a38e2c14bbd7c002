package dev.promptlimit.jobs.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Holds {@code conf/reference.conf} against {@link Keys} and {@link TrainingKeys}. A comment there
 * ends in {@code Default: … Allowed: ….} and stands above its key; lines {@code #key} are
 * alternatives, not comments.
 */
class ReferenceConfTest {
  private static final Path FILE = Path.of("..", "conf", "reference.conf");
  private static final Pattern STATEMENT =
      Pattern.compile("(?<text>.*?) ?Default: (?<fallback>.*?)\\. Allowed: (?<allowed>.*)\\.");
  private static final Pattern ASSIGNMENT =
      Pattern.compile("\\s*#?(?<key>[a-z][a-z0-9-]*)\\s*[={].*");

  /** What needs a file, and so is an alternative. */
  private static final String DOCUMENTED = "measure=vocabulary";

  /** What the file says of a key, and its constant likewise. */
  private record Statement(String key, String fallback, String allowed) {}

  @Test
  void isAnExperimentThatShowsEveryAlternative() {
    Experiment experiment = ExperimentReader.read(FILE, List.of());
    assertThat(experiment.name()).isEqualTo("reference");
    assertThat(experiment.cells()).hasSize((10 * 2 + 2) * (4 + 1 + 2) * 3);
    String text = experiment.text();
    // of training there is one, which cannot show them all
    for (Key<?> key : keys(Keys.class)) {
      if (key instanceof Key.Choice choice
          && !List.of("sampler", "query-strata").contains(choice.name())) {
        assertThat(choice.words())
            .as(choice.name())
            .allSatisfy(
                word -> assertThat(text + DOCUMENTED).containsPattern(choice.name() + "=" + word));
      }
    }
  }

  @Test
  void statesDefaultAndRangeOfEveryKeyAndOfNoOther() throws IOException {
    List<Statement> ours = keys().stream().map(ReferenceConfTest::statement).toList();
    List<Statement> theirs = statements();
    assertThat(theirs).containsAll(ours);
    assertThat(ours).containsAll(theirs);
    // keys of one name, default and range cannot be told apart: count them
    for (Statement statement : ours) {
      assertThat(count(theirs, statement))
          .as("times that %s is explained", statement)
          .isGreaterThanOrEqualTo(count(ours, statement));
    }
  }

  @Test
  void everyKeyThatIsUsedIsExplainedAtItsFirstUse() throws IOException {
    List<String> lines = Files.readAllLines(FILE);
    List<String> explained = statements().stream().map(Statement::key).toList();
    for (String line : lines) {
      Matcher assignment = ASSIGNMENT.matcher(line);
      if (assignment.matches()) {
        assertThat(explained).contains(assignment.group("key"));
      }
    }
  }

  @Test
  void readsAsDocumentation() throws IOException {
    List<String> lines = Files.readAllLines(FILE);
    assertThat(lines).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(100));
    for (Key<?> key : keys()) {
      assertThat(lines).anySatisfy(line -> assertThat(line).containsPattern("\\b" + key.name()));
    }
  }

  private static long count(List<Statement> statements, Statement one) {
    return statements.stream().filter(one::equals).count();
  }

  private static Statement statement(Key<?> key) {
    Optional<?> fallback = key.fallback();
    return new Statement(
        key.name(), fallback.map(ReferenceConfTest::text).orElse("none"), key.allowed());
  }

  private static String text(Object fallback) {
    return fallback instanceof double[] numbers ? Arrays.toString(numbers) : fallback.toString();
  }

  private static List<Key<?>> keys() {
    return Stream.concat(keys(Keys.class).stream(), keys(TrainingKeys.class).stream()).toList();
  }

  private static List<Key<?>> keys(Class<?> owner) {
    return Arrays.stream(owner.getDeclaredFields())
        .filter(field -> Key.class.isAssignableFrom(field.getType()))
        .<Key<?>>map(ReferenceConfTest::value)
        .toList();
  }

  private static Key<?> value(Field constant) {
    try {
      return (Key<?>) constant.get(null);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  /** The statements of the file, each with the key below it. */
  private static List<Statement> statements() throws IOException {
    List<Statement> statements = new ArrayList<>();
    List<String> comment = new ArrayList<>();
    for (String line : Files.readAllLines(FILE)) {
      if (line.strip().startsWith("# ")) {
        comment.add(line.strip().substring(2).strip());
        continue;
      }
      Matcher statement = STATEMENT.matcher(comment.stream().collect(Collectors.joining(" ")));
      Matcher assignment = ASSIGNMENT.matcher(line);
      if (statement.matches()) {
        assertThat(assignment.matches()).as("a key below %s", comment).isTrue();
        statements.add(
            new Statement(
                assignment.group("key"),
                // "none, zeros if left out": no value, but no error either
                statement.group("fallback").replaceFirst("^none,.*", "none"),
                statement.group("allowed")));
      }
      comment.clear();
    }
    return statements;
  }
}
