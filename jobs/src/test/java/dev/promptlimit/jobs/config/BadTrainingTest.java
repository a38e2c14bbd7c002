package dev.promptlimit.jobs.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What may be wrong with each key of {@code training}: one line says it, with the place. */
class BadTrainingTest {
  private static final String GOOD =
      """
      name = good
      seed = 1
      training.task { dimension = 2, covariance { kind = identity } }
      training.runs { prompt-lengths = [5], start { kind = uniform } }
      training.runs { optimiser { kind = adam, rate = 0.01 }, steps = 1000 }
      training.flow { alpha = 0.3, prompt-lengths = [8] }
      """;
  private static final String LENGTHS =
      "{ from, to, factor }, or a list of 1 to 1000 different whole numbers from 1 to 1000000000000";

  @TempDir private Path directory;

  private List<String> problems(String more) {
    return SpoiltFile.problems(directory, GOOD + more + "\n");
  }

  private void assertProblem(String line, String key, String reason) {
    assertThat(problems(line))
        .as(line)
        .singleElement()
        .asString()
        .matches(
            "Cannot (use|find) training"
                + Pattern.quote(key)
                + "( = [^\\n]+)? \\(FILE:\\d\\): "
                + Pattern.quote(reason.replace("LENGTHS", LENGTHS)));
  }

