package dev.promptlimit.jobs.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.claim.Trained;
import dev.promptlimit.jobs.TestExperiments;
import dev.promptlimit.jobs.TestTraining;
import dev.promptlimit.jobs.config.TrainingPlan;
import dev.promptlimit.regression.Activation;
import dev.promptlimit.regression.FlowResult;
import dev.promptlimit.stat.Interval;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingResultsTest {
  private static final FlowResult FLOW =
      new FlowResult(Activation.SOFTMAX, 8, List.of(), 0.3, new Interval(0.2, 0.4), 0);

  @TempDir private Path directory;

  private Trained trained(String... assignments) {
    TrainingPlan plan =
        TestExperiments.read(directory, TestTraining.RUNS + TestTraining.FLOW, assignments)
            .training()
            .orElseThrow();
    return new TrainingResults(plan, List.of(), List.of(FLOW), Map.of(), Map.of()).trained();
  }

  @Test
  void claimsAreJudgedByTheFlows() {
    assertThat(trained().flow()).containsExactly(new Trained.Flow(FLOW, "", List.of(0.01, 0.1)));
  }

  /** Neither large starts nor queries of another covariance. */
  @Test
  void whatTheTheoremDoesNotSpeakOfIsNoted() {
    assertThat(trained("training.flow.alpha = 9").flow().get(0).note())
        .startsWith("alpha is 9.0, covered by the theorem: > 0 and < ");
    assertThat(trained("training.task.data = as-released").flow().get(0).note())
        .isEqualTo("queries have another covariance than the inputs");
  }
}
