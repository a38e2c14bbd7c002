package dev.promptlimit.jobs.config;

import dev.promptlimit.jobs.config.MeasureReader.Described;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.regression.TaskFamily;
import java.util.Optional;

/** Reads task families of in-context linear regression. */
final class TaskReader {
  private TaskReader() {}

  /** The family of a section that may have other keys too, with inputs of d coordinates. */
  static Optional<Described<TaskFamily>> family(Section section, int d) {
    Optional<Described<Covariance>> covariance = MeasureReader.covariance(section, d);
    Optional<Double> task = section.number(Keys.TASK_VARIANCE);
    Optional<Double> noise = section.number(Keys.NOISE_VARIANCE);
    Optional<String> data = section.choice(Keys.DATA);
    if (covariance.isEmpty() || task.isEmpty() || noise.isEmpty() || data.isEmpty()) {
      return Optional.empty(); // reported already
    }
    Covariance sigma = covariance.get().value();
    String content =
        "regression covariance "
            + covariance.get().content()
            + " dimension "
            + d
            + " task-variance "
            + MeasureReader.hex(task.get())
            + " noise-variance "
            + MeasureReader.hex(noise.get())
            + " data "
            + data.get();
    try {
      TaskFamily family =
          data.get().equals("as-released")
              ? TaskFamily.asReleased(sigma, task.get(), noise.get())
              : new TaskFamily(sigma, task.get(), noise.get());
      return Optional.of(new Described<>(content, family));
    } catch (IllegalArgumentException e) { // the square of the covariance overflows
      section.reject(Keys.COVARIANCE, e.getMessage().replaceFirst("^Cannot make a [^:]*: ", ""));
      return Optional.empty();
    }
  }
}
