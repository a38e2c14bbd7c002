package dev.promptlimit.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.promptlimit.jobs.TestExperiments;
import dev.promptlimit.jobs.TestSpark;
import dev.promptlimit.jobs.TestTraining;
import dev.promptlimit.jobs.config.BadInputException;
import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.jobs.config.TrainingRun;
import dev.promptlimit.jobs.table.TestBlocks;
import dev.promptlimit.regression.TrainingState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Training through Spark and the ledger, however it is cut and interrupted, against a plain loop
 * over the steps of each run: the states are equal, bit for bit.
 */
class TrainingsTest {
  @TempDir private Path directory;

  private boolean isCut;

  @AfterEach
  void forgetSettings() {
    if (isCut) {
      TestSpark.stop();
    }
  }

  private Experiment experiment(String... assignments) {
    return TestExperiments.read(
        directory,
        TestTraining.RUNS,
        Arrays.stream(assignments).map(each -> "training." + each).toArray(String[]::new));
  }

  private Map<String, List<TrainingState>> train(Experiment experiment) throws IOException {
    Trainings trainings =
        new Trainings(TestSpark.session(), experiment, TestBlocks.open(directory, experiment));
    trainings.train(Optional.empty(), Allowance.all());
    return trainings.states();
  }

  /** What there must be: no Spark, no ledger. */
  private static Map<String, List<TrainingState>> loop(Experiment experiment) {
    Map<String, List<TrainingState>> all = new HashMap<>();
    for (TrainingRun run : experiment.training().orElseThrow().runs()) {
      List<TrainingState> states = new ArrayList<>();
      TrainingState state = run.begin(experiment.seed());
      while (state.checkpoint() < run.training().lastCheckpoint()) {
        state = run.training().trainer().next(state, experiment.seed(), run.key());
        states.add(state);
      }
      all.put(run.key(), states);
    }
    return all;
  }

  private Path checkpoints(Experiment experiment) {
    return directory.resolve(experiment.directoryName()).resolve("checkpoints");
  }

  /** Rows of each published batch, by its number. */
  private SortedMap<Integer, Long> batches(Experiment experiment) throws IOException {
    SortedMap<Integer, Long> rows = new TreeMap<>();
    try (Stream<Path> paths = Files.list(checkpoints(experiment))) {
      for (Path batch : (Iterable<Path>) paths::iterator) {
        rows.put(
            Integer.valueOf(batch.getFileName().toString().substring("batch=".length())),
            TestSpark.session().read().parquet(batch.toString()).count());
      }
    }
    return rows;
  }

