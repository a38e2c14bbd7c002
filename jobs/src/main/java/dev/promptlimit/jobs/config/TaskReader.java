package dev.promptlimit.jobs.config;

import dev.promptlimit.jobs.config.MeasureReader.Described;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.regression.TaskFamily;
import java.util.Optional;

/** Reads task families of in-context linear regression. */
final class TaskReader {
  private TaskReader() {}

  /** The family of a section that has dimension, covariance and what follows; others may follow. */
  static Optional<Described<TaskFamily>> family(Section section) {
    Optional<Integer> d = section.whole(Keys.INPUT_DIMENSION).map(Long::intValue);
    Optional<Described<Covariance>> covariance =
        section
            .section(Keys.COVARIANCE)
            .flatMap(
                child ->
                    MeasureReader.covariance(
                        d.isPresent() ? section : section.ofUnknownShape(), child, d.orElse(1)));
    Optional<Double> task = section.number(Keys.TASK_VARIANCE);
    Optional<Double> noise = section.number(Keys.NOISE_VARIANCE);
    Optional<String> data = section.choice(Keys.DATA);
    if (d.isEmpty()
        || covariance.isEmpty()
        || task.isEmpty()
        || noise.isEmpty()
        || data.isEmpty()) {
      return Optional.empty(); // reported already
    }
    String content =
        "regression covariance "
            + covariance.get().content()
            + " dimension "
            + d.get()
            + " task "
            + MeasureReader.hex(task.get())
            + " noise "
            + MeasureReader.hex(noise.get())
            + " "
            + data.get();
    Covariance sigma = covariance.get().value();
    return Optional.of(
        new Described<>(
            content,
            data.get().equals("as-released")
                ? TaskFamily.asReleased(sigma, task.get(), noise.get())
                : new TaskFamily(sigma, task.get(), noise.get())));
  }
}