  /** The line names the key that has the value. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          tsk | 1 | unknown key, did you mean task?
          task.dimensoin | 1 | unknown key, did you mean dimension?
          task.input | gaussian | unknown key, did you mean inputs?
          runs.stepz | 1 | unknown key, did you mean steps?
          runs.start.wieghts | shared | unknown key, did you mean weights?
          runs.optimiser.betta1 | 1 | unknown key, did you mean beta1?
          runs.start.alpha | 1 | unknown key, did you mean kind?
          flow.horizn | 1 | unknown key, did you mean horizon?

          task | null | it must be given, allowed: { dimension, covariance, … }
          task | 3 | allowed: { dimension, covariance, … }
          task.dimension | null | it must be given, allowed: whole numbers from 1 to 1023
          task.dimension | 0 ; -1 ; 1024 ; 2.5 ; NaN | allowed: whole numbers from 1 to 1023
          task.covariance | null | it must be given, allowed: { kind, … }
          task.covariance | { kind = diagonal, diagonal = [1, -1] } | variance 1 is -1.0, allowed: finite and ≥ 0
          task.covariance | { kind = matrix, rows = [[1, 0]] } | it is not square: row 0 has 2 entries, not 1
          task.task-variance | -1 ; NaN | allowed: finite numbers ≥ 0
          task.noise-variance | NaN ; Infinity | allowed: finite numbers ≥ 0
          task.data | raw | allowed: as-published, as-released
          task.inputs | student-t | allowed: gaussian, rademacher, uniform, laplace

          runs | 1 | allowed: { prompt-lengths, optimiser, steps, … }
          runs.activations | [] | allowed: at least one of a list of softmax, linear, each at most once
          runs.activations | [relu] ; [softmax, softmax] ; softmax | allowed: a list of softmax, linear, each at most once
          runs.prompt-lengths | [] ; [0] ; [5, 5] ; [-3] ; [1.5] ; [1000000000001] ; [NaN] ; 5 | allowed: LENGTHS
          runs.prompt-lengths | null | it must be given, allowed: LENGTHS
          runs.replicates | 0 ; 10001 ; -1 ; x | allowed: whole numbers from 1 to 10000
          runs.sampler | fast | allowed: auto, exact-reduced, brute-force
          runs.parametrisation | tied | allowed: merged, separate
          runs.start | null | it must be given, allowed: { kind, … }
          runs.start | uniform | allowed: { kind, … }
          runs.start.kind | null | it must be given, allowed: uniform, balanced, head
          runs.start.kind | zero | allowed: uniform, balanced, head
          runs.start.weights | own | allowed: shared, independent
          runs.optimiser | null | it must be given, allowed: { kind, rate, … }
          runs.optimiser | adam | allowed: { kind, rate, … }
          runs.optimiser.kind | null | it must be given, allowed: sgd, adam
          runs.optimiser.kind | lbfgs | allowed: sgd, adam
          runs.optimiser.rate | null | it must be given, allowed: finite numbers > 0
          runs.optimiser.rate | 0 ; -1 ; NaN ; Infinity | allowed: finite numbers > 0
          runs.optimiser.beta1 | 1 ; -0.1 ; NaN | allowed: numbers from 0, below 1
          runs.optimiser.beta2 | 1 ; Infinity | allowed: numbers from 0, below 1
          runs.optimiser.epsilon | -1e-9 ; Infinity | allowed: finite numbers ≥ 0
          runs.loss | absolute | allowed: squared-error, half-squared-error
          runs.batch | 0 ; -1 ; 1000000001 ; 1.5 ; NaN | allowed: whole numbers from 1 to 1000000000
          runs.steps | null | it must be given, allowed: whole numbers from 1 to 1000000000000
          runs.steps | 0 ; -1000 ; 1000000000001 | allowed: whole numbers from 1 to 1000000000000
          runs.steps | 1500 ; 999 | allowed: multiples of checkpoint-every = 1000, so that a run can go on
          runs.checkpoint-every | 0 ; 10000001 ; -1 | allowed: whole numbers from 1 to 10000000
          runs.test-prompts | 63 ; 0 ; 10000001 | allowed: whole numbers from 64 to 10000000

          flow | [] | allowed: { alpha, or query-key and value; prompt-lengths, horizon, … }
          flow.activation | relu | allowed: softmax, linear
          flow.alpha | null | it must be given, allowed: numbers from 1e-100 to 1e100
          flow.alpha | 0 ; -1 ; NaN ; Infinity | allowed: numbers from 1e-100 to 1e100
          flow.theta | { kind = matrix, rows = [[1, 2]] } | it has 1 rows, inputs have dimension 2: it must be square
          flow.prompt-lengths | [] ; [0] | allowed: LENGTHS
          flow.prompt-lengths | null | it must be given, allowed: LENGTHS
          flow.horizon | 0 ; -1 ; NaN ; Infinity ; 1e-4 ; 1e10 | allowed: numbers from 0.001 to 1000000000
          flow.prompts | 63 ; 1000001 | allowed: whole numbers from 64 to 1000000
          flow.accuracies | [] ; [0] ; [-0.1] ; [1e-10] | allowed: a list of finite numbers from 1e-9 on
          flow.accuracies | [NaN] ; [Infinity] ; 0.1 | allowed: a list of finite numbers
          """)
  void oneKey(String key, String values, String reason) {
    for (String value : values.split(" ; ", -1)) {
      assertProblem("training." + key + " = " + value, "." + key, reason);
    }
  }

  /** Values that do not go together, or not with the rest. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          { runs = null, flow = null } | '' | it needs runs or flow
          { task.inputs = laplace } | .flow | exact risks are known of gaussian inputs only, these are laplace
          { task.inputs = rademacher, flow = null, runs.sampler = exact-reduced } | .runs.sampler | it needs gaussian inputs, these are rademacher, allowed: auto, brute-force
          { task.covariance = { kind = diagonal, diagonal = [1] } } | .task.covariance.diagonal | it has 1 entries, inputs have dimension 2
          { task.covariance = { kind = matrix, rows = [[1, 0], [0, -1]] } } | .task.covariance | it is not positive semidefinite: its smallest eigenvalue is -1.0
          { task.covariance.variance = 0 } | .flow | the largest eigenvalue of Sigma is 0.0, allowed: > 0
          { task.covariance.variance = 1e200 } | .flow | ‖A‖ is Infinity at Infinity
          { task { covariance.variance = 1e200, data = as-released } } | .task.covariance | row 0 has the entry Infinity
          { runs.prompt-lengths { from = 10, to = 5 } } | .runs.prompt-lengths.to | allowed: at least from = 10
          { runs.start { kind = balanced, alpha = 0.3 } } | .runs.start.kind | such a start is one of (U, v), the parametrisation must be merged
          { runs { parametrisation = merged, start { kind = balanced } } } | .runs.start.alpha | it must be given, allowed: numbers from 1e-100 to 1e100
          { runs { parametrisation = merged, start { kind = balanced, alpha = NaN } } } | .runs.start.alpha | allowed: numbers from 1e-100 to 1e100
          { runs { parametrisation = merged, start { kind = balanced, alpha = 1, theta { kind = matrix, rows = [[1]] } } } } | .runs.start.theta.rows | a row has 1 entries, inputs have dimension 2
          { runs { parametrisation = merged, start { kind = balanced, alpha = 1, theta { kind = matrix, rows = [[0, 0], [0, 0]] } } } } | .runs.start | the largest entry of Theta is 0.0, allowed: finite and > 0
          { runs { parametrisation = merged, start { kind = balanced, alpha = 1, weights = shared } } } | .runs.start.weights | it is a key of kind = uniform alone
          { runs.optimiser { kind = sgd, beta1 = 0.9 } } | .runs.optimiser.beta1 | it is a key of kind = adam alone
          { runs.checkpoint-every = 300 } | .runs.steps | allowed: multiples of checkpoint-every = 300, so that a run can go on
          { runs.steps = 1000000000000 } | .runs.steps | all runs have 2000000000 checkpoints then, one every 1000 steps, allowed: at most 1000000
          { runs { prompt-lengths { from = 1, to = 1000000000000, factor = 1.01 }, replicates = 10000 } } | .runs.steps | all runs have 48260000 checkpoints then, one every 1000 steps, allowed: at most 1000000
          { runs { batch = 1000000000, prompt-lengths = [1000000000000] } } | .runs.steps | the runs need more than 2^63 - 1 tokens in all then
          { flow.theta { kind = random } } | .flow.theta.seed | it must be given, allowed: whole numbers from -9223372036854775808 to 9223372036854775807
          { flow.theta { kind = matrix, rows = [[1, NaN], [1, 2]] } } | .flow.theta.rows | allowed: a list of rows of equally many finite numbers
          """)
  void severalKeys(String value, String key, String reason) {
    assertProblem("training " + value, key, reason);
  }

  /** A task in trouble does not hide what else is wrong, nor is anything held against it. */
  @Test
  void allProblemsAtOnce() {
    assertThat(problems("training { task.dimension = 0, flow.theta.kind = oval, runs.stepz = 1 }"))
        .hasSize(3)
        .anySatisfy(line -> assertThat(line).startsWith("Cannot use training.task.dimension = 0 "))
        .anySatisfy(line -> assertThat(line).startsWith("Cannot use training.flow.theta.kind = "))
        .anySatisfy(line -> assertThat(line).startsWith("Cannot use training.runs.stepz "));
    assertThat(
            problems(
                "training { task.dimension = x, task.covariance { kind = diagonal, diagonal = [1] },"
                    + " flow.theta { kind = matrix, rows = [[1, 2, 3]] } }"))
        .singleElement()
        .asString()
        .startsWith("Cannot use training.task.dimension = \"x\" ");
  }
}
