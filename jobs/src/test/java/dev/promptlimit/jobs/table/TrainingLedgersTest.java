package dev.promptlimit.jobs.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.promptlimit.jobs.TestExperiments;
import dev.promptlimit.jobs.TestSpark;
import dev.promptlimit.jobs.TestTraining;
import dev.promptlimit.jobs.config.BadInputException;
import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.jobs.config.FlowPlan;
import dev.promptlimit.jobs.config.TrainingRun;
import dev.promptlimit.regression.HeadFlow;
import dev.promptlimit.regression.PopulationRisk;
import dev.promptlimit.regression.TrainingState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows of checkpoints and flows: what comes back, and what makes no sense. */
class TrainingLedgersTest {
  @TempDir private Path directory;

  private RunDirectory run;
  private Experiment experiment;
  private TrainingRun training;
  private Checkpoints checkpoints;

  @BeforeEach
  void open() throws IOException {
    experiment = TestExperiments.read(directory, TestTraining.RUNS + TestTraining.FLOW);
    training = experiment.training().orElseThrow().runs().get(0);
    run = TestBlocks.open(directory, experiment);
    checkpoints = new Checkpoints(TestSpark.session(), run);
  }

  private TrainingState next(TrainingState from) {
    return training.training().trainer().next(from, experiment.seed(), training.key());
  }

  private Row row(TrainingState state) {
    return CheckpointTable.row(run.hash(), training.key(), state);
  }

  private static Row with(Row row, String column, Object value) {
    Object[] values = new Object[row.length()];
    Arrays.setAll(values, row::get);
    values[CheckpointTable.SCHEMA.fieldIndex(column)] = value;
    return RowFactory.create(values);
  }

  /** In any order and number of batches; twice the same is once; what follows a hole waits. */
  @Test
  void statesComeBack() throws IOException {
    TrainingState one = next(training.begin(experiment.seed()));
    TrainingState two = next(one);
    TrainingState four = next(next(two));
    checkpoints.publish(List.of(row(four), row(two)));
    assertThat(checkpoints.states(List.of(training))).isEmpty();
    checkpoints.publish(List.of(row(one), row(two)));
    assertThat(checkpoints.states(List.of(training)))
        .isEqualTo(Map.of(training.key(), List.of(one, two)));
    assertThat(checkpoints.states(List.of())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"theta", "memory", "step", "losses", "run", "formatVersion", "twice"})
  void refusesWhatMakesNoSense(String what) throws IOException {
    Row good = row(next(training.begin(experiment.seed())));
    String name = "checkpoint 1 of trajectory " + training.key();
    String other = " makes no sense (its step or the number of its weights is not that of the run";
    String reason =
        switch (what) {
          case "theta", "memory" -> {
            checkpoints.publish(List.of(with(good, what, new Double[] {1.0})));
            yield name + other;
          }
          case "step" -> {
            checkpoints.publish(List.of(with(good, what, 11L)));
            yield name + other;
          }
          case "losses" -> {
            checkpoints.publish(List.of(with(good, "mean", null)));
            yield name + " makes no sense (java.lang.NullPointerException";
          }
          case "run" -> {
            checkpoints.publish(List.of(with(good, what, "another")));
            yield name + " belongs to run another, this is run " + run.hash();
          }
          case "formatVersion" -> {
            checkpoints.publish(List.of(with(good, what, 2)));
            yield "a row has format version 2, this program reads 1";
          }
          default -> {
            checkpoints.publish(List.of(good, with(good, "mean", 1.0)));
            yield name + " is there twice with different content";
          }
        };
    assertThatThrownBy(() -> checkpoints.states(List.of(training)))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith("Cannot read ledger file:" + directory)
        .hasMessageContaining("/checkpoints: " + reason);
  }

  @Test
  void flowsComeBackWholeOrNotAtAll() throws IOException {
    FlowPlan plan = experiment.training().orElseThrow().flow().orElseThrow();
    FlowTable flows = new FlowTable(TestSpark.session(), run);
    List<HeadFlow.State> states = plan.comparison(0.5).follow(new PopulationRisk(plan.family()));
    flows.publish(plan, 8, FollowedFlow.of(states));
    List<HeadFlow.State> back = flows.flows(plan).get(8L).states();
    assertThat(back).hasSameSizeAs(states);
    for (int i = 0; i < states.size(); i++) {
      assertThat(back.get(i).time()).isEqualTo(states.get(i).time());
      assertThat(back.get(i).risk()).isEqualTo(states.get(i).risk());
      assertThat(back.get(i).invariant()).isEqualTo(states.get(i).invariant());
      assertThat(back.get(i).head().u()).isEqualTo(states.get(i).head().u());
      assertThat(back.get(i).head().v()).isEqualTo(states.get(i).head().v());
    }
    flows.publish(plan, 200, FollowedFlow.of(states.subList(0, states.size() - 1)));
    assertThatThrownBy(() -> flows.flows(plan))
        .isInstanceOf(BadInputException.class)
        .hasMessageEndingWith(
            "/flows: promptLength 200 of flow "
                + plan.key()
                + " makes no sense (its times are not those of the flow it belongs to)");
  }
}