  private static long rows(SortedMap<Integer, Long> batches) {
    return batches.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Each kind of everything that a run is made of, once at least; four checkpoints. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{ sampler = brute-force, optimiser { kind = sgd, rate = 0.05 }, loss = squared-error }",
        "{ parametrisation = merged, start { kind = balanced, alpha = 0.3 } }",
        "{ start.weights = independent }, training.task { inputs = rademacher, data = as-released }",
      })
  void statesAreThoseOfAPlainLoop(String assignments) throws IOException {
    Experiment experiment =
        experiment("runs.prompt-lengths = [20]", "runs.replicates = 1", "runs = " + assignments);
    Map<String, List<TrainingState>> states = train(experiment);
    assertThat(states).hasSize(2).isEqualTo(loop(experiment));
    states.values().forEach(one -> assertThat(one).hasSize(4).doesNotHaveDuplicates());
    assertThat(batches(experiment)).isEqualTo(Map.of(0, 4L, 1, 4L));
  }

  /** One at a time, so that batches are published in the order in which runs were begun. */
  @Test
  void longestRunsGoFirst() throws IOException {
    TestSpark.restartWith(Map.of("spark.master", "local[1]"));
    isCut = true;
    Experiment experiment =
        experiment(
            "runs.activations = [softmax]",
            "runs.prompt-lengths = [5, 50, 500]",
            "runs.replicates = 1");
    train(experiment);
    assertThat(TestSpark.session().sparkContext().defaultParallelism()).isOne();
    List<TrainingRun> runs = experiment.training().orElseThrow().runs();
    for (int batch = 0; batch < 3; batch++) {
      TrainingRun next = runs.get(2 - batch);
      Path rows = checkpoints(experiment).resolve("batch=" + batch);
      assertThat(next.promptLength()).isEqualTo(new long[] {500, 50, 5}[batch]);
      assertThat(TestSpark.session().read().parquet(rows.toString()).collectAsList())
          .hasSize(4)
          .allMatch(row -> next.key().equals(row.getAs("trajectory")));
    }
  }

  /** Every kind of longer experiment trains what is new and nothing else. */
  @Test
  void whatIsThereIsNotTrainedAgain() throws IOException {
    String one = "runs.activations = [linear]";
    Experiment small = experiment(one, "runs.prompt-lengths = [5]", "runs.replicates = 1");
    train(small);
    assertThat(batches(small)).isEqualTo(Map.of(0, 4L));
    SortedMap<String, String> files = TestBlocks.listing(checkpoints(small));
    String[][] longer = {
      {one, "runs.replicates = 1"}, // another length: a run of 4 checkpoints
      {one}, // another replicate of both
      {one, "runs.steps = 60"}, // 2 checkpoints more of four runs
    };
    long[] more = {4, 8, 8};
    for (int i = 0; i < longer.length; i++) {
      long before = rows(batches(small));
      Experiment experiment = experiment(longer[i]);
      assertThat(train(experiment)).isEqualTo(loop(experiment));
      assertThat(rows(batches(small))).isEqualTo(before + more[i]);
      assertThat(TestBlocks.listing(checkpoints(small))).containsAllEntriesOf(files);
      files = TestBlocks.listing(checkpoints(small));
    }
    // fewer again: nothing is trained, nothing is lost
    assertThat(train(small)).isEqualTo(loop(small));
    assertThat(TestBlocks.listing(checkpoints(small))).isEqualTo(files);
  }

  /** A hole in the middle: what follows it is trained again and is the same. */
  @Test
  void lostBatchesAreTrainedAgain() throws IOException {
    Experiment experiment = one();
    cut(Trainings.SEGMENT_SECONDS);
    assertThat(train(experiment)).isEqualTo(loop(experiment));
    assertThat(batches(experiment)).isEqualTo(Map.of(0, 1L, 1, 1L, 2, 1L, 3, 1L));
    SortedMap<String, String> files = TestBlocks.listing(checkpoints(experiment));
    files.keySet().removeIf(name -> name.startsWith("batch=1/"));
    TestBlocks.delete(checkpoints(experiment).resolve("batch=1"));
    assertThat(train(experiment)).isEqualTo(loop(experiment));
    assertThat(batches(experiment)).hasSize(3 + 3); // checkpoints 2, 3 and 4
    files.remove(""); // the directory itself and that of the batch
    files.remove("batch=1");
    assertThat(TestBlocks.listing(checkpoints(experiment))).containsAllEntriesOf(files);
  }

  /** One run of four checkpoints. */
  private Experiment one(String... more) {
    List<String> assignments =
        new ArrayList<>(
            List.of(
                "runs.activations = [softmax]",
                "runs.prompt-lengths = [5]",
                "runs.replicates = 1"));
    assignments.addAll(List.of(more));
    return experiment(assignments.toArray(String[]::new));
  }

  /** Three blocks a step: summed in one task, and in tasks of their own. */
  @Test
  void largeBatchesByOneTaskAndByMany() throws IOException {
    Experiment experiment =
        one("runs.batch = 20000", "runs.steps = 4", "runs.checkpoint-every = 2");
    Map<String, List<TrainingState>> states = loop(experiment);
    assertThat(train(experiment)).isEqualTo(states);
    assertThat(batches(experiment)).isEqualTo(Map.of(0, 2L));
    TestBlocks.delete(checkpoints(experiment).resolve("batch=0"));
    cut(Trainings.LARGE_STEP_SECONDS);
    assertThat(train(experiment)).isEqualTo(states);
    assertThat(batches(experiment)).isEqualTo(Map.of(0, 1L, 1, 1L));
  }

  /** Makes segments, or the steps whose blocks are tasks, as small as can be. */
  private void cut(String setting) {
    isCut = true;
    TestSpark.restartWith(Map.of(setting, "1e-9", "spark.default.parallelism", "7"));
  }

  @ParameterizedTest
  @ValueSource(strings = {Trainings.SEGMENT_SECONDS, Trainings.LARGE_STEP_SECONDS})
  void settings(String name) {
    isCut = true;
    for (String value : List.of("0", "-1", "NaN", "soon")) {
      TestSpark.restartWith(Map.of(name, value));
      assertThatThrownBy(() -> train(experiment()))
          .isInstanceOf(BadInputException.class)
          .hasMessage("Cannot use " + name + " = " + value + ": allowed: numbers > 0");
    }
  }
}
